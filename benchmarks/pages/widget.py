"""The widget of the customer with the longest conversation: opened, scrolled through, closed and opened again."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from playwright.async_api import Page

from benchmarks.pages.house import FullHouse
from benchmarks.pages.watch import Smoothness, watching

WHEEL_PX: Final = 600
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
    # Any page of the house will do as the website around it.
    await page.goto(f"{house.base}/desk")
    await page.add_script_tag(url="/widget.js", type="module")
    found: list[Smoothness | None] = []
    async with watching(page, "widget: open the longest conversation") as seen:
        await page.get_by_test_id("open-chat").click()
        await page.get_by_test_id("message").nth(59).wait_for(state="attached")
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
