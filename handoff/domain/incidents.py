"""Incidents: several customers with the same problem, noticed by meaning and category (P14). Pure.

A case that has just been opened is compared with those of its queue within the window. Those that sound like it make
an incident once the customers are enough, and more than usual. A lead confirms or dismisses it; a confirmed one is told
to the next customers who have it and to those who wait, and its end to all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import mul
from typing import Final

from handoff.contract import Category
from handoff.domain.errors import WrongState

Vector = tuple[float, ...]
"""A direction of meaning, of length 1."""
USUAL_DAYS: Final = 14
"""How many days tell what is usual for a queue."""


class IncidentStatus(StrEnum):
    """How sure it is, and whether it is over."""

    NOTICED = "noticed"
    """Warmline thinks so; nobody outside is told."""
    CONFIRMED = "confirmed"
    """A lead says so: it is announced."""
    DISMISSED = "dismissed"
    """A lead says that it is none."""
    RESOLVED = "resolved"
    """It is over."""


class IncidentStep(StrEnum):
    """What can happen to an incident."""

    CONFIRM = "confirm"
    CHANGE = "change"
    DISMISS = "dismiss"
    RESOLVE = "resolve"
    LINK = "link"


OPEN: Final = frozenset({IncidentStatus.NOTICED, IncidentStatus.CONFIRMED})
"""While it stands like this, further customers are linked to it."""
TRANSITIONS: Final[dict[tuple[IncidentStatus, IncidentStep], IncidentStatus]] = {
    (IncidentStatus.NOTICED, IncidentStep.CONFIRM): IncidentStatus.CONFIRMED,
    (IncidentStatus.NOTICED, IncidentStep.DISMISS): IncidentStatus.DISMISSED,
    (IncidentStatus.NOTICED, IncidentStep.LINK): IncidentStatus.NOTICED,
    (IncidentStatus.CONFIRMED, IncidentStep.CHANGE): IncidentStatus.CONFIRMED,
    (IncidentStatus.CONFIRMED, IncidentStep.LINK): IncidentStatus.CONFIRMED,
    (IncidentStatus.CONFIRMED, IncidentStep.RESOLVE): IncidentStatus.RESOLVED,
    (IncidentStatus.DISMISSED, IncidentStep.CONFIRM): IncidentStatus.CONFIRMED,
}
"""The whole state machine: what is not here cannot happen."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. ``centre`` is the mean direction of what its first customers wrote, None without any words.

    ``title`` is for colleagues, ``announcement`` what customers are told; neither holds what a customer wrote.
    ``version`` grows at every step.
    """

    id: str
    status: IncidentStatus
    category: Category
    title: str
    announcement: str
    noticed_at: datetime
    version: int = 1
    topic: str | None = None
    centre: Vector | None = None
    resolution: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    resolved_at: datetime | None = None

    def after(self, step: IncidentStep) -> IncidentStatus:
        """The status that ``step`` leads to; raises ``WrongState`` where it cannot happen."""
        status = TRANSITIONS.get((self.status, step))
        if status is None:
            raise WrongState(f"This incident is {self.status}; it cannot be {_DONE[step]} now.", status=self.status)
        return status


_DONE: Final = {
    IncidentStep.CONFIRM: "confirmed",
    IncidentStep.CHANGE: "changed",
    IncidentStep.DISMISS: "dismissed",
    IncidentStep.RESOLVE: "resolved",
    IncidentStep.LINK: "linked",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What one customer came with: their case, and the meaning of what they wrote before it was opened."""

    case_id: str
    conversation_id: str
    customer_id: str
    category: Category
    topic: str | None
    at: datetime
    vector: Vector


@dataclass(frozen=True, slots=True)
class Noticing:
    """From how many customers within how long an incident is noticed (see ``incidents`` in escalation.yml)."""

    customers: int
    within: timedelta
    times_usual: float
    alike_from: float
    belongs_from: float


def alike(one: Vector, other: Vector) -> float:
    """The cosine between two directions, -1 to 1: 1 says the same."""
    return math.fsum(map(mul, one, other))


def centre_of(vectors: Iterable[Vector]) -> Vector:
    """The mean direction. Raises ``ValueError`` without any."""
    rows = list(vectors)
    if not rows:
        raise ValueError("no vectors: there is no centre of nothing")
    sums = [math.fsum(column) for column in zip(*rows, strict=True)]
    length = math.sqrt(math.fsum(value * value for value in sums)) or 1.0
    return tuple(value / length for value in sums)


def usual_count(opened: int, within: timedelta) -> float:
    """How many cases a queue usually gets in such a time, from those ``opened`` over ``USUAL_DAYS``."""
    return opened * (within / timedelta(days=USUAL_DAYS))


def same_problem(
    fresh: Report, recent: Sequence[Report], noticing: Noticing, *, usual: float
) -> tuple[Report, ...] | None:
    """The reports that make an incident together with ``fresh``, oldest first; None where there are too few.

    Those that sound like ``fresh`` give the direction, and what lies in it belongs to it: two customers seldom choose
    the same words, but each comes near to what they all say. Of one customer several reports count once. ``usual`` is
    how many cases this queue gets in such a time otherwise.
    """
    others = [
        other
        for other in recent
        if other.case_id != fresh.case_id
        and other.category is fresh.category
        and timedelta() <= fresh.at - other.at <= noticing.within
    ]
    near = [other for other in others if alike(fresh.vector, other.vector) >= noticing.alike_from]
    centre = centre_of(report.vector for report in (*near, fresh))
    belonging = [report for report in (*others, fresh) if alike(report.vector, centre) >= noticing.belongs_from]
    if fresh not in belonging:
        return None
    found = sorted(belonging, key=lambda report: (report.at, report.case_id))
    customers = len({report.customer_id for report in found})
    if customers < max(noticing.customers, noticing.times_usual * usual):
        return None
    return tuple(found)


def belongs_to(
    vector: Vector, category: Category | None, incidents: Iterable[Incident], *, belongs_from: float
) -> Incident | None:
    """The incident that these words are about, the likeliest of them; None where they are about none.

    Without a category nobody knows where the words belong, and any queue's incident may be meant.
    """
    fitting = [
        (alike(vector, incident.centre), incident)
        for incident in incidents
        if incident.centre is not None and category in (None, incident.category)
    ]
    score, best = max(fitting, key=lambda pair: (pair[0], pair[1].noticed_at), default=(0.0, None))
    return best if score >= belongs_from else None
