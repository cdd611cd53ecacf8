"""What the bot is told beside the text: who the customer is, what they came with before, how the last case ended."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import BotMetadata, Category, CustomerInfo, EarlierContact, LastCase
from handoff.domain.conversations import Turn
from handoff.domain.visits import topics_of_earlier_visits
from handoff.services.context import Context
from handoff.store import cases as case_store
from handoff.store import contacts, people
from handoff.store import conversations as store

REMEMBERED_CONVERSATIONS = 10_000


@dataclass(frozen=True, slots=True)
class _About:
    """What the bot is told of a conversation beside the text; stable through a visit while the bot owns it."""

    customer: CustomerInfo
    contacts: tuple[EarlierContact, ...]
    last_case: LastCase | None
    started_at: datetime


class Metadata:
    """Gathers it, once for each visit to a conversation, owner and escalation policy."""

    def __init__(self) -> None:
        self._about: OrderedDict[tuple[str, int, str], tuple[_About, datetime]] = OrderedDict()
        """With when the customer last wrote."""

    async def of(self, context: Context, turn: Turn, version: int) -> BotMetadata:
        """The metadata of one turn."""
        about = await self._about_conversation(context, turn, version)
        return BotMetadata(
            message_id=turn.message_id,
            conversation_id=turn.conversation_id,
            owner_version=version,
            sent_at=turn.created_at,
            customer=about.customer,
            contacts=about.contacts,
            last_case=about.last_case,
            conversation_started_at=about.started_at,
        )

    async def _about_conversation(self, context: Context, turn: Turn, version: int) -> _About:
        """Read once for each visit and owner version: within it neither the contacts nor the last case change."""
        key, at = (turn.conversation_id, version, context.policy.version), turn.created_at
        about, last = self._about.get(key, (None, at))
        if about is None or at - last >= _pause(context):
            about = await self._read(context, turn)
        self._about[key] = (about, max(at, last))
        self._about.move_to_end(key)
        if len(self._about) > REMEMBERED_CONVERSATIONS:
            self._about.popitem(last=False)
        return about

    async def _read(self, context: Context, turn: Turn) -> _About:
        conversation_id = turn.conversation_id
        since = context.clock() - timedelta(days=context.policy.signals.repeat_contact.window_days)
        async with context.db.read() as db:
            conversation = await store.get_conversation(db, conversation_id)
            customer = await people.get_customer(db, conversation.customer_id)
            earlier = await contacts.earlier_contacts(db, customer_id=customer.id, since=since, but=conversation_id)
            earlier += await _earlier_visits(context, db, turn, since)
            case = await case_store.latest_case(db, conversation_id)
            agent_name = (
                (await people.get_agent(db, case.agent_id)).name if case is not None and case.agent_id else None
            )
        last_case = None
        if case is not None:
            last_case = LastCase(
                id=case.id,
                number=case.number,
                category=case.category,
                outcome=case.outcome or "",
                agent_name=agent_name,
                resolved_at=case.resolved_at,
            )
        return _About(customer.info(), earlier, last_case, conversation.started_at)


def _pause(context: Context) -> timedelta:
    return timedelta(hours=context.policy.signals.repeat_contact.visit_after_hours)


async def _earlier_visits(
    context: Context, db: AsyncConnection, turn: Turn, since: datetime
) -> tuple[EarlierContact, ...]:
    """What the customer came with to this conversation before: it is resumed, and each visit is a contact."""
    said = await contacts.times_of_customer(db, turn.conversation_id, since=since, until=turn.created_at)
    topics = await contacts.topics_of_turns(db, turn.conversation_id, since=since)
    policy = context.policy
    return tuple(
        EarlierContact(
            conversation_id=turn.conversation_id, topic=topic, category=Category(policy.category_of(topic)), at=at
        )
        for at, topic in topics_of_earlier_visits(said, topics, _pause(context))
        if policy.is_known(topic)
    )
