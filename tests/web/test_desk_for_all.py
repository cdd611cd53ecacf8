"""Desk and board for everybody: enlarged to 200 %, with forced colours, and without anything that moves."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.handoff.cast import BEN, GRACE

from .house import HousePages

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

BOTH_WAYS = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && /auto|scroll/.test(getComputedStyle(one).overflowX))
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.localName !== "textarea")
  .filter((one) => !one.querySelector(":scope > table, :scope > svg"))
  .map((one) => `${one.localName}.${one.className} ${one.scrollWidth} > ${one.clientWidth}`)"""
"""What scrolls sideways and is neither a table nor a chart, which may (WCAG 1.4.10)."""
CUT_OFF = """() => [...document.querySelectorAll("button, a, select, input, textarea")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => !one.closest(".board-tabs, :has(> table)"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, { left, right, width }]) => width > 0 && (left < -1 || right > innerWidth + 1))
  .map(([one]) => one.outerHTML.slice(0, 120))"""
"""What can be pressed or filled in and lies beside the window."""


async def fits(page: Page) -> None:
    """Nothing is beside the window, and no text has to be scrolled both ways."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(BOTH_WAYS) == []
    assert await page.evaluate(CUT_OFF) == []


async def test_at_200_per_cent_a_case_is_found_accepted_and_answered(house_pages: HousePages, page: Page) -> None:
    await house_pages.case(await house_pages.customer())
    await page.set_viewport_size({"width": 640, "height": 400})
    await house_pages.sign_in(page, BEN)
    await fits(page)
    await page.get_by_test_id("show-lists").click()
    await expect(page.get_by_test_id("case-list")).to_be_visible()
    await fits(page)
    await page.get_by_test_id("case-list").get_by_text("Maya Lind").click()
    await page.get_by_test_id("accept").click()
    await page.get_by_test_id("desk-input").fill("Hello Maya, I am looking into it.")
    await fits(page)
    await page.get_by_test_id("desk-send").click()
    await expect(page.get_by_test_id("desk-log")).to_contain_text("looking into it")
    await page.get_by_test_id("show-context").click()
    await expect(page.get_by_test_id("why")).to_be_visible()
    await fits(page)


@pytest.mark.parametrize("tab", ["", "/time", "/incidents", "/follow-ups", "/review", "/matrix", "/replay"])
async def test_at_200_per_cent_the_board_is_read_by_scrolling_down_alone(
    house_pages: HousePages, page: Page, tab: str
) -> None:
    await house_pages.case(await house_pages.customer())
    await page.set_viewport_size({"width": 640, "height": 400})
    await house_pages.sign_in(page, GRACE, f"#/board{tab}")
    await expect(page.locator(".board-tabs")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await fits(page)


async def test_with_forced_colours_what_is_chosen_and_what_has_the_focus_can_be_told(
    house_pages: HousePages, page: Page
) -> None:
    await house_pages.case(await house_pages.customer())
    await page.emulate_media(forced_colors="active")
    await house_pages.sign_in(page, BEN)
    await page.get_by_test_id("case-list").get_by_text("Maya Lind").click()
    await page.get_by_test_id("accept").click()
    await page.get_by_test_id("desk-input").fill("Hello")
    buttons = page.locator("button.button:visible")
    edges = await buttons.evaluate_all("all => all.map((one) => getComputedStyle(one).borderTopWidth)")
    await page.keyboard.press("Tab")
    focus = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")

    assert "0px" not in edges
    assert focus == "solid"


async def test_with_reduced_motion_nothing_on_desk_and_board_moves(house_pages: HousePages, page: Page) -> None:
    await house_pages.case(await house_pages.customer())
    await page.emulate_media(reduced_motion="reduce")
    await house_pages.sign_in(page, GRACE)
    await page.get_by_test_id("case-list").get_by_text("Maya Lind").click()
    await page.get_by_test_id("more-actions").click()

    assert await page.evaluate("document.getAnimations().length") == 0
