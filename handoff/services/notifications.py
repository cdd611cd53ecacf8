"""Tells members of staff what they must know, in the transaction of what happened (P24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.cases import Case
from handoff.domain.notifications import Notification, NotificationKind
from handoff.domain.people import Agent
from handoff.domain.preferences import Preferences, Ways
from handoff.services.context import Context
from handoff.services.events import AgentsNotified, Event
from handoff.services.mailing import mail_staff
from handoff.services.presence import present_of
from handoff.store import notifications as store
from handoff.store import people
from handoff.store.preferences import preferences_of


async def notify(
    context: Context,
    db: AsyncConnection,
    agent_ids: Iterable[str],
    kind: NotificationKind,
    *,
    case: Case | None = None,
    values: Mapping[str, object] | None = None,
    data: Mapping[str, Any] | None = None,
) -> tuple[Event, ...]:
    """Store a notification for each of these; the event is to be published after the commit.

    The words are those of ``data/wording/agents.yml`` under ``notifications``, with ``values`` and the case's number,
    problem and queue filled in.
    """
    known: dict[str, object] = dict(values or {})
    if case is not None:
        known |= {"number": case.number, "problem": case.problem, "queue": context.wording.queue(case.category)}
    text = context.wording.notification(kind, known)
    now = context.clock()
    found, mailed = [], []
    for agent_id, ways in (await _ways_of(context, db, tuple(dict.fromkeys(agent_ids)), kind)).items():
        one = Notification(
            context.new_id(),
            agent_id,
            kind,
            text,
            now,
            case.id if case else None,
            dict(data or {}),
            read_at=None if ways.unread else now,
            announced=ways.announced,
            sound=ways.sound,
        )
        found.append(one)
        if ways.mail:
            mailed.append(one)
    if not found:
        return ()
    await store.add_notifications(db, found)
    await mail_staff(context, db, mailed)
    return (AgentsNotified(tuple(found)),)


async def _ways_of(
    context: Context, db: AsyncConnection, agent_ids: Sequence[str], kind: NotificationKind
) -> dict[str, Ways]:
    """How each of them wants to be told of this kind, where they are now."""
    chosen = await preferences_of(db, agent_ids) if agent_ids else {}
    quiet = [agent_id for agent_id, one in chosen.items() if one.quiet_when_away]
    present = await present_of(context, db, quiet) if quiet else frozenset()
    by_mail = kind in context.policy.telling.staff_mail
    return {
        agent_id: chosen.get(agent_id, Preferences()).ways(kind, usually_by_mail=by_mail, present=agent_id in present)
        for agent_id in agent_ids
    }


async def leads_of(db: AsyncConnection, category: Category) -> tuple[Agent, ...]:
    """Who leads a queue: supervisors, and agents of the queue from level 3 on."""
    found = await people.active_agents(db)
    return tuple(agent for agent in found if agent.leads(category))
