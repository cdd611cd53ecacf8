"""The demo shop: a customer signs in, sees their orders, and finds the chat."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from .fake_app import FakeWarmline

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_customer_signs_in_and_sees_their_orders(page: Page, warmline: FakeWarmline) -> None:
    await page.goto(warmline.url + "/shop")
    await expect(page.get_by_test_id("orders")).to_contain_text("Choose a customer")
    await page.get_by_test_id("customer").select_option("C-1001")
    await expect(page.get_by_test_id("order-LH-10001")).to_contain_text("shipped")
    await expect(page.get_by_test_id("order-LH-10002")).to_contain_text("3 × LED bulb, warm")
    await page.reload()
    await expect(page.get_by_test_id("customer")).to_have_value("C-1001")
    await page.get_by_test_id("customer").select_option("")
    await expect(page.get_by_test_id("orders")).to_contain_text("Choose a customer")


async def test_the_page_says_that_it_is_a_demo_and_opens_the_chat(page: Page, warmline: FakeWarmline) -> None:
    await page.goto(warmline.url + "/shop")
    await expect(page.get_by_text("Demo shop.")).to_be_visible()
    await page.get_by_test_id("ask").click()
    await expect(page.get_by_test_id("chat-input")).to_be_focused()


async def test_a_hostile_order_is_text(page: Page, warmline: FakeWarmline) -> None:
    hostile = '<img src=x onerror="window.broken=1">'
    warmline.signed_in = "C-1001"
    warmline.orders = [
        {**warmline.orders[0], "items": [{"name": hostile, "quantity": 1}], "status": hostile, "delivery": None}
    ]
    await page.goto(warmline.url + "/shop")
    await expect(page.get_by_test_id("order-LH-10001")).to_contain_text(hostile)
    assert await page.evaluate("window.broken") is None


async def test_the_page_names_the_prices_and_speeds_that_the_assistant_names(
    page: Page, warmline: FakeWarmline
) -> None:
    await page.goto(warmline.url + "/shop")
    await page.get_by_text("How long does delivery take?").click()
    answer = page.locator("details[open]")
    for fact in ("3 to 5 working days", "£4.95", "over £60", "£9.95"):
        await expect(answer).to_contain_text(fact)
