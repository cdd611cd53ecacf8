"""The report as one HTML page that opens in any browser and prints well: it loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from handoff.domain.kpis.observations import PERCENTILE_ERROR
from handoff.domain.kpis.registry import KPIS, Unit
from handoff.domain.kpis.report import Line, Part, Report
from handoff.kpi_report.drawing import as_html, bars_chart, columns_chart, element, trend_chart
from handoff.kpi_report.words import basis_told, change_told, figure_told, target_told, value_told

STYLE: Final = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
SHOWN_FIRST: Final = (
    "escalation_frequency",
    "response_time",
    "resolution_time",
    "sla_compliance",
    "csat",
    "root_cause_recurrence",
)
"""The six of P30."""
BY_PLACE: Final = (
    "escalation_frequency",
    "response_time",
    "resolution_time",
    "sla_compliance",
    "csat",
    "first_contact_resolution",
    "escalation_rate",
    "repeat_yourself_rate",
    "promises_kept",
)
MOST_PARTS: Final = 12


def report_page(
    report: Report, places: Mapping[str, Report], labels: Mapping[str, str], *, of: str, made: datetime
) -> str:
    """The page. ``places`` are the same report by queue and so on, under their headings; ``of`` says what it is of."""
    head = element(
        "head",
        None,
        element("meta", {"charset": "utf-8"}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}),
        element("title", None, f"KPIs {report.period.first} to {report.period.last}"),
        element("style", None, STYLE),
    )
    content = _content(report, places, labels, of, made)
    body = element("body", None, element("main", None, *content))
    return "<!DOCTYPE html>\n" + as_html(element("html", {"lang": "en-GB"}, head, body)) + "\n"


def _content(
    report: Report, places: Mapping[str, Report], labels: Mapping[str, str], of: str, made: datetime
) -> Iterator[Element]:
    lines = {line.kpi.name: line for line in report.lines}
    days, before = report.period, report.before
    yield element(
        "header",
        None,
        element("h1", None, "Escalations and service"),
        element(
            "p",
            {"class": "muted"},
            f"{days.first:%d %B %Y} to {days.last:%d %B %Y} ({report.zone}), {of}; beside {before.first:%d %B} to "
            f"{before.last:%d %B %Y}. Made {made:%d %B %Y, %H:%M} UTC.",
        ),
    )
    yield element("section", {"class": "tiles"}, *(_tile(lines[name]) for name in SHOWN_FIRST))
    opened = [(f"{part.first:%d %b}", figure.numerator) for part, figure in lines["escalation_frequency"].trend]
    yield _section("Cases opened", "", columns_chart(opened, "Cases opened"))
    yield element(
        "div",
        {"class": "two"},
        _section("Why customers came to a person", "", _bars(lines["handoff_reasons"], labels)),
        _section("Root causes", "", _bars(lines["root_causes"], labels)),
    )
    rest = [line for name, line in lines.items() if name not in SHOWN_FIRST and line.kpi.unit is not Unit.COUNTS]
    yield element("h2", None, "The other figures")
    yield element("section", {"class": "tiles small"}, *(_tile(line) for line in rest))
    for heading, by_place in places.items():
        if by_place.parts:
            yield _section(heading, "", element("div", {"class": "scroll"}, _table(by_place)))
    yield element(
        "footer",
        {"class": "muted"},
        "Spans are medians by the clock on the wall, read from buckets and at most "
        f"{PERCENTILE_ERROR:.1%} off. What each figure counts and leaves out stands in docs/kpis.md.",
    )


def _tile(line: Line) -> Element:
    kpi = line.kpi
    change, kind = change_told(line)
    target = target_told(kpi, line.now)
    told = [f"{part.first:%d %b}: {value_told(kpi, figure.value)}" for part, figure in line.trend]
    ends = (f"{line.trend[0][0].first:%d %b}", f"{line.trend[-1][0].last:%d %b}")
    tile = element(
        "article",
        {"class": "tile"},
        element("h3", None, kpi.title),
        element("p", {"class": "value"}, figure_told(kpi, line.now)),
        element("p", {"class": "muted"}, basis_told(kpi, line.now)),
        element("p", {"class": kind}, change),
    )
    if target:
        tile.append(element("p", {"class": "worse" if target.endswith("missed") else "muted"}, target))
    values = [figure.value for _, figure in line.trend]
    tile.append(trend_chart(values, told, ends, kpi.target, f"{kpi.title}, over the period"))
    return tile


def _bars(line: Line, labels: Mapping[str, str]) -> Element:
    parts = [(labels.get(code, code), count) for code, count in line.now.parts]
    if not parts:
        return element("p", {"class": "muted"}, "None in this period.")
    more = sum(count for _, count in parts[MOST_PARTS:])
    shown = [*parts[:MOST_PARTS], *([("others", more)] if more else [])]
    return bars_chart(shown, line.kpi.title)


def _table(report: Report) -> Element:
    head = element("tr", None, element("th", None, ""), *(element("th", None, KPIS[name].title) for name in BY_PLACE))
    rows = [
        element(
            "tr",
            None,
            element("th", {"scope": "row"}, part.label),
            *(element("td", None, figure_told(KPIS[name], part.figures[name])) for name in BY_PLACE),
        )
        for part in with_figures(report)
    ]
    return element("table", None, element("thead", None, head), element("tbody", None, *rows))


def with_figures(report: Report) -> list[Part]:
    """The parts of a report that have something in the table by place."""
    return [part for part in report.parts if any(part.figures[name].value is not None for name in BY_PLACE[1:])]


def _section(heading: str, text: str, *content: Element) -> Element:
    said = [element("p", {"class": "muted"}, text)] if text else []
    return element("section", None, element("h2", None, heading), *said, *content)
