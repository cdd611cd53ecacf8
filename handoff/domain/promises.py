"""The ledger of promises: each time the customer is told when they hear next, and what became of it (P23, P25)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from handoff.contract import Category
from handoff.domain.cases import Case, CaseStatus, Step
from handoff.domain.sla import is_paused


class PromiseKind(StrEnum):
    """What was promised."""

    FIRST_WORD = "first_word"
    """The first word of a person."""
    NEXT_WORD = "next_word"
    """Another one."""


class PromiseStatus(StrEnum):
    """What became of it."""

    OPEN = "open"
    KEPT = "kept"
    """The owner wrote in time."""
    RENEWED = "renewed"
    """Before it was due, the customer was told another time; ``reason`` says why."""
    BROKEN = "broken"
    """Nobody wrote in time."""
    VOID = "void"
    """Nothing was owed any more: the case was closed, or waits for the customer."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise. ``agent_id`` is who had to keep it at last: the case's owner, None while it waited in its queue."""

    id: str
    case_id: str
    kind: PromiseKind
    status: PromiseStatus
    category: Category
    agent_id: str | None
    made_at: datetime
    due_at: datetime
    settled_at: datetime | None = None
    reason: str = ""


def promised_now(case: Case) -> datetime | None:
    """When the customer is to hear next, as they were told; None where nothing is owed."""
    if case.status is CaseStatus.CLOSED or is_paused(case):
        return None
    return case.next_word_due


def settled(standing: Promise, after: Case, step: Step, now: datetime, reason: str) -> Promise:
    """The standing promise as a step leaves it: settled, or still open with who has to keep it now."""
    due = promised_now(after)
    if now > standing.due_at:
        status = PromiseStatus.BROKEN
    elif step is Step.WORD:
        status = PromiseStatus.KEPT
    elif due is None:
        status = PromiseStatus.VOID
    elif due != standing.due_at:
        status = PromiseStatus.RENEWED
    else:
        agent_id = after.agent_id if after.is_owned else None
        return replace(standing, agent_id=agent_id, category=after.category)
    return replace(standing, status=status, settled_at=now, reason=reason or step.replace("_", " "))


def made(after: Case, now: datetime, new_id: str) -> Promise | None:
    """The promise that stands once a step is told and no earlier one does; None where nothing is owed or is overdue."""
    due = promised_now(after)
    if due is None or due <= now:
        return None
    return Promise(
        id=new_id,
        case_id=after.id,
        kind=PromiseKind.FIRST_WORD if after.first_response_at is None else PromiseKind.NEXT_WORD,
        status=PromiseStatus.OPEN,
        category=after.category,
        agent_id=after.agent_id if after.is_owned else None,
        made_at=now,
        due_at=due,
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """How many promises were kept and how many broken; those renewed in time or void count as neither."""

    kept: int
    broken: int

    @property
    def share(self) -> float | None:
        """Kept ones of those that were put to the test, 0 to 1; None where none was."""
        tested = self.kept + self.broken
        return self.kept / tested if tested else None
