"""The figures that are reported: medians, percentiles, rates, and the targets that they are held against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of ``values`` lie, interpolated between neighbours.

    The definition is R's type 7, which NumPy also uses. Raises ``ValueError`` for no values or another share.
    """
    if not values or not 0 <= share <= 1:
        raise ValueError("a percentile needs values and a share from 0 to 1")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def area_under_curve(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Chance that a positive scores higher than a negative, ties counting half: the area under the ROC curve.

    Raises ``ValueError`` where one of the two is empty.
    """
    if not positive or not negative:
        raise ValueError("an area under the curve needs positives and negatives")
    higher = np.sort(np.array(negative))
    below = np.searchsorted(higher, positive, side="left")
    upto = np.searchsorted(higher, positive, side="right")
    return float((below + upto).sum() / 2 / (len(positive) * len(negative)))


@dataclass(frozen=True)
class Latency:
    """How long something took, in milliseconds."""

    count: int
    median_ms: float
    p95_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        """From single durations in seconds. Raises ``ValueError`` when there are none."""
        return cls(len(seconds), percentile(seconds, 0.5) * 1000, percentile(seconds, 0.95) * 1000)


@dataclass(frozen=True)
class Load:
    """What it cost to run one system for a while, beside the time that the client saw."""

    turns: int
    seconds: float
    client_cpu_seconds: float
    server_cpu_seconds: dict[str, float]
    """By process."""

    @property
    def turns_per_second(self) -> float:
        """Answered turns in each second."""
        return self.turns / self.seconds

    @property
    def client_cpu_share(self) -> float:
        """How much of one processor core the measuring client itself took."""
        return self.client_cpu_seconds / self.seconds

    def server_cpu_ms_per_turn(self) -> dict[str, float]:
        """Processor time for one turn, by process, in milliseconds."""
        return {name: cpu / self.turns * 1000 for name, cpu in self.server_cpu_seconds.items()}

    def plus(self, other: Load) -> Load:
        """Both together."""
        names = self.server_cpu_seconds.keys() | other.server_cpu_seconds.keys()
        return Load(
            self.turns + other.turns,
            self.seconds + other.seconds,
            self.client_cpu_seconds + other.client_cpu_seconds,
            {n: self.server_cpu_seconds.get(n, 0.0) + other.server_cpu_seconds.get(n, 0.0) for n in sorted(names)},
        )


@dataclass(frozen=True)
class Target:
    """A measured figure and what it should be. ``at_most`` says on which side of ``limit`` it should lie."""

    name: str
    measured: float
    limit: float
    at_most: bool
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the figure lies on the right side; the limit itself does."""
        return self.measured <= self.limit if self.at_most else self.measured >= self.limit
