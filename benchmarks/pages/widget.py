"""The widget of the customer with the longest conversation: opened, scrolled through, closed and opened again."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from playwright.async_api import Page

from benchmarks.pages.house import A_SHOP, FullHouse
from benchmarks.pages.watch import Smoothness, watching

WHEEL_PX: Final = 600
POLL_MS: Final = 50
SHOWN: Final = """
() => document.querySelector("warmline-widget").shadowRoot.querySelectorAll('[data-testid="message"]').length > 15
"""
"""Runs in the page; a selector of the measuring tool would look through the whole page, which is a long task."""
OPEN_AGAIN: Final = """
async () => {
  const host = document.querySelector("warmline-widget");
  const began = performance.now();
  await host.open();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}
"""
"""Runs in the page: milliseconds from the press until the frame with the open panel has been drawn."""


async def walk_widget(page: Page, house: FullHouse, longest: str) -> tuple[list[Smoothness], float]:
    """What each step felt like, and the milliseconds that the panel takes to open on a warm page."""
    customer = house.customers[longest]
    kept = {"token": customer.token, "conversation": customer.conversation_id, "expires": "2999-01-01T00:00:00Z"}
    key, value = json.dumps(f"warmline:{house.base}/:visitor"), json.dumps(json.dumps(kept))
    await page.add_init_script(f"localStorage.setItem({key}, {value})")
    await page.goto(f"{house.base}{A_SHOP}")
    # The measuring tool puts its own script into the page at its first look, before anything is measured.
    await page.get_by_test_id("open-chat").hover()
    found: list[Smoothness | None] = []
    async with watching(page, "widget: open the longest conversation") as seen:
        await page.get_by_test_id("open-chat").click()
        await page.wait_for_function(SHOWN, polling=POLL_MS)
    found.append(seen.found)
    async with watching(page, "widget: scroll up through it") as seen:
        await page.get_by_test_id("chat-log").hover()
        for _ in range(60):
            await page.mouse.wheel(0, -WHEEL_PX)
            await asyncio.sleep(0.05)
    found.append(seen.found)
    await page.get_by_test_id("close-chat").click()
    async with watching(page, "widget: open again") as seen:
        opened = float(await page.evaluate(OPEN_AGAIN))
    found.append(seen.found)
    return [one for one in found if one is not None], opened
