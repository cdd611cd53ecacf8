"""A real desk in a real Chromium, which notes when each case is drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright

SUPERVISOR: Final = "grace@larkfield.example"
PASSWORD: Final = "larkfield-demo"
ARGUMENTS: Final = ("--no-sandbox", "--disable-background-networking", "--disable-sync", "--no-first-run")
WAIT_MS: Final = 30_000
NOTE_CASES: Final = """
() => {
  window.shownAt = {};
  const note = () => {
    for (const row of document.querySelectorAll('[data-testid^="case-"]')) {
      const number = row.dataset.testid.slice("case-".length);
      if (number in window.shownAt) continue;
      window.shownAt[number] = null;
      // The next frame is the one that draws it; the moment after that frame is when it stands there.
      requestAnimationFrame(() => setTimeout(() => {
        window.shownAt[number] = performance.timeOrigin + performance.now();
      }));
    }
  };
  new MutationObserver(note).observe(document.body, { childList: true, subtree: true });
  note();
}
"""
"""Runs in the page: when each case's row was first painted, in milliseconds since the epoch."""


class BrowserDesk:
    """A signed-in desk that is watched."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def shown_at(self, case_number: str) -> float:
        """When the row of this case was painted first, in seconds since the epoch; waits for it."""
        drawn = await self._page.wait_for_function(
            "number => window.shownAt[number]", arg=case_number, timeout=WAIT_MS, polling=50
        )
        return float(await drawn.json_value()) / 1000


@asynccontextmanager
async def browser_desk(base: str, executable: Path) -> AsyncIterator[BrowserDesk]:
    """A supervisor's desk, signed in and settled."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        try:
            page = await browser.new_page()
            await page.goto(f"{base}/desk")
            await page.get_by_test_id("sign-in-email").fill(SUPERVISOR)
            await page.get_by_test_id("sign-in-password").fill(PASSWORD)
            await page.get_by_test_id("sign-in").click()
            await page.get_by_test_id("queue-billing").wait_for(timeout=WAIT_MS)
            await page.evaluate(NOTE_CASES)
            yield BrowserDesk(page)
        finally:
            await browser.close()
