/** The conversation as a text file to keep. */

import { dateAndTime } from "../shared/dom.js";
import { save } from "../shared/files.js";

/** Offers the messages for download, in their order. */
export function keepTranscript(messages, say) {
  const lines = messages.map(({ created_at: at, sender, text, attachments: files = [] }) => {
    const name = sender.type === "customer" ? say("you") : sender.name ?? say("title");
    return `${dateAndTime(at)}  ${name}\n${[text, ...files.map((file) => `[${file.name}]`)].filter(Boolean).join("\n")}\n`;
  });
  save({ name: `${say("transcript_file")}.txt` }, new Blob([`${say("title")}\n\n${lines.join("\n")}`], { type: "text/plain;charset=utf-8" }));
}
