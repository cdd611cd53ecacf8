"""What was measured, as tables on the terminal and as JSON, with the targets beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from rich.console import Console

from benchmarks.cases.live import Heard
from benchmarks.figures import Latency, Target
from benchmarks.terminal import figure_table

LIMITS_MS: Final = {"accept": 20.0, "board": 50.0, "kpis": 1000.0}
"""95th percentiles with the most closed cases."""
GROWTH: Final = 1.5
"""How much longer anything may take with the most closed cases than with the fewest."""
ARRIVAL_MS: Final = 150.0


@dataclass
class Results:
    """By engine and number of closed cases; live talk by engine."""

    closed: tuple[int, int]
    open: int
    latencies: dict[tuple[str, int], dict[str, Latency]] = field(default_factory=dict)
    live: dict[str, Heard] = field(default_factory=dict)

    def add(self, engine: str, closed: int, found: dict[str, Latency]) -> None:
        """Keep what was measured."""
        self.latencies[engine, closed] = found

    def engines(self) -> tuple[str, ...]:
        """Those that were measured with both numbers of closed cases; one that was cut short says nothing."""
        measured = dict.fromkeys(engine for engine, _ in self.latencies)
        return tuple(engine for engine in measured if all((engine, closed) in self.latencies for closed in self.closed))

    def growth(self, engine: str, name: str) -> float:
        """How many times longer the 95th percentile is with the most closed cases than with the fewest."""
        few, many = (self.latencies[engine, closed][name].p95_ms for closed in self.closed)
        return many / few

    def targets(self) -> tuple[Target, ...]:
        """Everything that is held against a target."""
        found = []
        for engine in self.engines():
            many = self.latencies[engine, self.closed[1]]
            for name, limit in LIMITS_MS.items():
                if name in many:
                    found.append(Target(f"{engine}: {name}, p95", many[name].p95_ms, limit, True, "ms"))
            found += [
                Target(f"{engine}: {name}, growth", self.growth(engine, name), GROWTH, True, "x") for name in many
            ]
            if engine in self.live:
                arrival = Latency.of(self.live[engine].seconds).p95_ms
                found.append(Target(f"{engine}: a message arrives, p95", arrival, ARRIVAL_MS, True, "ms"))
                lost = self.live[engine].missing + self.live[engine].doubled + self.live[engine].out_of_order
                found.append(Target(f"{engine}: messages lost, doubled or out of order", lost, 0, True))
        return tuple(found)

    def as_json(self) -> dict[str, Any]:
        """For a program."""
        return {
            "open": self.open,
            "steps": [
                {"engine": engine, "closed": closed, "step": name, **asdict(latency)}
                for (engine, closed), found in self.latencies.items()
                for name, latency in found.items()
            ],
            "live": {
                engine: {
                    "sent": heard.sent,
                    "missing": heard.missing,
                    "doubled": heard.doubled,
                    "out_of_order": heard.out_of_order,
                    "service_cpu_seconds": heard.service_cpu,
                    "clients_cpu_seconds": heard.clients_cpu,
                    **asdict(Latency.of(heard.seconds)),
                }
                for engine, heard in self.live.items()
            },
            "targets": [{**asdict(target), "met": target.met} for target in self.targets()],
        }


def print_results(results: Results, console: Console) -> None:
    """Print one table of latencies for each engine, and the targets."""
    few, many = results.closed
    for engine in results.engines():
        title = f"{engine}: {results.open:,} open cases, {few:,} and {many:,} closed ones, ms"
        table = figure_table(title, "step", "few: median", "p95", "many: median", "p95", "grows")
        for name, late in results.latencies[engine, many].items():
            early = results.latencies[engine, few][name]
            figures = (early.median_ms, early.p95_ms, late.median_ms, late.p95_ms)
            table.add_row(name, *(f"{ms:.1f}" for ms in figures), f"{results.growth(engine, name):.2f} x")
        console.print(table)
    for engine, heard in results.live.items():
        latency = Latency.of(heard.seconds)
        times = f"median {latency.median_ms:.0f} ms, p95 {latency.p95_ms:.0f} ms"
        lost = f"{heard.missing} lost, {heard.doubled} doubled, {heard.out_of_order} not in order"
        console.print(f"{engine}: {heard.sent:,} messages of 500 conversations and 50 agents: {times}; {lost}")
        words = len(heard.seconds)
        used = f"service {heard.service_cpu / words * 1000:.1f} ms, clients {heard.clients_cpu / words * 1000:.1f} ms"
        console.print(f"{engine}: processor time a message: {used}")
    table = figure_table("Targets", "what", "measured", "target", "met")
    for target in results.targets():
        table.add_row(
            target.name, f"{target.measured:.2f} {target.unit}", f"{target.limit:g}", "yes" if target.met else "no"
        )
    console.print(table)
