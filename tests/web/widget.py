"""What the tests of the widget do again and again."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from .fake_app import FakeWarmline
from .fake_customer import Conversation

HOSTILE = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'


async def connected(page: Page) -> None:
    await expect(page.get_by_test_id("chat-line")).to_have_attribute("data-status", "live")


async def open_chat(page: Page, warmline: FakeWarmline, path: str = "/blank") -> Conversation:
    await page.goto(warmline.url + path)
    await page.get_by_test_id("open-chat").click()
    await connected(page)
    return warmline.customer.only


async def write(page: Page, text: str) -> None:
    await page.get_by_test_id("chat-input").fill(text)
    await page.get_by_test_id("chat-input").press("Enter")


def bubbles(page: Page) -> Locator:
    return page.get_by_test_id("chat-log").get_by_test_id("message")
