"""The focus stays in the chat, and a screen reader hears everything once and in order."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from .fake_app import FakeWarmline
from .test_files import file
from .test_widget_case import solved_case
from .widget import bubbles, connected, open_chat, write

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LISTEN = """() => {
  window.heard = [];
  const log = document.querySelector("warmline-widget").shadowRoot.querySelector('[role="log"]');
  new MutationObserver((records) => records.flatMap(({ addedNodes }) => [...addedNodes]).forEach((node) => {
    const element = node.nodeType === 1 ? node : node.parentElement;
    if (element?.closest("[aria-live]")?.ariaLive === "polite") window.heard.push(node.textContent);
  })).observe(log, { childList: true, subtree: true });
}"""
"""Notes what comes into the log where its nearest live region is polite: that is what is read out."""


async def in_field(page: Page) -> None:
    await expect(page.get_by_test_id("chat-input")).to_be_focused()


async def test_the_focus_goes_on_in_the_chat_after_the_survey_and_after_reopening(
    page: Page, warmline: FakeWarmline
) -> None:
    conversation = await solved_case(page, warmline)
    await page.get_by_test_id("survey-send").press("Enter")
    await expect(page.get_by_test_id("survey-done")).to_be_visible()
    await in_field(page)
    await page.get_by_test_id("reopen").press("Enter")
    await expect(bubbles(page).last).to_contain_text("It did not work")
    conversation.case = {**(conversation.case or {}), "can_reopen": False}
    await warmline.customer.push_state(conversation)
    await expect(page.get_by_test_id("reopen")).to_have_count(0)
    await in_field(page)


async def test_the_focus_goes_on_in_the_chat_after_trying_again(page: Page, warmline: FakeWarmline) -> None:
    await page.route("**/api/customer/v1/conversations", lambda route: route.abort())
    await page.goto(warmline.url + "/blank")
    await page.get_by_test_id("open-chat").click()
    await page.get_by_test_id("begin-again").focus()
    await page.unroute_all()
    await page.get_by_test_id("begin-again").press("Enter")
    await connected(page)
    await in_field(page)
    conversation = warmline.customer.only
    conversation.refusal = ("bad_value", "")
    await write(page, "Hello?")
    await page.get_by_test_id("retry").focus()
    conversation.refusal = None
    await page.get_by_test_id("retry").press("Enter")
    await expect(page.get_by_test_id("retry")).to_have_count(0)
    await in_field(page)


async def test_the_focus_goes_on_in_the_chat_after_new_messages_and_to_the_next_file(
    page: Page, warmline: FakeWarmline
) -> None:
    conversation = await open_chat(page, warmline)
    for number in range(20):
        await warmline.customer.say(conversation, f"Answer {number}, and a line that takes some room on the screen.")
    await expect(page.get_by_text("Answer 19")).to_be_visible()
    await page.locator(".scroll").evaluate("element => { element.scrollTop = 0; }")
    await warmline.customer.say(conversation, "And another thing")
    await page.get_by_test_id("newest").press("Enter")
    await in_field(page)
    kept = {"id": "f1", "name": "lamp.png", "media_type": "image/png", "size": 48213, "status": "clean"}
    await page.route("**/attachments", lambda route: route.fulfill(status=201, json={"attachment": kept}))
    await page.get_by_test_id("chat-files").set_input_files([file("one.png"), file("two.png")])
    await page.get_by_role("button", name="Remove one.png").press("Enter")
    await expect(page.get_by_role("button", name="Remove two.png")).to_be_focused()
    await page.keyboard.press("Enter")
    await in_field(page)


async def test_who_works_on_the_website_keeps_the_focus_there(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline, "/shop")
    await warmline.customer.say(conversation, "Was that it?", buttons=["Yes", "No"])
    await page.get_by_test_id("quick-reply").first.focus()
    await page.get_by_test_id("customer").focus()
    await warmline.customer.say(conversation, "Anything else?")
    await expect(page.get_by_test_id("quick-reply")).to_have_count(0)
    await expect(page.get_by_test_id("customer")).to_be_focused()


async def test_a_panel_that_fills_the_screen_keeps_tab_within_and_says_that_it_is_modal(
    page: Page, warmline: FakeWarmline
) -> None:
    await open_chat(page, warmline)
    panel = page.get_by_test_id("chat-panel")
    await expect(panel).to_have_attribute("aria-modal", "false")
    await page.set_viewport_size({"width": 390, "height": 780})
    await expect(panel).to_have_attribute("aria-modal", "true")
    await page.get_by_test_id("chat-send").focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("keep-transcript")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_test_id("chat-send")).to_be_focused()
    for _ in range(20):
        await page.keyboard.press("Tab")
        assert await panel.evaluate("element => element.matches(':focus-within')")


async def test_ones_own_words_are_read_out_once_and_answers_in_their_order(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await expect(page.get_by_test_id("chat-log")).to_have_attribute("aria-live", "polite")
    await page.evaluate(LISTEN)
    await write(page, "Where is my order?")
    await expect(page.get_by_test_id("delivery")).to_have_text("Delivered")
    for text in ("One moment.", "It is on its way.", "Anything else?"):
        await warmline.customer.say(conversation, text)
    await expect(bubbles(page)).to_have_count(4)
    heard = " ".join(await page.evaluate("window.heard"))
    found = re.findall(r"Where is my order|One moment|on its way|Anything else", heard)
    assert found == ["Where is my order", "One moment", "on its way", "Anything else"]


async def test_answers_come_without_having_the_page_styled_for_the_focus(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await page.get_by_test_id("chat-input").focus()
    await page.evaluate(
        """() => {
  window.asked = 0;
  const { checkVisibility } = Element.prototype;
  Element.prototype.checkVisibility = function (...options) {
    window.asked += 1;
    return checkVisibility.apply(this, options);
  };
}"""
    )
    for number in range(3):
        await warmline.customer.say(conversation, f"Answer {number}", buttons=["Yes"])
    await expect(bubbles(page).last).to_contain_text("Answer 2")
    assert await page.evaluate("window.asked") == 0
