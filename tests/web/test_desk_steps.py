"""Every step of a case is taken at the desk, on the real service: who may, what is asked, who is told."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.handoff.cast import BEA, BEN, GRACE
from tests.handoff.service import Customer

from .house import HousePages

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = '<img src=x onerror="window.broken=1">'


async def take(house: HousePages, page: Page) -> tuple[Customer, str]:
    """Ben has accepted the case of a customer."""
    customer = await house.customer()
    case = await house.case(customer)
    await house.sign_in(page, BEN, f"#/cases/{case}")
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("desk-input")).to_be_focused()
    return customer, case


async def last_words(customer: Customer) -> str:
    """The latest message that the customer reads."""
    stream = await customer.stream()
    await stream.close()
    return str(stream.first["messages"][-1]["text"])


async def test_a_plan_is_told_to_the_customer_and_stands_in_the_context(house_pages: HousePages, page: Page) -> None:
    """P24."""
    customer, _ = await take(house_pages, page)
    await page.keyboard.press("Alt+Shift+P")
    await page.get_by_test_id("plan-plan").fill("I ask the carrier where your parcel is")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_test_id("plan-text")).to_have_text("Plan: I ask the carrier where your parcel is")
    assert "I ask the carrier" in await last_words(customer)


async def test_waiting_for_the_customer_is_said_in_head_and_list_and_ends_by_a_press(
    house_pages: HousePages, page: Page
) -> None:
    await take(house_pages, page)
    await page.get_by_test_id("desk-input").fill("Which number is on the label?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("desk-input")).to_have_value("")
    await page.get_by_test_id("wait").click()
    await page.get_by_test_id("wait-what").fill("Please send us the number on the label.")
    await page.get_by_test_id("wait-submit").click()
    await expect(page.get_by_test_id("case-state")).to_contain_text("waiting for the customer for")
    await expect(page.get_by_test_id("case-list")).to_contain_text("waiting for the customer for")
    await page.get_by_test_id("resume").click()
    await page.get_by_test_id("resume-reason").fill("The carrier has called")
    await page.get_by_test_id("resume-submit").click()
    await expect(page.get_by_test_id("case-state")).to_contain_text("next update")


async def test_a_colleague_is_asked_by_name_among_those_who_can_take_it(house_pages: HousePages, page: Page) -> None:
    """P20."""
    bea = await house_pages.agent(BEA)
    stream = await bea.stream()
    await take(house_pages, page)
    await page.get_by_test_id("more-actions").click()
    await page.get_by_test_id("transfer-to-agent").click()
    choice = page.get_by_test_id("transfer-to-agent-agent_id")
    await expect(choice.locator("optgroup[label='Can take it'] option", has_text="Bea Novak: Online")).to_have_count(1)
    await expect(choice.locator("option[disabled]", has_text="Ana Duarte")).to_contain_text("does not serve this queue")
    await choice.select_option("bea")
    await page.get_by_test_id("transfer-to-agent-tried").fill("Called the carrier")
    await page.get_by_test_id("transfer-to-agent-next_step").fill("Send it again")
    await page.get_by_test_id("transfer-to-agent-submit").click()
    await stream.until("offer", lambda frame: frame["offer"]["reserved"])
    await stream.close()
    await expect(page.get_by_test_id("history")).to_contain_text("Next: Send it again")


async def test_a_lead_takes_a_case_over_and_the_history_says_from_whom(house_pages: HousePages, page: Page) -> None:
    ben = await house_pages.agent(BEN)
    case = await house_pages.case(await house_pages.customer())
    await ben.post(f"/cases/{case}/accept")
    await house_pages.sign_in(page, GRACE, f"#/cases/{case}")
    await page.get_by_test_id("more-actions").click()
    await page.get_by_test_id("take-over").click()
    await page.get_by_test_id("take-over-reason").fill("Ben is ill")
    await page.get_by_test_id("take-over-tried").fill("Called the carrier")
    await page.get_by_test_id("take-over-submit").click()
    await expect(page.get_by_test_id("case-state")).to_contain_text("Yours")
    await expect(page.get_by_test_id("history")).to_contain_text("Taken over by Grace Lindqvist")
    await expect(page.get_by_test_id("history")).to_contain_text("From Ben Okafor")
    await expect(page.get_by_test_id("history")).to_contain_text("Tried: Called the carrier")


async def test_the_bot_goes_on_with_a_case_that_is_given_back_to_it(house_pages: HousePages, page: Page) -> None:
    customer, _ = await take(house_pages, page)
    await page.get_by_test_id("more-actions").click()
    await page.get_by_test_id("return-to-bot").click()
    await page.get_by_test_id("return-to-bot-line").fill(f"Our assistant can show you the order. {HOSTILE}")
    await page.get_by_test_id("return-to-bot-next_step").fill("Show the order")
    await page.get_by_test_id("return-to-bot-submit").click()
    await expect(page.get_by_text("This case is closed.")).to_be_visible()
    await expect(page.get_by_test_id("history")).to_contain_text("Next: Show the order")
    assert "Our assistant can show you the order." in await last_words(customer)
    assert await page.evaluate("window.broken") is None


async def test_a_case_is_wrapped_up_by_keyboard_on_one_screen_in_ten_seconds(
    house_pages: HousePages, page: Page
) -> None:
    """P26: a cause, an outcome, what the customer is told; no more presses than that takes."""
    await take(house_pages, page)
    started = await page.evaluate("performance.now()")
    await page.keyboard.press("Alt+Shift+W")
    await expect(page.get_by_test_id("resolve-outcome")).to_be_focused()
    await page.keyboard.type("It arrives tomorrow.")
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("resolve-disposition")).to_have_value("solved")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("This case is closed.")).to_be_visible()
    assert await page.evaluate("performance.now()") - started < 10_000


async def test_what_was_learned_from_a_solved_case_is_proposed_to_the_editors(
    house_pages: HousePages, page: Page
) -> None:
    _, case = await take(house_pages, page)
    ben = await house_pages.agent(BEN)
    cause = (await ben.get("/options")).body["root_causes"][0]["code"]
    body = {"disposition": "solved", "root_cause": cause, "outcome": "It comes tomorrow."}
    answer = await ben.post(f"/cases/{case}/resolve", body)
    assert answer.status == 200, answer.body
    await expect(page.get_by_test_id("propose-faq")).to_be_visible()
    await page.get_by_test_id("propose-faq").click()
    await expect(page.get_by_test_id("propose-faq-answer")).to_have_value("It comes tomorrow.")
    await page.get_by_test_id("propose-faq-dialog").get_by_role("checkbox").first.check()
    await page.get_by_test_id("propose-faq-submit").click()
    await expect(page.get_by_test_id("propose-faq-dialog")).to_have_count(0)
    proposals = (await ben.get("/proposals")).body["proposals"]
    assert [(one["kind"], one["answer"]) for one in proposals] == [("faq", "It comes tomorrow.")]


async def test_what_one_may_decide_is_shown_with_its_limits_before_anything_is_asked(
    house_pages: HousePages, page: Page
) -> None:
    """P4, P21."""
    await take(house_pages, page)
    await page.keyboard.press("Alt+Shift+M")
    dialog = page.get_by_test_id("authority-dialog")
    await expect(dialog.get_by_role("listitem").first).to_contain_text("in a case")
    await page.get_by_test_id("authority-kind").select_option("credit")
    await page.get_by_test_id("authority-amount").fill("5")
    await page.get_by_test_id("authority-reason").fill("Waited too long")
    await page.get_by_test_id("authority-submit").click()
    await expect(page.get_by_test_id("authority-sure")).to_contain_text("£5.00 for Maya Lind")
    await page.get_by_test_id("authority-amount").fill("6")
    # Another sum is another question.
    await expect(page.get_by_test_id("authority-sure")).to_be_empty()
