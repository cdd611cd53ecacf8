/** What an agent can do with a case, each with the form that it needs. */

import { el } from "../shared/dom.js";
import { openForm } from "./dialogs.js";
import { openSeverity } from "./triage.js";
import { VerdictPicker } from "./verdict.js";

const TRIED = { name: "tried", label: "What was tried", hint: "So that nobody tries it again, and the customer repeats nothing." };
const NEXT = { name: "next_step", label: "What must happen next" };
const UPDATE_TIMES = [["15", "in 15 minutes"], ["30", "in 30 minutes"], ["60", "in 1 hour"], ["240", "in 4 hours"],
  ["1440", "in 1 day"], ["2880", "in 2 days"]];

const choices = (options, value) => options.map((option) => [option[value], option.label]);

/** The actions in the order of the buttons: testid, label, whether it is the usual next step, and `run`. */
export function actionsFor(record, store, act) {
  if (record.status === "closed") return [];
  const actions = [];
  const add = (testid, label, run, primary = false) => actions.push({ testid, label, run, primary });
  if (record.owner_type === "queue" && store.hasLevel(record)) add("accept", "Accept", () => act("accept"), true);
  const severity = ["severity", "Change severity", () => openSeverity(record, store.options, (body, said) => act("severity", body, said))];
  if (!store.mayAct(record)) {
    if (record.owner_type === "queue") add(...severity);
    return actions;
  }
  const form = (testid, verb, config) => () => openForm({ testid, ...config, submit: (values) => act(verb, values) });
  add("resolve", "Resolve", () => openResolve(record, store, act), record.owner_type === "agent");
  add("next-update", "Next update", () => openForm({
    testid: "next-update", title: "Promise a new update time", text: "The customer is told the new time.", action: "Promise",
    fields: [{ name: "minutes", label: "When", options: UPDATE_TIMES }, { name: "reason", label: "Reason", limit: 500 }],
    submit: ({ minutes, reason }) => act("next-update", { minutes: Number(minutes), reason }),
  }));
  add(...severity);
  add("transfer", "Transfer", () => openTransfer(record, store, act));
  add("escalate", "Escalate", form("escalate", "escalate", {
    title: `Escalate ${record.number} one level up`, action: "Escalate", fields: [TRIED, NEXT],
    text: levelText(record, store),
  }));
  if (record.owner_type === "agent") {
    add("release", "Release", form("release", "release", {
      title: `Give ${record.number} back to the queue`, action: "Release",
      text: "It returns to the place that it had.", fields: [{ name: "reason", label: "Reason", limit: 500 }],
    }));
  }
  return actions;
}

function openTransfer(record, store, act) {
  const wrong = el("input", { type: "checkbox", id: "transfer-wrong_category", data: { testid: "transfer-wrong_category" } });
  openForm({
    testid: "transfer", title: `Transfer ${record.number} to another queue`, action: "Transfer",
    fields: [
      { name: "category", label: "Queue", options: choices(
        store.options.categories.filter((option) => option.category !== record.category), "category") },
      TRIED, NEXT,
    ],
    extra: el("label", { class: "check", for: wrong.id }, wrong,
      el("span", {}, "It came to the wrong queue: the assistant should have chosen this one.")),
    submit: (values) => act("transfer", { ...values, wrong_category: wrong.checked }),
  });
}

function openResolve(record, store, act) {
  const picker = new VerdictPicker("resolve-verdict", { mayBeEmpty: !record.verdict });
  picker.show(record);
  openForm({
    testid: "resolve", title: `Resolve ${record.number}`, action: "Resolve",
    fields: [
      { name: "disposition", label: "How it ended", options: choices(store.options.dispositions, "code") },
      { name: "root_cause", label: "Root cause", options: choices(store.options.root_causes, "code") },
      { name: "outcome", label: "What the customer is told", limit: 1000, hint: "The customer reads this, word for word." },
    ],
    extra: el("div", { class: "field" }, el("span", {}, "Was a person needed? (optional)"),
      el("small", {}, "It teaches the assistant when to hand over; the customer does not see it."), picker.element),
    submit: async (values) => {
      const verdict = picker.news(record);
      if (verdict) await act("verdict", verdict);
      await act("resolve", values);
    },
  });
}

function levelText(record, store) {
  const next = store.levelName(record.level + 1);
  return next ? `From ${store.levelName(record.level)} to ${next}. Everything goes with it.` : "";
}
