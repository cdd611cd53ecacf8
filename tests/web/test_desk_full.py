"""A desk with many cases: nobody waits for the last row to see the first one."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.handoff.cast import BEN

from .house import HousePages

pytestmark = pytest.mark.asyncio(loop_scope="session")

CASES = 45
ROWS_A_FRAME = 20
NOTE = """
window.drawn = [];
new MutationObserver((changes) => {
  const listed = changes.filter((one) => one.target.dataset?.testid === "case-list");
  const rows = listed.flatMap((one) => [...one.addedNodes]);
  if (rows.length > 0) window.drawn.push(rows.length);
}).observe(document, { childList: true, subtree: true });
"""
"""Runs in the page: how many rows came into the list at a time."""


async def test_rows_come_into_the_list_a_few_to_a_frame_and_in_their_order(house_pages: HousePages, page: Page) -> None:
    for _ in range(CASES):
        await house_pages.case(await house_pages.customer(None))
    await page.add_init_script(NOTE)
    await house_pages.sign_in(page, BEN)
    rows = page.get_by_test_id("case-list").locator("> li")
    await expect(rows).to_have_count(CASES)

    drawn = await page.evaluate("window.drawn")
    assert len(drawn) > 1
    assert max(drawn) <= ROWS_A_FRAME
    numbers = await rows.locator(".number").all_text_contents()
    assert numbers == sorted(numbers), "those of one severity in the order in which they came"
