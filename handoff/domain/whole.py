"""One conversation with everything that is stored of it: what is exported as labels, and run again by a replay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handoff.contract import Category, EarlierContact
from handoff.domain.cases import Case, CaseEvent, Step
from handoff.domain.conversations import Conversation, Message, Turn
from handoff.domain.ownership import OwnerType
from handoff.domain.people import Customer
from handoff.domain.verdicts import CaseVerdict

CONTACTS_BEFORE: Final = timedelta(days=365)
"""Earlier contacts that go with a conversation: those up to so long before it began."""

_OWNER_AFTER: Final = {
    Step.OPEN: OwnerType.QUEUE,
    Step.ACCEPT: OwnerType.AGENT,
    Step.RELEASE: OwnerType.QUEUE,
    Step.TRANSFER: OwnerType.QUEUE,
    Step.ESCALATE: OwnerType.QUEUE,
    Step.TAKE_OVER: OwnerType.AGENT,
    Step.RESOLVE: OwnerType.BOT,
    Step.RETURN_TO_BOT: OwnerType.BOT,
    Step.MERGE: OwnerType.BOT,
    Step.REOPEN_TO_QUEUE: OwnerType.QUEUE,
    Step.REOPEN_TO_AGENT: OwnerType.AGENT,
}
"""The steps of a case that change who may speak; the others do not."""


@dataclass(frozen=True, slots=True)
class WholeCase:
    """A case with its history, oldest first, and the verdict on it."""

    case: Case
    events: tuple[CaseEvent, ...]
    verdict: CaseVerdict | None = None

    @property
    def decided_category(self) -> Category:
        """The category in which the bot opened it."""
        opened = self._first(Step.OPEN)
        return Category(opened.data["category"]) if opened else self.case.category

    @property
    def decided_severity(self) -> int:
        """The severity with which the bot opened it."""
        changed = self._first(Step.SEVERITY)
        return int(changed.data["from"]) if changed else self.case.severity

    @property
    def decided_level(self) -> int:
        """The level at which the bot opened it."""
        raised = self._first(Step.ESCALATE)
        return int(raised.data["from"]) if raised else self.case.level

    def _first(self, step: Step) -> CaseEvent | None:
        return next((event for event in self.events if event.step is step), None)


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """Somebody else may speak from now on."""

    at: datetime
    owner_type: OwnerType
    case_id: str
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class WholeConversation:
    """Messages in order, turns and cases oldest first; ``contacts`` are the customer's in other conversations."""

    conversation: Conversation
    customer: Customer
    messages: tuple[Message, ...]
    turns: tuple[Turn, ...]
    cases: tuple[WholeCase, ...]
    contacts: tuple[EarlierContact, ...]

    def owner_changes(self) -> tuple[OwnerChange, ...]:
        """Who owned it after the bot at the beginning, oldest first."""
        return tuple(sorted((change for whole in self.cases for change in _changes(whole)), key=lambda c: c.at))


def _changes(whole: WholeCase) -> Iterator[OwnerChange]:
    agent_id: str | None = None
    for event in whole.events:
        if event.step in (Step.ACCEPT, Step.TAKE_OVER):
            agent_id = event.actor_id
        if (owner := _OWNER_AFTER.get(event.step)) is not None:
            # Who reopens a case is the customer; it goes back to the agent who had it.
            yield OwnerChange(event.at, owner, whole.case.id, agent_id if owner is OwnerType.AGENT else None)
