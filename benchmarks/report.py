"""What a run found: plain data that goes into the JSON file and onto the terminal."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from benchmarks.figures import Latency, Load, Target
from benchmarks.handoffs import Handoffs
from benchmarks.turns import Sample

REPORT_VERSION: Final = 1
OURS: Final = "Warmline"
STOCK: Final = "stock Rasa"

MOST_OF_STOCK_MEDIAN: Final = 1 / 3
MOST_GROWTH: Final = 1.2
LEAST_TIMES_STOCK_RATE: Final = 3.0
MOST_HANDOFF_MS: Final = 100.0
EARLY_TURN, LATE_TURN = 5, 500
BUSY: Final = 32


@dataclass(frozen=True)
class AtOnce:
    """Turns of many short conversations at once."""

    system: str
    conversations: int
    latency: Latency
    turns_per_second: float
    client_cpu_share: float
    server_cpu_ms_per_turn: dict[str, float]
    as_meant_share: float
    left: tuple[str, ...]
    """What was said last where the assistant handed over; such a conversation ends there."""


@dataclass(frozen=True)
class AtDepth:
    """Turns around a place in one conversation."""

    system: str
    turn: int
    latency: Latency


@dataclass(frozen=True)
class HandoffTimes:
    """From a customer's wish for a person to the agents' screens."""

    agents: int
    from_person: Latency
    from_case: Latency
    in_browser: Latency | None


@dataclass
class Report:
    """Everything that was measured; what a run did not get to is missing from it."""

    quick: bool
    notes: list[str] = field(default_factory=list)
    samples: dict[tuple[str, int], Sample] = field(default_factory=dict)
    depths: dict[tuple[str, int], Sample] = field(default_factory=dict)
    handoffs: Handoffs | None = None
    browser: Handoffs | None = None
    memory_mb: dict[str, dict[str, float]] = field(default_factory=dict)

    def add_at_once(self, system: str, conversations: int, sample: Sample) -> None:
        """Take in a block of short conversations."""
        self.samples.setdefault((system, conversations), Sample()).add(sample)

    def add_at_depth(self, system: str, samples: Mapping[int, Sample]) -> None:
        """Take in the windows of long conversations."""
        for turn, sample in samples.items():
            self.depths.setdefault((system, turn), Sample()).add(sample)

    def at_once(self) -> tuple[AtOnce, ...]:
        """The short conversations, by number at once, then by system."""
        return tuple(
            _at_once(system, conversations, sample, sample.load)
            for (system, conversations), sample in sorted(self.samples.items(), key=_by_number)
            if sample.seconds and sample.load is not None
        )

    def at_depth(self) -> tuple[AtDepth, ...]:
        """The long conversations, by turn, then by system."""
        return tuple(
            AtDepth(system, turn, Latency.of(sample.seconds))
            for (system, turn), sample in sorted(self.depths.items(), key=_by_number)
            if sample.seconds
        )

    def handoff_times(self) -> HandoffTimes | None:
        """The handoffs, if any were measured."""
        if self.handoffs is None or not self.handoffs.from_person:
            return None
        drawn = self.browser.on_screen if self.browser else []
        return HandoffTimes(
            self.handoffs.agents,
            Latency.of(self.handoffs.from_person),
            Latency.of(self.handoffs.from_case),
            Latency.of(drawn) if drawn else None,
        )

    def targets(self) -> tuple[Target, ...]:
        """The targets whose figures were measured."""
        once = {(row.system, row.conversations): row for row in self.at_once()}
        depth = {(row.system, row.turn): row.latency.median_ms for row in self.at_depth()}
        found: list[Target] = []
        ours, stock = once.get((OURS, 1)), once.get((STOCK, 1))
        if ours and stock:
            share = ours.latency.median_ms / stock.latency.median_ms
            found.append(Target("median turn, share of stock Rasa's", share, MOST_OF_STOCK_MEDIAN, at_most=True))
        if (OURS, EARLY_TURN) in depth and (OURS, LATE_TURN) in depth:
            growth = depth[OURS, LATE_TURN] / depth[OURS, EARLY_TURN]
            found.append(Target(f"turn {LATE_TURN} against turn {EARLY_TURN}", growth, MOST_GROWTH, at_most=True))
        ours, stock = once.get((OURS, BUSY)), once.get((STOCK, BUSY))
        if ours and stock:
            rate = ours.turns_per_second / stock.turns_per_second
            name = f"turns a second at {BUSY} conversations, times stock Rasa's"
            found.append(Target(name, rate, LEAST_TIMES_STOCK_RATE, at_most=False))
        handoffs = self.handoff_times()
        if handoffs:
            p95 = handoffs.from_person.p95_ms
            found.append(Target("handoff to the agents' screens, p95", p95, MOST_HANDOFF_MS, at_most=True, unit="ms"))
        return tuple(found)

    def as_json(self) -> dict[str, Any]:
        """The report as JSON data, in the shape that docs/benchmarks.md describes."""
        handoffs = self.handoff_times()
        return {
            "version": REPORT_VERSION,
            "quick": self.quick,
            "machine": machine(),
            "notes": list(self.notes),
            "turns": [asdict(row) for row in self.at_once()],
            "long_conversation": [asdict(row) for row in self.at_depth()],
            "handoff": asdict(handoffs) if handoffs else None,
            "memory_mb": self.memory_mb,
            "targets": [{**asdict(target), "met": target.met} for target in self.targets()],
        }


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_average": [round(x, 2) for x in os.getloadavg()],
    }


def _by_number(item: tuple[tuple[str, int], Sample]) -> tuple[int, bool]:
    (system, number), _ = item
    return number, system != OURS


def _at_once(system: str, conversations: int, sample: Sample, load: Load) -> AtOnce:
    return AtOnce(
        system=system,
        conversations=conversations,
        latency=Latency.of(sample.seconds),
        turns_per_second=load.turns_per_second,
        client_cpu_share=load.client_cpu_share,
        server_cpu_ms_per_turn=load.server_cpu_ms_per_turn(),
        as_meant_share=sample.as_meant / len(sample.seconds),
        left=tuple(sample.left),
    )
