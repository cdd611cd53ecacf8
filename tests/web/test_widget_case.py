"""The widget while there is a case, and after it: waiting, rating, reopening."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from .fake_app import FakeWarmline
from .fake_customer import Conversation, Json
from .widget import bubbles, open_chat

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_person_is_one_tap_away_and_the_wait_is_told(page: Page, warmline: FakeWarmline) -> None:
    """P3, P22, P23: asked for at any time; queue, place and next update are in sight."""
    conversation = await open_chat(page, warmline)
    await page.get_by_test_id("talk-to-person").click()
    await expect(bubbles(page)).to_have_count(1)
    await warmline.customer.hand_over(conversation)
    banner = page.get_by_test_id("chat-banner")
    await expect(banner).to_contain_text("Billing")
    await expect(banner).to_contain_text("number 2")
    await expect(banner).to_contain_text("5 to 15 minutes")
    await expect(banner).to_contain_text(re.compile(r"\d\d:\d\d"))
    await expect(page.get_by_test_id("talk-to-person")).to_be_visible()
    conversation.owner = {"type": "agent", "name": "Ana Duarte", "version": 3}
    conversation.case = {**(conversation.case or {}), "status": "active", "agent_name": "Ana Duarte", "position": None}
    await warmline.customer.push_state(conversation)
    await expect(banner).to_contain_text("Ana Duarte")
    await expect(banner).not_to_contain_text("number 2")


async def test_the_customer_rates_and_reopens(page: Page, warmline: FakeWarmline) -> None:
    """P26, P27: a rating after the case, and one tap when it did not work."""
    conversation = await open_chat(page, warmline)
    await warmline.customer.hand_over(conversation)
    conversation.owner = {"type": "bot", "name": "Larkfield assistant", "version": 4}
    solved: Json = {**(conversation.case or {}), "status": "closed", "can_rate": True, "can_reopen": True}
    conversation.case = solved
    await warmline.customer.push_state(conversation)
    await page.get_by_test_id("survey-send").click()
    await expect(page.get_by_test_id("survey")).to_contain_text("1 to 5")
    await page.get_by_role("group", name="recommend us").get_by_role("radio", name="9", exact=True).check()
    await page.get_by_test_id("survey-send").click()
    await expect(page.get_by_test_id("survey")).to_contain_text("1 to 5")
    await page.get_by_role("radio", name="4 of 5").check()
    await page.get_by_test_id("survey-comment").fill("Quick and kind")
    await page.get_by_test_id("survey-send").click()
    await expect(page.get_by_test_id("survey-done")).to_be_visible()
    assert conversation.surveys == [
        {"type": "survey", "case_id": "case-1", "csat": 4, "nps": 9, "comment": "Quick and kind"},
    ]
    await page.get_by_test_id("reopen").click()
    await expect(bubbles(page).last).to_contain_text("It did not work")


async def solved_case(page: Page, warmline: FakeWarmline) -> Conversation:
    conversation = await open_chat(page, warmline)
    await warmline.customer.hand_over(conversation)
    conversation.owner = {"type": "bot", "name": "Larkfield assistant", "version": 4}
    conversation.case = {**(conversation.case or {}), "status": "closed", "can_rate": True, "can_reopen": True}
    await warmline.customer.push_state(conversation)
    await page.get_by_role("radio", name="4 of 5").check()
    await page.get_by_test_id("survey-comment").fill("Quick and kind")
    return conversation


async def test_a_rating_that_was_lost_on_its_way_is_thanked_for_only_once_it_has_come(
    page: Page, warmline: FakeWarmline
) -> None:
    conversation = await solved_case(page, warmline)
    warmline.customer.lose_surveys = True
    await page.get_by_test_id("survey-send").click()
    await expect(page.get_by_test_id("survey")).to_contain_text("Sending")
    await expect(page.get_by_test_id("survey-done")).to_have_count(0)
    warmline.customer.lose_surveys = False
    await warmline.customer.drop(conversation)
    await expect(page.get_by_test_id("survey-done")).to_be_visible()
    assert [survey["comment"] for survey in conversation.surveys] == ["Quick and kind"]


async def test_a_refused_rating_is_said_and_keeps_its_comment(page: Page, warmline: FakeWarmline) -> None:
    conversation = await solved_case(page, warmline)
    conversation.refusal = ("not_ratable", "English, for who writes a client.")
    await page.get_by_test_id("survey-send").click()
    await expect(page.get_by_role("alert").filter(has_text="can no longer be rated")).to_be_visible()
    await expect(page.get_by_test_id("survey")).not_to_contain_text("Sending")
    await expect(page.get_by_test_id("survey-comment")).to_have_value("Quick and kind")


async def test_the_latest_answer_is_rated_and_the_choice_is_there_on_return(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Hello")
    await expect(bubbles(page)).to_have_count(1)
    await expect(page.get_by_test_id("rating")).to_have_count(0)
    first = await warmline.customer.say(conversation, "Two years.", can_rate=True)
    second = await warmline.customer.say(conversation, "Thirty days.", can_rate=True)
    rating = page.get_by_test_id("rating")
    await expect(bubbles(page).last).to_contain_text("Thirty days.")
    await expect(rating).to_have_count(1)
    under = "element => element.previousElementSibling.dataset.seq"
    assert await rating.evaluate(under) == str(second["seq"])
    await expect(rating.get_by_role("button")).to_have_count(2)
    helpful = rating.get_by_role("button", name="Helpful", exact=True)
    await expect(helpful).to_have_attribute("aria-pressed", "false")
    await helpful.click()
    await expect(helpful).to_have_attribute("aria-pressed", "true")
    await expect(rating.get_by_role("status")).to_contain_text("Thank you")
    await expect(rating.get_by_role("button")).to_have_count(2)
    assert [message["rating"] for message in (first, second)] == [None, "helpful"]
    await open_chat(page, warmline)
    await expect(helpful).to_have_attribute("aria-pressed", "true")


async def test_an_answer_that_did_not_help_leaves_two_ways_to_go_on(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    answer = await warmline.customer.say(conversation, "Two years.", can_rate=True)
    await page.get_by_role("button", name="Not helpful").click()
    await expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    assert answer["rating"] == "unhelpful"
    await page.get_by_test_id("ask-differently").click()
    await expect(page.get_by_test_id("chat-input")).to_be_focused()
    await page.get_by_test_id("rate-person").click()
    await expect(bubbles(page).last).to_contain_text("Talk to a person")
    # Changed one's mind: the ways on go away again.
    await page.get_by_role("button", name="Helpful", exact=True).click()
    await expect(page.get_by_test_id("ask-differently")).to_have_count(0)
    assert answer["rating"] == "helpful"


async def test_a_rating_given_in_one_tab_shows_in_the_other_and_none_is_asked_while_a_human_owns(
    page: Page, context: BrowserContext, warmline: FakeWarmline
) -> None:
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Two years.", can_rate=True)
    other = await context.new_page()
    await open_chat(other, warmline)
    await other.get_by_test_id("rate-unhelpful").click()
    await expect(page.get_by_test_id("rate-unhelpful")).to_have_attribute("aria-pressed", "true")
    await warmline.customer.hand_over(conversation)
    await expect(page.get_by_test_id("chat-banner")).to_contain_text("Billing")
    await expect(page.get_by_test_id("rating")).to_be_hidden()


async def test_a_rating_that_cannot_be_sent_says_so(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Two years.", can_rate=True)
    await expect(page.get_by_test_id("rating")).to_be_visible()
    warmline.customer.refuse_streams = True
    await warmline.customer.drop(conversation)
    await expect(page.get_by_test_id("chat-line")).not_to_have_attribute("data-status", "live")
    await page.get_by_test_id("rate-helpful").click()
    await expect(page.get_by_test_id("rating")).to_contain_text("try again")
    await expect(page.get_by_test_id("rate-helpful")).to_have_attribute("aria-pressed", "false")


async def test_the_rating_has_large_targets_that_stay_in_place_and_is_reached_by_keyboard(
    page: Page, warmline: FakeWarmline
) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.emulate_media(reduced_motion="reduce")
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Two years.", can_rate=True)
    buttons = [page.get_by_test_id("rate-helpful"), page.get_by_test_id("rate-unhelpful")]
    before = [await button.bounding_box() for button in buttons]
    for box in before:
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    # Past the button for files, which comes once its module has been fetched.
    await expect(page.get_by_test_id("chat-attach")).to_be_visible()
    for _ in range(3):
        await page.keyboard.press("Shift+Tab")
    await expect(buttons[1]).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(buttons[0]).to_have_attribute("aria-pressed", "true")
    await expect(buttons[0]).to_be_focused()
    assert [await button.bounding_box() for button in buttons] == before


async def test_one_question_at_a_time_after_a_case(page: Page, warmline: FakeWarmline) -> None:
    """P27: the bot's own question first; once it no longer stands, the button, as long as the case can be reopened."""
    conversation = await open_chat(page, warmline)
    await warmline.customer.hand_over(conversation)
    conversation.owner = {"type": "bot", "name": "Larkfield assistant", "version": 4}
    conversation.case = {**(conversation.case or {}), "status": "closed", "can_rate": True, "can_reopen": True}
    await warmline.customer.say(conversation, "Case WL-1001 is resolved.", "system", notice="case_resolved")
    await warmline.customer.push_state(conversation)
    await warmline.customer.say(conversation, "Did that solve it?", buttons=["Yes, it's solved", "No, it isn't"])
    replies, reopen = page.get_by_test_id("quick-reply"), page.get_by_test_id("reopen")
    await expect(replies).to_have_count(2)
    await expect(reopen).to_be_hidden()
    await expect(page.get_by_test_id("survey")).to_be_visible()
    await page.reload()
    await page.get_by_test_id("open-chat").click()
    await expect(replies).to_have_count(2)
    await expect(reopen).to_be_hidden()
    await replies.first.click()
    await expect(replies).to_have_count(0)
    await expect(reopen).to_be_visible()
    # Buttons of another question do not hide it again.
    await warmline.customer.say(conversation, "What else?", buttons=["My order", "My bill"])
    await expect(replies).to_have_count(2)
    await expect(reopen).to_be_visible()
    conversation.case = {**conversation.case, "can_reopen": False}
    await warmline.customer.push_state(conversation)
    await expect(reopen).to_have_count(0)
