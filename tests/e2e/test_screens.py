"""The pictures in the documentation: taken from a fresh demo, and only of pages that show what they should.

``SCREENS=1 .venv/app/bin/python -m pytest tests/e2e/test_screens.py`` renews ``docs/screens``; without it the pictures
go to a temporary folder, so that a page that has lost something fails here and the documentation stays as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from tests.browsers import ARGUMENTS, require_chromium
from tests.e2e.system import System
from tests.e2e.test_journeys import ANSWER_MS, Widget, open_widget, sign_in
from warmline.paths import PROJECT_ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SCREENS: Final = PROJECT_ROOT / "docs" / "screens"
SMALLEST_BYTES: Final = 20_000
"""An empty page is smaller."""
LARGEST_BYTES: Final = 400_000
SHOP_SIZE: Final[ViewportSize] = {"width": 1280, "height": 800}
DESK_SIZE: Final[ViewportSize] = {"width": 1400, "height": 900}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A demo in which nobody has talked yet: what a newcomer sees."""
    running = System(Path(tmp_path_factory.mktemp("screens")))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A Chromium of its own."""
    path = require_chromium()
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=str(path), args=list(ARGUMENTS))
        yield started
        await started.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go."""
    if os.environ.get("SCREENS") != "1":
        return tmp_path
    SCREENS.mkdir(exist_ok=True)
    return SCREENS


async def someone(browser: Browser, size: ViewportSize) -> BrowserContext:
    """Another person at another computer."""
    return await browser.new_context(viewport=size, locale="en-GB", reduced_motion="reduce")


async def take(page: Page, file: Path) -> None:
    """Take the picture, of a page that fits its window and has all its fonts and pictures."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{file.name}: too wide"
    await page.evaluate("document.fonts.ready")
    assert not await page.evaluate("[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)")
    picture = await page.screenshot(path=file, animations="disabled", caret="hide")
    assert SMALLEST_BYTES < len(picture) < LARGEST_BYTES, f"{file.name}: {len(picture)} bytes"


async def wait_for_place(widget: Widget, queue: str) -> None:
    """Wait until the customer is told that they wait for a person of this queue."""
    await expect(widget.banner).to_contain_text(queue, timeout=ANSWER_MS)
    await expect(widget.banner).to_contain_text("in the queue")


async def test_the_pictures_show_the_way_of_a_customer_and_of_the_agent(
    fresh: System, browser: Browser, folder: Path
) -> None:
    """Maya gets her refund from the bot; Jonas, at his third contact, gets Ben."""
    maya = await open_widget(await someone(browser, SHOP_SIZE), fresh, "C-1001")
    await expect(maya.page.get_by_test_id("order-LH-10003")).to_be_visible()
    await maya.say("I want a refund for LH-10003")
    await maya.sees("kettle")
    await maya.say("it never boiled")
    await maya.sees(r"£39\.00.*Shall I")
    await expect(maya.page.get_by_test_id("quick-reply")).to_have_count(2)
    await expect(maya.page.get_by_test_id("talk-to-person")).to_be_visible()
    await expect(maya.banner).to_contain_text("assistant")
    await take(maya.page, folder / "widget.png")

    tom = await open_widget(await someone(browser, SHOP_SIZE), fresh, "C-1002")
    await tom.say("I want to cancel LH-10011")
    await tom.sees("LH-10011")
    await tom.say("please let me talk to a person")
    await wait_for_place(tom, "Orders and delivery")

    jonas = await open_widget(await someone(browser, SHOP_SIZE), fresh, "C-1004")
    await jonas.say("Hello")
    await expect(jonas.messages).to_have_count(2, timeout=ANSWER_MS)
    await jonas.say("Nobody tells me anything, this is really annoying")
    await jonas.sees("sorry")
    await jonas.say("Where is my parcel LH-10030?")
    await jonas.sees("Jonas.*LH-10030")
    await wait_for_place(jonas, "Orders and delivery")
    await expect(jonas.banner).to_contain_text("number 1")
    await expect(jonas.banner).to_contain_text("hear from us by")
    await take(jonas.page, folder / "handoff.png")

    ben = await sign_in(await someone(browser, DESK_SIZE), fresh, "ben")
    waiting = ben.get_by_test_id("case-list").get_by_role("button")
    await expect(waiting).to_have_count(2)
    await expect(waiting.first).to_contain_text("Jonas Weber")
    await waiting.first.click()
    await ben.get_by_test_id("accept").click()
    await jonas.sees("Ben Okafor")
    await ben.get_by_test_id("desk-input").fill("Hello Jonas, I'm sorry for the wait. I'm asking the carrier now.")
    await ben.get_by_test_id("desk-send").click()
    await jonas.sees("asking the carrier now")
    await jonas.say("Thank you. It's a birthday present for Friday.")
    await expect(ben.get_by_test_id("desk-log")).to_contain_text("birthday present")
    await expect(ben.get_by_test_id("verified")).to_have_text("verified")
    await expect(ben.get_by_test_id("why")).to_contain_text("3rd contact")
    await expect(ben.get_by_test_id("summary")).to_contain_text("LH-10030")
    await expect(ben.get_by_test_id("frustration")).to_be_visible()
    await expect(ben.get_by_test_id("queue-orders_delivery")).to_contain_text(re.compile("1 waiting.*1 active"))
    await ben.get_by_test_id("more-actions").click()
    for action in ("resolve", "transfer", "escalate", "release", "next-update"):
        await expect(ben.get_by_test_id(action)).to_be_visible()
    await ben.keyboard.press("Escape")
    await take(ben, folder / "desk.png")

    await ben.get_by_test_id("resolve").click()
    await ben.get_by_test_id("resolve-disposition").select_option("solved")
    await ben.get_by_test_id("resolve-root_cause").select_option("carrier_lost")
    await ben.get_by_test_id("resolve-outcome").fill("A replacement leaves today by next-day delivery.")
    await ben.get_by_test_id("resolve-submit").click()
    await jonas.sees("A replacement leaves today", "(Did that|Has that) solve")
    await expect(jonas.page.get_by_test_id("survey")).to_be_visible()
    await expect(jonas.page.get_by_test_id("quick-reply").first).to_be_visible()
    await expect(jonas.page.get_by_test_id("reopen")).to_be_hidden()
    await jonas.page.get_by_role("radio", name="4 of 5").check()
    await take(jonas.page, folder / "solved.png")
