"""A promised word did not come: the customer hears so, and when it comes now (P7, P23). Silence is the worst answer.

Each promise that breaks without a word in between is followed by one for twice as long: what is promised again and
again and never kept is worth less each time, and a customer is not to be told so every few minutes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import SYSTEM
from handoff.domain.cases import Case, Step, status_after
from handoff.domain.promises import promised_now
from handoff.services.case_writing import owner_name, save_step, step_events, tell
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.mailing import mail_news
from handoff.services.opening_news import moving_news, tell_of_queue
from handoff.store import case_events

MOST_DOUBLINGS: Final = 6
"""So often the span doubles: two minutes become two hours."""


def is_broken(case: Case, now: datetime) -> bool:
    """Whether the customer waits for a word that was promised for an earlier time."""
    due = promised_now(case)
    return due is not None and due < now


async def promise_anew(
    context: Context, db: AsyncConnection, case: Case, now: datetime
) -> tuple[Case, tuple[Event, ...]]:
    """Promise another time and tell the customer, in the caller's transaction; publish the events after its commit.

    In somebody's hands they are told the name, in a queue their place. Only the first time in one silence goes by mail.
    """
    clock, broken_before = context.sla_of(case), await _broken_before(db, case)
    span = min(clock.spans.first_response, clock.spans.next_update) * 2 ** min(broken_before, MOST_DOUBLINGS)
    after = replace(
        case,
        status=status_after(case, Step.NEXT_UPDATE),
        targets=replace(case.targets, next_update_due=clock.after(now, span)),
        version=case.version + 1,
    )
    news = None if case.is_owned else await moving_news(context, db, after, now)
    data = {"broken": case.next_word_due.isoformat(), **(news.recorded() if news is not None else {})}
    saved = await save_step(context, db, case, after, Step.NEXT_UPDATE, SYSTEM, now, data=data)
    after = saved.case
    if news is not None:
        stored = await tell_of_queue(context, db, after, news, now, "promise_missed_queue")
    else:
        within = context.wording.to(case.language).within(after.next_word_due - now)
        name = await owner_name(context, db, case)
        stored = await tell(context, db, after, now, "promise_missed", agent=name, next_update=within)
    if not broken_before:
        await mail_news(context, db, after, now, said=len(stored))
    return after, (*step_events(after, stored), *saved.events)


async def _broken_before(db: AsyncConnection, case: Case) -> int:
    """How many promises broke one after the other since a person wrote, or the case came to who has it now."""
    since = max(moment for moment in (case.queued_at, case.in_hand_since, case.last_agent_word_at) if moment)
    renewed = (event for event in await case_events.events_of(db, case.id) if "broken" in event.data)
    return sum(event.step is Step.NEXT_UPDATE and event.at > since for event in renewed)
