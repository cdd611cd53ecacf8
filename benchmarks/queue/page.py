"""The results as one HTML page that opens in any browser: nothing is loaded, nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from benchmarks.queue.measures import GROUPS, Results, Waits
from warmline.content.charts import element, text_at
from warmline.content.report import STYLE, html_page, section

WIDTH, ROW, GAP, NAMES, RIGHT, TOP, BOTTOM = 940, 22, 20, 190, 24, 30, 40
HEADS: Final = ("Group", "Order", "Customers", "Median", "90th", "Longest", "In time", "Gave up", "Overtaken by")
KINDS: Final = {"ours": "ours", "first come": "first", "strict priority": "strict"}
OWN_STYLE: Final = """
.ours { --kind: #2563a8; } .first { --kind: #8a8a8a; } .strict { --kind: #c2571a; }
.most { fill: var(--kind); fill-opacity: .3; } .middle { fill: var(--kind); }
.worst { stroke: var(--kind); stroke-width: 1.5; stroke-dasharray: 2 3; }
.end { fill: var(--kind); } .key { display: inline-block; width: .8em; height: .8em; background: var(--kind); }
figure.wide { max-width: none; } td, th { font-variant-numeric: tabular-nums; }
"""


def render(results: Results) -> str:
    """Return the page."""
    return html_page("The order of a queue", f"{STYLE}\n{OWN_STYLE}", *_page(results))


def _page(results: Results) -> Iterator[Element]:
    about = (
        f"{len(results.seeds)} seeds of {results.days} days, each served in three orders; policy {results.policy}. "
        f"Under ours nobody may be overtaken by one who comes more than {results.bound:g} minutes later: "
        + (f"broken in {len(results.broken)} runs." if results.broken else "held in every run.")
    )
    yield element("header", None, element("h1", None, "Who waits how long"), element("p", {"class": "muted"}, about))
    keys = [
        part for name, kind in KINDS.items() for part in (element("span", {"class": f"key {kind}"}), f" {name} \u2003")
    ]
    yield section(
        "Waits by group",
        "Solid: up to the median. Pale: up to the 90th percentile. Dotted, with its end in numbers: the longest.",
        element("p", None, *keys),
        element("figure", {"class": "wide"}, waits_chart(results)),
    )
    yield section("The same as a table", "Minutes, and shares of all customers of the group.", _table(results))


def waits_chart(results: Results) -> Element:
    """Waits of each group under each order, as bars beside each other. The scale is that of the square root."""
    top = max(waits.worst for waits in results.waits)
    group_high = ROW * len(KINDS) + GAP
    height = TOP + group_high * len(GROUPS) + BOTTOM
    chart = element("svg", {"viewBox": f"0 0 {WIDTH} {height}", "role": "img"})
    chart.append(element("title", None, "Minutes waited, by group of customers and order of the queue"))
    for minutes in _ticks(top):
        x = _x(minutes, top)
        chart.append(element("line", {"x1": x, "x2": x, "y1": TOP - 6, "y2": height - BOTTOM, "class": "grid"}))
        chart.append(text_at(x, height - BOTTOM + 16, f"{minutes:g}", "tick", "middle"))
    chart.append(text_at((NAMES + WIDTH) / 2, height - 6, "minutes waited (square-root scale)", "axis", "middle"))
    for place, group in enumerate(GROUPS):
        y = TOP + place * group_high
        chart.append(text_at(NAMES - 14, y + ROW * len(KINDS) / 2 + 4, group, "label", "end"))
        for row, (order, kind) in enumerate(KINDS.items()):
            chart.extend(_bar(results.of(order, group), kind, y + row * ROW, top))
    return chart


def _bar(waits: Waits, kind: str, y: float, top: float) -> Iterator[Element]:
    told = (
        f"{waits.group}, {waits.order}: half within {waits.median:.1f} minutes, nine of ten within {waits.p90:.1f}, "
        f"the longest {waits.worst:.1f}"
    )
    middle = y + ROW / 2
    ends = [_x(value, top) for value in (waits.median, waits.p90, waits.worst)]
    line = {"x1": ends[1], "x2": ends[2], "y1": middle, "y2": middle, "class": f"worst {kind}"}
    yield element("line", line)
    for name, end in (("most", ends[1]), ("middle", ends[0])):
        box = {"x": NAMES, "y": y + 4, "width": f"{max(end - NAMES, 1):.1f}", "height": ROW - 8, "rx": 2}
        yield element("rect", {**box, "class": f"{name} {kind}"}, element("title", None, told))
    yield element("circle", {"cx": ends[2], "cy": middle, "r": 3, "class": f"end {kind}"})
    yield text_at(ends[2] - 7, middle - 4, f"{waits.worst:.0f}", "count", "end")


def _table(results: Results) -> Element:
    table = element("table", None, element("tr", None, *(element("th", None, head) for head in HEADS)))
    for waits in results.waits:
        table.append(element("tr", None, *(element("td", None, cell) for cell in cells(waits))))
    return table


def cells(waits: Waits) -> tuple[str, ...]:
    """The figures of a row as they are printed, here and in the terminal."""
    return (
        waits.group,
        waits.order,
        f"{waits.customers}",
        f"{waits.median:.1f}",
        f"{waits.p90:.1f}",
        f"{waits.worst:.0f}",
        f"{waits.in_time:.1%}",
        f"{waits.gave_up:.1%}",
        f"{waits.overtaken:.0f}",
    )


def _ticks(top: float) -> list[float]:
    """Marks that are about evenly apart on the scale of the square root."""
    marks = (0, 1, 5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720)
    return [float(mark) for mark in marks if mark <= top]


def _x(minutes: float, top: float) -> float:
    share: float = (minutes / top) ** 0.5
    return round(NAMES + share * (WIDTH - NAMES - RIGHT), 1)
