"""What a key is shown: cases, their history, what was said, and which cases changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.api_keys import ApiKey, Scope
from handoff.domain.audit import Did
from handoff.domain.cases import Case, CaseEvent
from handoff.domain.conversations import Message
from handoff.domain.errors import NotFound
from handoff.domain.people import Customer
from handoff.domain.references import Reference
from handoff.services.audit import note_list, note_seen
from handoff.services.context import Context
from handoff.store import case_changes, case_events, people, references
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store.case_changes import Place


@dataclass(frozen=True, slots=True)
class OutsideCase:
    """A case as another system sees it; ``customer`` is None for a key that may not know who it is."""

    case: Case
    customer: Customer | None
    agent_name: str | None
    references: tuple[Reference, ...]
    position: int | None
    last_seq: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Cases that changed, in the order of their changes; ``place`` continues after them."""

    cases: tuple[OutsideCase, ...]
    place: Place
    more: bool


async def visible_case(db: AsyncConnection, case_id: str, key: ApiKey) -> Case:
    """The case, if the key is for its queue; raises ``NotFound`` otherwise."""
    case = await case_store.get_case(db, case_id)
    key.require_to_see(case.category)
    return case


async def case_to_change(db: AsyncConnection, case_id: str, key: ApiKey) -> Case:
    """The case for a step of this key, with its conversation held until the transaction ends. Raises ``NotFound``."""
    found = await visible_case(db, case_id, key)
    await store.get_conversation(db, found.conversation_id, for_change=True)
    return await visible_case(db, case_id, key)


async def outside_cases(db: AsyncConnection, cases: Sequence[Case], key: ApiKey) -> tuple[OutsideCase, ...]:
    """Cases with what belongs to them."""
    if not cases:
        return ()
    shown = Scope.CUSTOMERS_READ in key.scopes
    customers = await people.get_customers(db, (case.customer_id for case in cases)) if shown else {}
    names = await people.agent_names(db) if any(case.agent_id for case in cases) else {}
    refers = await references.references_of(db, [case.id for case in cases])
    return tuple(
        [
            OutsideCase(
                case=case,
                customer=customers.get(case.customer_id),
                agent_name=names.get(case.agent_id) if case.agent_id else None,
                references=refers[case.id],
                position=await case_store.queue_position(db, case),
                last_seq=(await store.get_conversation(db, case.conversation_id)).last_seq,
            )
            for case in cases
        ]
    )


async def read_case(context: Context, key: ApiKey, case_id: str) -> OutsideCase:
    """One case; raises ``ScopeMissing`` or ``NotFound``."""
    key.require(Scope.CASES_READ)
    async with context.db.read() as db:
        found = (await outside_cases(db, [await visible_case(db, case_id, key)], key))[0]
    await note_seen(context, key.actor, Did.CASE_SEEN, case_id, customer=int(found.customer is not None))
    return found


async def read_by_reference(context: Context, key: ApiKey, system: str, external_id: str) -> OutsideCase:
    """The case that a record of another system belongs to; raises ``ScopeMissing`` or ``NotFound``."""
    key.require(Scope.CASES_READ)
    async with context.db.read() as db:
        case_id = await references.case_id_of(db, system, external_id)
    if case_id is None:
        raise NotFound(f"No case has the reference {external_id} of {system}.")
    return await read_case(context, key, case_id)


async def read_changes(context: Context, key: ApiKey, place: Place, *, limit: int) -> Changes:
    """The cases that changed after a place: read on until ``more`` is False, and nothing was missed.

    A case comes as it is now, once for all its changes that were read together. Raises ``ScopeMissing``, and
    ``BadValue`` for a place that this database never had.
    """
    key.require(Scope.CASES_READ)
    async with context.db.read() as db:
        ids, reached = await case_changes.changed_after(db, place, categories=key.visible, limit=limit)
        cases = [await case_store.get_case(db, case_id) for case_id in ids]
        found = await outside_cases(db, cases, key)
        rest = await case_changes.changed_after(db, reached, categories=key.visible, limit=1)
    if found:
        await note_list(context, key.actor, "changes", len(found))
    return Changes(found, reached, more=rest[1] != reached)


async def read_messages(context: Context, key: ApiKey, case_id: str, *, after: int) -> tuple[Message, ...]:
    """What was said after a number; raises ``ScopeMissing`` or ``NotFound``."""
    key.require(Scope.MESSAGES_READ)
    async with context.db.read() as db:
        case = await visible_case(db, case_id, key)
        found = await store.messages_after(db, case.conversation_id, after)
    if found:
        await note_seen(context, key.actor, Did.TRANSCRIPT_READ, case_id, messages=len(found))
    return found


async def read_history(context: Context, key: ApiKey, case_id: str) -> tuple[CaseEvent, ...]:
    """Every step of a case, oldest first; raises ``ScopeMissing`` or ``NotFound``."""
    key.require(Scope.CASES_READ)
    async with context.db.read() as db:
        case = await visible_case(db, case_id, key)
        found = await case_events.events_of(db, case.id)
    await note_seen(context, key.actor, Did.CASE_SEEN, case_id, steps=len(found))
    return found
