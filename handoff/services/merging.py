"""Two cases about one thing of one customer become one: nothing that was said in either is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.cases import Case, CaseEvent, CaseStatus, Step, require_owner, status_after
from handoff.domain.conversations import Message
from handoff.domain.errors import BadValue, CannotMerge
from handoff.domain.people import Agent
from handoff.services.case_writing import case_to_change, handed_on, save_step, step_events, tell, visible_case
from handoff.services.context import Context
from handoff.store import case_events, people
from handoff.store import cases as case_store
from handoff.store import conversations as store


@dataclass(frozen=True, slots=True)
class MergedCase:
    """A case that was merged into another, with everything that was said there."""

    case: Case
    transcript: tuple[Message, ...]


async def merge(
    context: Context,
    case_id: str,
    agent: Agent,
    *,
    into: str,
    reason: str,
    tried: str | None = None,
    next_step: str | None = None,
) -> Case:
    """Close a case as a duplicate of ``into``, where it goes on; its customer is told. Returns the one that goes on.

    Both are of the same customer, or one of them is of a visitor whom nobody vouched for: whether that is the same
    person, the agent decides. Raises ``CannotMerge`` otherwise, and where the other case is closed.
    """
    now = context.clock()
    async with context.db.write() as db:
        seen = [await visible_case(db, one, agent) for one in (case_id, into)]
        # In a fixed order, so that two merges the other way round wait for each other instead of for ever.
        for conversation_id in sorted({case.conversation_id for case in seen}):
            await store.get_conversation(db, conversation_id, for_change=True)
        case, other = await case_to_change(db, case_id, agent), await visible_case(db, into, agent)
        if case.id == other.id:
            raise BadValue("A case cannot be merged into itself.", field="into")
        status = status_after(case, Step.MERGE)
        if case.is_owned:
            require_owner(case, agent.id, may_override=agent.sees_all)
        await _check(db, case, other)
        after = replace(
            case,
            status=status,
            resolved_at=now,
            merged_into=other.id,
            disposition=None,
            root_cause=None,
            waiting_for=None,
            waiting_since=None,
            version=case.version + 1,
        )
        actor = Actor.of_agent(agent)
        said = handed_on(tried, next_step)
        data = {"into": other.id, "into_number": other.number, **said}
        closed = await save_step(context, db, case, after, Step.MERGE, actor, now, text=reason, data=data)
        grown = replace(other, version=other.version + 1)
        joined = {"case_id": case.id, "number": case.number, "problem": case.problem, **said}
        open_one = await save_step(context, db, other, grown, Step.MERGED_IN, actor, now, text=reason, data=joined)
        queue = context.wording.to(case.language).queue(other.category)
        told = await tell(context, db, closed.case, now, "case_merged", case_number=other.number, queue=queue)
        told_there = await tell(context, db, open_one.case, now, "case_merged_here", case_number=other.number)
    events = step_events(closed.case, told, queues=frozenset({case.category})) + closed.events
    context.publish((*events, *step_events(open_one.case, told_there), *open_one.events))
    return open_one.case


async def _check(db: AsyncConnection, case: Case, other: Case) -> None:
    if other.status is CaseStatus.CLOSED:
        raise CannotMerge(f"Case {other.number} is closed. Merge into a case that goes on, or reopen it first.")
    if case.customer_id == other.customer_id:
        return
    customers = [await people.get_customer(db, one.customer_id) for one in (case, other)]
    if all(customer.verified for customer in customers):
        raise CannotMerge(f"Cases {case.number} and {other.number} are of two different customers.")


async def merged_into(db: AsyncConnection, history: tuple[CaseEvent, ...]) -> tuple[MergedCase, ...]:
    """The cases that a case's history says were merged into it, each before those that had gone into that one."""
    found: list[MergedCase] = []
    for event in history:
        if event.step is Step.MERGED_IN:
            case = await case_store.get_case(db, str(event.data["case_id"]))
            found.append(MergedCase(case, await store.messages_after(db, case.conversation_id, 0)))
            found.extend(await merged_into(db, await case_events.events_of(db, case.id)))
    return tuple(found)
