"""How a step of a case is written and told: case, owner, history row and the customer's notice together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.actors import Actor
from handoff.domain.cases import Case, CaseEvent, Step
from handoff.domain.conversations import Draft, Message, SenderType
from handoff.domain.errors import NotFound
from handoff.domain.ownership import MOVES_OWNER, owner_after
from handoff.domain.people import Agent
from handoff.services.after_step import StepTaken, followed, prepared
from handoff.services.as_seen import require_as_seen
from handoff.services.context import Context
from handoff.services.events import CaseChanged, ConversationChanged, Event, MessagesStored, QueueMoved
from handoff.store import case_events, people
from handoff.store import cases as case_store
from handoff.store import conversations as store


@dataclass(frozen=True, slots=True)
class Saved:
    """A step that is written: the case as it was stored, and what is to be published after the commit."""

    case: Case
    events: tuple[Event, ...]


async def visible_case(db: AsyncConnection, case_id: str, agent: Agent) -> Case:
    """The case, if this agent may know of it; raises ``NotFound`` otherwise."""
    return _seen_by(agent, await case_store.get_case(db, case_id))


async def case_to_change(db: AsyncConnection, case_id: str, agent: Agent) -> Case:
    """The case for a step of this agent, with its conversation held until the transaction ends.

    Every use case takes the conversation first and the case after it: two steps at the same moment then wait for each
    other instead of failing, and never each for the other. Raises ``NotFound``, or ``CaseChanged`` where somebody was
    quicker than who chose the step (:func:`as_seen`).
    """
    case = _seen_by(agent, await case_store.hold_case(db, case_id))
    require_as_seen(case)
    return case


def _seen_by(agent: Agent, case: Case) -> Case:
    if not can_see(agent, case):
        raise NotFound("There is no such case.")
    return case


def can_see(agent: Agent, case: Case) -> bool:
    """Whether the case is in a queue that the agent serves, or is the agent's own."""
    return agent.works_cases and (case.agent_id == agent.id or case.category in agent.visible_queues())


async def save_step(
    context: Context,
    db: AsyncConnection,
    before: Case,
    after: Case,
    step: Step,
    actor: Actor,
    now: datetime,
    *,
    text: str = "",
    data: Mapping[str, Any] | None = None,
) -> Saved:
    """Write the case, its history row and, where the step changes it, the conversation's owner; then what follows.

    Raises ``CaseChanged`` or ``StaleOwner`` when somebody else was first.
    """
    taken = prepared(context, StepTaken(before, after, step, actor, now, text, dict(data or {})))
    await case_store.save_case(db, before, taken.after)
    if step in MOVES_OWNER:
        conversation = await store.get_conversation(db, after.conversation_id, for_change=True)
        await store.change_owner(db, conversation, owner_after(conversation.owner, step, after.agent_id))
    if step is not Step.WORD:
        await case_events.add_event(db, event_of_step(taken))
    return Saved(taken.after, await followed(context, db, taken))


def handed_on(tried: str | None, next_step: str | None) -> dict[str, Any]:
    """What the row of a move records of what was tried and what must happen next (P20), where somebody said it."""
    return {key: said for key, said in (("tried", tried), ("next_step", next_step)) if said}


async def save_opening(
    context: Context,
    db: AsyncConnection,
    case: Case,
    actor: Actor,
    *,
    idempotency_key: str,
    data: Mapping[str, Any],
) -> Saved:
    """Write a new case with the first row of its history, and what follows."""
    taken = prepared(context, StepTaken(None, case, Step.OPEN, actor, case.opened_at, data=dict(data)))
    await case_store.insert_case(db, taken.after, idempotency_key=idempotency_key)
    await case_events.add_event(db, event_of_step(taken))
    return Saved(taken.after, await followed(context, db, taken))


def event_of_step(taken: StepTaken) -> CaseEvent:
    """The row that a step leaves in the history."""
    actor = taken.actor
    return CaseEvent(
        taken.after.id, taken.now, taken.step, actor.type, actor.id, actor.name, taken.text, dict(taken.data)
    )


async def owner_name(context: Context, db: AsyncConnection, case: Case) -> str:
    """The name of the case's owner as the customer is told it."""
    if case.agent_id is None:
        return context.wording.to(case.language).labels["some_agent"]
    return (await people.get_agent(db, case.agent_id)).name


async def tell(
    context: Context, db: AsyncConnection, case: Case, now: datetime, key: str, **values: object
) -> tuple[Message, ...]:
    """Store a notice for the customer, in the words of ``data/wording``."""
    return await tell_with(context, db, case, now, key, "", **values)


async def tell_with(
    context: Context, db: AsyncConnection, case: Case, now: datetime, key: str, below: str, **values: object
) -> tuple[Message, ...]:
    """Store a notice with one more paragraph ``below`` it, if there is one."""
    said = await store.notices_said(db, case.conversation_id)
    text = with_paragraph(context.wording.to(case.language).notice(key, context.random, said, **values), below)
    notice = Draft(SenderType.SYSTEM, text, notice=key)
    _, stored = await store.append_messages(db, case.conversation_id, [notice], now=now, new_id=context.new_id)
    return stored


def with_paragraph(text: str, below: str) -> str:
    """A notice with one more paragraph, if there is one."""
    return f"{text}\n\n{below}" if below else text


def publish_step(
    context: Context,
    case: Case,
    stored: tuple[Message, ...],
    *,
    queues: frozenset[Category] = frozenset(),
    left: Category | None = None,
    more: tuple[Event, ...] = (),
) -> None:
    """Tell everybody who watches, once the step is committed."""
    context.publish((*step_events(case, stored, queues=queues, left=left), *more))


def step_events(
    case: Case,
    stored: tuple[Message, ...],
    *,
    queues: frozenset[Category] = frozenset(),
    left: Category | None = None,
) -> tuple[Event, ...]:
    """What a step means to everybody who watches: the notice, the customer's state, the case, the queues that moved."""
    events: list[Event] = []
    if stored:
        events.append(MessagesStored(case.conversation_id, stored))
    events.append(ConversationChanged(case.conversation_id))
    events.append(CaseChanged(case.id, case.conversation_id, left))
    events.extend(QueueMoved(category) for category in sorted(queues))
    return tuple(events)
