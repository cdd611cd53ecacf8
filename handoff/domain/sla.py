"""The clock of a case: when the customer is to hear, and to be helped, in the open time of its queue (P15, P23).

Spans are those of the policy for category, severity and tier. They run while the queue is open, and stand still only
while the case waits for its customer. Only a word of the owner (``Step.WORD``) answers them: no message of the bot and
no notice does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from handoff.domain.cases import TRANSITIONS, Case, CaseEvent, CaseStatus, Step, Targets, WaitingFor


class OpenTime(Protocol):
    """The hours in which a clock runs; the policy's ``Hours`` are such."""

    def after(self, start: datetime, span: timedelta) -> datetime | None:
        """When so much open time has passed since ``start``; None when that never comes."""

    def before(self, end: datetime, span: timedelta) -> datetime | None:
        """From when on so much open time passes until ``end``; None when that never was."""

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """How much open time passes from ``begin`` to ``end``."""


@dataclass(frozen=True, slots=True)
class Spans:
    """How long each target is, in open time."""

    first_response: timedelta
    next_update: timedelta
    resolution: timedelta


LEAVES_WAITING: Final = frozenset(
    step
    for (status, step), after in TRANSITIONS.items()
    if status is CaseStatus.WAITING and after is not CaseStatus.WAITING
)


def is_paused(case: Case) -> bool:
    """Whether the clocks of a case stand still: while it waits for its customer, and never else."""
    return case.status is CaseStatus.WAITING and case.waiting_for is WaitingFor.CUSTOMER


@dataclass(frozen=True, slots=True)
class SlaClock:
    """The clock of one category, severity and tier."""

    hours: OpenTime
    spans: Spans

    def after(self, start: datetime, span: timedelta) -> datetime:
        """When a span of open time is over. A queue that never opens is counted as if it always were."""
        return self.hours.after(start, span) or start + span

    def before(self, end: datetime, span: timedelta) -> datetime:
        """From when on so much open time is left until ``end``."""
        return self.hours.before(end, span) or end - span

    def opening(self, now: datetime) -> Targets:
        """The targets of a case that begins now. The first response is also the next word that the customer awaits."""
        first = self.after(now, self.spans.first_response)
        return Targets(first, first, self.after(now, self.spans.resolution))

    def moved(self, case: Case, now: datetime) -> Targets:
        """The targets of a case that goes to a queue (again): the next word is promised anew.

        The target of a first response that is still owed never gets later by being moved, only the promise does, of
        which the customer is told. The solution is due as before.
        """
        promised = self.after(now, min(self.spans.first_response, self.spans.next_update))
        first = case.targets.first_response_due
        if case.first_response_at is None:
            first = min(first, promised)
        return replace(case.targets, first_response_due=first, next_update_due=promised)

    def taken_up(self, case: Case, now: datetime) -> Targets:
        """The targets once somebody has the case in hand: a word that is overdue is promised anew, any other stands."""
        if case.targets.next_update_due >= now:
            return case.targets
        promised = self.after(now, min(self.spans.first_response, self.spans.next_update))
        return replace(case.targets, next_update_due=promised)

    def spoken(self, case: Case, now: datetime) -> Targets:
        """The targets after a word of the owner: the next one is due a whole span later, or when it was promised.

        While the case waits for its customer the clock stands where it stood when the wait began.
        """
        next_word = max(self.after(_standing(case, now), self.spans.next_update), case.targets.next_update_due)
        return replace(case.targets, next_update_due=next_word)

    def resumed(self, case: Case, now: datetime) -> Targets:
        """The targets of a case that waited for its customer until now, moved by the open time that passed meanwhile.

        What was due before the wait began stays missed, but for the next word, which is then promised anew.
        """
        since = case.waiting_since if case.waiting_since is not None else now
        word = case.targets.next_update_due
        return replace(
            case.targets,
            next_update_due=self._moved_on(word, since, now)
            if word > since
            else self.after(now, self.spans.next_update),
            resolution_due=self._moved_on(case.targets.resolution_due, since, now),
        )

    def _moved_on(self, due: datetime, since: datetime, now: datetime) -> datetime:
        if due <= since:
            return due
        return max(due, self.after(now, self.hours.between(since, due)))

    def reopened(self, case: Case, now: datetime) -> Targets:
        """The targets of a case that did not work: all of them anew, but for a first response that was given."""
        fresh = self.opening(now)
        promised = self.after(now, min(self.spans.first_response, self.spans.next_update))
        given = case.first_response_at is not None
        first = case.targets.first_response_due if given else fresh.first_response_due
        return replace(fresh, first_response_due=first, next_update_due=promised)

    def regraded(
        self, case: Case, began: datetime, pauses: Iterable[tuple[datetime, datetime]], now: datetime
    ) -> Targets:
        """The targets under another severity, which is this clock's.

        The solution is due as if the case had had this severity since it ``began`` (opened, or reopened last), without
        the ``pauses`` since. What the customer was promised comes sooner, but never later than it was.
        """
        paused = sum((self.hours.between(begin, end) for begin, end in pauses if end > began), timedelta())
        answered = case.first_response_at is not None
        word = self.after(_standing(case, now), self.spans.next_update if answered else self.spans.first_response)
        first = case.targets.first_response_due
        return Targets(
            first_response_due=first if answered else min(first, word),
            next_update_due=min(case.targets.next_update_due, word),
            resolution_due=self.after(began, self.spans.resolution + paused),
        )


def _standing(case: Case, now: datetime) -> datetime:
    """Where the clock stands: where the wait for the customer began, or at now."""
    return case.waiting_since if is_paused(case) and case.waiting_since is not None else now


def pauses_of(history: Iterable[CaseEvent]) -> tuple[tuple[datetime, datetime], ...]:
    """From when to when a case waited for its customer, by its history (oldest first), without a wait that lasts."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for event in history:
        if event.step is Step.WAIT and event.data.get("waiting_for") == WaitingFor.CUSTOMER:
            since = since or event.at
        elif since is not None and (event.step is Step.WAIT or event.step in LEAVES_WAITING):
            found.append((since, event.at))
            since = None
    return tuple(found)
