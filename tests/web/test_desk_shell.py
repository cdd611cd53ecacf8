"""The desk's frame on the real service: views by address, commands by name, theme and language by choice."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.handoff.cast import BEN, GRACE

from .house import HousePages

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_palette_runs_a_command_by_the_keyboard_alone(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("sign out")
    await expect(page.get_by_test_id("palette").get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("sign-in-email")).to_be_visible()


async def test_escape_leaves_the_palette_and_the_focus_returns(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN)
    await page.get_by_test_id("open-palette").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("palette-input")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("palette")).to_have_count(0)
    await expect(page.get_by_test_id("open-palette")).to_be_focused()


async def test_a_chosen_theme_and_language_survive_a_reload(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, GRACE)
    await page.get_by_test_id("account").click()
    await page.get_by_test_id("look-theme").select_option("dark")
    await page.get_by_test_id("look-language").select_option("de")
    await expect(page.locator("html[lang=de][data-theme=dark]")).to_be_visible()
    await expect(page.get_by_test_id("open-palette")).to_contain_text("Befehle")
    await page.get_by_test_id("account").click()
    await expect(page.get_by_test_id("sign-out")).to_have_text("Abmelden")


async def test_a_case_has_an_address(house_pages: HousePages, page: Page) -> None:
    case = await house_pages.case(await house_pages.customer())
    await house_pages.sign_in(page, BEN, f"#/cases/{case}")
    await expect(page.get_by_test_id("case-state")).to_be_visible()
    await page.goto("about:blank")
    await page.goto(f"{house_pages.url}/desk#/nowhere/at-all")
    await expect(page.locator(".columns")).to_be_visible()


async def test_a_view_that_cannot_be_fetched_says_so_and_is_tried_again(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, GRACE)
    await page.route("**/board/board.js", lambda route: route.abort())
    await page.get_by_test_id("view-board").click()
    await expect(page.get_by_test_id("view-failed")).to_contain_text("Board could not be loaded")
    await page.unroute("**/board/board.js")
    await page.get_by_test_id("view-failed").get_by_role("button").click()
    await expect(page.get_by_test_id("board-tiles")).to_be_visible()
