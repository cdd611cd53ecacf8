"""A report as CSV, for spreadsheets: one row for each figure, numbers as numbers, nothing that runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from handoff.domain.kpis.figures import Figure
from handoff.domain.kpis.periods import Period
from handoff.domain.kpis.registry import KPIS
from handoff.domain.kpis.report import Report

COLUMNS: Final = (
    "span",
    "first",
    "last",
    "place",
    "kpi",
    "title",
    "unit",
    "part",
    "value",
    "numerator",
    "denominator",
    "p90",
    "mean",
)
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes spreadsheets run a cell as a formula (OWASP, CSV injection)."""
DECIMALS: Final = 6


def report_csv(report: Report) -> str:
    """The report with its trend, the period before and its places, as RFC 4180 has it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in _rows(report):
        writer.writerow([cell(value) for value in row])
    return text.getvalue()


def cell(value: str | float | None) -> str:
    """A cell: text that a spreadsheet would run gets a quote before it, which spreadsheets show as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    return f"{round(value, DECIMALS):g}" if isinstance(value, float) and abs(value) < 1e5 else f"{value:.0f}"


def _rows(report: Report) -> Iterator[list[str | float | None]]:
    for line in report.lines:
        yield from _figure("period", report.period, "", line.now)
        yield from _figure("before", report.before, "", line.before)
        for part, figure in line.trend:
            yield from _figure(report.step, part, "", figure)
    for place in report.parts:
        for figure in place.figures.values():
            yield from _figure("period", report.period, place.label, figure)


def _figure(span: str, days: Period, place: str, figure: Figure) -> Iterator[list[str | float | None]]:
    kpi = KPIS[figure.kpi]
    start = [str(span), days.first.isoformat(), days.last.isoformat(), place, kpi.name, kpi.title, str(figure.unit)]
    numbers = [figure.value, figure.numerator, figure.denominator, figure.p90, figure.mean]
    yield [*start, "", *numbers]
    for code, count in figure.parts:
        share = count / figure.denominator if figure.denominator else None
        yield [*start, code, share, count, figure.denominator, None, None]
