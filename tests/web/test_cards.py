"""Cards in the chat, on the real service: an order at a glance, and an answer to a general question with its title."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.async_api import Page, expect

from handoff.contract_cards import (
    MoneyBackCard,
    MoneyBackState,
    OrderCard,
    OrderCardItem,
    OrderCardState,
    OrdersCard,
)
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


async def test_of_a_cancelled_order_the_card_says_when_the_money_is_free_and_shows_no_way(
    house_pages: HousePages, page: Page
) -> None:
    await open_chat(house_pages, page)
    off = CARD.model_copy(update={"state": OrderCardState.CANCELLED, "carrier": None, "tracking_number": None})
    await answers(house_pages, page, BotReply("Order LH-10001 is cancelled.", card=off))

    card = page.get_by_test_id("order-card")
    await expect(card).to_contain_text("Order LH-10001 · Cancelled")
    await expect(card).to_contain_text("Your money is free again by Wed 4 Mar")
    assert await card.locator("progress").count() == 0


LISTED = """These are your orders with us, the latest first:
• LH-10001, Monday 2 March: 2 × table lamp, £60.00 (on its way)
• LH-10002, Sunday 1 March: kettle, £30.00 (cancelled)
Choose one and I'll tell you where it is."""
OFF = OrderCard(number="LH-10002", state=OrderCardState.CANCELLED, items=CARD.items[1:])


async def test_a_list_of_orders_is_folded_to_a_line_each_that_opens_by_keyboard(
    house_pages: HousePages, page: Page
) -> None:
    await open_chat(house_pages, page)
    await answers(house_pages, page, BotReply(LISTED, card=OrdersCard(orders=(CARD, OFF))))

    listed = page.get_by_test_id("orders-card")
    heads = listed.locator("summary")
    await expect(heads).to_have_text(["Order LH-10001 · On its way", "Order LH-10002 · Cancelled"])
    bubble = page.locator('[data-sender="bot"] .bubble').last
    await expect(bubble).to_contain_text("Choose one and I'll tell you where it is.")
    await expect(bubble).not_to_contain_text("table lamp")
    await expect(listed.get_by_text("2 × table lamp")).to_be_hidden()
    sizes = await heads.evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
    assert min(sizes) >= 44

    await heads.first.focus()
    await page.keyboard.press("Enter")
    await expect(listed.get_by_text("2 × table lamp")).to_be_visible()
    await page.keyboard.press("Tab")
    link = listed.get_by_role("link", name="See this order")
    await expect(link).to_be_focused()
    await expect(link).to_have_attribute("href", str(CARD.link))


@pytest.mark.parametrize(
    ("card", "lines"),
    [
        (
            MoneyBackCard(
                kind="return",
                number="R-2001",
                order_number="LH-10001",
                product="table lamp",
                amount="£30.00",
                state=MoneyBackState.REGISTERED,
                day=date(2026, 3, 4),
                link="https://shop.example/labels/R-2001",
            ),
            "Return R-2001 · Waiting for your parcel|table lamp|Hand it in by Wed 4 Mar|Order LH-10001 · £30.00|"
            "Open the label",
        ),
        (
            MoneyBackCard(
                kind="refund",
                order_number="LH-10001",
                product="table lamp",
                amount="£30.00",
                state=MoneyBackState.OVERDUE,
                day=date(2026, 3, 4),
            ),
            "£30.00 back to you · Overdue|table lamp|Was expected by Wed 4 Mar|Order LH-10001",
        ),
    ],
    ids=["return", "refund"],
)
async def test_a_return_and_money_on_its_way_back_are_told_with_the_day_that_counts(
    house_pages: HousePages, page: Page, card: MoneyBackCard, lines: str
) -> None:
    await open_chat(house_pages, page)
    await answers(house_pages, page, BotReply("Here is how it stands.", card=card))

    shown = page.get_by_test_id(f"{card.kind}-card")
    await expect(shown).to_be_visible()
    assert (await shown.inner_text()).replace("\n\n", "\n").split("\n") == lines.split("|")


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
    {
        "kind": "return",
        "number": HOSTILE,
        "order_number": HOSTILE,
        "product": HOSTILE,
        "amount": HOSTILE,
        "state": HOSTILE,
        "day": None,
        "link": "javascript:window.broken=1",
    },
    {"kind": "faq", "title": HOSTILE, "link": "javascript:window.broken=1"},
)


@pytest.mark.parametrize("card", HOSTILE_CARDS, ids=["order", "return", "faq"])
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
