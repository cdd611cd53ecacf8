"""The widget for everybody: axe in its further states, 200 % zoom, a phone's keyboard, targets of 44 pixels."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, expect

from .fake_app import FakeWarmline
from .fake_customer import customer_case, handoff_card
from .test_accessibility import Scheme, findings
from .test_files import file
from .widget import open_chat, write

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ORDER = {
    "kind": "order",
    "number": "LH-10001",
    "state": "shipped",
    "items": [{"product": "table lamp", "quantity": 2}],
    "day": "2026-03-04",
    "days_late": 2,
    "carrier": "Parcelway",
    "tracking_number": "PP001GB",
    "link": "https://shop.example/orders/LH-10001",
}
FAQ = {"kind": "faq", "title": "How long you have to return something", "link": "https://shop.example/returns"}
SMALL_TARGETS = """() => [...document.querySelector("warmline-widget").shadowRoot
  .querySelectorAll("button, summary, .card > a, label.star, label.likely, textarea")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML.slice(0, 120))"""
KEYBOARD_UP = """() => {
  Object.defineProperty(visualViewport, "height", { value: 320, configurable: true });
  visualViewport.dispatchEvent(new Event("resize"));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_cards_files_reopening_and_being_offline_have_no_findings_and_no_small_targets(
    page: Page, context: BrowserContext, warmline: FakeWarmline, scheme: Scheme
) -> None:
    await page.emulate_media(color_scheme=scheme)
    conversation = await open_chat(page, warmline, "/shop")
    await warmline.customer.say(conversation, "It's late, I'm sorry.", card=ORDER, buttons=["Have a person chase it"])
    await warmline.customer.say(conversation, "30 days: https://shop.example/returns", card=FAQ, can_rate=True)
    kept = {"id": "f1", "name": "lamp.png", "media_type": "image/png", "size": 48213, "status": "clean"}
    label = {**kept, "name": "label.pdf", "media_type": "application/pdf"}
    await warmline.customer.say(conversation, "Your label", attachments=[label, {**label, "status": "held"}])
    await expect(page.get_by_test_id("faq-card")).to_be_visible()
    await expect(page.get_by_test_id("file")).to_have_count(2)
    assert await findings(page) == []
    assert await page.evaluate(SMALL_TARGETS) == []
    await page.route("**/attachments", lambda route: route.fulfill(status=201, json={"attachment": kept}))
    await page.get_by_test_id("chat-files").set_input_files([file("lamp.png")])
    await expect(page.get_by_test_id("file-chosen")).to_be_visible()
    assert await findings(page) == []
    assert await page.evaluate(SMALL_TARGETS) == []
    await page.get_by_role("button", name="Remove lamp.png").click()
    conversation.refusal = ("bad_value", "This cannot be sent.")
    await write(page, "Hello?")
    await expect(page.get_by_text("Not sent.")).to_be_visible()
    assert await findings(page) == []
    assert await page.evaluate(SMALL_TARGETS) == []
    conversation.case = customer_case(status="closed", can_rate=True, can_reopen=True, position=None, wait=None)
    await warmline.customer.push_state(conversation)
    await expect(page.get_by_test_id("survey")).to_be_visible()
    assert await findings(page) == []
    assert await page.evaluate(SMALL_TARGETS) == []
    await context.set_offline(True)
    await expect(page.get_by_test_id("chat-line")).to_have_attribute("data-status", "offline")
    assert await page.evaluate(SMALL_TARGETS) == []
    await context.set_offline(False)


WIDE = """() => {
  const panel = document.querySelector("warmline-widget").shadowRoot.querySelector(".panel");
  return [...panel.querySelectorAll("*")].filter((one) => {
    const { left, right } = one.getBoundingClientRect();
    const seen = one.checkVisibility() && !one.closest(".visually-hidden, svg");
    return seen && (left < -0.5 || right > innerWidth + 0.5);
  }).map((one) => one.outerHTML.slice(0, 120));
}"""
NARROW_TARGETS = """() => [...document.querySelector("warmline-widget").shadowRoot
  .querySelectorAll("button:not(.link), summary, label.star, label.likely, textarea")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width < 44)
  .map((one) => one.outerHTML.slice(0, 120))"""
LONG = "Donaudampfschifffahrtsgesellschaftskapitänskajütenlampe" * 2


async def fits(page: Page) -> None:
    """Nothing is found by axe, too small to touch, or wider than the window."""
    assert await findings(page) == []
    assert await page.evaluate(SMALL_TARGETS) == []
    assert await page.evaluate(NARROW_TARGETS) == []
    assert (await page.evaluate(WIDE)) == []


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_cards_files_the_survey_and_what_is_passed_on_fit_a_phone(
    page: Page, warmline: FakeWarmline, scheme: Scheme, width: int
) -> None:
    await page.set_viewport_size({"width": width, "height": 720})
    await page.emulate_media(color_scheme=scheme)
    conversation = await open_chat(page, warmline)
    item = {"product": LONG, "quantity": 2}
    orders = [{**ORDER, "items": [item]}, {**ORDER, "number": "LH-10002"}]
    await warmline.customer.say(conversation, "Two of them.", card={"kind": "orders", "orders": orders})
    await warmline.customer.say(conversation, "Late.", card={**ORDER, "tracking_number": LONG}, can_rate=True)
    await warmline.customer.say(conversation, "30 days", card={**FAQ, "title": LONG}, buttons=[LONG, "No"])
    kept = {"id": "f1", "name": f"{LONG}.pdf", "media_type": "application/pdf", "size": 48213, "status": "held"}
    await warmline.customer.say(conversation, kept["name"], "agent", name=LONG, attachments=[kept])
    await expect(page.get_by_test_id("file")).to_be_visible()
    await page.get_by_test_id("orders-card").locator("summary").first.click()
    await fits(page)
    await page.route("**/attachments", lambda route: route.fulfill(status=201, json={"attachment": kept}))
    await page.get_by_test_id("chat-files").set_input_files([file(f"{LONG}.png")])
    await expect(page.get_by_test_id("file-told")).to_contain_text("is ready to send")
    await fits(page)
    await page.get_by_role("button", name="Remove").click()
    card = handoff_card(problem=LONG, quote=LONG, tried=[LONG])
    conversation.card = card
    await warmline.customer.hand_over(conversation)
    await expect(page.get_by_test_id("handoff-card")).to_be_visible()
    await fits(page)
    await page.get_by_test_id("card-change").click()
    await fits(page)
    await page.get_by_test_id("card-cancel").click()
    conversation.card = None
    conversation.case = customer_case(status="closed", can_rate=True, can_reopen=True, position=None, wait=None)
    await warmline.customer.push_state(conversation)
    await expect(page.get_by_test_id("survey")).to_be_visible()
    await fits(page)


async def test_at_200_per_cent_everything_is_there_without_scrolling_sideways(
    page: Page, warmline: FakeWarmline
) -> None:
    # What a browser does at 200 %: half the pixels of style, on the same screen.
    await page.set_viewport_size({"width": 640, "height": 400})
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "It's late, I'm sorry.", card=ORDER, buttons=["Have a person chase it"])

    for name in ("chat-send", "talk-to-person", "close-chat", "chat-input"):
        await expect(page.get_by_test_id(name)).to_be_in_viewport(ratio=1)
    scroll = page.get_by_test_id("chat-panel").locator(".scroll")
    assert await scroll.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    assert await scroll.evaluate("(one) => one.clientHeight") >= 60
    await page.get_by_test_id("quick-reply").scroll_into_view_if_needed()
    await expect(page.get_by_test_id("quick-reply")).to_be_in_viewport(ratio=0.9)


async def test_on_a_phone_the_field_stays_above_the_keyboard(page: Page, warmline: FakeWarmline) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    conversation = await open_chat(page, warmline)
    for number in range(12):
        await warmline.customer.say(conversation, f"Answer {number}, and a line that takes some room on a phone.")
    await expect(page.get_by_text("Answer 11")).to_be_in_viewport()
    await page.get_by_test_id("chat-input").focus()
    await page.evaluate(KEYBOARD_UP)

    box = await page.get_by_test_id("chat-send").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 320
    last = await page.get_by_text("Answer 11").bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= box["y"]
