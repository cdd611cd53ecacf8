"""Acts when a deadline comes: tells who must know, moves a case up, reminds a silent customer and closes (P7, P24).

Several nodes may watch one database. Each case is taken with its conversation locked and written by compare-and-set on
its version, and what was done is marked on it: nothing is done twice. After an outage everything that is overdue is
recorded in its order, and of one case only the latest is told.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import EscalationKind
from handoff.domain.actors import SYSTEM
from handoff.domain.cases import Case, CaseStatus, Step, status_after
from handoff.domain.deadlines import Deadline, Due, gravest, marked, overdue
from handoff.domain.errors import CaseChanged
from handoff.domain.levels import can_rise
from handoff.domain.notifications import NotificationKind
from handoff.services.broken_promises import is_broken, promise_anew
from handoff.services.case_steps import highest_in_queue, raise_level
from handoff.services.case_writing import owner_name, save_step, step_events, tell
from handoff.services.clocks import rules_of, with_next_deadline
from handoff.services.context import Context
from handoff.services.events import AgentsNotified, Event
from handoff.services.mailing import mail_news
from handoff.services.notifications import leads_of, notify
from handoff.services.pacing import paced
from handoff.services.rounds import Rounds
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import deadlines as deadline_store
from handoff.store.case_events import events_of
from handoff.wording import sentence

log = structlog.get_logger(__name__)

WATCH_SECONDS: Final = 5.0
"""Between two looks. A look costs one query by an index."""
AT_ONCE: Final = 500
"""Cases that one look takes; the rest is taken by the next one, at once."""


class DeadlineWatcher:
    """Watches the deadlines of all cases, beside other watchers on the same database."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stated_under: str | None = None
        self._rounds = Rounds("deadlines_not_looked_at", every=WATCH_SECONDS)

    async def look(self) -> int:
        """Act on every deadline that is past, in their order; returns to how many cases something happened."""
        context = self._context.current()
        if self._stated_under != context.policy.version:
            await self._restate(context)
            self._stated_under = context.policy.version
        acted = 0
        while not self._rounds.is_closing:
            async with context.db.read() as db:
                found = await deadline_store.due_cases(db, context.clock(), limit=AT_ONCE)
            done = [await self._safely(context, case_id) for case_id in found if not self._rounds.is_closing]
            acted += sum(done)
            if len(found) < AT_ONCE or not any(done):
                break
        return acted

    async def _restate(self, context: Context) -> None:
        """Store the next deadline of every case anew, as another policy (or an older program) may have left it."""
        async with context.db.read() as db:
            found = await deadline_store.unresolved_cases(db)
        for case in found:
            stated = with_next_deadline(context, case)
            if stated != case and not self._rounds.is_closing:
                async with paced(), context.db.write() as db:
                    await deadline_store.restate_deadline(db, stated)
            await asyncio.sleep(0)

    async def _safely(self, context: Context, case_id: str) -> bool:
        """One case that cannot be acted on holds up no other; the next look takes it again."""
        try:
            async with paced():
                return await act(context, case_id)
        except CaseChanged:
            return False
        except Exception:
            log.exception("deadline_not_acted_on", case_id=case_id)
            return False

    async def keep_watching(self) -> None:
        """Look at start and then regularly, until closed."""
        await self._rounds.keep(self.look)

    def close(self) -> None:
        """Let ``keep_watching`` end after the case that it is at."""
        self._rounds.close()


async def act(context: Context, case_id: str) -> bool:
    """Do what is due with one case; returns whether anything was. Raises ``CaseChanged``: somebody else was first."""
    now = context.clock()
    async with context.db.write() as db:
        found = await case_store.get_case(db, case_id)
        await store.get_conversation(db, found.conversation_id, for_change=True)
        case = await case_store.get_case(db, case_id)
        if case.status is CaseStatus.CLOSED:
            return False
        due = overdue(case, context.sla_of(case), rules_of(context, case), now)
        if not due:
            await deadline_store.restate_deadline(db, with_next_deadline(context, case))
            return False
        events: tuple[Event, ...] = ()
        for one in due:
            case, more = await _record(context, db, case, one, now)
            events += more
        case, more = await _tell(context, db, case, gravest(due), now, told=events)
        events += more
        missed = [one for one in due if one.what.is_missed]
        waits = case.status is CaseStatus.OPEN
        if missed and waits and can_rise(case, await highest_in_queue(db, case.category)):
            case, more = await _move_up(context, db, case, missed[-1], now, told=events)
            events += more
        elif missed and is_broken(case, now):
            case, more = await promise_anew(context, db, case, now)
            events += more
    context.publish((*step_events(case, ()), *events))
    return True


async def _record(
    context: Context, db: AsyncConnection, case: Case, due: Due, now: datetime
) -> tuple[Case, tuple[Event, ...]]:
    status_after(case, Step.DEADLINE)
    after = replace(case, deadline_marks=marked(case, due, now), version=case.version + 1)
    data = {"deadline": due.what, "due_at": due.due_at.isoformat()}
    saved = await save_step(context, db, case, after, Step.DEADLINE, SYSTEM, now, data=data)
    return saved.case, saved.events


