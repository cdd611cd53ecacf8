/** Files in the chat: a button beside the text, paste and drop; those that go with the next message, and those that came. */

import { el, icon, press } from "../shared/dom.js";
import { FileTray, save, showFiles } from "../shared/files.js";

const CLIP = "M20.5 11.5l-8.6 8.6a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.6 8.6a1.7 1.7 0 0 1-2.4-2.4l7.9-7.9";

export function attachFiles(section, list, composer, session) {
  const take = (event, transfer) => {
    const files = [...(transfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    // A chooser gives the same file twice only when it is emptied.
    if (transfer === input) input.value = "";
    trayOf(composer, session).add(files);
    composer.focus();
  };
  const load = async ({ id }) => {
    const { url, headers } = session.files;
    const response = await fetch(`${url}/${id}`, { headers, credentials: "omit" });
    if (!response.ok) throw new Error(response.statusText);
    return response.blob();
  };
  const input = el("input", { type: "file", multiple: true, hidden: true, data: { testid: "chat-files" },
    accept: "image/png,image/jpeg,image/gif,image/webp,application/pdf", onchange: (event) => take(event, input) });
  composer.attach = press("round", "chat-attach", () => input.click(), icon(CLIP));
  composer.tools.append(composer.attach, input);
  section.addEventListener("paste", (event) => take(event, event.clipboardData));
  section.addEventListener("dragover", (event) => event.preventDefault());
  section.addEventListener("drop", (event) => take(event, event.dataTransfer));
  list.parts.push(({ attachments }) => {
    if (!attachments?.length) return null;
    const files = el("ul", { class: "files" });
    showFiles(files, attachments, { say: session.say, load, open: save });
    return files;
  });
}

function trayOf(composer, session) {
  if (!composer.tray) {
    composer.tray = new FileTray({ say: session.say, place: () => session.files, bytes: session.limits.attachment_bytes,
      most: session.limits.attachments, changed: (next) => {
        composer.changed(false);
        next?.focus();
      } });
    composer.element.prepend(composer.tray.element);
  }
  return composer.tray;
}
