"""What a run found: plain data that goes into the JSON file and onto the terminal."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from benchmarks.escalation.outcomes import HandoffFigures, Outcome, TriggerFigures
from benchmarks.report import machine

REPORT_VERSION: Final = 1


@dataclass(frozen=True)
class Figure:
    """One measured figure beside VADER's in the same run, what is known of others, and the limit to reach, if any."""

    set: str
    name: str
    measured: float
    vader: float | None = None
    known: str = ""
    limit: float | None = None
    at_most: bool = False
    unit: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the limit is reached; None where there is none."""
        if self.limit is None:
            return None
        return self.measured <= self.limit if self.at_most else self.measured >= self.limit


@dataclass
class Report:
    """Everything that was measured; what was left out is told in the notes."""

    notes: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    handoffs: list[HandoffFigures] = field(default_factory=list)
    triggers: list[TriggerFigures] = field(default_factory=list)
    development: list[Outcome] = field(default_factory=list)
    """The outcomes of the development part, for those who tune; those of the test part stay unread."""

    def as_json(self) -> dict[str, Any]:
        """The report as JSON data, in the shape that docs/benchmarks.md describes."""
        return {
            "version": REPORT_VERSION,
            "machine": machine(),
            "notes": list(self.notes),
            "figures": [{**asdict(figure), "met": figure.met} for figure in self.figures],
            "dialogues": [asdict(figures) for figures in self.handoffs],
            "triggers": [asdict(figures) for figures in self.triggers],
        }
