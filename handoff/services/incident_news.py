"""Customers hear of an incident: those who wait, the next who has it, and all of them when it is over (P14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category, TurnRecord
from handoff.domain.conversations import Conversation, ConversationStatus, Draft, Message, SenderType, Turn
from handoff.domain.incidents import Incident, IncidentStatus, Vector, belongs_to
from handoff.services.case_writing import step_events
from handoff.services.context import Context
from handoff.services.events import Event, IncidentChanged, MessagesStored
from handoff.services.incidents import link_case
from handoff.services.mailing import mail_news
from handoff.services.meaning import MeaningUnavailable
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import incidents as incident_store
from handoff.store.incidents import Link

NOT_UNDERSTOOD = "nlu_fallback"
"""The intent of a turn that the assistant knows nothing about: an incident may be just what it is about."""


async def direction_of(context: Context, text: str) -> Vector | None:
    """What a text means; None where this installation has no encoder."""
    try:
        (row,) = await context.meaning.encode([text])
    except MeaningUnavailable:
        return None
    return tuple(row.tolist())


@dataclass(frozen=True, slots=True)
class News:
    """The incident of which a customer is to be told with the bot's next answer."""

    incident: Incident

    def draft(self, context: Context, said: tuple[str, ...], language: str | None) -> Draft:
        """The bot's words."""
        words = context.wording.to(language)
        text = words.notice("incident_known", context.random, said, announcement=self.incident.announcement)
        return Draft(SenderType.BOT, text, sender_name=context.wording.widget["bot_name"], notice="incident_known")


async def confirmed_now(context: Context) -> tuple[Incident, ...]:
    """The incidents that customers may be told of."""
    async with context.db.read_at_once() as db:
        return await incident_store.confirmed_incidents(db)


async def news_for(
    context: Context, turn: Turn, record: TurnRecord | None, confirmed: Sequence[Incident]
) -> News | None:
    """Which of the ``confirmed`` incidents this turn of a customer is about, if it is about one."""
    if not confirmed or record is None or turn.seq <= 0:
        return None
    if record.topic is None and record.intent != NOT_UNDERSTOOD:
        return None
    direction = await direction_of(context, turn.payload)
    if direction is None:
        return None
    category = Category(context.policy.category_of(record.topic)) if record.topic else None
    found = belongs_to(direction, category, confirmed, belongs_from=context.policy.incidents.belongs_from)
    return News(found) if found is not None else None


async def is_news(context: Context, db: AsyncConnection, news: News, conversation_id: str) -> bool:
    """Whether this conversation has not been told yet; from now on it counts as told."""
    now = context.clock()
    told = Link(news.incident.id, conversation_id, None, now)
    await incident_store.add_link(db, told)
    return await incident_store.mark_announced(db, told, now)


async def tell_next(context: Context) -> int:
    """Tell those whom nobody has told yet, each in a transaction of its own; returns how many were told or passed over.

    Several nodes may do it at once: the mark is set by the first. Who has begun a new conversation meanwhile hears only
    the end, in the new one.
    """
    async with context.db.read() as db:
        waiting = await incident_store.links_to_tell(db)
    for incident, link in waiting:
        async with context.db.write() as db:
            events = await _tell(context, db, incident, link)
        context.publish(events)
    for incident_id in {incident.id for incident, _ in waiting}:
        context.publish((IncidentChanged(incident_id),))
    return len(waiting)


async def _tell(context: Context, db: AsyncConnection, incident: Incident, link: Link) -> tuple[Event, ...]:
    now = context.clock()
    conversation = await store.get_conversation(db, link.conversation_id, for_change=True)
    over = incident.status is IncidentStatus.RESOLVED
    mark = incident_store.mark_end_told if over else incident_store.mark_announced
    if not await mark(db, link, now):
        return ()
    if conversation.status is ConversationStatus.CLOSED:
        return await _tell_elsewhere(context, db, incident, conversation, now) if over else ()
    case = await case_store.open_case_of(db, conversation.id)
    if over:
        stored = await _say(context, db, conversation, "incident_over", resolution=incident.resolution or "")
        await _mail(context, db, conversation, conversation, now, said=len(stored))
    else:
        key = "incident_announced" if case is not None else "incident_announced_later"
        stored = await _say(context, db, conversation, key, announcement=incident.announcement)
    if case is None:
        return (MessagesStored(conversation.id, stored),)
    events = () if over else await link_case(context, db, incident, case, now)
    return (*step_events(case, stored), *events)


async def _tell_elsewhere(
    context: Context, db: AsyncConnection, incident: Incident, left: Conversation, now: datetime
) -> tuple[Event, ...]:
    """Tell the end to who has begun a new conversation since: there, and by mail if it is not read there. Once each."""
    latest = await store.latest_open_conversation(db, left.customer_id)
    if latest is None or any(
        one.conversation_id == latest.id for one in await incident_store.links_of(db, incident.id)
    ):
        return ()
    there = await store.get_conversation(db, latest.id, for_change=True)
    resolution = incident.resolution or ""
    if any(resolution in text for text in await store.notices_said(db, there.id)):
        return ()
    stored = await _say(context, db, there, "incident_over", resolution=resolution)
    await _mail(context, db, left, there, now, said=len(stored))
    return (MessagesStored(there.id, stored),)


async def _mail(
    context: Context, db: AsyncConnection, about: Conversation, there: Conversation, now: datetime, *, said: int
) -> None:
    """By mail too, under the number of the case that was about it."""
    case = await case_store.latest_case(db, about.id)
    if case is not None:
        await mail_news(context, db, case, now, said=said, conversation_id=there.id)


async def _say(
    context: Context, db: AsyncConnection, conversation: Conversation, key: str, **words: str
) -> tuple[Message, ...]:
    said = await store.notices_said(db, conversation.id)
    text = context.wording.to(conversation.language).notice(key, context.random, said, **words)
    draft = Draft(SenderType.SYSTEM, text, notice=key)
    _, stored = await store.append_messages(db, conversation.id, [draft], now=context.clock(), new_id=context.new_id)
    return stored
