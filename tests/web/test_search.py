"""Finding cases at the desk, on the real service: words, filters by choice, views that stay."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.handoff.cast import BEA, BEN, GRACE, MAYA, PRIYA

from .house import HousePages

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def two_cases(house: HousePages) -> tuple[str, str]:
    """Maya's about a kettle, Priya's about a lamp."""
    maya, priya = await house.customer(MAYA), await house.customer(PRIYA)
    await maya.say("The kettle leaks on my <b>worktop</b>")
    await priya.say("Where is the lamp that I ordered?")
    return await house.case(maya), await house.case(priya)


async def test_words_find_the_case_with_the_place_marked_and_enter_opens_it(
    house_pages: HousePages, page: Page
) -> None:
    kettle, _ = await two_cases(house_pages)
    await house_pages.sign_in(page, GRACE, "#/search")
    await expect(page.get_by_test_id("search-input")).to_be_focused()
    await page.keyboard.type("kett")
    await page.keyboard.press("Enter")
    await expect(page.locator(".result")).to_have_count(1)
    await expect(page.locator("mark")).to_have_text("kettle")
    await expect(page.locator(".hit-text")).to_contain_text("<b>worktop</b>")
    await expect(page.get_by_test_id("search-status")).to_have_text("1 case")
    await page.locator(".result").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("case-state")).to_be_visible()
    assert page.url.endswith(f"#/cases/{kettle}")


async def test_a_filter_by_choice_is_written_into_the_query_and_the_address(
    house_pages: HousePages, page: Page
) -> None:
    await two_cases(house_pages)
    await house_pages.sign_in(page, GRACE, "#/search/from%3Apriya")
    await expect(page.locator(".result")).to_have_count(1)
    await page.get_by_test_id("filter-status").select_option("closed")
    await expect(page.get_by_test_id("search-input")).to_have_value("from:priya status:closed")
    await expect(page.get_by_test_id("search-status")).to_contain_text("Nothing fits")
    await page.get_by_test_id("filter-status").select_option("")
    await expect(page.locator(".result")).to_have_count(1)


async def test_what_cannot_be_read_is_told_where_it_was_typed(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN, "#/search/state%3Aopen")
    await expect(page.get_by_test_id("search-problem")).to_contain_text('There is no filter "state:"')
    await expect(page.locator("[data-testid=search-input][aria-invalid=true]")).to_be_visible()


async def test_a_lead_may_share_a_view_however_late_their_views_come(house_pages: HousePages, page: Page) -> None:
    await two_cases(house_pages)
    asked = asyncio.Event()

    async def late(route: Route) -> None:
        await asked.wait()
        await route.continue_()

    await page.route("**/views", late)
    await house_pages.sign_in(page, GRACE, "#/search/lamp")
    await page.get_by_test_id("view-start").click()
    await expect(page.get_by_test_id("view-shared")).to_be_hidden()
    asked.set()
    await expect(page.get_by_test_id("view-shared")).to_be_visible()


async def test_a_view_that_a_lead_shares_is_in_everybodys_list(house_pages: HousePages, page: Page) -> None:
    await two_cases(house_pages)
    await house_pages.sign_in(page, GRACE, "#/search/lamp")
    await page.get_by_test_id("view-start").click()
    await page.get_by_test_id("view-name").fill("All lamps")
    await page.get_by_test_id("view-shared").check()
    await page.get_by_test_id("view-save").click()
    await expect(page.locator(".saved [aria-current]")).to_contain_text("All lamps")

    bea = await house_pages.agent(BEA)
    assert [view["name"] for view in (await bea.get("/views")).body["views"]] == ["All lamps"]
    await page.get_by_role("button", name="Delete the view All lamps").click()
    await expect(page.get_by_role("button", name="All lamps")).to_have_count(0)
