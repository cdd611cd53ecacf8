"""What is seen when something goes wrong or is under way has no findings of axe-core either (WCAG 2.2 A and AA)."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route, expect

from .fake_app import FakeWarmline
from .fake_customer import customer_case
from .test_accessibility import Scheme, findings
from .test_widget_reach import FAQ, ORDER, SMALL_TARGETS
from .widget import bubbles, open_chat, write

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

RETURN = {
    "kind": "return",
    "number": "R-1",
    "order_number": "LH-10001",
    "product": "table lamp",
    "amount": "£30.00",
    "state": "registered",
    "day": "2026-03-04",
    "link": "https://shop.example/labels/R-1",
}

OFFLINE = """() => {
  Object.defineProperty(navigator, "onLine", { get: () => false });
  dispatchEvent(new Event("offline"));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_widget_has_no_findings_while_the_line_is_down(
    page: Page, warmline: FakeWarmline, scheme: Scheme
) -> None:
    await page.emulate_media(color_scheme=scheme)
    conversation = await open_chat(page, warmline)
    await write(page, "Hello")
    await expect(bubbles(page)).to_have_count(1)
    warmline.customer.refuse_streams = True
    await warmline.customer.drop(conversation)
    line = page.get_by_test_id("chat-line")
    await expect(line).to_have_attribute("data-status", "reconnecting")
    await write(page, "Still there?")
    assert await findings(page) == []
    # As if the network were gone; axe itself needs one.
    await page.evaluate(OFFLINE)
    await expect(line).to_have_attribute("data-status", "offline")
    assert await findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("code", "status"), [(None, "failed"), ("origin_not_allowed", "refused")])
async def test_the_widget_has_no_findings_where_it_cannot_begin(
    page: Page, warmline: FakeWarmline, scheme: Scheme, code: str | None, status: str
) -> None:
    async def refuse(route: Route) -> None:
        if code is None:
            await route.abort()
        else:
            await route.fulfill(status=403, json={"error": {"code": code, "message": "No.", "data": {}}})

    await page.emulate_media(color_scheme=scheme)
    await page.route("**/api/customer/v1/conversations", refuse)
    await page.goto(warmline.url + "/shop")
    await page.get_by_test_id("open-chat").click()
    await expect(page.get_by_test_id("chat-line")).to_have_attribute("data-status", status)
    assert await findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_cards_and_somebody_typing_have_no_findings(page: Page, warmline: FakeWarmline, scheme: Scheme) -> None:
    await page.emulate_media(color_scheme=scheme)
    conversation = await open_chat(page, warmline)
    for text, card in (
        ("Your order.", ORDER),
        ("Your return.", RETURN),
        ("Yours:\n• LH-10001", {"kind": "orders", "orders": [ORDER, ORDER]}),
        ("30 days.", FAQ),
    ):
        await warmline.customer.say(conversation, text, card=card)
    await page.get_by_test_id("orders-card").locator("summary").first.click()
    await expect(page.get_by_test_id("faq-card")).to_be_visible()
    typing = {"type": "typing", "sender": "agent", "name": "Ana Duarte", "for_ms": 30_000}
    await warmline.customer.push(conversation, typing)
    await expect(page.get_by_test_id("typing")).to_be_visible()
    assert await findings(page) == []
    assert await page.evaluate(SMALL_TARGETS) == []


async def test_with_forced_colours_the_chosen_stars_and_what_can_be_pressed_can_be_told(
    page: Page, warmline: FakeWarmline
) -> None:
    await page.emulate_media(forced_colors="active")
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Was that it?")
    conversation.case = customer_case(status="closed", can_rate=True, can_reopen=True, position=None, wait=None)
    await warmline.customer.push_state(conversation)
    await page.get_by_role("radio", name="2 of 5").check()
    stars = page.get_by_test_id("survey").locator(".star span")
    colours = await stars.evaluate_all("all => all.map((one) => getComputedStyle(one).color)")
    edges = page.locator(".send, .bubble")
    borders = await edges.evaluate_all("all => all.map((one) => getComputedStyle(one).borderTopWidth)")

    assert colours[0] == colours[1] != colours[2] == colours[4]
    assert set(borders) == {"1px"}
