"""Charts of a report as SVG elements: text is set as text, so nothing in it can become markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

WIDTH, HEIGHT = 300, 84
SIDE, TOP, BOTTOM = 6, 8, 18
ROW: Final = 26
BARS_WIDE: Final = 480
NAMES: Final = 190
NUMBERS: Final = 84
LONGEST_NAME: Final = 30
"""Characters that fit before the bars."""
WIDE: Final = 720
COLUMNS_HEIGHT: Final = 190


def element(tag: str, attributes: dict[str, object] | None = None, *children: Element | str) -> Element:
    """An element with its children; strings become text nodes."""
    made = Element(tag, {name: str(value) for name, value in (attributes or {}).items()})
    for child in children:
        if isinstance(child, Element):
            made.append(child)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + child
        else:
            made.text = (made.text or "") + child
    return made


def as_html(root: Element) -> str:
    """The markup, everything in it escaped."""
    return ElementTree.tostring(root, encoding="unicode", method="html")


def trend_chart(
    values: Sequence[float | None], told: Sequence[str], ends: tuple[str, str], target: float | None, title: str
) -> Element:
    """A line over the parts of the period, broken where there is no figure; the dotted line is the target."""
    chart = _svg(WIDTH, HEIGHT, title)
    known = [value for value in values if value is not None]
    low = min([*known, target if target is not None else 0.0, 0.0])
    high = max([*known, target if target is not None else 0.0, 0.0])
    high = high if high > low else low + 1.0

    def x(place: int) -> float:
        return SIDE + (WIDTH - 2 * SIDE) * (place / (len(values) - 1) if len(values) > 1 else 0.5)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))

    chart.append(
        element("line", {"x1": SIDE, "x2": WIDTH - SIDE, "y1": f"{y(low):.1f}", "y2": f"{y(low):.1f}", "class": "base"})
    )
    if target is not None:
        chart.append(
            element(
                "line",
                {"x1": SIDE, "x2": WIDTH - SIDE, "y1": f"{y(target):.1f}", "y2": f"{y(target):.1f}", "class": "target"},
            )
        )
    for run in _runs(values):
        points = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in run)
        if len(run) > 1:
            chart.append(element("polyline", {"points": points, "class": "trend"}))
        for place, value in run:
            dot = {"cx": f"{x(place):.1f}", "cy": f"{y(value):.1f}", "r": 2.2, "class": "dot"}
            chart.append(element("circle", dot, element("title", None, told[place])))
    chart.append(_text(SIDE, HEIGHT - 4, ends[0], "tick", "start"))
    chart.append(_text(WIDTH - SIDE, HEIGHT - 4, ends[1], "tick", "end"))
    return chart


def bars_chart(parts: Sequence[tuple[str, int]], title: str) -> Element:
    """How many of each kind, the most frequent first."""
    chart = _svg(BARS_WIDE, ROW * max(1, len(parts)) + 4, title)
    most, total = max((count for _, count in parts), default=1), sum(count for _, count in parts) or 1
    for row, (name, count) in enumerate(parts):
        top = row * ROW + 4
        wide = (BARS_WIDE - NAMES - NUMBERS) * count / most
        chart.append(_text(NAMES - 10, top + 13, _short(name), "label", "end"))
        chart.append(
            element("rect", {"x": NAMES, "y": top, "width": f"{wide:.1f}", "height": 18, "rx": 2, "class": "bar"})
        )
        chart.append(_text(NAMES + wide + 8, top + 13, f"{count:,} ({count / total:.0%})", "count", "start"))
    return chart


def columns_chart(columns: Sequence[tuple[str, int]], title: str) -> Element:
    """How many in each part of the period."""
    chart = _svg(WIDE, COLUMNS_HEIGHT, title)
    most = max((count for _, count in columns), default=0) or 1
    bottom, room = COLUMNS_HEIGHT - 22, COLUMNS_HEIGHT - 22 - 18
    step = (WIDE - 44) / max(1, len(columns))
    every = max(1, round(len(columns) / 10))
    for share in (0.0, 0.5, 1.0):
        at = bottom - room * share
        chart.append(element("line", {"x1": 40, "x2": WIDE - 4, "y1": f"{at:.1f}", "y2": f"{at:.1f}", "class": "base"}))
        chart.append(_text(34, at + 4, f"{most * share:g}", "tick", "end"))
    for place, (name, count) in enumerate(columns):
        high = room * count / most
        left = 40 + place * step
        column: dict[str, object] = {
            "x": f"{left + step * 0.12:.1f}",
            "y": f"{bottom - high:.1f}",
            "width": f"{step * 0.76:.1f}",
            "height": f"{high:.1f}",
            "class": "bar",
        }
        chart.append(element("rect", column, element("title", None, f"{name}: {count:,}")))
        if place % every == 0:
            chart.append(_text(left + step / 2, COLUMNS_HEIGHT - 6, name, "tick", "middle"))
    return chart


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The stretches of known values, each value with its place."""
    runs: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(values):
        if value is not None:
            runs[-1].append((place, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _svg(width: float, height: float, title: str) -> Element:
    chart = element("svg", {"viewBox": f"0 0 {width:g} {height:g}", "role": "img", "aria-label": title})
    chart.append(element("title", None, title))
    return chart


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> Element:
    return element("text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": kind, "text-anchor": anchor}, text)
