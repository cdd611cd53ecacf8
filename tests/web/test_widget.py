"""The widget as a customer meets it, against a server that does what the protocol page says."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from .fake_app import FakeWarmline
from .widget import HOSTILE, bubbles, connected, open_chat, write

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_customer_asks_and_is_answered(page: Page, warmline: FakeWarmline) -> None:
    warmline.customer.bot = lambda _conversation, text: [(f"You asked: {text}", [])]
    await open_chat(page, warmline)
    await write(page, "Where is my order?")
    await expect(bubbles(page)).to_have_count(2)
    await expect(bubbles(page).nth(0)).to_contain_text("Where is my order?")
    await expect(bubbles(page).nth(1)).to_contain_text("You asked: Where is my order?")
    await expect(page.get_by_text("Sending")).to_have_count(0)


async def test_a_suggested_answer_is_chosen_and_goes_away(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Shall I cancel it?", buttons=["Yes, cancel", "No"])
    await page.get_by_test_id("quick-reply").filter(has_text="Yes").click()
    await expect(bubbles(page).nth(1)).to_contain_text("Yes, cancel")
    await expect(page.get_by_test_id("quick-reply")).to_have_count(0)
    await expect(page.get_by_test_id("chat-input")).to_be_focused()


async def test_a_message_over_the_limit_is_refused_before_it_is_sent(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await page.get_by_test_id("chat-input").fill("x" * 3990)
    await expect(page.get_by_test_id("chat-counter")).to_contain_text("10")
    await write(page, "x" * 4007)
    await expect(page.get_by_test_id("chat-counter")).to_contain_text("7")
    assert await page.get_by_test_id("chat-input").input_value() == "x" * 4007
    # Four thousand emoji are four thousand characters, though eight thousand in UTF-16.
    await write(page, "🙂" * 4000)
    await expect(bubbles(page)).to_have_count(1)
    assert len(conversation.messages[0]["text"]) == 4000


async def test_hostile_text_is_text_everywhere(page: Page, warmline: FakeWarmline) -> None:
    warmline.customer.wording = {**warmline.customer.wording, "greeting": HOSTILE, "banner_case": HOSTILE}
    conversation = await open_chat(page, warmline)
    await write(page, HOSTILE)
    await warmline.customer.say(conversation, HOSTILE, name=HOSTILE, buttons=[HOSTILE])
    await expect(page.get_by_test_id("quick-reply")).to_have_text(HOSTILE)
    await warmline.customer.say(conversation, HOSTILE, "system", notice=HOSTILE)
    conversation.owner = {"type": "agent", "name": HOSTILE, "version": 2}
    await warmline.customer.hand_over(conversation, queue=HOSTILE, number=HOSTILE, agent_name=HOSTILE)
    await warmline.customer.push(conversation, {"type": "typing", "sender": "agent", "name": HOSTILE, "for_ms": 2000})
    await expect(page.get_by_test_id("typing")).to_contain_text(HOSTILE)
    await expect(bubbles(page)).to_have_count(4)
    for index in range(3):
        await expect(bubbles(page).nth(index)).to_contain_text(HOSTILE)
    assert await page.evaluate("window.broken") is None
    root = "document.querySelector('warmline-widget').shadowRoot"
    assert await page.evaluate(f"{root}.querySelectorAll('img, script').length") == 0


async def test_only_https_addresses_become_links(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    text = "See https://larkfield.example/returns, not http://plain.example or javascript:alert(1)."
    await warmline.customer.say(conversation, text)
    link = bubbles(page).locator("a")
    await expect(link).to_have_count(1)
    await expect(link).to_have_attribute("href", "https://larkfield.example/returns")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(bubbles(page)).to_contain_text(text)


async def test_the_whole_way_by_keyboard(page: Page, warmline: FakeWarmline) -> None:
    warmline.customer.bot = lambda _conversation, _text: [("Is it this one?", ["Yes", "No"])]
    await page.goto(warmline.url + "/blank")
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("open-chat")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("chat-input")).to_be_focused()
    await connected(page)
    await page.keyboard.type("Where is")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("my order?")
    await page.keyboard.press("Enter")
    await expect(bubbles(page).nth(0)).to_contain_text("Where is\nmy order?")
    await expect(page.get_by_test_id("quick-reply")).to_have_count(2)
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_test_id("chat-attach")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_test_id("quick-reply").nth(1)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(bubbles(page).nth(2)).to_contain_text("No")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("chat-panel")).to_be_hidden()
    await expect(page.get_by_test_id("open-chat")).to_be_focused()


async def test_the_history_is_there_on_return(page: Page, warmline: FakeWarmline) -> None:
    await open_chat(page, warmline)
    await write(page, "I shall be back")
    await expect(bubbles(page)).to_have_count(1)
    await open_chat(page, warmline)
    await expect(bubbles(page)).to_have_text([re.compile("I shall be back")])
    assert len(warmline.customer.conversations) == 1


async def test_the_typing_of_the_owner_ends_by_itself(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    frame = {"type": "typing", "sender": "agent", "name": "Ana Duarte", "for_ms": 300}
    await warmline.customer.push(conversation, frame)
    await expect(page.get_by_test_id("typing")).to_contain_text("Ana Duarte")
    await expect(page.get_by_test_id("typing")).to_be_hidden()
