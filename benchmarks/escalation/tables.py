"""The report on the terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.escalation.report import Figure, Report
from benchmarks.terminal import figure_table

VERDICTS: Final = {True: "[green]met[/green]", False: "[red]missed[/red]", None: ""}


def print_report(report: Report, console: Console) -> None:
    """Print everything that was measured."""
    for table in (_figures(report), _dialogues(report), _triggers(report)):
        if table.row_count:
            console.print(table)
            console.print()
    for note in report.notes:
        console.print(f"[yellow]Note:[/yellow] {escape(note)}", soft_wrap=True)


def _figures(report: Report) -> Table:
    table = figure_table("To reach", "set", "figure", "now known", "VADER here", "measured", "to reach", "", words=3)
    for figure in report.figures:
        lexicon = "" if figure.vader is None else _shown(figure, figure.vader)
        measured = _shown(figure, figure.measured)
        table.add_row(figure.set, figure.name, figure.known, lexicon, measured, _limit(figure), VERDICTS[figure.met])
    return table


def _shown(figure: Figure, value: float) -> str:
    return f"{value:.1f} {figure.unit}" if figure.unit else f"{value:.3f}"


def _limit(figure: Figure) -> str:
    if figure.limit is None:
        return ""
    return f"{'at most' if figure.at_most else 'at least'} {_shown(figure, figure.limit)}"


def _dialogues(report: Report) -> Table:
    table = figure_table(
        "Dialogues: when a person takes over (shares in per cent of those that should be handed over)",
        *("set", "counted", "should", "never", "in time", "early", "late", "missed", "false/100", "P", "R", "F1"),
        *("GT-I", "GT-II", "GT-III"),
        words=2,
    )
    for one in report.handoffs:
        shares = (one.in_time, one.too_early, one.late, one.missed, one.false_per_100)
        scores = (one.precision, one.recall, one.f1, *one.golden)
        table.add_row(
            one.set,
            one.counted,
            str(one.should),
            str(one.never),
            *(f"{value:.1f}" for value in shares),
            *(f"{value:.2f}" for value in scores),
        )
    return table


def _triggers(report: Report) -> Table:
    table = figure_table(
        "By kind of trigger (dialogues; a person reached)",
        *("set", "trigger", "dialogues", "in time", "early", "late", "missed", "in time, offers too"),
        words=2,
    )
    for one in report.triggers:
        counts = (one.dialogues, one.in_time, one.too_early, one.late, one.missed, one.in_time_or_offered)
        table.add_row(one.set, one.why, *(str(count) for count in counts))
    return table
