"""The bell at the desk: what one was told, how much is unread, all of it by keyboard (P24)."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from .cast import desk_case
from .fake_app import FakeWarmline
from .test_desk import HOSTILE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_what_is_unread_is_counted_and_what_comes_is_added(page: Page, warmline: FakeWarmline) -> None:
    await warmline.agent.notify("WL-1001: the first answer is due in 5 minutes")
    await sign_in(page, warmline)
    await expect(page.get_by_test_id("bell-count")).to_have_text("1")

    await warmline.agent.notify(HOSTILE)
    await expect(page.get_by_test_id("bell-count")).to_have_text("2")
    await expect(page.get_by_test_id("bell")).to_have_accessible_name("Notifications, 2 unread")
    await page.get_by_test_id("bell").click()
    panel = page.get_by_role("region", name="Notifications")
    await expect(panel.get_by_role("listitem")).to_have_count(2)
    await expect(panel).to_contain_text(HOSTILE)


async def test_a_line_opens_its_case_and_is_read_by_keyboard_alone(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.cases["case-1001"] = desk_case()
    await warmline.agent.notify("WL-1001: the first answer is due in 5 minutes", "case-1001")
    await sign_in(page, warmline)
    await expect(page.get_by_test_id("bell-count")).to_have_text("1")

    await page.get_by_test_id("bell").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("listitem").filter(has_text="first answer")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    await expect(page.get_by_test_id("why")).to_be_visible()
    await expect(page.get_by_test_id("bell-count")).to_be_empty()
    assert warmline.agent.unread() == 0


async def test_escape_closes_the_list_and_gives_the_focus_back(page: Page, warmline: FakeWarmline) -> None:
    await sign_in(page, warmline)
    bell = page.get_by_test_id("bell")
    await bell.click()
    await expect(page.get_by_text("Nothing yet.")).to_be_visible()
    await expect(bell).to_have_attribute("aria-expanded", "true")

    await page.keyboard.press("Escape")
    await expect(bell).to_be_focused()
    await expect(bell).to_have_attribute("aria-expanded", "false")


async def test_all_are_read_at_once(page: Page, warmline: FakeWarmline) -> None:
    for number in range(3):
        await warmline.agent.notify(f"line {number}")
    await sign_in(page, warmline)
    await page.get_by_test_id("bell").click()
    await page.get_by_role("button", name="Mark all as read").click()

    await expect(page.get_by_test_id("bell-count")).to_be_empty()
    await expect(page.get_by_role("button", name="Mark all as read")).to_be_hidden()
    assert warmline.agent.unread() == 0
