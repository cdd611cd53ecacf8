"""Queues mails in the transaction of what they tell: to members of staff, and to a customer who is not in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case, Step
from handoff.domain.notifications import Notification, NotificationKind
from handoff.domain.outbox import Channel, Delivery
from handoff.domain.people import Customer
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.store import conversations, outbox, people, reach

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken

ANSWERS: Final = frozenset(
    {
        Step.WORD,
        Step.RESOLVE,
        Step.RETURN_TO_BOT,
        Step.WAIT,
        Step.RESUME,
        Step.NEXT_UPDATE,
        Step.PLAN,
        Step.AUTHORITY,
        Step.REOPEN_TO_AGENT,
        Step.REOPEN_TO_QUEUE,
    }
)
"""After these steps there is an answer, a question or a promise for the customer to read, wherever they are."""
ANSWERED: Final = "case.answered"


async def mail_answer(context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """Queue the answer for a customer who may not read it in the chat.

    It waits a while, so that several words in a row become one mail; who reads them in the chat meanwhile gets none.
    """
    if taken.step in ANSWERS:
        # An agent's word is stored before its step, the notice of any other after it.
        await mail_news(context, db, taken.after, taken.now, said=1 if taken.step is Step.WORD else 0)
    return ()


async def mail_news(
    context: Context,
    db: AsyncConnection,
    case: Case,
    now: datetime,
    *,
    said: int,
    conversation_id: str | None = None,
) -> None:
    """Queue what the customer is just being told of a case; ``said`` messages of it are stored already.

    ``conversation_id`` is where they are told it, if that is not the conversation of the case.
    """
    if not context.mails or await address_of(db, case) is None:
        return
    there = conversation_id or case.conversation_id
    if there == case.conversation_id and await outbox.hold_untried(db, case.id, Channel.ANSWER_MAIL):
        return
    conversation = await conversations.get_conversation(db, there)
    delivery = Delivery(
        id=context.new_id(),
        channel=Channel.ANSWER_MAIL,
        event_id=context.new_id(),
        event=ANSWERED,
        case_id=case.id,
        payload={"conversation_id": there, "after": conversation.last_seq - said},
        created_at=now,
        next_try_at=now + context.policy.telling.answer_mail_after,
    )
    await outbox.add_deliveries(db, [delivery])


async def address_of(db: AsyncConnection, case: Case) -> str | None:
    """Where the customer of a case gets mail."""
    return await known_email(db, case.conversation_id, await people.get_customer(db, case.customer_id))


async def known_email(db: AsyncConnection, conversation_id: str, customer: Customer) -> str | None:
    """Where the customer can be written to: the address they left here, or the one that the website vouches for."""
    left = await reach.contact_email(db, conversation_id)
    return left or (customer.email if customer.verified else None)


async def mail_staff(context: Context, db: AsyncConnection, told: Sequence[Notification]) -> None:
    """Queue these by mail too, where there is a mail server."""
    if not context.mails:
        return
    wanted = [one for one in told if not _about_mail(one)]
    await outbox.add_deliveries(
        db,
        [
            Delivery(
                id=context.new_id(),
                channel=Channel.STAFF_MAIL,
                event_id=one.id,
                event=one.kind,
                case_id=one.case_id,
                payload={"agent_id": one.agent_id, "text": one.text},
                created_at=one.created_at,
                next_try_at=one.created_at,
            )
            for one in wanted
        ],
    )


def _about_mail(told: Notification) -> bool:
    """Whether it says that mail does not arrive: a mail about that would not arrive either."""
    return told.kind is NotificationKind.DELIVERY_FAILED and told.data.get("channel") != Channel.WEBHOOK
