/** Everything one can do by name: views and the open case add their commands, the palette lists them. */

/**
 * A command: `{id, label, run, keys?, hint?}`. `keys` is a shortcut with a modifier ("Alt+Shift+A"): single letters would
 * fight with screen readers and with typing.
 */
export class Commands extends EventTarget {
  #sources = new Map();

  constructor() {
    super();
    this.pressed = (event) => this.#key(event);
    document.addEventListener("keydown", this.pressed);
  }

  /** Shortcuts end with the session. */
  close() {
    document.removeEventListener("keydown", this.pressed);
  }

  /** `list()` gives the source's commands as they are at that moment; the same name replaces, null removes. */
  provide(source, list) {
    if (list) this.#sources.set(source, list);
    else this.#sources.delete(source);
  }

  /** To be told when a source has others than it had: an open palette lists them too. */
  changed() {
    this.dispatchEvent(new Event("changed"));
  }

  all() {
    return [...this.#sources.values()].flatMap((list) => list());
  }

  /** Commands whose label has every word of `text`; a label that begins with it first. */
  find(text) {
    const words = text.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
    const fits = (command) => words.every((word) => `${command.label} ${command.hint ?? ""}`.toLocaleLowerCase().includes(word));
    const begins = (command) => command.label.toLocaleLowerCase().startsWith(words[0] ?? "");
    return this.all().filter(fits).sort((a, b) => Number(begins(b)) - Number(begins(a)));
  }

  #key(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const pressed = combination(event);
    const command = pressed && this.all().find((one) => one.keys === pressed);
    if (!command) return;
    event.preventDefault();
    command.run();
  }
}

/** "Alt+Shift+A" from the key's place, so that layouts and Alt's own letters do not matter; null without Alt or Control. */
function combination(event) {
  // Where the slash is, and whether Shift makes it, differs from one keyboard to the next.
  if ((event.ctrlKey || event.metaKey) && event.key === "/") return "Ctrl+/";
  const key = /^(?:Key|Digit)(.)$/u.exec(event.code)?.[1];
  if (!key || (!event.altKey && !event.ctrlKey && !event.metaKey)) return null;
  const held = [(event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt", event.shiftKey && "Shift"];
  return [...held.filter(Boolean), key].join("+");
}
