"""The desk under load: what an agent does on a busy day, watched frame by frame."""

from __future__ import annotations

import asyncio
from typing import Final

from playwright.async_api import Locator, Page

from benchmarks.pages.house import PASSWORD, FullHouse
from benchmarks.pages.watch import Smoothness, watching

WAIT_MS: Final = 30_000
WHEEL_PX: Final = 600
BURST: Final = 30
CASES: Final = '[data-testid="case-list"] > li'
MESSAGES: Final = '[data-testid="desk-log"] > .message'
"""Waited for by plain selectors: looking for a role or a text in a full page is a long task of the measuring tool."""


async def walk(page: Page, house: FullHouse, longest: str) -> list[Smoothness]:
    """Signs in, scrolls the list, opens the longest conversation, scrolls through it, and lets a burst come in."""
    found: list[Smoothness | None] = []
    page.set_default_timeout(WAIT_MS)
    await page.goto(f"{house.base}/desk")
    await page.get_by_test_id("sign-in-email").fill(house.agent.email)
    await page.get_by_test_id("sign-in-password").fill(PASSWORD)
    async with watching(page, "sign in, all cases drawn") as seen:
        await page.get_by_test_id("sign-in").click()
        await page.wait_for_selector(f"{CASES}:nth-child({len(house.customers) - 1})", state="attached")
    found.append(seen.found)
    async with watching(page, "scroll the list of cases") as seen:
        await _wheel(page, page.get_by_test_id("case-list"), times=20, by=WHEEL_PX)
    found.append(seen.found)
    async with watching(page, "open the longest conversation") as seen:
        await page.goto(f"{house.base}/desk#/cases/{longest}")
        await page.wait_for_selector(f"{MESSAGES}:last-child", state="attached")
    found.append(seen.found)
    async with watching(page, "scroll the longest conversation") as seen:
        await _wheel(page, page.get_by_test_id("desk-log"), times=40, by=-WHEEL_PX)
    found.append(seen.found)
    async with watching(page, f"{BURST} customers come, {BURST} messages arrive") as seen:
        for number in range(BURST):
            await house.come(10_000 + number)
            await house.customers[longest].send({"type": "message", "text": f"And another thing, number {number}"})
        await page.wait_for_selector(f"{MESSAGES}:last-child >> text=number {BURST - 1}", state="attached")
    found.append(seen.found)
    async with watching(page, "write 60 letters") as seen:
        await page.get_by_test_id("desk-input").press_sequentially(
            "I see what happened here and put it right for you. " * 2
        )
    found.append(seen.found)
    return [one for one in found if one is not None]


async def _wheel(page: Page, over: Locator, *, times: int, by: int) -> None:
    await over.hover()
    for _ in range(times):
        await page.mouse.wheel(0, by)
        await asyncio.sleep(0.05)
