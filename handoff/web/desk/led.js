/** What those who lead have added to a case: a flag with its reason, and themselves. */

import { el, icon } from "../shared/dom.js";
import { locale, pieces, say } from "../shared/words.js";

const FLAG = "M5 21V4h11l-1.5 4L16 12H5";
const PEOPLE = "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M17 4.5a3.5 3.5 0 0 1 0 6M18.5 14a6.5 6.5 0 0 1 3 6";

const line = (kind, path, text) => el("span", { class: `led ${kind}`, data: { testid: kind } }, icon(path, 16), el("span", {}, text));

/** The lines for a case, as `me` reads them; none where nobody who leads has done anything. */
export function ledLines(record, me) {
  const joined = record.participants ?? [];
  const others = joined.filter((one) => one.id !== me);
  const names = () => new Intl.ListFormat(locale(), { type: "conjunction" }).format(others.map((one) => one.name));
  return [
    record.flag && line("flagged", FLAG, pieces("desk.flagged", { name: el("b", {}, record.flag.by), why: record.flag.why })),
    others.length > 0 && line("joined", PEOPLE, pieces("desk.joined", { count: others.length, names: el("b", {}, names()) })),
    others.length < joined.length && line("joined", PEOPLE, say("desk.joined_you", { name: record.agent?.name ?? say("desk.another_agent") })),
  ].filter(Boolean);
}
