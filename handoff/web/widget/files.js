/** Files in the chat: those that go with the next message, and those that came. Loaded once there is one. */

import { FileTray, ownText, save, showFiles } from "../shared/files.js";

const styled = new WeakSet();

async function style(root) {
  if (styled.has(root)) return;
  styled.add(root);
  const response = await fetch(new URL("../shared/files.css", import.meta.url), { credentials: "omit" });
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, await new CSSStyleSheet().replace(await response.text())];
}

/** The tray over the field where the customer writes. */
export async function trayOf(composer, session) {
  if (!composer.tray) {
    await style(composer.element.getRootNode());
    composer.tray ??= new FileTray({ say: session.say, place: () => session.files, bytes: session.limits.attachment_bytes,
      most: session.limits.attachments, changed: () => composer.changed(false) });
    composer.element.prepend(composer.tray.element);
  }
  return composer.tray;
}

/** The files of a message; its text goes where it only names them. */
export async function show(list, message, session) {
  const bubble = list.parentNode.querySelector(".bubble");
  bubble.hidden = !ownText(message);
  await style(list.getRootNode());
  const load = async ({ id }) => {
    const { url, headers } = session.files;
    const response = await fetch(`${url}/${id}`, { headers, credentials: "omit" });
    if (!response.ok) throw new Error(response.statusText);
    return response.blob();
  };
  showFiles(list, message.attachments, { say: session.say, load, open: save });
}
