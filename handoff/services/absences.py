"""An owner who is gone: a case whose customer waits for a word goes back to its queue, at its original position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.actors import SYSTEM
from handoff.domain.cases import Case, CaseStatus, Step, status_after
from handoff.domain.conversations import SenderType
from handoff.domain.notifications import NotificationKind
from handoff.services.case_writing import save_step, step_events
from handoff.services.context import Context
from handoff.services.notifications import leads_of, notify
from handoff.services.opening_news import moving_news, tell_of_queue
from handoff.store import cases as case_store
from handoff.store import conversations, people, presences
from handoff.store.schema import agents, cases, messages


@dataclass(frozen=True, slots=True)
class _Gone:
    """An owner who cannot answer. ``since`` is None for somebody who may not sign in any more."""

    agent_id: str
    since: datetime | None


async def return_cases_of_absent(context: Context) -> int:
    """Look at every owner, give the cases of absent ones back; returns how many. Safe on several nodes at once."""
    async with context.db.read() as db:
        gone = await _gone(context, db)
        query = select(cases.c.id, cases.c.agent_id).where(
            cases.c.agent_id.in_([one.agent_id for one in gone]), cases.c.status != CaseStatus.CLOSED
        )
        owned = (await db.execute(query)).all() if gone else ()
    by_id = {one.agent_id: one for one in gone}
    return sum([await _give_back(context, row.id, by_id[row.agent_id]) for row in owned])


async def _gone(context: Context, db: AsyncConnection) -> Sequence[_Gone]:
    """Of the owners: those offline for longer than the policy allows, and those who were deactivated.

    Of somebody who never opened a desk nothing is known: they work through another one.
    """
    owners = select(cases.c.agent_id).where(cases.c.status != CaseStatus.CLOSED, cases.c.agent_id.is_not(None))
    query = select(agents.c.id, agents.c.active).where(agents.c.id.in_(owners))
    found = (await db.execute(query)).all()
    known = await presences.presences_of(db, [row.id for row in found])
    gone = []
    for row in found:
        presence = known.get(row.id)
        if not row.active:
            gone.append(_Gone(row.id, None))
        elif presence is not None:
            since = presence.gone_since(context.clock(), context.policy.presence.offline_after)
            if since is not None and context.clock() - since >= context.policy.presence.owner_offline_after:
                gone.append(_Gone(row.id, since))
    return gone


async def _give_back(context: Context, case_id: str, gone: _Gone) -> bool:
    now = context.clock()
    async with context.db.write() as db:
        found = await case_store.get_case(db, case_id)
        await conversations.get_conversation(db, found.conversation_id, for_change=True)
        case = await case_store.get_case(db, case_id)
        if not case.is_owned or case.agent_id != gone.agent_id:
            return False
        if gone.since is not None and not (_expected(context, case.category, now) and await _waits(db, case, now)):
            return False
        agent = await people.get_agent(db, gone.agent_id)
        minutes = int((now - gone.since).total_seconds() // 60) if gone.since is not None else 0
        after = replace(
            case,
            status=status_after(case, Step.RELEASE),
            agent_id=None,
            waiting_for=None,
            waiting_since=None,
            version=case.version + 1,
        )
        news = await moving_news(context, db, after, now)
        data = {"agent_id": agent.id, "agent_name": agent.name, "offline_minutes": minutes, **news.recorded()}
        saved = await save_step(context, db, case, after, Step.RELEASE, SYSTEM, now, data=data)
        told = await tell_of_queue(context, db, saved.case, news, now, "returned_to_queue")
        leads = [lead.id for lead in await leads_of(db, case.category) if lead.id != agent.id]
        values = {"agent": agent.name, "minutes": minutes}
        alerts = await notify(context, db, leads, NotificationKind.OWNER_OFFLINE, case=saved.case, values=values)
    context.publish((*step_events(saved.case, told, queues=frozenset({case.category})), *saved.events, *alerts))
    return True


def _expected(context: Context, category: Category, now: datetime) -> bool:
    """Whether somebody was to be there all the while: who went home in the evening has not gone missing."""
    hours = context.policy.hours_of(category)
    return hours.is_open(now) and hours.is_open(now - context.policy.presence.owner_offline_after)


async def _waits(db: AsyncConnection, case: Case, now: datetime) -> bool:
    """Whether the customer waits for a word: theirs was the last one, or the promised one is due."""
    if case.status is CaseStatus.ACTIVE and now >= case.next_word_due:
        return True
    query = (
        select(messages.c.sender)
        .where(
            messages.c.conversation_id == case.conversation_id,
            messages.c.sender.in_([SenderType.CUSTOMER, SenderType.AGENT]),
        )
        .order_by(messages.c.seq.desc())
        .limit(1)
    )
    return (await db.execute(query)).scalar_one_or_none() == SenderType.CUSTOMER
