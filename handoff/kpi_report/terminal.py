"""The report in a terminal: tables, and a small chart of the trend beside each figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from handoff.command import on_one_line
from handoff.domain.kpis.registry import KPIS, Unit
from handoff.domain.kpis.report import Line, Report
from handoff.kpi_report.page import BY_PLACE, with_figures
from handoff.kpi_report.words import basis_told, change_told, figure_told, target_told

LEVELS: Final = "▁▂▃▄▅▆▇█"
MOST_COLUMNS: Final = 31
BAR: Final = 24
STYLES: Final = {"better": "green", "worse": "red", "same": "dim"}


def print_report(report: Report, places: Mapping[str, Report], labels: Mapping[str, str], *, out: Console) -> None:
    """Print it; names of people and queues cannot style the terminal."""
    days, before = report.period, report.before
    out.print(
        f"KPIs from {days.first} to {days.last} ({report.zone}), beside {before.first} to {before.last}", style="bold"
    )
    if report.not_added_up:
        out.print(f"{report.not_added_up} days are not added up yet", style="yellow")
    table = Table("KPI", "Figure", "Of", "Against before", "Target", box=None, pad_edge=False)
    table.add_column("Trend", no_wrap=True, min_width=min(MOST_COLUMNS, len(report.lines[0].trend)))
    for line in report.lines:
        if line.kpi.unit is not Unit.COUNTS:
            change, kind = change_told(line)
            table.add_row(
                line.kpi.title,
                Text(figure_told(line.kpi, line.now), "bold"),
                Text(basis_told(line.kpi, line.now), "dim"),
                Text(change, STYLES[kind]),
                _target(line),
                Text(sparkline([figure.value for _, figure in line.trend]), "cyan"),
            )
    out.print(table)
    for line in report.lines:
        if line.kpi.unit is Unit.COUNTS and line.now.parts:
            _print_parts(line, labels, out)
    for heading, by_place in places.items():
        if by_place.parts:
            _print_places(heading, by_place, out)


def sparkline(values: Sequence[float | None]) -> str:
    """One character for each value, as high as it is; a gap where there is none, and the newest where they are many."""
    shown = values[-MOST_COLUMNS:]
    known = [value for value in shown if value is not None]
    low, high = min([*known, 0.0]), max([*known, 0.0])
    room = (high - low) or 1.0
    return "".join(
        " " if value is None else LEVELS[min(len(LEVELS) - 1, int((value - low) / room * len(LEVELS)))]
        for value in shown
    )


def _target(line: Line) -> Text:
    told = target_told(line.kpi, line.now)
    return Text(told.removeprefix("target "), "red" if told.endswith("missed") else "dim")


def _print_parts(line: Line, labels: Mapping[str, str], out: Console) -> None:
    out.print()
    out.print(line.kpi.title, style="bold")
    most = line.now.parts[0][1]
    table = Table(box=None, show_header=False, pad_edge=False)
    for code, count in line.now.parts:
        bar = "█" * max(1, round(BAR * count / most))
        table.add_row(Text(on_one_line(labels.get(code, code))), Text(bar, "cyan"), str(count))
    out.print(table)


def _print_places(heading: str, report: Report, out: Console) -> None:
    out.print()
    table = Table(heading, *(KPIS[name].title for name in BY_PLACE), box=None, pad_edge=False)
    for part in with_figures(report):
        told = [figure_told(KPIS[name], part.figures[name]) for name in BY_PLACE]
        table.add_row(Text(on_one_line(part.label)), *told)
    out.print(table)
