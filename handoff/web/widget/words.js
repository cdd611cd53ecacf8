/** What the widget says: in the words that the server serves and, until it has answered, in its own few. */

const FIRST = {
  en: {
    title: "Chat", close: "Close chat", input_label: "Your message", send: "Send", talk_to_person: "Talk to a person", try_again: "Try again",
    connecting: "Connecting…", offline: "You're offline.", failed: "We can't be reached just now.",
  },
  de: {
    title: "Chat", close: "Chat schließen", input_label: "Ihre Nachricht", send: "Senden", talk_to_person: "Mit einem Menschen sprechen",
    try_again: "Noch einmal versuchen", connecting: "Verbindung wird aufgebaut …", offline: "Sie sind offline.", failed: "Wir sind gerade nicht erreichbar.",
  },
  es: {
    title: "Chat", close: "Cerrar el chat", input_label: "Su mensaje", send: "Enviar", talk_to_person: "Hablar con una persona",
    try_again: "Volver a intentarlo", connecting: "Conectando…", offline: "No tiene conexión.", failed: "Ahora mismo no podemos atenderle.",
  },
};

/** The language of the page around the widget, or the one that it was given, as a BCP 47 tag. */
export function languageOf(host) {
  const tag = host.dataset.lang || host.closest("[lang]")?.lang;
  // Many a website writes en_US.
  return tag?.replace("_", "-").match(/^[a-z]{2,3}(-[a-z\d]{2,8})?$/i)?.[0];
}

/** `say(key, values)`: the text with its places filled; a key without a text says nothing. */
export function wordsFrom(language, served = {}) {
  const first = FIRST[language?.slice(0, 2).toLowerCase()] ?? FIRST.en;
  return (key, values = {}) => (served[key] ?? first[key] ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
