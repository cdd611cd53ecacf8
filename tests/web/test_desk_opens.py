"""The desk opens in few rounds to the service: the page names every module that it will need."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.handoff.cast import BEN

from .house import HousePages

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOADED = (
    "performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname).filter((p) => p.endsWith('.js'))"
)
LINKS = "[...document.querySelectorAll('link[rel=modulepreload]')].map((one) => new URL(one.href).pathname)"


async def test_every_module_that_the_desk_needs_is_asked_for_at_once_and_no_other(
    house_pages: HousePages, page: Page
) -> None:
    await house_pages.sign_in(page, BEN)
    await expect(page.get_by_test_id("case-list")).to_be_attached()
    links, loaded = await page.evaluate(LINKS), await page.evaluate(LOADED)
    assert len(links) > 30
    assert sorted(set(loaded)) == sorted(links)
