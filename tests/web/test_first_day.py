"""What a new agent hesitated at on the first day, and must not again: offers, notes, refusals, unclear words."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.handoff.cast import BEN, GRACE

from .house import HousePages, choose_action

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_offer_moves_nothing_and_accepting_it_leads_to_the_reply(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN, "#/search")
    head = page.locator(".search-head")
    before = await head.bounding_box()
    case = await house_pages.case(await house_pages.customer())
    offers = page.get_by_test_id("offers")
    for words in ("Offered to you: WL-", "Maya Lind", "Severity 3: Normal", "expires in"):
        await expect(offers).to_contain_text(words)
    assert await head.bounding_box() == before
    await page.keyboard.press("Alt+Shift+A")
    await expect(page.get_by_test_id("desk-input")).to_be_focused()
    await expect(page.get_by_test_id("case-state")).to_contain_text("Yours")
    assert page.url.endswith(f"#/cases/{case}")


async def test_an_offered_case_can_be_read_before_it_is_accepted(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN)
    await house_pages.case(await house_pages.customer())
    await page.get_by_test_id("offers").get_by_text("Read it first").click()
    await expect(page.get_by_test_id("why-sentence")).to_be_visible()
    await expect(page.get_by_test_id("case-state")).to_contain_text("Waiting in")
    await page.get_by_test_id("offers").get_by_text("Accept", exact=True).click()
    await expect(page.get_by_test_id("desk-input")).to_be_focused()


async def test_a_private_note_stands_in_the_conversation_where_it_was_written(
    house_pages: HousePages, page: Page
) -> None:
    customer = await house_pages.customer()
    case = await house_pages.case(customer)
    await (await house_pages.agent(BEN)).post(f"/cases/{case}/accept")
    await house_pages.sign_in(page, BEN, f"#/cases/{case}")
    await page.get_by_test_id("mode-note").click()
    await page.keyboard.type("The carrier lost it.")
    await page.get_by_test_id("note-send").click()
    await expect(page.get_by_test_id("log-note")).to_contain_text("private note")
    await customer.say("Any news?")
    await expect(page.get_by_test_id("message").last).to_contain_text("Any news?")

    await page.reload()
    said = page.get_by_test_id("desk-log").locator("article")
    await expect(said.last).to_contain_text("Any news?")
    await expect(said.nth(-2)).to_contain_text("The carrier lost it.")
    await expect(page.get_by_test_id("log-note")).to_have_count(1)


async def test_what_was_refused_is_not_asked_for_again(house_pages: HousePages, page: Page) -> None:
    case = await house_pages.case(await house_pages.customer())
    await (await house_pages.agent(BEN)).post(f"/cases/{case}/accept")
    await house_pages.sign_in(page, BEN, f"#/cases/{case}")
    await choose_action(page, "authority")
    await page.get_by_test_id("authority-kind").select_option("credit")
    await page.get_by_test_id("authority-amount").fill("41")
    await page.get_by_test_id("authority-reason").fill("Waited too long")
    await page.get_by_test_id("authority-submit").click()
    await expect(page.get_by_test_id("authority-submit")).to_have_text("Yes, do it")
    await page.get_by_test_id("authority-submit").click()
    await expect(page.get_by_test_id("authority-dialog").get_by_role("alert")).to_contain_text("above your limit")
    await expect(page.get_by_test_id("authority-sure")).to_be_empty()
    await expect(page.get_by_test_id("authority-submit")).to_have_text("Refund or credit")


async def test_the_list_says_which_cases_need_a_higher_level(house_pages: HousePages, page: Page) -> None:
    case = await house_pages.case(await house_pages.customer())
    grace = await house_pages.agent(GRACE)
    await grace.post(f"/cases/{case}/accept")
    await grace.post(f"/cases/{case}/escalate", {"tried": "Everything", "next_step": "A decision"})
    await house_pages.sign_in(page, BEN)
    await expect(page.get_by_test_id("row-needs")).to_have_text("needs level 2 (Specialist)")


async def test_the_button_for_responses_offers_them_and_what_it_typed_is_taken_back(
    house_pages: HousePages, page: Page
) -> None:
    case = await house_pages.case(await house_pages.customer())
    await (await house_pages.agent(BEN)).post(f"/cases/{case}/accept")
    await house_pages.sign_in(page, BEN, f"#/cases/{case}")
    await page.get_by_test_id("canned-open").click()
    await expect(page.get_by_test_id("picker").first.get_by_role("option").first).to_be_visible()
    await page.get_by_test_id("kept-open").click()
    await expect(page.get_by_test_id("kept")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("desk-input")).to_have_value("")
