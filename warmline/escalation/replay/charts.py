"""The pictures of the replay report: handoffs against staffing hour by hour, and by reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Final
from xml.etree.ElementTree import Element

from warmline.content.charts import element, text_at
from warmline.escalation.replay.summary import Figure, Hour

WIDTH: Final = 940
HEIGHT: Final = 330
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 24, 48
STEPS: Final = 5
MOST_CAPACITY: Final = 3.0
"""A capacity of more than so many times the most handoffs is cut off, or the bars could not be seen."""
ROW: Final = 46
NAMES: Final = 190
ROOM_FOR_NUMBERS: Final = 90


def hours_chart(hours: Sequence[Hour]) -> Element:
    """Handoffs on an average day, hour by hour, under both policies; the line is what the people there can take."""
    most = max((max(h.handoffs.as_decided, h.handoffs.other + h.handoffs.not_known) for h in hours), default=0.0)
    capacities = [hour.capacity for hour in hours if hour.capacity is not None]
    top = _round_up(max(most, min(max(capacities, default=0.0), MOST_CAPACITY * most)) or 1.0)
    chart = element("svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img"})
    chart.append(element("title", None, "Handoffs an hour on an average day, against what the people there can take"))
    for step in range(STEPS + 1):
        value = top * step / STEPS
        at = _y(value, top)
        chart.append(element("line", {"x1": LEFT, "x2": WIDTH - RIGHT, "y1": at, "y2": at, "class": "grid"}))
        chart.append(text_at(LEFT - 8, at + 4, f"{value:g}", "tick", "end"))
    for hour in hours:
        left, wide = _x(hour.hour), _x(1) - _x(0)
        told = _told(hour)
        bar = wide * 0.36
        chart.append(_bar(left + wide * 0.1, bar, 0.0, hour.handoffs.as_decided, top, "was", told))
        chart.append(_bar(left + wide * 0.54, bar, 0.0, hour.handoffs.other, top, "other", told))
        both = hour.handoffs.other + hour.handoffs.not_known
        chart.append(_bar(left + wide * 0.54, bar, hour.handoffs.other, both, top, "open", told))
        chart.append(text_at(left + wide / 2, HEIGHT - BOTTOM + 16, f"{hour.hour}", "tick", "middle"))
    if capacities:
        chart.append(element("polyline", {"points": _steps(hours, top), "class": "capacity"}))
        if max(capacities) > top:
            chart.append(text_at(WIDTH - RIGHT, TOP - 8, f"up to {max(capacities):g} can be taken", "tick", "end"))
    chart.append(text_at((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "hour of the day", "axis", "middle"))
    side = text_at(0, 0, "handoffs an hour", "axis", "middle")
    side.set("transform", f"translate(13 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)")
    chart.append(side)
    return chart


def reasons_chart(reasons: Mapping[str, Figure]) -> Element:
    """Handoffs by their reason under both policies."""
    most = max((max(f.as_decided, f.other + f.not_known) for f in reasons.values()), default=1.0) or 1.0
    height = ROW * len(reasons) + 8
    chart = element("svg", {"viewBox": f"0 0 {WIDTH} {height}", "role": "img"})
    chart.append(element("title", None, "Handoffs by reason, as decided and under the other policy"))
    room = WIDTH - NAMES - ROOM_FOR_NUMBERS
    for row, (name, figure) in enumerate(reasons.items()):
        top = row * ROW + 6
        chart.append(text_at(NAMES - 10, top + 22, name.replace("_", " "), "label", "end"))
        for place, kind, value, more in (
            (0, "was", figure.as_decided, 0.0),
            (1, "other", figure.other, figure.not_known),
        ):
            y = top + place * 17
            wide, open_end = room * value / most, room * more / most
            chart.append(_rect(NAMES, y, wide, 14, kind))
            chart.append(_rect(NAMES + wide, y, open_end, 14, "open"))
            said = f"{value:g}" + (f" to {value + more:g}" if more else "")
            chart.append(text_at(NAMES + wide + open_end + 6, y + 11, said, "count", "start"))
    return chart


def _told(hour: Hour) -> str:
    figure = hour.handoffs
    said = f"{hour.hour}:00: {figure.as_decided:.2f} as decided, {figure.other:.2f} under the other policy"
    said += f", {figure.not_known:.2f} more not known" if figure.not_known else ""
    return said + (f"; {hour.capacity:.1f} can be taken" if hour.capacity is not None else "")


def _bar(x: float, width: float, low: float, high: float, top: float, kind: str, told: str) -> Element:
    bar = _rect(x, _y(high, top), width, _y(low, top) - _y(high, top), kind)
    bar.append(element("title", None, told))
    return bar


def _rect(x: float, y: float, width: float, height: float, kind: str) -> Element:
    size = {"width": f"{max(width, 0):.1f}", "height": f"{max(height, 0):.1f}"}
    return element("rect", {"x": f"{x:.1f}", "y": f"{y:.1f}", **size, "class": kind, "rx": 2})


def _steps(hours: Sequence[Hour], top: float) -> str:
    points = []
    for hour in hours:
        at = _y(min(hour.capacity or 0.0, top), top)
        points += [f"{_x(hour.hour):.1f},{at:.1f}", f"{_x(hour.hour + 1):.1f},{at:.1f}"]
    return " ".join(points)


def _round_up(value: float) -> float:
    """Return the next number that divides into readable steps."""
    for power in range(-4, 8):
        for digit in (1, 2, 2.5, 3, 4, 5, 8):
            step = digit * 10.0**power
            if step * STEPS >= value:
                return step * STEPS
    return float(ceil(value))


def _x(hour: float) -> float:
    return LEFT + hour / 24 * (WIDTH - LEFT - RIGHT)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)
