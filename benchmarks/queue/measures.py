"""What is read from a simulation: waits by group, promises kept, customers lost, and the longest overtaking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

from benchmarks.figures import percentile
from benchmarks.queue.days import Arrival, make_days
from benchmarks.queue.orders import OURS, orders, target
from benchmarks.queue.ranges import Ranges, measure_ranges
from benchmarks.queue.serving import Ended, serve
from handoff.contract import Tier
from handoff.domain.queue_order import PriorityWeights, longest_overtaking
from warmline.policy import EscalationPolicy

MINUTE: Final = timedelta(minutes=1)
SEVERE, HIGH_VALUE, ENRAGED, CALM, OTHERS = "severe", "VIP", "enraged", "calm standard", "others"
GROUPS: Final = (SEVERE, HIGH_VALUE, ENRAGED, CALM, OTHERS)
"""A customer is of the first group that fits."""
ENRAGED_FROM: Final = 0.6
CALM_BELOW: Final = 0.3
RANGE_RUNS: Final = 3
RANGE_DAYS: Final = 30
GROWTHS: Final = (0.0, 0.005, -0.01)
"""By how much more, or fewer, customers come each further day."""


@dataclass(frozen=True, slots=True)
class Waits:
    """One group under one order. Times in minutes; who gave up waited until then. Shares run from 0 to 1."""

    order: str
    group: str
    customers: int
    median: float
    p90: float
    worst: float
    in_time: float
    """The share of all of them whom an agent took within the policy's time for the first word."""
    gave_up: float
    overtaken: float
    """The longest overtaking: how much later one came who was served before them."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A run in which our order let somebody be overtaken for longer than its bound."""

    seed: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured. ``bound`` is in minutes, ``days`` those of one seed."""

    policy: str
    seeds: tuple[int, ...]
    days: int
    bound: float
    waits: tuple[Waits, ...]
    ranges: tuple[Ranges, ...]
    broken: tuple[Broken, ...]

    def of(self, order: str, group: str) -> Waits:
        """One group under one order."""
        return next(waits for waits in self.waits if (waits.order, waits.group) == (order, group))

    def as_json(self) -> dict[str, Any]:
        """The results for programs."""
        return asdict(self)


def group_of(arrival: Arrival) -> str:
    """The group in which a customer is counted."""
    if arrival.severity <= 2:
        return SEVERE
    if arrival.tier is Tier.VIP:
        return HIGH_VALUE
    if arrival.frustration >= ENRAGED_FROM:
        return ENRAGED
    return CALM if arrival.tier is Tier.STANDARD and arrival.frustration < CALM_BELOW else OTHERS


def measure(
    policy: EscalationPolicy,
    weights: PriorityWeights,
    seeds: Sequence[int],
    days: int,
    tell: Callable[[str], None] = lambda _: None,
    *,
    ranges: bool = True,
) -> Results:
    """Serve the same days in each order; ``tell`` is told how far it is. ``ranges``: the ranges of waits as well."""
    bound = min(longest_overtaking(weights), policy.priority.overtaken_at_most)
    compared = orders(policy, weights)
    ended: dict[str, list[Ended]] = {name: [] for name in compared}
    broken = []
    for seed in seeds:
        tell(f"run {seed}")
        made = make_days(seed, days)
        for name, order in compared.items():
            of_seed = [one for day in made for one in serve(day, order)]
            ended[name] += of_seed
            longest = max(one.overtaken_by for one in of_seed)
            if name == OURS and longest > bound:
                broken.append(Broken(seed, longest / MINUTE))
    waits = tuple(
        waits_of(policy, name, group, [one for one in found if group_of(one.arrival) == group])
        for group in GROUPS
        for name, found in ended.items()
    )
    told = []
    for growth in GROWTHS if ranges else ():
        tell("ranges of the wait")
        told.append(measure_ranges(compared[OURS], seeds[:RANGE_RUNS], RANGE_DAYS, growth))
    return Results(policy.version, tuple(seeds), days, bound / MINUTE, waits, tuple(told), tuple(broken))


def waits_of(policy: EscalationPolicy, order: str, group: str, ended: Sequence[Ended]) -> Waits:
    """The figures of these customers. Raises ``ValueError`` where there are none."""
    minutes = [one.waited / MINUTE for one in ended]
    return Waits(
        order=order,
        group=group,
        customers=len(ended),
        median=percentile(minutes, 0.5),
        p90=percentile(minutes, 0.9),
        worst=max(minutes),
        in_time=_share(one.served and one.waited <= target(policy, one.arrival) for one in ended),
        gave_up=_share(not one.served for one in ended),
        overtaken=max(one.overtaken_by for one in ended) / MINUTE,
    )


def _share(told: Iterable[bool]) -> float:
    found = list(told)
    return sum(found) / len(found)
