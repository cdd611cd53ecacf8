"""The charts of the evaluation report, as SVG elements: text is set as text, so nothing in it can become markup.

``element``, ``text_at`` and ``as_html`` serve the charts of other reports too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from warmline.content.measures import Confusion, ReliabilityBin, ScopePoint

WIDTH: Final = 460
HEIGHT: Final = 300
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 44
CELL: Final = 20
HEAT_LABELS: Final = 28
"""Most labels on the confusion map: those with the most mistakes."""
LETTER: Final = 6.1
"""Width of a letter at the labels' size, in pixels; enough to keep the labels in the picture."""


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


def reliability_chart(bins: Sequence[ReliabilityBin]) -> Element:
    """How often the assistant is right at each confidence; on the dotted line it is as right as it is sure."""
    chart = _frame("confidence", "share that was right", "Reliability: confidence against how often it was right")
    width = 1 / len(bins)
    most = max((part.count for part in bins), default=1) or 1
    for number, part in enumerate(bins):
        if not part.count:
            continue
        left, right = _x(number * width), _x((number + 1) * width)
        told = f"confidence {number * 10}-{number * 10 + 10} %: {part.count} questions, {part.right:.0%} right"
        top = _y(part.right)
        opacity = 0.35 + 0.65 * (part.count / most) ** 0.5
        bar = {
            "x": left + 1.5,
            "y": top,
            "width": right - left - 3,
            "height": max(_y(0) - top, 1),
            "class": "bar",
            "rx": 2,
        }
        chart.append(element("rect", {**bar, "style": f"opacity:{opacity:.2f}"}, element("title", None, told)))
        chart.append(text_at((left + right) / 2, _y(0) - 6, str(part.count), "count", "middle"))
    line = {"x1": _x(0), "y1": _y(0), "x2": _x(1), "y2": _y(1), "class": "ideal"}
    chart.append(element("line", line))
    return chart


def scope_chart(points: Sequence[ScopePoint], threshold: float) -> Element:
    """What each threshold would let through and refuse; the upright line is the threshold that was found."""
    chart = _frame(
        "threshold of the scope score", "share of questions", "What is let through and refused at a threshold"
    )
    for name, values in (
        ("known", [point.known_passed for point in points]),
        ("unknown", [point.unknown_refused for point in points]),
    ):
        path = " ".join(f"{_x(p.threshold):.1f},{_y(v):.1f}" for p, v in zip(points, values, strict=True))
        chart.append(element("polyline", {"points": path, "class": f"line {name}"}))
    at = {"x1": _x(threshold), "x2": _x(threshold), "y1": _y(0), "y2": _y(1), "class": "threshold"}
    chart.append(element("line", at, element("title", None, f"threshold {threshold:.3f}")))
    return chart


def heat_map(confusions: Sequence[Confusion]) -> Element:
    """Mistakes by what was meant (rows) and what it was taken for (columns)."""
    weight: Counter[str] = Counter()
    for item in confusions:
        weight[item.expected] += item.count
        weight[item.taken_for] += item.count
    chosen = [label for label, _ in weight.most_common(HEAT_LABELS)]
    labels = sorted(chosen)
    inside = [item for item in confusions if item.expected in chosen and item.taken_for in chosen]
    most = max((item.count for item in inside), default=1)
    margin = int(max(map(len, labels), default=4) * LETTER) + 12
    size = margin + CELL * len(labels)
    chart = element("svg", {"viewBox": f"0 0 {size + 8} {size + 8}", "class": "heat", "role": "img"})
    chart.set("style", f"width:min(100%, {size + 8}px)")
    chart.append(element("title", None, "Confusion map: rows are what was meant, columns what it was taken for"))
    for number, label in enumerate(labels):
        at = margin + number * CELL
        chart.append(text_at(margin - 6, at + CELL * 0.7, label, "label", "end"))
        column = text_at(0, 0, label, "label", "start")
        column.set("transform", f"translate({at + CELL * 0.7:.0f} {margin - 6}) rotate(-90)")
        chart.append(column)
        for x, y, w, h in ((margin, at, CELL * len(labels), 0), (at, margin, 0, CELL * len(labels))):
            chart.append(element("line", {"x1": x, "y1": y, "x2": x + w, "y2": y + h, "class": "grid"}))
    for item in inside:
        x, y = margin + labels.index(item.taken_for) * CELL, margin + labels.index(item.expected) * CELL
        told = f"{item.expected} taken for {item.taken_for}: {item.count}"
        shade = {"style": f"fill-opacity:{0.25 + 0.75 * item.count / most:.2f}"}
        cell = {"x": x + 1, "y": y + 1, "width": CELL - 2, "height": CELL - 2, "class": "cell", "rx": 3, **shade}
        chart.append(element("rect", cell, element("title", None, told)))
        strong = " strong" if item.count / most > 0.4 else ""
        chart.append(text_at(x + CELL / 2, y + CELL * 0.7, str(item.count), f"count{strong}", "middle"))
    return chart


def _frame(x_name: str, y_name: str, title: str) -> Element:
    chart = element("svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img"}, element("title", None, title))
    for step in range(0, 11, 2):
        share = step / 10
        chart.append(element("line", {"x1": _x(0), "x2": _x(1), "y1": _y(share), "y2": _y(share), "class": "grid"}))
        chart.append(text_at(LEFT - 6, _y(share) + 4, f"{step * 10}", "tick", "end"))
        chart.append(text_at(_x(share), HEIGHT - BOTTOM + 16, f"{share:.1f}", "tick", "middle"))
    chart.append(text_at((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_name, "axis", "middle"))
    side = text_at(0, 0, f"{y_name} (%)", "axis", "middle")
    side.set("transform", f"translate(11 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)")
    chart.append(side)
    return chart


def text_at(x: float, y: float, text: str, kind: str, anchor: str) -> Element:
    """Text in a chart, of a class of the page's style; ``anchor`` is ``start``, ``middle`` or ``end``."""
    return element("text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": kind, "text-anchor": anchor}, text)


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def as_html(root: Element) -> str:
    """The element as HTML, every text escaped."""
    return ElementTree.tostring(root, encoding="unicode", method="html")
