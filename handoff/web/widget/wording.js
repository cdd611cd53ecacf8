/**
 * What the widget says before the server's `wording` has come, and for each key that it leaves out.
 * `{name}` stands for a value. The content team changes a text in data/wording/notices.yml, under the same key.
 */
export const DEFAULT_WORDING = {
  title: "Chat with us",
  greeting: "Hello! Ask anything about your order, a product or your account.",
  person_promise: "You can talk to a person at any time.",
  close: "Close chat",
  input_label: "Your message",
  input_placeholder: "Write a message",
  send: "Send",
  talk_to_person: "Talk to a person",
  person_has_it: "A person has your case",
  new_conversation: "Start a new conversation",
  still_open: "Your case is still open, so this conversation goes on.",
  log_label: "Messages",
  you: "You",
  answers_label: "Suggested answers",
  new_messages: "New messages",
  connecting: "Connecting …",
  reconnecting: "Connection lost. Reconnecting … What you write is kept and sent.",
  offline: "You are offline. What you write is kept and sent when you are back.",
  failed: "The chat cannot be reached at the moment.",
  refused: "This page may not use the chat. Please tell the website's owner.",
  try_again: "Try again",
  sending: "Sending …",
  not_sent: "Not sent.",
  characters_left: "{count} characters left",
  too_long: "Too long by {count} characters. Shorten it to {limit} to send it.",
  typing: "{name} is typing …",
  thinking: "Answering …",
  banner_bot: "You are talking with our assistant.",
  banner_queue: "Waiting for a person: {queue}",
  banner_position: "You are number {position} in the queue.",
  banner_agent: "{name} is with you",
  banner_case: "Case {number}",
  banner_solved: "Case {number} is marked as solved",
  next_update: "You hear from us by {time} at the latest.",
  survey_question: "How did we do?",
  survey_hint: "1 star is poor, 5 stars are great.",
  survey_stars: "{count} of 5 stars",
  survey_comment: "Anything to add? (optional)",
  survey_send: "Send rating",
  survey_choose: "Choose 1 to 5 stars first.",
  survey_done: "You gave {count} of 5 stars. Thank you!",
  survey_change: "Change rating",
  reopen_question: "Was it really solved?",
  reopen: "It did not work",
};

/** A function `say(key, values)` over the server's wording, with the defaults for what it leaves out. */
export function wordingFrom(served) {
  return (key, values = {}) => {
    const text = typeof served?.[key] === "string" ? served[key] : DEFAULT_WORDING[key];
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  };
}
