"""Compares each new case with those that came shortly before it, and notices incidents (P14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case
from handoff.domain.incidents import (
    USUAL_DAYS,
    Incident,
    IncidentStatus,
    Noticing,
    Report,
    belongs_to,
    centre_of,
    same_problem,
    usual_count,
)
from handoff.domain.notifications import NotificationKind
from handoff.domain.outbox import EventName
from handoff.services.context import Context
from handoff.services.events import Event, IncidentChanged
from handoff.services.incident_news import direction_of, tell_next
from handoff.services.incidents import link_case, proposed_words
from handoff.services.notifications import leads_of, notify
from handoff.services.pacing import paced
from handoff.services.rounds import Rounds
from handoff.services.telling import queue_incident
from handoff.store import cases as case_store
from handoff.store import incidents as incident_store

LOOK_SECONDS: Final = 2.0
"""How often new cases are looked for, and customers who have not been told yet."""
AT_ONCE: Final = 20
REMEMBERED: Final = 2000
"""Cases whose words are kept as vectors, so that each is read once."""


class IncidentWatch:
    """One loop of one node; several nodes may run it, and each case is compared by one of them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._reports: dict[str, Report | None] = {}
        self._rounds = Rounds("incident_watch_failed", every=LOOK_SECONDS)

    async def keep_looking(self) -> None:
        """Look for new cases and tell who has not been told, until closed."""
        await self._rounds.keep(self._go_round)

    def close(self) -> None:
        """Let ``keep_looking`` end."""
        self._rounds.close()

    async def _go_round(self) -> None:
        context = self._context.current()
        await self.look(context)
        await tell_next(context)

    async def look(self, context: Context) -> int:
        """Compare the cases that nobody has looked at yet; returns how many this node compared."""
        seen, fresh = await self._next_cases(context)
        compared = 0
        for case in fresh:
            number = int(case.number.removeprefix("WL-"))
            async with paced():
                if self._rounds.is_closing or not await self._look_at(context, case, seen=seen, number=number):
                    return compared
            seen, compared = number, compared + 1
        return compared

    async def _look_at(self, context: Context, case: Case, *, seen: int | None, number: int) -> bool:
        """Compare one case; False where another node was first."""
        report = await self._report(context, case)
        recent = await self._recent(context, case) if report is not None else ()
        async with context.db.write() as db:
            if not await incident_store.looked_at(db, seen=seen, number=number):
                return False
            events = await self._compare(context, db, case, report, recent) if report is not None else ()
        context.publish(events)
        return True

    async def _next_cases(self, context: Context) -> tuple[int | None, tuple[Case, ...]]:
        """Where nobody has looked yet, what was opened before the window is passed over."""
        since = context.clock() - context.policy.incidents.within
        async with context.db.read() as db:
            seen = await incident_store.last_looked_at(db)
            start = seen if seen is not None else await incident_store.number_before(db, since)
            return seen, await incident_store.cases_after(db, start, limit=AT_ONCE)

    async def _report(self, context: Context, case: Case) -> Report | None:
        """The meaning of what the customer wrote; None where they wrote nothing about a problem."""
        if case.id not in self._reports:
            async with context.db.read() as db:
                words = await incident_store.words_of(db, case)
            if not words and case.source != "bot":
                words = (case.problem,)
            direction = await direction_of(context, " ".join(words)) if words else None
            if len(self._reports) >= REMEMBERED:
                self._reports.pop(next(iter(self._reports)))
            self._reports[case.id] = _report_of(case, direction) if direction is not None else None
        return self._reports[case.id]

    async def _recent(self, context: Context, case: Case) -> tuple[Report, ...]:
        within = context.policy.incidents.within
        async with context.db.read() as db:
            found = await incident_store.opened_between(db, case.category, case.opened_at - within, case.opened_at)
        reports = [await self._report(context, other) for other in found if other.id != case.id]
        return tuple(report for report in reports if report is not None)

    async def _compare(
        self, context: Context, db: AsyncConnection, case: Case, report: Report, recent: Sequence[Report]
    ) -> tuple[Event, ...]:
        policy, now = context.policy.incidents, context.clock()
        standing = await incident_store.open_incidents(db)
        known = belongs_to(report.vector, case.category, standing, belongs_from=policy.belongs_from)
        if known is not None:
            events = await link_case(context, db, known, case, now)
            return (*events, IncidentChanged(known.id))
        dismissed = await incident_store.dismissed_since(db, now - policy.quiet_after_dismissal)
        if belongs_to(report.vector, case.category, dismissed, belongs_from=policy.belongs_from) is not None:
            return ()
        begin = case.opened_at - policy.within
        opened = await incident_store.count_opened(db, case.category, begin - timedelta(days=USUAL_DAYS), begin)
        noticing = Noticing(policy.customers, policy.within, policy.times_usual, policy.alike_from, policy.belongs_from)
        found = same_problem(report, recent, noticing, usual=usual_count(opened, policy.within))
        return await self._notice(context, db, case, found) if found is not None else ()

    async def _notice(
        self, context: Context, db: AsyncConnection, case: Case, found: Sequence[Report]
    ) -> tuple[Event, ...]:
        now = context.clock()
        words = proposed_words(context, case.topic, case.category)
        incident = Incident(
            id=context.new_id(),
            status=IncidentStatus.NOTICED,
            category=case.category,
            topic=case.topic,
            title=words.title,
            announcement=words.announcement,
            noticed_at=now,
            centre=centre_of(report.vector for report in found),
        )
        await incident_store.insert_incident(db, incident)
        events: tuple[Event, ...] = ()
        for report in sorted(found, key=lambda one: one.conversation_id):
            other = await case_store.get_case(db, report.case_id)
            events += await link_case(context, db, incident, other, now)
        values = {"count": len({report.customer_id for report in found}), "title": incident.title}
        told = [agent.id for agent in await leads_of(db, case.category)]
        data = {"incident_id": incident.id}
        events += await notify(context, db, told, NotificationKind.INCIDENT_NOTICED, values=values, data=data)
        await queue_incident(context, db, EventName.INCIDENT_NOTICED, incident)
        return (*events, IncidentChanged(incident.id))


def _report_of(case: Case, vector: tuple[float, ...]) -> Report:
    return Report(case.id, case.conversation_id, case.customer_id, case.category, case.topic, case.opened_at, vector)
