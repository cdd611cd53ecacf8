"""A long conversation, a copy of it to keep, and what became of one's latest message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from .fake_app import FakeWarmline
from .fake_customer import customer_case, handoff_card
from .widget import HOSTILE, bubbles, open_chat, write

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


async def long_conversation(page: Page, warmline: FakeWarmline, count: int) -> None:
    conversation = await open_chat(page, warmline)
    sockets, conversation.sockets = conversation.sockets, set()
    for number in range(1, count + 1):
        await warmline.customer.say(conversation, f"Message {number}", "bot" if number % 2 else "agent")
    conversation.sockets = sockets
    await open_chat(page, warmline)


async def numbers(page: Page) -> list[int]:
    """The numbers that the shown messages end with, from the first to the last."""
    texts = await bubbles(page).locator(".bubble").all_text_contents()
    return [int(text.rsplit(" ", 1)[1]) for text in texts]


async def test_of_a_long_conversation_the_end_is_shown_and_the_rest_on_the_way_up(
    page: Page, warmline: FakeWarmline
) -> None:
    await long_conversation(page, warmline, 150)
    await expect(bubbles(page)).to_have_count(20)
    await expect(bubbles(page).last).to_contain_text("Message 150")
    for count in (40, 60, 80, 100, 120, 140, 150):
        await page.locator(".scroll").evaluate("element => { element.scrollTop = 0; }")
        await expect(bubbles(page)).to_have_count(count)
    await expect(page.get_by_test_id("earlier")).to_be_hidden()
    assert await numbers(page) == list(range(1, 151))
    await expect(page.locator(".day")).to_have_count(1)


async def test_what_one_reads_stays_in_place_when_earlier_messages_come(page: Page, warmline: FakeWarmline) -> None:
    await long_conversation(page, warmline, 100)
    await expect(bubbles(page)).to_have_count(20)
    first = bubbles(page).filter(has_text="Message 84")
    await page.locator(".scroll").evaluate("element => { element.scrollTop = 60; }")
    await expect(bubbles(page)).to_have_count(40)
    box, scroll = await first.bounding_box(), await page.locator(".scroll").bounding_box()
    assert box is not None
    assert scroll is not None
    assert scroll["y"] - 50 < box["y"] < scroll["y"] + scroll["height"]


async def test_the_card_and_the_messages_below_it_stay_together_when_earlier_messages_come(
    page: Page, warmline: FakeWarmline
) -> None:
    conversation = await open_chat(page, warmline)
    conversation.card, conversation.case = handoff_card(), customer_case()
    await long_conversation(page, warmline, 60)
    card, message = page.get_by_test_id("handoff-card"), bubbles(page).filter(has_text="Message 41")
    gap = "(card, message) => message.getBoundingClientRect().top - card.getBoundingClientRect().top"
    await expect(bubbles(page)).to_have_count(20)
    before = await card.evaluate(gap, await message.element_handle())
    await page.locator(".scroll").evaluate("element => { element.scrollTop = 60; }")
    await expect(bubbles(page)).to_have_count(40)
    assert await card.evaluate(gap, await message.element_handle()) == pytest.approx(before, abs=1)
    await expect(page.locator(".day")).to_have_count(1)


async def test_what_comes_while_earlier_messages_are_read_stands_below_them_and_nothing_is_lost(
    page: Page, warmline: FakeWarmline
) -> None:
    await long_conversation(page, warmline, 30)
    conversation = warmline.customer.only
    await page.locator(".scroll").evaluate("element => { element.scrollTop = 0; }")
    await expect(bubbles(page)).to_have_count(30)
    warmline.customer.refuse_streams = True
    await warmline.customer.drop(conversation)
    for number in range(31, 61):
        await warmline.customer.say(conversation, f"Message {number}")
    warmline.customer.refuse_streams = False
    await expect(bubbles(page)).to_have_count(60)
    assert await numbers(page) == list(range(1, 61))


async def test_earlier_messages_that_cannot_be_fetched_are_said_to_be_missing_and_come_at_the_next_press(
    page: Page, warmline: FakeWarmline
) -> None:
    await long_conversation(page, warmline, 30)
    await expect(bubbles(page)).to_have_count(20)
    warmline.customer.refuse_streams = True
    earlier = page.get_by_test_id("earlier")
    await earlier.focus()
    await earlier.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="be reached")).to_be_visible()
    await page.get_by_test_id("keep-transcript").click()
    warmline.customer.refuse_streams = False
    await earlier.press("Enter")
    await expect(bubbles(page)).to_have_count(30)
    # The button is gone; the focus is where its messages are.
    await expect(page.locator(".scroll")).to_be_focused()


async def test_a_copy_of_a_long_conversation_holds_what_is_not_shown_too(page: Page, warmline: FakeWarmline) -> None:
    await long_conversation(page, warmline, 60)
    await expect(bubbles(page)).to_have_count(20)
    async with page.expect_download() as download:
        await page.get_by_test_id("keep-transcript").click()
    text = read(await (await download.value).path())
    assert [int(number) for number in re.findall(r"^Message (\d+)$", text, re.MULTILINE)] == list(range(1, 61))


async def test_a_copy_holds_the_whole_conversation_with_names_as_text(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await write(page, "Where is my order?")
    await warmline.customer.say(conversation, HOSTILE, "agent", name="Ana Duarte")
    await expect(bubbles(page)).to_have_count(2)
    async with page.expect_download() as download:
        await page.get_by_test_id("keep-transcript").click()
    kept = await download.value
    text = read(await kept.path())
    assert kept.suggested_filename == "conversation.txt"
    assert text.startswith("Larkfield Home\n")
    assert text.index("You\nWhere is my order?") < text.index(f"Ana Duarte\n{HOSTILE}")


async def test_ones_latest_message_says_that_it_is_delivered_and_then_read(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await write(page, "First")
    mark = page.get_by_test_id("delivery")
    await expect(mark).to_have_text("Delivered")
    await write(page, "Second")
    await expect(bubbles(page)).to_have_count(2)
    await warmline.customer.push(conversation, {"type": "read", "seq": 1})
    await expect(bubbles(page).nth(1).get_by_test_id("delivery")).to_have_text("Delivered")
    await warmline.customer.push(conversation, {"type": "read", "seq": 2})
    await expect(mark).to_have_text("Read")
    await expect(mark).to_have_count(1)


async def test_the_card_stands_where_the_case_began_and_what_is_said_later_below_it(
    page: Page, warmline: FakeWarmline
) -> None:
    conversation = await open_chat(page, warmline)
    conversation.card = handoff_card()
    await warmline.customer.hand_over(conversation)
    await warmline.customer.say(conversation, "Hello, I'm Ana.", "agent")
    for _ in ("live", "on return"):
        card = page.get_by_test_id("handoff-card")
        await expect(card).to_be_visible()
        after = "element => [element.previousElementSibling.dataset.notice, element.nextElementSibling.dataset.sender]"
        assert await card.evaluate(after) == ["handoff_opened", "agent"]
        await open_chat(page, warmline)
