"""What a lead does with an incident: declare, confirm, change, dismiss, resolve it, link a case to it (P14)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.actors import SYSTEM, Actor
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.cases import Case, CaseStatus, Step, status_after
from handoff.domain.errors import BadValue, NotAllowed
from handoff.domain.incidents import Incident, IncidentStatus, IncidentStep, Vector
from handoff.domain.notifications import NotificationKind
from handoff.domain.outbox import EventName
from handoff.domain.people import LEAD_LEVEL, Agent
from handoff.services.case_writing import save_step, step_events, visible_case
from handoff.services.context import Context
from handoff.services.events import Event, IncidentChanged
from handoff.services.notifications import notify
from handoff.services.telling import queue_incident
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import incidents as incident_store
from handoff.store.audit import add_entry
from handoff.store.incidents import Link


def require_lead(agent: Agent, category: Category) -> None:
    """Raise ``NotAllowed`` for who does not lead the queue."""
    if not agent.leads(category):
        raise NotAllowed("Incidents are decided by whoever leads the queue: tell your team lead.", level=LEAD_LEVEL)


@dataclass(frozen=True, slots=True)
class IncidentWords:
    """What an incident may be called among colleagues, and told to customers."""

    title: str
    announcement: str


def proposed_words(context: Context, topic: str | None, category: Category) -> IncidentWords:
    """Words for an incident about a topic; nothing that a customer wrote stands in them."""
    problem = context.wording.problem(topic, {}, category)
    told = context.wording.labels["incident_announcement"].format(problem=problem)
    return IncidentWords(problem[:1].upper() + problem[1:], told)


async def words_for_case(context: Context, agent: Agent, case_id: str) -> IncidentWords:
    """Words for an incident that a case is the first of. Raises ``NotFound``, ``NotAllowed`` for who does not lead."""
    async with context.db.read() as db:
        case = await visible_case(db, case_id, agent)
    require_lead(agent, case.category)
    return proposed_words(context, case.topic, case.category)


async def declare(
    context: Context, agent: Agent, *, category: Category, title: str, announcement: str, centre: Vector | None
) -> Incident:
    """State an incident before anybody has written about it. ``centre`` is what such a message would mean."""
    require_lead(agent, category)
    now = context.clock()
    incident = Incident(
        id=context.new_id(),
        status=IncidentStatus.CONFIRMED,
        category=category,
        title=title,
        announcement=announcement,
        noticed_at=now,
        centre=centre,
        decided_at=now,
        decided_by=agent.id,
    )
    async with context.db.write() as db:
        await incident_store.insert_incident(db, incident)
        await _note(context, db, agent, Did.INCIDENT_DECLARED, incident)
        await queue_incident(context, db, EventName.INCIDENT_CONFIRMED, incident)
    context.publish((IncidentChanged(incident.id),))
    return incident


async def confirm(
    context: Context, incident_id: str, agent: Agent, *, title: str | None, announcement: str | None
) -> Incident:
    """Say that it is one, in words for the customers: from now on it is announced. Later it changes the words."""
    now = context.clock()
    async with context.db.write() as db:
        incident = await incident_store.get_incident(db, incident_id)
        require_lead(agent, incident.category)
        confirmed = incident.status is IncidentStatus.CONFIRMED
        status = incident.after(IncidentStep.CHANGE if confirmed else IncidentStep.CONFIRM)
        after = replace(
            incident,
            status=status,
            title=title or incident.title,
            announcement=announcement or incident.announcement,
            decided_at=incident.decided_at if confirmed else now,
            decided_by=incident.decided_by if confirmed else agent.id,
            version=incident.version + 1,
        )
        await incident_store.save_incident(db, incident, after)
        did = Did.INCIDENT_REWORDED if confirmed else Did.INCIDENT_CONFIRMED
        await _note(context, db, agent, did, after, before=incident)
        if not confirmed:
            await queue_incident(context, db, EventName.INCIDENT_CONFIRMED, after)
    context.publish((IncidentChanged(incident.id),))
    return after


async def dismiss(context: Context, incident_id: str, agent: Agent) -> Incident:
    """Say that it is none; the cases go on as they are."""
    now = context.clock()
    async with context.db.write() as db:
        incident = await incident_store.get_incident(db, incident_id)
        require_lead(agent, incident.category)
        after = replace(
            incident,
            status=incident.after(IncidentStep.DISMISS),
            decided_at=now,
            decided_by=agent.id,
            version=incident.version + 1,
        )
        await incident_store.save_incident(db, incident, after)
        await _note(context, db, agent, Did.INCIDENT_DISMISSED, after)
        await queue_incident(context, db, EventName.INCIDENT_DISMISSED, after)
    context.publish((IncidentChanged(incident.id),))
    return after


async def resolve(context: Context, incident_id: str, agent: Agent, *, resolution: str) -> Incident:
    """Say that it is over, and what customers are told of it: all of them hear it. Owners of its cases are notified."""
    now = context.clock()
    async with context.db.write() as db:
        incident = await incident_store.get_incident(db, incident_id)
        require_lead(agent, incident.category)
        after = replace(
            incident,
            status=incident.after(IncidentStep.RESOLVE),
            resolution=resolution,
            resolved_at=now,
            version=incident.version + 1,
        )
        await incident_store.save_incident(db, incident, after)
        await _note(context, db, agent, Did.INCIDENT_RESOLVED, after)
        await queue_incident(context, db, EventName.INCIDENT_RESOLVED, after)
        events: tuple[Event, ...] = ()
        for link in await incident_store.links_of(db, incident_id):
            if link.case_id is not None:
                case = await case_store.get_case(db, link.case_id)
                if case.agent_id is not None and case.is_owned:
                    values = {"title": incident.title}
                    kind = NotificationKind.INCIDENT_RESOLVED
                    events += await notify(context, db, [case.agent_id], kind, case=case, values=values)
    context.publish((*events, IncidentChanged(incident.id)))
    return after


async def _note(
    context: Context, db: AsyncConnection, agent: Agent, did: Did, after: Incident, *, before: Incident | None = None
) -> None:
    """Into the audit log, with the words that customers are told: those before a change too."""
    words: dict[str, object] = {"category": after.category, "title": after.title, "announcement": after.announcement}
    if after.resolution:
        words["resolution"] = after.resolution
    if before is not None:
        words |= {"title": [before.title, after.title], "announcement": [before.announcement, after.announcement]}
    await add_entry(db, AuditEntry(context.clock(), Actor.of_agent(agent), did, "incident", after.id, words))


async def link(context: Context, incident_id: str, agent: Agent, *, case_id: str) -> Incident:
    """Say that a case belongs to an incident. Raises ``NotFound``, ``WrongState``, ``BadValue`` for another queue's."""
    now = context.clock()
    async with context.db.write() as db:
        incident = await incident_store.get_incident(db, incident_id)
        incident.after(IncidentStep.LINK)
        case = await visible_case(db, case_id, agent)
        if case.category is not incident.category:
            raise BadValue(f"Case {case.number} is in another queue than the incident.", field="case_id")
        events = await link_case(context, db, incident, case, now, actor=Actor.of_agent(agent))
    context.publish((*events, IncidentChanged(incident.id)))
    return incident


async def link_case(
    context: Context, db: AsyncConnection, incident: Incident, case: Case, now: datetime, *, actor: Actor = SYSTEM
) -> tuple[Event, ...]:
    """Note on a case that it belongs to an incident, inside the caller's transaction; twice is harmless."""
    await store.get_conversation(db, case.conversation_id, for_change=True)
    case = await case_store.get_case(db, case.id)
    await incident_store.add_link(db, Link(incident.id, case.conversation_id, case.id, now))
    if case.incident_id == incident.id:
        return ()
    after = replace(case, status=status_after(case, Step.INCIDENT), incident_id=incident.id, version=case.version + 1)
    data = {"incident_id": incident.id}
    saved = await save_step(context, db, case, after, Step.INCIDENT, actor, now, text=incident.title, data=data)
    queues = frozenset({case.category}) if case.status is CaseStatus.OPEN else frozenset()
    return (*step_events(saved.case, (), queues=queues), *saved.events)
