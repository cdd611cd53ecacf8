"""What the bot is told beside the text: who the customer is, what they came with before, how the last case ended."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from handoff.contract import BotMetadata, CustomerInfo, EarlierContact, LastCase
from handoff.domain.conversations import Turn
from handoff.services.context import Context
from handoff.store import cases as case_store
from handoff.store import contacts, people
from handoff.store import conversations as store

REMEMBERED_CONVERSATIONS = 10_000


@dataclass(frozen=True, slots=True)
class _About:
    """What the bot is told of a conversation beside the text; stable while the bot owns it."""

    customer: CustomerInfo
    contacts: tuple[EarlierContact, ...]
    last_case: LastCase | None
    started_at: datetime


class Metadata:
    """Gathers it, once for each conversation, owner and escalation policy."""

    def __init__(self) -> None:
        self._about: OrderedDict[tuple[str, int, str], _About] = OrderedDict()

    async def of(self, context: Context, turn: Turn, version: int) -> BotMetadata:
        """The metadata of one turn."""
        about = await self._about_conversation(context, turn.conversation_id, version)
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

    async def _about_conversation(self, context: Context, conversation_id: str, version: int) -> _About:
        """Read once for each owner version: within it neither the contacts nor the last case change."""
        key = (conversation_id, version, context.policy.version)
        known = self._about.get(key)
        if known is not None:
            self._about.move_to_end(key)
            return known
        window = timedelta(days=context.policy.signals.repeat_contact.window_days)
        async with context.db.read() as db:
            conversation = await store.get_conversation(db, conversation_id)
            customer = await people.get_customer(db, conversation.customer_id)
            earlier = await contacts.earlier_contacts(
                db,
                customer_id=customer.id,
                since=context.clock() - window,
                but=conversation_id,
            )
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
        about = _About(customer.info(), earlier, last_case, conversation.started_at)
        self._about[key] = about
        if len(self._about) > REMEMBERED_CONVERSATIONS:
            self._about.popitem(last=False)
        return about
