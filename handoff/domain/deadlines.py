"""What happens to a case by itself, and when (P7, P24): deadlines near and missed, stalled cases, silent customers.

Each deadline is a moment that follows from the case, its clock and the policy's rules. What has happened is marked on
the case with the due time that it belonged to: a due time that moves is a new deadline, for which no old mark counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from handoff.domain.cases import Case, CaseStatus
from handoff.domain.sla import SlaClock, is_paused


class Target(StrEnum):
    """What was promised or is measured, and can be near or missed."""

    FIRST_RESPONSE = "first_response"
    NEXT_UPDATE = "next_update"
    RESOLUTION = "resolution"


class Deadline(StrEnum):
    """What can happen to a case by itself."""

    FIRST_RESPONSE_NEAR = "first_response_near"
    FIRST_RESPONSE_MISSED = "first_response_missed"
    NEXT_UPDATE_NEAR = "next_update_near"
    NEXT_UPDATE_MISSED = "next_update_missed"
    RESOLUTION_NEAR = "resolution_near"
    RESOLUTION_MISSED = "resolution_missed"
    STALLED = "stalled"
    CUSTOMER_REMINDER = "customer_reminder"
    CUSTOMER_SILENT = "customer_silent"

    @property
    def target(self) -> Target | None:
        """The target that is near or missed; None for what is no target."""
        name = self.removesuffix("_near").removesuffix("_missed")
        return Target(name) if name != self else None

    @property
    def is_near(self) -> bool:
        """Whether it warns before a target is missed."""
        return self.endswith("_near")

    @property
    def is_missed(self) -> bool:
        """Whether a target was missed."""
        return self.endswith("_missed")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the policy says for one case. ``near`` is how much open time is left, the spans of silence are by the wall
    clock: customers have no business hours."""

    near: dict[Target, timedelta]
    stalled_after: timedelta
    remind_after: timedelta
    close_after: timedelta


@dataclass(frozen=True, slots=True)
class Due:
    """``what`` happens once ``at`` is past; ``due_at`` is the due time that it belongs to."""

    at: datetime
    what: Deadline
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """``what`` has happened at ``done_at`` for the due time ``due_at``; kept on the case as text."""

    what: Deadline
    due_at: datetime
    done_at: datetime

    def __str__(self) -> str:
        return f"{self.what} {self.due_at.isoformat()} {self.done_at.isoformat()}"

    @classmethod
    def read(cls, text: str) -> Mark:
        """Raises ``ValueError`` for a text that is no mark."""
        what, due_at, done_at = text.split(" ")
        return cls(Deadline(what), datetime.fromisoformat(due_at), datetime.fromisoformat(done_at))


_ORDER: Final = {what: place for place, what in enumerate(Deadline)}


def upcoming(case: Case, clock: SlaClock, rules: Rules) -> tuple[Due, ...]:
    """What will still happen by itself if nobody does anything, the soonest first."""
    marks = {(mark.what, mark.due_at) for mark in map(Mark.read, case.deadline_marks)}
    found = (due for due in _all(case, clock, rules) if (due.what, due.due_at) not in marks)
    return tuple(sorted(found, key=lambda due: (due.at, _ORDER[due.what])))


def overdue(case: Case, clock: SlaClock, rules: Rules, now: datetime) -> tuple[Due, ...]:
    """What is to happen now, in the order of its time. A word exactly at its due time is still in time."""
    return tuple(due for due in upcoming(case, clock, rules) if due.at < now)


def gravest(due: Sequence[Due]) -> Due:
    """Of several at once, as after an outage, the one to tell of: a missed target before a stall before a warning."""
    return max(due, key=lambda one: (one.what.is_missed, not one.what.is_near, one.at))


def marks_after(before: Case | None, after: Case, clock: SlaClock, rules: Rules, now: datetime) -> tuple[str, ...]:
    """The marks that still count after a step: those whose due time stands.

    A target that was set nearer than the rules warn is not announced as near: who sets it knows.
    """
    standing = {(due.what, due.due_at): due.at for due in _all(after, clock, rules)}
    marks = [mark for mark in map(Mark.read, after.deadline_marks) if (mark.what, mark.due_at) in standing]
    known = {(mark.what, mark.due_at) for mark in marks}
    dues_before = set(running_targets(before).values()) if before is not None else set()
    marks += [
        Mark(what, due_at, now)
        for (what, due_at), at in standing.items()
        if what.is_near and at <= now and due_at not in dues_before and (what, due_at) not in known
    ]
    return tuple(map(str, marks))


def marked(case: Case, due: Due, now: datetime) -> tuple[str, ...]:
    """The case's marks with this one more."""
    return (*case.deadline_marks, str(Mark(due.what, due.due_at, now)))


def running_targets(case: Case) -> dict[Target, datetime]:
    """The targets that run now, with when each is due; a promise that is the first response's is not counted twice."""
    if case.status is CaseStatus.CLOSED or is_paused(case):
        return {}
    found = {Target.RESOLUTION: case.targets.resolution_due}
    if case.first_response_at is None:
        found[Target.FIRST_RESPONSE] = case.targets.first_response_due
    if case.first_response_at is not None or case.targets.next_update_due != case.targets.first_response_due:
        found[Target.NEXT_UPDATE] = case.targets.next_update_due
    return found


def _all(case: Case, clock: SlaClock, rules: Rules) -> Iterator[Due]:
    if is_paused(case):
        yield from _silence(case, rules)
        return
    for target, due_at in running_targets(case).items():
        yield Due(clock.before(due_at, rules.near[target]), Deadline(f"{target}_near"), due_at)
        yield Due(due_at, Deadline(f"{target}_missed"), due_at)
    if case.status is not CaseStatus.CLOSED:
        yield from _stalls(case, clock, rules)


def _stalls(case: Case, clock: SlaClock, rules: Rules) -> Iterator[Due]:
    """A case without a word is told of again and again: none is forgotten, in its queue or in somebody's hands."""
    since = case.in_hand_since or case.queued_at
    stalled_at = clock.after(max(since, case.last_agent_word_at or since), rules.stalled_after)
    yield Due(stalled_at, Deadline.STALLED, stalled_at)
    done = {mark.due_at: mark.done_at for mark in map(Mark.read, case.deadline_marks) if mark.what is Deadline.STALLED}
    while stalled_at in done:
        stalled_at = clock.after(done[stalled_at], rules.stalled_after)
        yield Due(stalled_at, Deadline.STALLED, stalled_at)


def _silence(case: Case, rules: Rules) -> Iterator[Due]:
    """A customer is reminded once and then has as long to answer as the rules say, however late the reminder came."""
    asked = max(moment for moment in (case.waiting_since, case.last_agent_word_at) if moment is not None)
    remind_at = asked + rules.remind_after
    yield Due(remind_at, Deadline.CUSTOMER_REMINDER, remind_at)
    for mark in map(Mark.read, case.deadline_marks):
        if (mark.what, mark.due_at) == (Deadline.CUSTOMER_REMINDER, remind_at):
            close_at = max(asked + rules.close_after, mark.done_at + rules.close_after - rules.remind_after)
            yield Due(close_at, Deadline.CUSTOMER_SILENT, close_at)
