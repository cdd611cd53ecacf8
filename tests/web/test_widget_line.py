"""What is written in the widget is neither lost nor doubled, whatever happens to the line."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from .fake_app import FakeWarmline
from .widget import bubbles, connected, open_chat, write

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_lost_connection_is_said_and_resumed_without_doubles(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await write(page, "First")
    await expect(bubbles(page)).to_have_count(1)
    warmline.customer.refuse_streams = True
    await warmline.customer.drop(conversation)
    await expect(page.get_by_test_id("chat-line")).to_be_visible()
    await write(page, "Written while the line was down")
    await warmline.customer.say(conversation, "Said while the line was down")
    warmline.customer.refuse_streams = False
    await connected(page)
    await expect(bubbles(page)).to_have_text(
        [re.compile("First"), re.compile("Said while"), re.compile("Written while")]
    )
    assert [message["seq"] for message in conversation.messages] == [1, 2, 3]


async def test_a_message_whose_acknowledgement_was_lost_is_stored_once(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    warmline.customer.lose_next_accepted = True
    await write(page, "Refund my kettle, please")
    await connected(page)
    await expect(page.get_by_text("Sending")).to_have_count(0)
    await expect(bubbles(page)).to_have_count(1)
    assert len(conversation.messages) == 1


async def test_a_missing_message_is_asked_for(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "One")
    sockets, conversation.sockets = conversation.sockets, set()
    await warmline.customer.say(conversation, "Two")
    conversation.sockets = sockets
    await warmline.customer.say(conversation, "Three")
    await expect(bubbles(page)).to_have_text([re.compile("One"), re.compile("Two"), re.compile("Three")])


async def test_a_token_that_is_refused_begins_again(page: Page, warmline: FakeWarmline) -> None:
    await open_chat(page, warmline)
    await write(page, "Before")
    await expect(bubbles(page)).to_have_count(1)
    warmline.customer.tokens.clear()
    await open_chat(page, warmline)
    await expect(bubbles(page)).to_have_count(0)
    await write(page, "After")
    await expect(bubbles(page)).to_have_count(1)


async def test_an_unreachable_server_is_said_and_tried_again(page: Page, warmline: FakeWarmline) -> None:
    await page.route("**/api/customer/v1/conversations", lambda route: route.abort())
    await page.goto(warmline.url + "/blank")
    await page.get_by_test_id("open-chat").click()
    await expect(page.get_by_test_id("chat-line")).to_contain_text("reached")
    await page.unroute_all()
    await page.get_by_role("button", name="Try again").click()
    await connected(page)


async def test_a_refused_message_says_why_and_can_be_sent_again(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    conversation.refusal = ("attachments_full", "English, for who writes a client.")
    await write(page, "Please keep me")
    await expect(page.get_by_text("can't hold more files")).to_be_visible()
    conversation.refusal = None
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_text("can't hold more files")).to_have_count(0)
    assert [message["text"] for message in conversation.messages] == ["Please keep me"]


async def test_a_refusal_that_has_no_words_of_its_own_is_said_in_the_customers_language(
    page: Page, warmline: FakeWarmline
) -> None:
    warmline.customer.wording = {**warmline.customer.wording, "error": "Das hat nicht geklappt."}
    conversation = await open_chat(page, warmline)
    conversation.refusal = ("bad_value", "English, for who writes a client.")
    await write(page, "Hallo?")
    await expect(page.get_by_text("Das hat nicht geklappt.")).to_be_visible()
    await expect(page.get_by_text("English, for")).to_have_count(0)


async def test_what_is_written_before_the_chat_is_connected_is_sent(page: Page, warmline: FakeWarmline) -> None:
    await page.route("**/api/customer/v1/conversations", lambda route: route.abort())
    await page.goto(warmline.url + "/blank")
    await page.get_by_test_id("open-chat").click()
    await write(page, "Is anybody there?")
    await page.unroute_all()
    await connected(page)
    await expect(bubbles(page)).to_have_text([re.compile("Is anybody there?")])
    await expect(page.get_by_text("Sending")).to_have_count(0)
    assert [message["text"] for message in warmline.customer.only.messages] == ["Is anybody there?"]


async def test_a_message_on_its_way_outlives_a_reload(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    warmline.customer.refuse_streams = True
    await warmline.customer.drop(conversation)
    await write(page, "Do not lose me")
    warmline.customer.refuse_streams = False
    await open_chat(page, warmline)
    await expect(bubbles(page)).to_have_text([re.compile("Do not lose me")])
    await expect(page.get_by_text("Sending")).to_have_count(0)
    assert len(conversation.messages) == 1
