/** What the widget says. The texts are the server's (data/wording/notices.yml, `widget`). */

// Only what may be shown before the server has answered.
const AT_FIRST = {
  title: "Chat", close: "Close chat", log_label: "Conversation", input_label: "Your message", send: "Send",
  talk_to_person: "Talk to a person", connecting: "Connecting…", offline: "You're offline.", try_again: "Try again",
  failed: "We can't be reached just now.", sending: "Sending…", not_sent: "Not sent.",
};

/** A function `say(key, values)` that fills the `{name}` places of the served text. */
export function wordingFrom(served = {}) {
  return (key, values = {}) => String(served[key] ?? AT_FIRST[key] ?? "")
    .replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
