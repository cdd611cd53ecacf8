"""The replay as one HTML page that opens in any browser: nothing is loaded, nothing runs, all text is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from handoff.contract import DecisionAction
from warmline.content.charts import element
from warmline.content.report import STYLE, html_page, section
from warmline.escalation.replay.charts import hours_chart, reasons_chart
from warmline.escalation.replay.compare import Judged, Verdict
from warmline.escalation.replay.summary import Changed, Figure, Hour, Summary

OWN_STYLE: Final = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
MOST_CHANGED: Final = 500
"""Changed conversations on the page; more would make it slow to open."""
FIRST_DIFFERENCE: Final = (
    "Each conversation is compared up to the first turn at which the two policies differ. After that the customer "
    "would have said other things, so whether the other policy would have had a later handoff is not known; such ones "
    "are counted apart."
)
VERDICTS: Final = {
    "needed": "needed",
    "not_needed": "not needed",
    "should_have_come_earlier": "should have come earlier",
}
OUTCOMES: Final = {
    Judged.RIGHT: "right",
    Judged.FALSE: "handed over for nothing",
    Judged.MISSED: "too late, or not at all",
    Judged.NOT_KNOWN: "not known",
}
_RANK: Final = {DecisionAction.NONE: 0, DecisionAction.OFFER: 1, DecisionAction.NOW: 2}


@dataclass(frozen=True)
class _Row:
    """A row of a table; ``over`` are the places of the cells that are too many."""

    name: str
    cells: tuple[str, ...]
    over: tuple[int, ...] = ()


def render(summary: Summary, made: datetime) -> str:
    """Return the page. ``made`` is when the replay ran, in UTC."""
    return html_page(f"Policy {summary.policy} on the past", f"{STYLE}\n{OWN_STYLE}", *_page(summary, made))


def _page(summary: Summary, made: datetime) -> Iterator[Element]:
    yield element(
        "header",
        None,
        element("h1", None, "Another policy on the past"),
        element("p", {"class": "muted"}, _about(summary, made)),
    )
    yield element("section", {"class": "tiles"}, *_tiles(summary))
    yield element("p", {"class": "note"}, FIRST_DIFFERENCE, *_incomplete(summary))
    yield section(
        "Handoffs against staffing",
        _staffing(summary),
        _legend(capacity=summary.staffing is not None),
        element("figure", {"class": "wide"}, hours_chart(summary.hours)),
        element("details", None, element("summary", None, "The same as a table"), _hours(summary.hours)),
    )
    if summary.reasons:
        yield section(
            "Reasons",
            "Handoffs by what brought them.",
            _legend(capacity=False),
            element("figure", {"class": "wide"}, reasons_chart(summary.reasons)),
        )
    yield section("What the agents said", _judged_lead(summary), _judged(summary))
    lead = "The turn at which they first differ, and what makes the difference."
    if len(summary.changed) > MOST_CHANGED:
        lead += f" The first {MOST_CHANGED}; `warmline escalation replay --json` gives all."
    changed = [_changed(one) for one in summary.changed[:MOST_CHANGED]]
    yield section(
        f"Conversations that would change: {len(summary.changed)}",
        lead,
        *(changed or [element("p", None, "None: both policies decide alike.")]),
    )


def _about(summary: Summary, made: datetime) -> str:
    span = f"{summary.first:%d %B %Y} to {summary.last:%d %B %Y}" if summary.first and summary.last else "no days"
    under = " and ".join(summary.decided_under) or "none"
    return (
        f"Policy {summary.policy} beside what was decided under {under}. {summary.conversations:,} conversations with "
        f"{summary.turns:,} turns, {span} ({summary.zone}). Made {made:%d %B %Y, %H:%M} UTC."
    )


def _incomplete(summary: Summary) -> list[str]:
    if not summary.incomplete:
        return []
    return [
        f" In {summary.incomplete:,} conversations some turns were recorded without all that the scoring sees. They "
        "were replayed as far as they can be, and are marked with ≈: a difference there may come from what is missing."
    ]


def _tiles(summary: Summary) -> Iterator[Element]:
    yield _tile("conversations would change", f"{len(summary.changed):,}", f"of {summary.conversations:,}")
    for name, figure in (
        ("handed over", summary.handoffs),
        ("offered a person", summary.offers),
        ("handed over for nothing", summary.false),
        ("too late, or not at all", summary.missed),
    ):
        yield _tile(name, _other(figure), f"as decided: {figure.as_decided:,}")


def _tile(name: str, value: str, beside: str) -> Element:
    return element(
        "div",
        {"class": "tile"},
        element("div", {"class": "value"}, value),
        element("div", {"class": "name"}, name),
        element("div", {"class": "change same"}, beside),
    )


def _other(figure: Figure) -> str:
    return f"{figure.other:,}" + (f"–{figure.other + figure.not_known:,}" if figure.not_known else "")


def _staffing(summary: Summary) -> str:
    said = f"Handoffs an hour on an average day of {summary.days}, by the clock of {summary.zone}."
    if summary.staffing is None:
        return f"{said} Nobody is known who could take them: give --staffing FILE."
    over = [hour.hour for hour in summary.hours if hour.exceeds(hour.handoffs.other)]
    hours = ", ".join(f"{hour}:00" for hour in over)
    return f"{said} What can be taken comes from {summary.staffing}. " + (
        f"Under the other policy it is too much in the hours that begin at {hours}."
        if over
        else "The other policy stays below it."
    )


def _legend(*, capacity: bool) -> Element:
    kinds = [
        ("was", "as decided"),
        ("other", "other policy"),
        ("open", "not known: may come under the other policy too"),
    ]
    items = [
        element(
            "li",
            None,
            element(
                "svg",
                {"viewBox": "0 0 26 12", "aria-hidden": "true"},
                element("rect", {"x": 1, "y": 1, "width": 24, "height": 10, "rx": 2, "class": kind}),
            ),
            name,
        )
        for kind, name in kinds
    ]
    if capacity:
        line = element("line", {"x1": 0, "x2": 26, "y1": 6, "y2": 6, "class": "capacity"})
        picture = element("svg", {"viewBox": "0 0 26 12", "aria-hidden": "true"}, line)
        items.append(element("li", None, picture, "what the people there can take"))
    return element("ul", {"class": "legend"}, *items)


def _hours(hours: Sequence[Hour]) -> Element:
    rows = []
    for hour in hours:
        figure = hour.handoffs
        numbers = (figure.as_decided, figure.other)
        capacity = f"{hour.capacity:.1f}" if hour.capacity is not None else "-"
        cells = (*(f"{number:.2f}" for number in (*numbers, figure.not_known)), capacity)
        over = tuple(place for place, number in enumerate(numbers) if hour.exceeds(number))
        rows.append(_Row(f"{hour.hour}:00", cells, over))
    return _table(("hour", "as decided", "other policy", "not known", "can be taken"), rows)


def _judged_lead(summary: Summary) -> str:
    if not summary.judged:
        return "No case of these conversations has a verdict yet; agents give one with one press on each case."
    return (
        f"{summary.judged:,} cases were judged by their agents. A handoff that only the other policy makes has no "
        "verdict: nobody has seen it."
    )


def _judged(summary: Summary) -> Element:
    rows = [
        _Row(name, tuple(f"{value:,}" for value in (figure.as_decided, figure.other, figure.not_known)))
        for name, figure in (("handed over for nothing", summary.false), ("too late, or not at all", summary.missed))
    ]
    return _table(("", "as decided", "other policy", "not known"), rows)


def _table(heads: Sequence[str], rows: Sequence[_Row]) -> Element:
    head = element(
        "tr", None, *(element("th", {"scope": "col", "class": "number"} if n else {"scope": "col"}, h)
                      for n, h in enumerate(heads))
    )  # fmt: skip
    body = [
        element(
            "tr",
            None,
            element("th", {"scope": "row"}, row.name),
            *(
                element("td", {"class": "number over" if n in row.over else "number"}, cell)
                for n, cell in enumerate(row.cells)
            ),
        )
        for row in rows
    ]
    return element("div", {"class": "scroll"}, element("table", None, head, *body))


def _changed(one: Changed) -> Element:
    change = one.change
    rise = _RANK[change.after.action] - _RANK[change.before.action]
    kind = "more" if rise > 0 else "less" if rise < 0 else "elsewhere"
    mark = "" if one.exact else "≈ "
    return element(
        "div",
        {"class": f"changed {kind}"},
        element("h3", None, f"{mark}{change.was} → {change.is_now}"),
        element(
            "div",
            {"class": "muted"},
            element("code", None, one.conversation),
            f" turn {change.turn}, {change.at:%d %B %Y, %H:%M} UTC",
        ),
        element("div", None, element("q", None, change.text)),
        element("ul", None, *(element("li", None, why) for why in change.why)),
        *(_verdict(verdict) for verdict in one.verdicts),
    )


def _verdict(verdict: Verdict) -> Element:
    bad = (Judged.FALSE, Judged.MISSED)
    kind = ""
    if verdict.other is not Judged.NOT_KNOWN and (verdict.as_decided in bad) != (verdict.other in bad):
        kind = " worse" if verdict.other in bad else " better"
    said = f"{verdict.case}: the agent said {VERDICTS[verdict.verdict]}. As decided: {OUTCOMES[verdict.as_decided]}"
    return element("p", {"class": f"verdict{kind}"}, f"{said}; under the other policy: {OUTCOMES[verdict.other]}.")
