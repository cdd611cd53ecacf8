/** Moving a case: to another queue, to a named colleague, into another case, to an incident. */

import { el } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { openForm, withoutEmpty } from "./dialogs.js";
import { obstacleWords, presenceWords, statusWords } from "./words.js";

/** What every move asks for (P20): what was tried, and what comes next. */
export const tried = () => ({ name: "tried", label: say("actions.tried"), hint: say("actions.tried_hint") });
export const nextStep = () => ({ name: "next_step", label: say("actions.next_step") });
/** The same, where there may be nothing to say. */
export const perhaps = () => [tried(), nextStep()].map((field) => ({ ...field, optional: true }));

export function openTransfer(record, { store, act }) {
  const wrong = el("input", { type: "checkbox", id: "transfer-wrong_category", data: { testid: "transfer-wrong_category" } });
  openForm({
    testid: "transfer", title: say("actions.title_transfer", { number: record.number }), action: say("actions.do_transfer"), text: say("actions.text_transfer"),
    fields: [
      { name: "category", label: say("actions.queue"), options: store.options.categories
        .filter((option) => option.category !== record.category).map((option) => [option.category, option.label]) },
      tried(), nextStep(),
    ],
    extra: el("label", { class: "check", for: wrong.id }, wrong, el("span", {}, say("actions.wrong_queue"))),
    submit: (values) => act("transfer", { ...values, wrong_category: wrong.checked }),
  });
}

/** "Ben Okafor: online, 3 of 6 taken", and what stands against it. */
function candidateWords(one, best) {
  const against = one.obstacles.map(obstacleWords).join(", ");
  return [`${one.name}: ${presenceWords(one.state)}, ${say("actions.load", { load: one.load, capacity: one.capacity })}`,
    against, one.id === best && say("actions.best")].filter(Boolean).join("; ");
}

// A lead may be asked by name: that leads come last only holds for offers that the service makes by itself.
const ASKABLE = new Set(["lead"]);

/** `{options, best}`: the colleagues who could be asked for a case, those who cannot take it below; `best` is one of them or undefined, `allowed` what stands against nobody. */
export async function colleagueOptions(record, { store, api }, allowed = ASKABLE) {
  const { best, candidates } = await api.beside(record.id, "candidates");
  const others = candidates.filter((one) => one.id !== store.agent.id && one.id !== record.agent?.id);
  const askable = (one) => one.obstacles.every((obstacle) => allowed.has(obstacle));
  const option = (one) => [one.id, candidateWords(one, best), say(askable(one) ? "actions.can_take" : "actions.cannot_take"), !askable(one)];
  return { options: others.sort((a, b) => askable(b) - askable(a)).map(option), best: others.find((one) => one.id === best)?.id };
}

export async function openColleague(record, { store, api, act, chosen }) {
  const { options, best } = await colleagueOptions(record, { store, api });
  if (!chosen()) return;
  openForm({
    testid: "transfer-to-agent", title: say("actions.title_transfer_to_agent", { number: record.number }),
    action: say("actions.do_transfer_to_agent"), text: say("actions.text_transfer_to_agent"),
    fields: [
      { name: "agent_id", label: say("actions.colleague"), value: best, options },
      tried(), nextStep(),
    ],
    submit: (values) => act("transfer-to-agent", values),
  });
}

export function openMerge(record, others, { act, select }) {
  openForm({
    testid: "merge", title: say("actions.title_merge", { number: record.number }), action: say("actions.do_merge"), text: say("actions.text_merge"),
    fields: [
      { name: "into", label: say("actions.merge_into"), value: others[0].id,
        options: others.map((other) => [other.id, `${other.number}: ${statusWords(other.status)}`]) },
      { name: "reason", label: say("desk.reason"), limit: 500 },
      ...perhaps(),
    ],
    confirm: ({ into }) => say("actions.sure_merge", { number: record.number, into: others.find((other) => other.id === into).number }),
    submit: async (values) => {
      await act("merge", withoutEmpty(values));
      select(values.into);
    },
  });
}

const NEW = "new";

/** Links the case to an incident, or declares one that it is the first of: the words for that are proposed. */
export async function openIncident(record, { api, refresh, chosen }) {
  const [incidents, words] = await Promise.all([api.incidents(), api.beside(record.id, "incident-words")]);
  if (!chosen()) return;
  const declares = ({ incident }) => incident === NEW;
  openForm({
    testid: "incident", title: say("actions.title_incident", { number: record.number }), action: say("actions.do_incident"),
    text: say("actions.text_incident"),
    fields: [
      { name: "incident", label: say("actions.incident"), value: incidents.find((one) => one.category === record.category)?.id ?? NEW,
        options: [...incidents.map((one) => [one.id, one.title, one.queue]), [NEW, say("actions.new_incident")]] },
      { name: "title", label: say("actions.incident_title"), hint: say("desk.for_colleagues"), value: words.title, type: "text", when: declares },
      { name: "announcement", label: say("actions.incident_announcement"), hint: say("actions.incident_announcement_hint"), value: words.announcement, limit: 1000, when: declares },
      { name: "example", label: say("actions.incident_example"), hint: say("actions.incident_example_hint"), value: longest(record.messages), limit: 1000, optional: true, when: declares },
    ],
    confirm: (values) => declares(values) && say("actions.sure_incident"),
    submit: async ({ incident, ...said }) => {
      const id = incident === NEW ? (await api.post("/incidents", withoutEmpty({ category: record.category, ...said }))).incident.id : incident;
      await api.linkIncident(id, record.id);
      await refresh();
    },
  });
}

/** What the customer wrote at most length says most of the problem. */
function longest(messages) {
  const texts = messages.filter((message) => message.sender.type === "customer").map((message) => message.text ?? "");
  return texts.sort((a, b) => b.length - a.length)[0]?.slice(0, 1000) ?? "";
}