async def _tell(
    context: Context, db: AsyncConnection, case: Case, due: Due, now: datetime, *, told: tuple[Event, ...]
) -> tuple[Case, tuple[Event, ...]]:
    """Tell whoever must know of ``due``; ``told`` are the events of what was recorded. Only a silence closes a case."""
    if due.what is Deadline.CUSTOMER_REMINDER:
        return case, await _remind(context, db, case, now)
    if due.what is Deadline.CUSTOMER_SILENT:
        return await _close(context, db, case, now)
    if due.what is Deadline.STALLED:
        minutes = int(rules_of(context, case).stalled_after.total_seconds() // 60)
        values = {"agent": await owner_name(context, db, case), "minutes": minutes}
        return case, await _alert(context, db, case, NotificationKind.CASE_STALLED, due, values)
    target = due.what.target or ""
    values = {"deadline": context.wording.deadlines[target]}
    if due.what.is_near:
        values["when"] = context.wording.within(due.due_at - now)
        kind = NotificationKind.DEADLINE_NEAR
        if case.agent_id is not None and case.is_owned:
            data = {"deadline": due.what, "due_at": due.due_at.isoformat()}
            return case, await notify(context, db, [case.agent_id], kind, case=case, values=values, data=data)
        return case, await _alert(context, db, case, kind, due, values)
    # A promise that broke with it has been told to the same people already.
    if _tells_of_a_broken_promise(told):
        return case, ()
    return case, await _alert(context, db, case, NotificationKind.DEADLINE_MISSED, due, values)


def _tells_of_a_broken_promise(events: tuple[Event, ...]) -> bool:
    return any(
        isinstance(event, AgentsNotified)
        and any(line.kind is NotificationKind.PROMISE_BROKEN for line in event.notifications)
        for event in events
    )


async def _alert(
    context: Context, db: AsyncConnection, case: Case, kind: NotificationKind, due: Due, values: dict[str, object]
) -> tuple[Event, ...]:
    leads = [agent.id for agent in await leads_of(db, case.category)]
    data = {"deadline": due.what, "due_at": due.due_at.isoformat()}
    return await notify(context, db, leads, kind, case=case, values=values, data=data)


async def _move_up(
    context: Context, db: AsyncConnection, case: Case, due: Due, now: datetime, *, told: tuple[Event, ...]
) -> tuple[Case, tuple[Event, ...]]:
    """Automatic escalation (P7, P13): a case that waits in its queue goes one level up, and the customer is told.

    Who was told of the missed deadline just now does not hear of the same case twice.
    """
    words = context.wording.deadlines
    values = {
        "deadline": words[due.what.target or ""],
        "queue": context.wording.queue(case.category),
        "level": case.level + 1,
    }
    data = {"deadline": due.what, "due_at": due.due_at.isoformat()}
    return await raise_level(
        context,
        db,
        case,
        SYSTEM,
        now,
        tried=words["tried"].format_map(values),
        next_step=words["next_step"].format_map(values),
        kind=EscalationKind.AUTOMATIC,
        data=data,
        told=[line.agent_id for one in told if isinstance(one, AgentsNotified) for line in one.notifications],
    )


async def _remind(context: Context, db: AsyncConnection, case: Case, now: datetime) -> tuple[Event, ...]:
    silence = context.policy.sla.customer_silent
    name = await owner_name(context, db, case)
    words = context.wording.to(case.language)
    within, problem = words.within(silence.close_after - silence.remind_after), words.problem_of(case)
    asked = next((row.text for row in reversed(await events_of(db, case.id)) if row.step is Step.WAIT), "")
    stored = await tell(
        context, db, case, now, "waiting_reminder", agent=name, problem=problem, closes=within, what=sentence(asked)
    )
    await mail_news(context, db, case, now, said=len(stored))
    return step_events(case, stored)


async def _close(context: Context, db: AsyncConnection, case: Case, now: datetime) -> tuple[Case, tuple[Event, ...]]:
    """A customer who never answered: closed and told, in the chat and by mail, each with the survey (P27).

    The bot owns again and says nothing: its question would follow on the notice. They can reopen the case.
    """
    silence = context.policy.sla.customer_silent
    outcome = context.wording.labels["silent_outcome"]
    after = replace(
        case,
        status=status_after(case, Step.RESOLVE),
        resolved_at=now,
        disposition=silence.disposition,
        root_cause=silence.root_cause,
        outcome=outcome,
        csat=None,
        csat_comment=None,
        csat_agent_id=None,
        version=case.version + 1,
    )
    data = {"disposition": silence.disposition, "root_cause": silence.root_cause, "deadline": Deadline.CUSTOMER_SILENT}
    saved = await save_step(context, db, case, after, Step.RESOLVE, SYSTEM, now, text=outcome, data=data)
    name = await owner_name(context, db, case)
    words = context.wording.to(case.language)
    told, problem = sentence(words.labels["silent_outcome"]), words.problem_of(case)
    stored = await tell(context, db, saved.case, now, "case_closed_silent", agent=name, outcome=told, problem=problem)
    return saved.case, (*step_events(saved.case, stored), *saved.events)
