/** Closing a case in one screen, and what follows: asking whether it holds, proposing what was learned. */

import { el } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { openForm, withoutEmpty } from "./dialogs.js";
import { VerdictPicker } from "./verdict.js";

const OUTCOMES_SHOWN = 3;
const DAY_MS = 86_400_000;

const inDays = (days) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const codeOf = (options, label) => options.find((option) => option.label === label)?.code;

/** What to begin with: how the most similar solved case of the category ended, or else simply solved. */
function defaults(record, options, similar) {
  const example = similar.find((one) => one.solved && one.category === record.category);
  return {
    disposition: codeOf(options.dispositions, example?.disposition) ?? options.dispositions.find((option) => option.code === "solved")?.code,
    root_cause: codeOf(options.root_causes, example?.root_cause),
  };
}

function outcomes(similar, use) {
  const known = [...new Set(similar.map((one) => one.outcome).filter(Boolean))].slice(0, OUTCOMES_SHOWN);
  if (known.length === 0) return null;
  return el("div", { class: "field", role: "group", "aria-label": say("actions.outcomes") }, el("span", {}, say("actions.outcomes")),
    known.map((text, index) => el("button", { type: "button", class: "choice outcome", data: { testid: `resolve-use-${index}` },
      onclick: () => use(text) }, text)));
}

/** `outcome` may come along, chosen from a similar case. */
export function openResolve(record, { store, act, knowledge }, outcome = "") {
  const picker = new VerdictPicker("resolve-verdict", { mayBeEmpty: !record.verdict });
  picker.show(record);
  const similar = knowledge().similar ?? [];
  const { options } = store;
  const start = defaults(record, options, similar);
  const form = openForm({
    testid: "resolve", title: say("actions.title_resolve", { number: record.number }), action: say("actions.do_resolve"),
    text: say("actions.text_resolve"), before: outcomes(similar, (text) => {
      form.control("outcome").value = text;
      form.control("outcome").focus();
    }),
    fields: [
      { name: "outcome", label: say("actions.outcome"), limit: 1000, hint: say("actions.customer_reads"), value: outcome },
      { name: "disposition", label: say("actions.disposition"), value: start.disposition, options: options.dispositions.map((option) => [option.code, option.label]) },
      { name: "root_cause", label: say("actions.root_cause"), value: start.root_cause, options: options.root_causes.map((option) => [option.code, option.label, option.group]) },
      { name: "follow_up_on", label: say("actions.follow_up_on"), hint: say("actions.follow_up_hint"), type: "date", min: inDays(1), optional: true },
    ],
    extra: el("div", { class: "field" }, el("span", {}, say("desk.optional", { label: say("context.verdict_question") })),
      el("small", {}, say("context.verdict_hint")), picker.element),
    submit: async (values) => {
      const verdict = picker.news(record);
      if (verdict) await act("verdict", verdict);
      await act("resolve", withoutEmpty(values), say("actions.said_resolve", { number: record.number }));
    },
  });
}

export function openFollowUp(record, resolution, { act }) {
  openForm({
    testid: "follow-up", title: say("actions.title_follow_up", { number: record.number }), action: say("actions.do_follow_up"),
    text: resolution.outcome,
    fields: [
      { name: "result", label: say("actions.follow_up_result"), options: ["worked", "did_not_work", "not_reached"].map((code) => [code, say(`actions.result_${code}`)]) },
      { name: "note", label: say("actions.note"), hint: say("desk.for_colleagues"), limit: 500 },
      { name: "again_on", label: say("actions.again_on"), type: "date", min: inDays(1), optional: true, when: ({ result }) => result === "not_reached" },
    ],
    submit: (values) => act("follow-up", withoutEmpty(values), say("actions.said_follow_up")),
  });
}

export function openProposal(record, kind, { act }) {
  const testid = `propose-${kind}`;
  const asked = record.messages.filter((message) => message.sender.type === "customer");
  const boxes = asked.map((message) => el("input", { type: "checkbox", id: `${testid}-${message.seq}`, value: message.id }));
  openForm({
    testid, title: say(`actions.title_propose_${kind}`, { number: record.number }), action: say("actions.propose"), text: say("actions.text_propose"),
    before: el("fieldset", { class: "field asked" }, el("legend", {}, say("actions.asked")), el("small", {}, say("actions.asked_hint")),
      asked.map((message, index) => el("label", { class: "check", for: boxes[index].id }, boxes[index], el("span", {}, message.text)))),
    fields: kind === "faq" ? [{ name: "answer", label: say("actions.answer"), value: record.outcome ?? "", limit: 1000 }] : [],
    submit: (values) => {
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      return act("proposals", { kind, ...values, ...(chosen.length > 0 ? { question_message_ids: chosen } : {}) }, say("actions.said_proposed"));
    },
  });
}
