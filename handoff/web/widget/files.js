/** Files in the chat: those that go with the next message, and those that came. */

import { FileTray, ownText, save, showFiles } from "../shared/files.js";

/** The tray over the field where the customer writes. */
export async function trayOf(composer, session) {
  if (!composer.tray) {
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
  const load = async ({ id }) => {
    const { url, headers } = session.files;
    const response = await fetch(`${url}/${id}`, { headers, credentials: "omit" });
    if (!response.ok) throw new Error(response.statusText);
    return response.blob();
  };
  showFiles(list, message.attachments, { say: session.say, load, open: save });
}
