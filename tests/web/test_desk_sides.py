"""Offers, lists and context at the desk, on the real service: by keyboard, on a tablet, from right to left."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.handoff.cast import BEN

from .house import HousePages
from .test_accessibility import findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_offer_counts_down_is_read_out_once_and_is_accepted_by_keyboard(
    house_pages: HousePages, page: Page
) -> None:
    await house_pages.sign_in(page, BEN)
    await page.get_by_test_id("account").click()
    await expect(page.get_by_test_id("sound")).to_be_checked()
    await page.keyboard.press("Escape")
    await house_pages.case(await house_pages.customer())
    await expect(page.get_by_test_id("offer-said")).to_contain_text("Alt+Shift+A accepts it.")
    said = await page.get_by_test_id("offer-said").text_content()
    first = await page.locator(".countdown").text_content()
    await expect(page.locator(".countdown")).not_to_have_text(first or "")
    assert await page.get_by_test_id("offer-said").text_content() == said
    await page.keyboard.press("Alt+Shift+A")
    await expect(page.get_by_test_id("case-state")).to_contain_text("Yours")
    await expect(page.get_by_test_id("offers")).to_be_hidden()


async def test_a_part_of_the_context_that_was_closed_stays_closed_after_a_reload(
    house_pages: HousePages, page: Page
) -> None:
    case = await house_pages.case(await house_pages.customer())
    await house_pages.sign_in(page, BEN, f"#/cases/{case}")
    await expect(page.get_by_test_id("summary").locator("p").first).to_be_visible()
    await page.get_by_test_id("summary").locator("summary").click()
    await expect(page.get_by_test_id("summary").locator("p").first).to_be_hidden()
    await page.reload()
    await expect(page.get_by_test_id("why-sentence")).to_be_visible()
    await expect(page.get_by_test_id("summary").locator("p").first).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_tablet_the_sides_are_drawers_without_findings_in_both_directions(
    house_pages: HousePages, page: Page, scheme: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    case = await house_pages.case(await house_pages.customer())
    await page.set_viewport_size({"width": 768, "height": 1024})
    await house_pages.sign_in(page, BEN, f"#/cases/{case}")
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("desk-input")).to_be_focused()
    await expect(page.get_by_test_id("why-sentence")).to_be_hidden()
    await page.get_by_test_id("show-context").click()
    await expect(page.get_by_test_id("why-sentence")).to_be_visible()
    await expect(page.get_by_test_id("similar")).not_to_contain_text("Looking")
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("show-context")).to_be_focused()
    await page.evaluate("document.documentElement.dir = 'rtl'")
    await page.get_by_test_id("show-lists").click()
    box = await page.locator(".lists").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] == 768
    assert await page.evaluate("document.documentElement.scrollWidth") <= 768
    assert await findings(page) == []


async def test_what_comes_moves_nothing_under_the_pointer(house_pages: HousePages, page: Page) -> None:
    await house_pages.case(await house_pages.customer())
    await house_pages.sign_in(page, BEN)
    rows = page.get_by_test_id("case-list").get_by_role("button")
    await rows.first.hover()
    await page.evaluate("""() => {
      window.moving = setInterval(() => document.querySelector('.cases')
        .dispatchEvent(new PointerEvent('pointermove', {bubbles: true})), 100);
    }""")
    await house_pages.case(await house_pages.customer(None))
    await expect(page.get_by_test_id("tab-waiting")).to_contain_text("2")
    await expect(rows).to_have_count(1)
    await page.evaluate("clearInterval(window.moving)")
    await expect(rows).to_have_count(2)
