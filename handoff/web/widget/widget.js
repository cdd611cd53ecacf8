/** The loader: a chat button. Nothing is asked of the server or stored until it is pressed. */

const BASE = new URL(".", import.meta.url);

const LABELS = { de: "Chat öffnen", es: "Abrir el chat" };

// White on dark accents, black on light ones: the luminance (WCAG 2.2) where both contrast alike is 0.179.
const READABLE = "clamp(0, (0.179 - 0.2126 * r - 0.7152 * g - 0.0722 * b) * 9999, 1)";

// !important keeps the host page's rules out.
const LAUNCHER_STYLE = `
:host { all: initial !important; color-scheme: light dark !important; position: fixed !important; z-index: 2147483000 !important; }
:host([data-theme="light"]) { color-scheme: light !important; }
:host([data-theme="dark"]) { color-scheme: dark !important; }
:host(:not([data-accent])) { --wl-accent: light-dark(#0f6657, #62c4ad); --wl-on-accent: light-dark(#fff, #062019); }
:host([data-accent]) { --wl-on-accent: color(from var(--wl-accent) srgb-linear ${READABLE} ${READABLE} ${READABLE}); }
.launcher {
  position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); right: 20px; display: flex; align-items: center;
  gap: 10px; min-height: 56px; padding-block: 0; padding-inline: 18px 22px; border: 0; border-radius: 28px; cursor: pointer;
  background: var(--wl-accent); color: var(--wl-on-accent);
  font: 600 16px/1.2 var(--wl-font, system-ui, sans-serif);
  box-shadow: 0 2px 4px rgb(20 32 28 / 16%), 0 8px 24px rgb(20 32 28 / 22%);
}
.launcher::before {
  content: ""; width: 24px; height: 24px; background: currentColor;
  clip-path: path(evenodd, "M3 4h18v13H10.5L4 22v-5H3zM5 6v9h1v3l4-3h9V6zM8 8h8v2H8zM8 11h5v2H8z");
}
:host([data-position="left"]) .launcher { right: auto; left: 20px; }
.launcher:focus-visible { outline: 3px solid #1c5fd4; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
.launcher[hidden], .unread:empty { display: none; }
.unread { min-width: 22px; padding: 2px 6px; border-radius: 11px; background: #fff; color: #1a2320; font-size: 13px; text-align: center; }
`;

class WarmlineWidget extends HTMLElement {
  #panel = null;
  #loading = null;
  #launcher = document.createElement("button");
  #unread = document.createElement("span");

  connectedCallback() {
    if (this.shadowRoot) return;
    const { accent } = this.dataset;
    if (CSS.supports("color", accent ?? "")) this.style.setProperty("--wl-accent", accent);
    else this.removeAttribute("data-accent");
    if (getComputedStyle(this).direction === "rtl") this.dataset.position ??= "left";
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LAUNCHER_STYLE);
    root.adoptedStyleSheets = [sheet];
    const label = document.createElement("span");
    label.textContent = this.dataset.label || LABELS[this.#language().slice(0, 2)] || "Chat with us";
    this.#unread.className = "unread";
    Object.assign(this.#launcher,
      { type: "button", className: "launcher", ariaHasPopup: "dialog", onclick: () => this.open() });
    this.#launcher.dataset.testid = "open-chat";
    this.#launcher.append(label, this.#unread);
    root.append(this.#launcher);
  }

  /** Opens the panel, and loads it the first time. */
  async open() {
    this.#launcher.ariaBusy = true;
    try {
      this.#loading ??= import(new URL("widget/panel.js", BASE).href).then((module) => module.createPanel(this, BASE));
      this.#panel = await this.#loading;
    } catch (error) {
      // It may come at the next click.
      this.#loading = null;
      throw error;
    } finally {
      this.#launcher.ariaBusy = null;
    }
    this.#launcher.hidden = true;
    this.showUnread(0);
    this.#panel.show();
  }

  /** Closes the panel and gives the focus back to the button. */
  close() {
    if (!this.#panel) return;
    this.#panel.hide();
    this.#launcher.hidden = false;
    this.#launcher.focus();
  }

  /** The customer signed in or out without a new page: the identity is asked for again. */
  identityChanged() {
    this.#panel?.identityChanged();
  }

  /** How many messages came while the panel was closed, and that in words. */
  showUnread(count, words = "") {
    this.#unread.textContent = count || "";
    this.#unread.ariaLabel = words;
  }

  #language() {
    return (this.dataset.lang || this.closest("[lang]")?.lang || "").toLowerCase();
  }
}

if (!customElements.get("warmline-widget")) {
  customElements.define("warmline-widget", WarmlineWidget);
  if (!document.querySelector("warmline-widget")) {
    const element = document.createElement("warmline-widget");
    // A module has no document.currentScript.
    const script = [...document.scripts].find((candidate) => candidate.src === import.meta.url);
    Object.assign(element.dataset, script?.dataset);
    document.body.append(element);
  }
}
