"""The place of a case in its queue, set anew whenever a step changes what it depends on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from handoff.domain.cases import Case, CaseStatus, Step
from handoff.domain.queue_order import rank_moment
from handoff.services.context import Context

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken


KEEPS_PLACE: Final = frozenset({Step.RELEASE, Step.DECLINE, Step.OFFER_EXPIRE, Step.REOPEN_TO_QUEUE, Step.NEXT_UPDATE})


def placed_in_queue(context: Context, taken: StepTaken) -> Case:
    """The case with its ``rank_at`` under the policy in force.

    One that an agent gives back keeps its old place, owned or offered, and one whose promise broke too; a reopened one
    the front, where it was put.
    """
    after = taken.after
    if after.status is not CaseStatus.OPEN or taken.step in KEEPS_PLACE:
        return after
    if taken.before is not None and _what_places(taken.before) == _what_places(after):
        return after
    rank_at = rank_moment(after.queued_at, after.priority, after.next_word_due, context.weights())
    return replace(after, rank_at=rank_at)


def _what_places(case: Case) -> tuple[object, ...]:
    return (case.queued_at, case.priority, case.next_word_due, case.status is CaseStatus.CLOSED)
