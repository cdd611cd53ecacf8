/** What an agent can do with a case: which actions there are, in which order, by which keys. */

import { say } from "../shared/words.js";
import { openAuthority } from "./authority.js";
import { openForm, withoutEmpty } from "./dialogs.js";
import { ACTIONS as KEYS } from "./keys.js";
import { nextStep, openColleague, openIncident, openMerge, openTransfer, perhaps, tried } from "./moves.js";
import { openSeverity } from "./triage.js";
import { openFollowUp, openProposal, openResolve } from "./wrap-up.js";

const UPDATE_TIMES = [5, 15, 30, 60, 240, 1440, 2880];
const REASON_LIMIT = 500;

const reason = (optional = false) => ({ name: "reason", label: say("desk.reason"), hint: say("desk.for_colleagues"), limit: REASON_LIMIT, optional });

/**
 * The actions in the order of the buttons: `{testid, label, about, run, keys?, primary?, more?}`, `about` says what it does; `more` are rare and stand in the menu.
 *
 * `tools` is `{store, api, act(verb, body, said), knowledge(), select(id), refresh(), chosen()}`, all of this one case; `chosen` says whether
 * it is still the open one: a form that waited for the network does not come up over another case.
 */
export function actionsFor(record, tools) {
  const { store, act } = tools;
  const actions = [];
  const add = (testid, run, extra = {}) => {
    const name = testid.replaceAll("-", "_");
    actions.push({ testid, label: say(`actions.do_${name}`), about: say(`actions.about_${name}`), run, keys: KEYS[testid], ...extra });
  };
  const form = (testid, config) => () => openForm({
    testid, title: say(`actions.title_${testid.replaceAll("-", "_")}`, { number: record.number }),
    action: say(`actions.do_${testid.replaceAll("-", "_")}`), submit: (values) => act(testid, values), ...config,
  });
  if (record.status === "closed") {
    closedActions(record, tools, add);
    return actions;
  }
  const waiting = record.owner_type === "queue";
  const takeOver = form("take-over", { text: say("actions.text_take_over"), fields: [reason(), ...perhaps()],
    submit: (values) => act("take-over", withoutEmpty(values)) });
  if (waiting && store.hasLevel(record)) add("accept", () => act("accept"), { primary: true });
  // Who leads writes in a colleague's case once they have joined it: it stays the colleague's.
  if (!waiting && !store.isMine(record) && store.leads(record)) {
    const verb = store.hasJoined(record) ? "leave" : "join";
    add(verb, () => act(verb));
  }
  const severity = () => openSeverity(record, store.options, (body, said) => act("severity", body, said));
  if (!store.mayAct(record)) {
    if (waiting) add("severity", severity);
    else if (store.leads(record)) add("take-over", takeOver);
    return actions;
  }
  add("resolve", () => openResolve(record, tools), { primary: !waiting });
  add("next-update", form("next-update", {
    text: say("actions.text_next_update"),
    fields: [{ name: "minutes", label: say("actions.when"), options: UPDATE_TIMES.map((minutes) => [String(minutes), say(`actions.in_${minutes}`)]) }, reason()],
    submit: ({ minutes, reason: why }) => act("next-update", { minutes: Number(minutes), reason: why }, say("actions.said_next_update", { time: say(`actions.in_${minutes}`) })),
  }));
  if (record.waiting_for) {
    add("resume", form("resume", { text: say("actions.text_resume"), fields: [reason()] }));
  } else if (!waiting) {
    add("wait", form("wait", { text: say("actions.text_wait"), fields: [
      { name: "waiting_for", label: say("actions.waiting_for"), value: "customer",
        options: ["customer", "third_party"].map((who) => [who, say(`actions.waiting_for_${who}`)]) },
      { name: "what", label: say("actions.waiting_what"), hint: say("actions.customer_reads"), limit: 1000 }] }));
  }
  add("transfer", () => openTransfer(record, tools));
  add("escalate", form("escalate", { text: levelText(record, store), fields: [tried(), nextStep()] }));
  if (!waiting) add("plan", form("plan", { text: say("actions.text_plan"), fields: [{ name: "plan", label: say("actions.plan"), limit: 1000, value: record.plan ?? "" }] }));
  add("severity", severity);
  if (!waiting) add("release", form("release", { text: say("actions.text_release"),
    fields: [reason(), ...perhaps()],
    submit: (values) => act("release", withoutEmpty(values)) }));
  const more = { more: true };
  add("authority", () => openAuthority(record, tools), more);
  add("transfer-to-agent", () => openColleague(record, tools), more);
  if (!waiting && !store.isMine(record)) add("take-over", takeOver, more);
  add("return-to-bot", form("return-to-bot", { text: say("actions.text_return_to_bot"), fields: [
    { name: "line", label: say("actions.line"), hint: say("actions.customer_reads"), limit: 1000 }, reason(true), ...perhaps()],
  submit: (values) => act("return-to-bot", withoutEmpty(values)) }), more);
  if (openOthers(record).length > 0) add("merge", () => openMerge(record, openOthers(record), tools), more);
  if (store.leads(record)) add("incident", () => openIncident(record, tools), more);
  return actions;
}

function closedActions(record, tools, add) {
  const last = record.resolutions?.at(-1);
  if (!last || !tools.store.mayJudge(record)) return;
  if (last.follow_up_on && !last.followed_up_at) add("follow-up", () => openFollowUp(record, last, tools), { primary: true });
  add("propose-faq", () => openProposal(record, "faq", tools));
  add("propose-examples", () => openProposal(record, "examples", tools));
}

/** The customer's other cases that are not closed. */
function openOthers(record) {
  return (record.customer_history?.cases ?? []).filter((other) => other.id !== record.id && other.status !== "closed");
}

function levelText(record, store) {
  const next = store.levelName(record.level + 1);
  return next ? say("actions.text_escalate", { from: store.levelName(record.level), to: next }) : "";
}
