"""Cards beside the bot's messages: kept with them, and told to whoever reads the conversation."""

from __future__ import annotations

from datetime import date

import pytest

from handoff.contract_cards import OrderCard, OrderCardItem, OrderCardState
from handoff.domain.conversations import BotReply
from handoff.domain.message_cards import FaqCard, faq_card
from handoff.services import bot_replies
from handoff.services.bot_replies import BotAnswer
from handoff.store import conversations as store
from tests.handoff.cast import House, record

CARD = OrderCard(
    number="LH-10001",
    state=OrderCardState.SHIPPED,
    items=(OrderCardItem(product="<b>kettle</b>", quantity=2),),
    day=date(2026, 3, 4),
    link="https://shop.example/orders/LH-10001",
)


async def answered(house: House, *replies: BotReply) -> tuple[object, ...]:
    conversation = await house.begin()
    message = await house.say(conversation, "Where is my order?")
    async with house.context.db.read() as db:
        (turn,) = await store.pending_turns(db, conversation.id)
    answer = BotAnswer(replies, record(message.id))
    await bot_replies.store_answer(house.context, turn, answer, owner_version=conversation.owner.version)
    return tuple(one.card for one in (await house.messages(conversation))[1:])


async def test_an_orders_card_stands_with_its_message_and_no_other(house: House) -> None:
    assert await answered(house, BotReply("It's on its way.", card=CARD), BotReply("Anything else?")) == (CARD, None)


async def test_an_faq_answer_gets_a_title_and_its_first_link(house: House) -> None:
    text = "Take it along (https://shop.example/returns). Or see https://shop.example/label"
    (card,) = await answered(house, BotReply(text, response="utter_faq/returns_refunds_return_period"))

    assert card == FaqCard(title="How long you have to return something", link="https://shop.example/returns")


@pytest.mark.parametrize("response", [None, "utter_greet", "utter_faq/nobody_named_this"])
async def test_what_is_no_named_faq_answer_has_no_card(house: House, response: str | None) -> None:
    assert await answered(house, BotReply("See https://shop.example", response=response)) == (None,)


@pytest.mark.parametrize("text", ["no link", "http://shop.example", "javascript:alert(1)", "https://" + "x" * 600])
def test_a_link_is_an_https_address_of_a_sane_length_or_none(text: str) -> None:
    assert faq_card("the return period", text).link is None
