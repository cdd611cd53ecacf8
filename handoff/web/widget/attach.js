/** The ways to a file: a button beside the text, paste and drop. */

import { el, icon } from "../shared/dom.js";

const CLIP = "M20.5 11.5l-8.6 8.6a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.6 8.6a1.7 1.7 0 0 1-2.4-2.4l7.9-7.9";

export function attachFiles(section, list, composer, session) {
  const load = () => import("./files.js");
  const take = async (event, transfer) => {
    const files = [...(transfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    // A chooser gives the same file twice only when it is emptied.
    if (transfer === input) input.value = "";
    const { trayOf } = await load();
    (await trayOf(composer, session)).add(files);
    composer.focus();
  };
  const input = el("input", { type: "file", multiple: true, hidden: true, data: { testid: "chat-files" },
    accept: "image/png,image/jpeg,image/gif,image/webp,application/pdf", onchange: (event) => take(event, input) });
  composer.attach = el("button", { type: "button", class: "round", data: { testid: "chat-attach" }, onclick: () => input.click() }, icon(CLIP));
  composer.tools.append(composer.attach, input);
  section.addEventListener("paste", (event) => take(event, event.clipboardData));
  section.addEventListener("dragover", (event) => event.preventDefault());
  section.addEventListener("drop", (event) => take(event, event.dataTransfer));
  list.parts.push((message) => {
    if (!message.attachments?.length) return null;
    const files = el("ul", { class: "files" });
    // Their room at once, so that nothing moves when they are drawn.
    files.style.minBlockSize = `${message.attachments.length * 56}px`;
    load().then(({ show }) => show(files, message, session));
    return files;
  });
}
