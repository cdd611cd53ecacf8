"""What the bot said, written only while the bot still owns the conversation."""

from __future__ import annotations

from dataclasses import dataclass

from handoff.contract import Category, DecisionAction, TurnRecord
from handoff.domain.conversations import BotReply, ConversationStatus, Draft, SenderType, Turn, TurnStatus
from handoff.domain.message_cards import FaqCard, faq_card, faq_topic
from handoff.domain.ownership import OwnerType
from handoff.domain.ratings import answer_among
from handoff.services.context import Context
from handoff.services.events import Event, MessagesStored
from handoff.services.incident_news import News, is_news
from handoff.services.open_case import request_from_record, write_case
from handoff.store import contacts
from handoff.store import conversations as store


@dataclass(frozen=True, slots=True)
class BotAnswer:
    """All that the bot gave back for one turn: its messages, and the record of what was understood and decided."""

    replies: tuple[BotReply, ...]
    record: TurnRecord | None

    @property
    def asks_for_human(self) -> bool:
        """Whether the decision of this turn is to hand over now."""
        return self.record is not None and self.record.decision.action is DecisionAction.NOW

    @property
    def is_complete(self) -> bool:
        """Whether the customer gets something out of it; a bot that was cut off says nothing."""
        return bool(self.replies) or self.asks_for_human


async def store_answer(
    context: Context, turn: Turn, answer: BotAnswer, *, owner_version: int, news: News | None = None
) -> bool:
    """Write the bot's replies if the owner is still the one that the turn was sent under.

    Otherwise they are dropped and only the record is kept: never a bot message while a human owns. Returns whether the
    replies were written. When the turn asked for a human and no case was opened yet (the request was lost on its way),
    the case is opened from the record in the same transaction: no crash can come between. ``news`` of an incident
    is told before the answer, once in a conversation.
    """
    now = context.clock()
    name = context.wording.widget["bot_name"]
    answering = answer_among(turn, answer.replies, answer.record, context.wording.no_answers)
    drafts = [
        Draft(
            SenderType.BOT,
            reply.text,
            sender_name=name,
            buttons=reply.buttons,
            answers_turn=turn.message_id if place == answering else None,
            card=reply.card or _faq_card(context, reply),
        )
        for place, reply in enumerate(answer.replies)
    ]
    try:
        async with context.db.write() as db:
            if news is not None and await is_news(context, db, news, turn.conversation_id):
                said = await store.notices_said(db, turn.conversation_id)
                language = (await store.get_conversation(db, turn.conversation_id)).language
                drafts = [news.draft(context, said, language), *drafts]
            conversation, stored = await store.append_messages(
                db,
                turn.conversation_id,
                drafts,
                now=now,
                new_id=context.new_id,
                under_version=owner_version,
                only_owner=OwnerType.BOT,
            )
            await store.finish_turn(db, turn.message_id, TurnStatus.ANSWERED, now=now, record=answer.record)
            topic = answer.record.topic if answer.record else None
            if topic is not None and context.policy.is_known(topic):
                await contacts.note_contact(
                    db,
                    conversation_id=conversation.id,
                    customer_id=conversation.customer_id,
                    topic=topic,
                    category=Category(context.policy.category_of(topic)),
                    at=now,
                )
            events: tuple[Event, ...] = (MessagesStored(turn.conversation_id, stored),) if stored else ()
            if answer.asks_for_human and answer.record is not None and conversation.status is ConversationStatus.OPEN:
                request = request_from_record(context, turn.conversation_id, answer.record)
                _, opened = await write_case(context, db, request, now=now)
                events += opened
    except store.StaleOwner:
        async with context.db.write() as db:
            await store.finish_turn(db, turn.message_id, TurnStatus.HANDED_OFF, now=now, record=answer.record)
        return False
    context.publish(events)
    return True


def _faq_card(context: Context, reply: BotReply) -> FaqCard | None:
    """The card of an FAQ answer, where ``data/wording/problems.yml`` has a name for its topic."""
    topic = faq_topic(reply.response)
    name = context.wording.problems.get(topic, {}).get("without") if topic else None
    return faq_card(name, reply.text) if name else None


async def say_bot_trouble(context: Context, turn: Turn, *, owner_version: int) -> None:
    """Tell the customer that the answer takes longer and the message is safe; silence is the worst answer (P23).

    Told once for a message, however often the service restarts meanwhile.
    """
    conversation_id = turn.conversation_id
    now = context.clock()
    try:
        async with context.db.write() as db:
            if await store.notice_stands_after(db, conversation_id, "bot_trouble", turn.seq):
                return
            said = await store.notices_said(db, conversation_id)
            language = (await store.get_conversation(db, conversation_id)).language
            text = context.wording.to(language).notice("bot_trouble", context.random, said)
            _, stored = await store.append_messages(
                db,
                conversation_id,
                [Draft(SenderType.SYSTEM, text, notice="bot_trouble")],
                now=now,
                new_id=context.new_id,
                under_version=owner_version,
                only_owner=OwnerType.BOT,
            )
    except store.StaleOwner:
        return
    context.publish((MessagesStored(conversation_id, stored),))


async def mark_failed(context: Context, turn: Turn) -> None:
    """The bot gave up on this turn; a human has it now."""
    async with context.db.write() as db:
        await store.finish_turn(db, turn.message_id, TurnStatus.FAILED, now=context.clock())
