/**
 * The loader: one script tag puts a chat button on a page. It asks the server for nothing and stores nothing until
 * the button is pressed; the panel and its styles come then.
 */

const BASE = new URL(".", import.meta.url);
const OPTIONS = ["identity-url", "name", "accent", "position", "label", "theme"];

// In the loader, so that the button stands before anything else is fetched. !important keeps the host page's rules out.
const LAUNCHER_STYLE = `
:host { all: initial !important; position: fixed !important; z-index: 2147483000 !important; }
:host([hidden]) { display: none !important; }
.launcher {
  position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); right: 20px; display: flex; align-items: center;
  gap: 10px; min-height: 56px; padding: 0 22px 0 18px; border: 0; border-radius: 28px; cursor: pointer;
  background: var(--wl-accent, #0f6657); color: var(--wl-on-accent, #fff);
  font: 600 16px/1.2 var(--wl-font, system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif);
  box-shadow: 0 2px 4px rgb(20 32 28 / 16%), 0 8px 24px rgb(20 32 28 / 22%);
}
:host([data-position="left"]) .launcher { right: auto; left: 20px; }
.launcher:focus-visible { outline: 3px solid #1c5fd4; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
.launcher[hidden] { display: none; }
.unread { min-width: 22px; padding: 2px 6px; border-radius: 11px; background: #fff; color: #1a2320; font-size: 13px; text-align: center; }
.unread:empty { display: none; }
@media (prefers-color-scheme: dark) { :host(:not([data-theme="light"])) .launcher:not(.themed) { --wl-accent: #62c4ad; --wl-on-accent: #062019; } }
`;

/** White or near-black, whichever reads better on `colour` (WCAG 2.2 relative luminance). */
function readableOn(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).slice(0, 3).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.053 ? "#ffffff" : "#0b0f0d";
}

function bubbleIcon() {
  const space = "http://www.w3.org/2000/svg";
  const image = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  for (const [name, value] of [["viewBox", "0 0 24 24"], ["width", 24], ["height", 24], ["fill", "none"], ["stroke", "currentColor"],
    ["stroke-width", 2], ["stroke-linejoin", "round"], ["aria-hidden", "true"]]) image.setAttribute(name, value);
  path.setAttribute("d", "M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12h5");
  image.append(path);
  return image;
}

class WarmlineWidget extends HTMLElement {
  #panel = null;
  #loading = null;
  #launcher = document.createElement("button");
  #unread = document.createElement("span");

  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LAUNCHER_STYLE);
    root.adoptedStyleSheets = [sheet];
    const label = document.createElement("span");
    label.textContent = this.dataset.label || "Chat with us";
    this.#unread.className = "unread";
    this.#launcher.type = "button";
    this.#launcher.className = "launcher";
    this.#launcher.dataset.testid = "open-chat";
    this.#launcher.setAttribute("aria-haspopup", "dialog");
    this.#launcher.append(bubbleIcon(), label, this.#unread);
    this.#launcher.addEventListener("click", () => this.open());
    root.append(this.#launcher);
    this.#applyAccent();
  }

  /** Opens the panel, and loads it the first time. */
  async open() {
    this.#launcher.setAttribute("aria-busy", "true");
    try {
      this.#loading ??= import(new URL("widget/panel.js", BASE).href).then((module) => module.createPanel(this, BASE));
      this.#panel = await this.#loading;
    } catch (error) {
      // A panel that did not come (network, deployment) may come at the next click.
      this.#loading = null;
      throw error;
    } finally {
      this.#launcher.removeAttribute("aria-busy");
    }
    this.#launcher.hidden = true;
    this.unread = 0;
    this.#panel.show();
  }

  /** Closes the panel and gives the focus back to the button. */
  close() {
    if (!this.#panel) return;
    this.#panel.hide();
    this.#launcher.hidden = false;
    this.#launcher.focus();
  }

  /** Call when the customer signed in or out without a new page: the widget asks the identity address again. */
  identityChanged() {
    this.#panel?.identityChanged();
  }

  set unread(count) {
    this.#unread.textContent = count > 0 ? String(count) : "";
    this.#unread.setAttribute("aria-label", count > 0 ? `${count} new` : "");
  }

  #applyAccent() {
    const accent = this.dataset.accent;
    if (!accent || !CSS.supports("color", accent)) return;
    this.#launcher.classList.add("themed");
    this.style.setProperty("--wl-accent", accent);
    this.#launcher.style.color = accent;
    const computed = getComputedStyle(this.#launcher).color;
    this.#launcher.style.color = "";
    this.style.setProperty("--wl-on-accent", readableOn(computed));
  }
}

if (!customElements.get("warmline-widget")) {
  customElements.define("warmline-widget", WarmlineWidget);
  if (!document.querySelector("warmline-widget")) {
    const element = document.createElement("warmline-widget");
    // A module script has no document.currentScript: its own tag is the one with this address.
    const script = [...document.scripts].find((candidate) => candidate.src === import.meta.url);
    for (const option of OPTIONS) {
      const value = script?.getAttribute(`data-${option}`);
      if (value) element.setAttribute(`data-${option}`, value);
    }
    document.body.append(element);
  }
}
