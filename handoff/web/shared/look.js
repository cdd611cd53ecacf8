/** How the reader wants the pages to look: theme and language, kept in this browser. */

import { el } from "./dom.js";
import { currentLanguage, LANGUAGES, readersLanguage, say } from "./words.js";

const THEME = "warmline.theme";
const LANGUAGE = "warmline.language";
const THEMES = ["system", "light", "dark"];

function read(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing still shows it until the page is left.
  }
}

function applyTheme(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/** Applies the kept theme; to be called before anything is drawn. */
export function applyKeptTheme() {
  applyTheme(read(THEME));
}

/** The kept language, or the first of the browser's that there are texts in. */
export function keptLanguage() {
  return readersLanguage(read(LANGUAGE));
}

/** Theme from now on; "system" follows the machine. */
export function chooseTheme(theme) {
  keep(THEME, theme);
  applyTheme(theme);
}

/** Language from now on; the page is loaded anew, drafts are kept by those who write them. */
export function chooseLanguage(language) {
  keep(LANGUAGE, language);
  location.reload();
}

/** Two selects: theme and language. */
export function lookControls() {
  const select = (label, testid, options, value, choose) => {
    const control = el("select", { id: testid, data: { testid }, onchange: () => choose(control.value) },
      options.map(([option, name]) => el("option", { value: option }, name)));
    control.value = value;
    return el("div", { class: "field" }, el("label", { for: testid }, label), control);
  };
  return [
    select(say("shell.theme"), "look-theme", THEMES.map((theme) => [theme, say(`shell.theme_${theme}`)]),
      read(THEME) || "system", chooseTheme),
    select(say("shell.language"), "look-language", Object.entries(LANGUAGES), currentLanguage(), chooseLanguage),
  ];
}
