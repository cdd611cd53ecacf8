"""Figures in words: units, changes against the period before, targets."""

from __future__ import annotations

from typing import Final

from handoff.domain.kpis.figures import Figure, is_on_target
from handoff.domain.kpis.registry import Better, Kpi, Unit
from handoff.domain.kpis.report import Line

NOTHING: Final = "–"
AS_GOOD_AS_BEFORE: Final = 0.005
"""A change of less than half a hundredth of the figure before is none."""


def value_told(kpi: Kpi, value: float | None) -> str:
    """A value with its unit."""
    if value is None:
        return NOTHING
    if kpi.unit is Unit.SHARE:
        return f"{value * 100:.1f} %"
    if kpi.unit is Unit.SECONDS:
        return span_told(value)
    return f"{value:+.0f}" if kpi.unit is Unit.POINTS else f"{value:.1f}"


def span_told(seconds: float) -> str:
    """A span in the unit in which people would say it."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 72 * 3600 else f"{seconds / 86400:.1f} days"


def figure_told(kpi: Kpi, figure: Figure) -> str:
    """A figure in a cell of a table: its value, or how many were counted."""
    return str(figure.denominator) if kpi.unit is Unit.COUNTS else value_told(kpi, figure.value)


def basis_told(kpi: Kpi, figure: Figure) -> str:
    """Of how many it is, and for a span the 90th percentile."""
    if kpi.unit is Unit.SECONDS:
        return f"90th percentile {value_told(kpi, figure.p90)}, of {figure.denominator:,}"
    if kpi.unit is Unit.COUNTS:
        return f"{figure.denominator:,} in all"
    return f"{figure.numerator:,} of {figure.denominator:,}"


def change_told(line: Line) -> tuple[str, str]:
    """The change against the period before in words, and whether it is ``better``, ``worse`` or ``same``."""
    now, before = line.now.value, line.before.value
    if now is None or before is None:
        return "nothing to compare with", "same"
    change = now - before
    if abs(change) <= abs(before) * AS_GOOD_AS_BEFORE:
        return "as before", "same"
    if line.kpi.unit is Unit.SHARE:
        size = f"{abs(change) * 100:.1f} points"
    elif line.kpi.unit is Unit.SECONDS:
        size = span_told(abs(change))
    else:
        size = f"{abs(change):.1f}"
    said = f"{size} {'more' if change > 0 else 'less'}"
    if line.kpi.better is Better.NEITHER:
        return said, "same"
    is_better = (change > 0) is (line.kpi.better is Better.HIGHER)
    return f"{said}, {'better' if is_better else 'worse'}", "better" if is_better else "worse"


def target_told(kpi: Kpi, figure: Figure) -> str:
    """The target and whether it is reached; empty where there is none."""
    reached = is_on_target(kpi, figure)
    if kpi.target is None:
        return ""
    limit = "at least" if kpi.better is Better.HIGHER else "at most"
    state = "" if reached is None else ": reached" if reached else ": missed"
    return f"target {limit} {value_told(kpi, kpi.target)}{state}"
