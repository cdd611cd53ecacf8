/**
 * The texts of a page in the reader's language, from `strings/<language>/<section>.json`.
 *
 * A text is a string, or `{one, other}` chosen by `count`; `{name}` in it is a place for a value. Where a language lacks a
 * text, the English one stands in.
 */

import { timesIn } from "./dom.js";

export const LANGUAGES = { en: "English", de: "Deutsch", es: "Español" };
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);
const PLACE = /\{(\w+)\}/gu;

const texts = new Map();
let language = "en";
let region = "en";
let plurals = new Intl.PluralRules("en");

/** The language that the texts are in. */
export function currentLanguage() {
  return language;
}

/** The language as the reader's own region writes it, for dates and numbers. */
export function locale() {
  return region;
}

/** The first of the reader's languages that there are texts in. */
export function readersLanguage(chosen = "", offered = navigator.languages) {
  return [chosen, ...offered].map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in LANGUAGES) ?? "en";
}

/** Fetches the sections in `wanted`, and says on the page which language it is in and which way it runs. */
export async function loadWords(sections, wanted) {
  language = wanted;
  region = navigator.languages.find((tag) => tag.slice(0, 2).toLowerCase() === wanted) ?? wanted;
  plurals = new Intl.PluralRules(wanted);
  document.documentElement.lang = wanted;
  document.documentElement.dir = RIGHT_TO_LEFT.has(wanted) ? "rtl" : "ltr";
  timesIn(locale());
  await addWords(sections);
}

/** More sections in the same language: for a view that is loaded when it is first opened. */
export async function addWords(sections) {
  await Promise.all(sections.map(async (section) => {
    const [own, english] = await Promise.all([read(language, section), language === "en" ? {} : read("en", section)]);
    for (const [key, text] of Object.entries({ ...english, ...own })) texts.set(`${section}.${key}`, text);
  }));
}

async function read(tag, section) {
  const response = await fetch(`/strings/${tag}/${section}.json`);
  if (!response.ok) throw new Error(`The texts of this page could not be loaded (${tag}/${section}).`);
  return response.json();
}

/** Whether there is such a text: for codes that the server may add before the page knows them. */
export function hasWord(key) {
  return texts.has(key);
}

/** The text as pieces, for values that are elements: `[“waits ”, <b>, “ already”]`. */
export function pieces(key, values = {}) {
  let text = texts.get(key) ?? key;
  if (typeof text === "object") text = text[plurals.select(values.count)] ?? text.other;
  const found = [];
  let from = 0;
  for (const match of text.matchAll(PLACE)) {
    found.push(text.slice(from, match.index), values[match[1]] ?? "");
    from = match.index + match[0].length;
  }
  found.push(text.slice(from));
  return found.filter((piece) => piece !== "");
}

/** The text: `say("desk.queue_counts", {waiting: 3})`. */
export function say(key, values = {}) {
  return pieces(key, values).join("");
}
