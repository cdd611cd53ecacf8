"""Incidents as the desk shows them, each read in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from handoff.domain.errors import NotFound
from handoff.domain.incidents import Incident, IncidentStatus
from handoff.domain.people import Agent
from handoff.services import reading
from handoff.services.context import Context
from handoff.services.reading import CaseRow
from handoff.store import incidents as incident_store
from handoff.store import people


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident, how many conversations it touches, and who decided on it."""

    incident: Incident
    customers: int
    decided_by: str | None


async def incident_row(context: Context, incident_id: str) -> IncidentRow:
    """One incident as a list shows it; raises ``NotFound``."""
    async with context.db.read() as db:
        incident = await incident_store.get_incident(db, incident_id)
        counts = await incident_store.link_counts(db, [incident_id])
        names = await people.agent_names(db)
    return _row(incident, counts, names)


async def incident_rows(
    context: Context, agent: Agent, statuses: Collection[IncidentStatus]
) -> tuple[IncidentRow, ...]:
    """The incidents of the queues that the agent may see, the latest first."""
    visible = agent.visible_queues()
    async with context.db.read() as db:
        found = [i for i in await incident_store.list_incidents(db, statuses) if i.category in visible]
        counts = await incident_store.link_counts(db, [incident.id for incident in found])
        names = await people.agent_names(db)
    return tuple(_row(incident, counts, names) for incident in found)


async def incident_with_cases(
    context: Context, incident_id: str, agent: Agent
) -> tuple[IncidentRow, tuple[CaseRow, ...]]:
    """One incident and its cases, for an agent who may see its queue; raises ``NotFound``."""
    row = await incident_row(context, incident_id)
    if row.incident.category not in agent.visible_queues():
        raise NotFound("There is no such incident.")
    async with context.db.read() as db:
        links = await incident_store.links_of(db, incident_id)
    cases = [await reading.case_row(context, link.case_id) for link in links if link.case_id is not None]
    return row, tuple(cases)


def _row(incident: Incident, counts: dict[str, int], names: dict[str, str]) -> IncidentRow:
    decided_by = names.get(incident.decided_by) if incident.decided_by else None
    return IncidentRow(incident, counts.get(incident.id, 0), decided_by)
