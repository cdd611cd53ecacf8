"""What the notice of a case that comes into its queue adds: how long it takes, or that nobody is there and when.

It is one notice, so the customer reads one message; what is added stands in a paragraph of its own below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import COMES_ANEW, Case, CaseEvent, Step
from handoff.domain.conversations import Draft, Message, SenderType
from handoff.domain.people import Customer
from handoff.services.availability import Availability, availability
from handoff.services.case_writing import tell_with
from handoff.services.contact import ASKED
from handoff.services.context import Context
from handoff.services.mailing import known_email
from handoff.services.waiting import remember_told, wait_range
from handoff.store import case_events, conversations, people
from handoff.store import cases as case_store

NOBODY_THERE: Final = str(Step.NOBODY_THERE)
"""The entry of a history row by which the customer was told at once that nobody is there."""


@dataclass(frozen=True, slots=True)
class OpeningNews:
    """What is known at the moment at which the case comes. ``asks`` says whether an e-mail address is asked for.

    ``mails`` says whether anything is sent by e-mail here: without it, nothing is asked for and nothing promised.
    """

    there: Availability
    email: str | None
    mails: bool
    heard: bool = False
    """Whether they have heard before in this case that nobody is there: it is not said at every move."""

    @property
    def asks(self) -> bool:
        """Whether the customer is asked where the answer can be sent."""
        return self.mails and not self.there.somebody and self.email is None and not self.heard

    def recorded(self) -> dict[str, Any]:
        """What the history keeps of it."""
        return {} if self.there.somebody or self.heard else {NOBODY_THERE: True, ASKED: self.asks}


async def opening_news(
    context: Context, db: AsyncConnection, case: Case, customer: Customer, now: datetime
) -> OpeningNews:
    """Read it, before the case is written."""
    there = await availability(context, db, case, now)
    return OpeningNews(there, await known_email(db, case.conversation_id, customer), context.mails)


async def moving_news(context: Context, db: AsyncConnection, case: Case, now: datetime) -> OpeningNews:
    """The same for a case that moves to another queue or level, read before the move is written."""
    news = await opening_news(context, db, case, await people.get_customer(db, case.customer_id), now)
    return replace(news, heard=heard_nobody_there(await case_events.events_of(db, case.id)))


def heard_nobody_there(history: Sequence[CaseEvent]) -> bool:
    """Whether the customer was told that nobody is there, since the case came or was reopened last."""
    came = max((place for place, event in enumerate(history) if event.step in COMES_ANEW), default=0)
    return any(event.data.get(NOBODY_THERE) for event in history[came:])


async def tell_of_queue(
    context: Context, db: AsyncConnection, case: Case, news: OpeningNews, now: datetime, key: str, **values: object
) -> tuple[Message, ...]:
    """Store the notice of a case that comes into a queue again: its position, the next word, how long it takes."""
    position = await case_store.queue_position(db, case) or 1
    return await tell_with(
        context,
        db,
        case,
        now,
        key,
        await below_notice(context, db, case, news, position, now),
        queue=context.wording.to(case.language).queue(case.category),
        position=position,
        next_update=next_word(context, case, news, now),
        **values,
    )


def next_word(context: Context, case: Case, news: OpeningNews, now: datetime) -> str:
    """When the customer hears next: within the promised time, or once the queue opens where nobody is there before."""
    words = context.wording.to(case.language)
    if news.there.somebody or news.there.in_hours:
        return words.within(case.next_word_due - now)
    zone = context.policy.hours_of(case.category).zone
    return words.times.back(news.there.opens_at, now, zone)


async def below_notice(
    context: Context, db: AsyncConnection, case: Case, news: OpeningNews, position: int, now: datetime
) -> str:
    """What stands below the notice, empty where nothing is known; a range is kept, to be held against what comes."""
    words = context.wording.to(case.language)
    if news.there.somebody:
        told = await wait_range(context, db, case, position, now)
        if told is None:
            return ""
        await remember_told(context, db, case, position, told, now)
        return words.notice("wait_range", context.random, wait=words.times.wait(told))
    if news.heard:
        return ""
    return nobody_words(context, case, news, now)


async def tell_nobody_there(
    context: Context, db: AsyncConnection, case: Case, news: OpeningNews, now: datetime
) -> tuple[Message, ...]:
    """Store for somebody who waits already what others hear as their case comes: nobody is there, and until when."""
    notice = Draft(SenderType.SYSTEM, nobody_words(context, case, news, now), notice=NOBODY_THERE)
    _, stored = await conversations.append_messages(db, case.conversation_id, [notice], now=now, new_id=context.new_id)
    return stored


def nobody_words(context: Context, case: Case, news: OpeningNews, now: datetime) -> str:
    """That nobody is there, when somebody will be, and where the answer can be sent."""
    words = context.wording.to(case.language)
    queue = words.queue(case.category)
    if news.there.in_hours:
        away = words.notice("nobody_now", context.random, queue=queue)
    else:
        back = words.times.back(news.there.opens_at, now, context.policy.hours_of(case.category).zone)
        away = words.notice("nobody_until", context.random, queue=queue, back=back)
    also = contact_words(context, case, news)
    return f"{away} {also}" if also else away


def contact_words(context: Context, case: Case, news: OpeningNews) -> str:
    """Where the answer can be sent or will be; empty where nothing is sent by e-mail."""
    words = context.wording.to(case.language)
    if not news.mails:
        return ""
    if news.email is None:
        return words.notice("contact_asked", context.random)
    return words.notice("contact_known", context.random, email=news.email)
