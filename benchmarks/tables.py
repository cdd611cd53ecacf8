"""The report on the terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.figures import Latency, Target
from benchmarks.report import Report, machine
from benchmarks.terminal import figure_table

PROCESSES: Final = ("handoff", "rasa", "actions", "together", "client")


def print_report(report: Report, console: Console) -> None:
    """Print everything that was measured."""
    about = machine()
    load = ", ".join(f"{value:.1f}" for value in about["load_average"])
    console.print(f"\n{about['cores']} cores, {about['system']}; load average {load}\n")
    for table in (_turns(report), _work(report), _depths(report), _handoffs(report), _memory(report), _targets(report)):
        if table.row_count:
            console.print(table)
            console.print()
    for note in report.notes:
        console.print(f"[yellow]Note:[/yellow] {escape(note)}", soft_wrap=True)


def _ms(value: float) -> str:
    return f"{value:.1f}"


def _spread(latency: Latency) -> tuple[str, str, str]:
    return _ms(latency.median_ms), _ms(latency.p95_ms), str(latency.count)


def _turns(report: Report) -> Table:
    table = figure_table(
        "A customer's turn, sent to answered (milliseconds)",
        *("system", "at once", "median", "p95", "turns", "turns/s", "as meant", "left"),
    )
    for row in report.at_once():
        table.add_row(
            row.system,
            str(row.conversations),
            *_spread(row.latency),
            _ms(row.turns_per_second),
            f"{row.as_meant_share:.0%}",
            str(len(row.left)),
        )
    return table


def _work(report: Report) -> Table:
    table = figure_table(
        "Processor time a turn (milliseconds; client: share of a core)", "system", "at once", *PROCESSES
    )
    for row in report.at_once():
        cpu = row.server_cpu_ms_per_turn
        figures = [_ms(cpu[name]) if name in cpu else "" for name in PROCESSES[:-2]]
        table.add_row(
            row.system, str(row.conversations), *figures, _ms(sum(cpu.values())), f"{row.client_cpu_share:.0%}"
        )
    return table


def _depths(report: Report) -> Table:
    table = figure_table("One long conversation (milliseconds)", "system", "turn", "median", "p95", "turns")
    for row in report.at_depth():
        table.add_row(row.system, str(row.turn), *_spread(row.latency))
    return table


def _handoffs(report: Report) -> Table:
    times = report.handoff_times()
    table = figure_table("Handoff (milliseconds)", "from, to", "median", "p95", "handoffs")
    if times is None:
        return table
    table.title = f"Handoff, {times.agents} agents connected (milliseconds)"
    table.add_row("person asked for, to the last serving agent's socket", *_spread(times.from_person))
    table.add_row("case opened, to the last serving agent's socket", *_spread(times.from_case))
    if times.in_browser:
        table.add_row("person asked for, to drawn in Chromium's desk", *_spread(times.in_browser))
    return table


def _memory(report: Report) -> Table:
    table = figure_table("Memory after the run (resident, MB)", "system", "process", "MB", words=2)
    for system, processes in report.memory_mb.items():
        for name, megabytes in processes.items():
            table.add_row(system, name, f"{megabytes:.0f}")
        if len(processes) > 1:
            table.add_row(system, "together", f"{sum(processes.values()):.0f}")
    return table


def _targets(report: Report) -> Table:
    table = figure_table("Targets", "what", "measured", "target", "")
    for target in report.targets():
        verdict = "[green]met[/green]" if target.met else "[red]missed[/red]"
        table.add_row(target.name, _figure(target, target.measured), _limit(target), verdict)
    return table


def _figure(target: Target, value: float) -> str:
    return f"{value:.1f} {target.unit}" if target.unit else f"{value:.2f}"


def _limit(target: Target) -> str:
    return f"{'at most' if target.at_most else 'at least'} {_figure(target, target.limit)}"
