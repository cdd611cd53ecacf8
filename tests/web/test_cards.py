"""Cards in the chat, on the real service: an order at a glance, and an answer to a general question with its title."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.async_api import Page, expect

from handoff.contract import OrderCard, OrderCardItem, OrderCardState
from handoff.domain.conversations import BotReply
from handoff.services.bot_replies import BotAnswer
from tests.handoff.cast import record

from .fake_app import FakeWarmline
from .house import HousePages
from .test_files import open_chat
from .widget import HOSTILE, connected, write
from .widget import open_chat as open_fake

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TEXT = "Order LH-10001 (table lamp) is on its way with Parcelway. It should arrive on Wednesday 4 March."
CARD = OrderCard(
    number="LH-10001",
    state=OrderCardState.SHIPPED,
    items=(OrderCardItem(product="table lamp", quantity=2), OrderCardItem(product="kettle", quantity=1)),
    day=date(2026, 3, 4),
    carrier="Parcelway",
    tracking_number="PP001GB",
    link="https://shop.example/account/orders/LH-10001",
)


async def answers(house: HousePages, page: Page, reply: BotReply) -> None:
    """The customer asks, and the bot answers with this."""
    house.bot.answers.append(BotAnswer((reply,), record("m")))
    await write(page, "Where is my order?")


async def test_an_order_is_shown_with_state_items_day_and_link_below_the_words(
    house_pages: HousePages, page: Page
) -> None:
    await open_chat(house_pages, page)
    await answers(house_pages, page, BotReply(TEXT, card=CARD))

    card = page.get_by_test_id("order-card")
    await expect(card).to_contain_text("Order LH-10001 · On its way")
    await expect(card.get_by_role("listitem")).to_have_text(["2 × table lamp", "kettle"])
    await expect(card).to_contain_text("Expected on Wed 4 Mar")
    await expect(card).to_contain_text("Parcelway PP001GB")
    await expect(card.get_by_role("link", name="See this order")).to_have_attribute("href", str(CARD.link))
    await expect(page.locator('[data-sender="bot"] .bubble').last).to_contain_text(TEXT)


async def test_a_card_is_there_again_on_return_and_after_a_reload(house_pages: HousePages, page: Page) -> None:
    await open_chat(house_pages, page)
    await answers(house_pages, page, BotReply(TEXT, card=CARD.model_copy(update={"days_late": 2})))
    await expect(page.get_by_test_id("order-card")).to_contain_text("Late")
    await page.reload()
    await page.get_by_test_id("open-chat").click()

    await expect(page.get_by_test_id("order-card")).to_contain_text("Order LH-10001 · Late")


async def test_a_general_answer_has_a_title_a_link_and_the_question_whether_it_helped(
    house_pages: HousePages, page: Page
) -> None:
    text = "30 days. See https://shop.example/returns."
    await open_chat(house_pages, page)
    await answers(house_pages, page, BotReply(text, response="utter_faq/returns_refunds_return_period"))

    answer = page.locator('[data-sender="bot"]').last
    await expect(answer.locator(".bubble strong")).to_have_text("How long you have to return something")
    await expect(answer.locator(".bubble")).to_contain_text(text)
    link = answer.get_by_test_id("faq-card").get_by_role("link", name="Open the page")
    await expect(link).to_have_attribute("href", "https://shop.example/returns")
    await expect(page.get_by_test_id("rate-helpful")).to_be_visible()


HOSTILE_CARDS: tuple[dict[str, Any], ...] = (
    {
        "kind": "order",
        "number": HOSTILE,
        "state": HOSTILE,
        "items": [{"product": HOSTILE, "quantity": 1}],
        "day": None,
        "days_late": 0,
        "carrier": HOSTILE,
        "tracking_number": HOSTILE,
        "link": "javascript:window.broken=1",
    },
    {"kind": "faq", "title": HOSTILE, "link": "javascript:window.broken=1"},
)


@pytest.mark.parametrize("card", HOSTILE_CARDS, ids=["order", "faq"])
async def test_a_hostile_card_is_only_ever_text(page: Page, warmline: FakeWarmline, card: dict[str, Any]) -> None:
    conversation = await open_fake(page, warmline)
    await warmline.customer.say(conversation, "Here it is.", card=card)

    message = page.locator('[data-sender="bot"]').last
    await expect(message).to_contain_text("<img src=x")
    await expect(message).to_contain_text("javascript:window.broken=1")
    assert await message.locator("a, img, script").count() == 0
    assert await page.evaluate("window.broken") is None


async def test_a_card_of_a_kind_that_is_not_known_leaves_the_text_alone(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_fake(page, warmline)
    await warmline.customer.say(conversation, "Here it is.", card={"kind": "map"})
    await warmline.customer.say(conversation, "And on.")

    await expect(page.locator('[data-sender="bot"] .bubble').last).to_contain_text("And on.")
    await connected(page)
