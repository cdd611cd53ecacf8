"""The widget on a website: nothing before it is opened, its look, its tabs, its customers."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from .fake_app import FakeWarmline
from .fake_customer import handoff_card
from .widget import bubbles, open_chat, write

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_nothing_is_asked_of_the_server_before_the_chat_is_opened(page: Page, warmline: FakeWarmline) -> None:
    await page.goto(warmline.url + "/blank")
    await expect(page.get_by_test_id("open-chat")).to_be_visible()
    assert set(warmline.requests) == {"/blank", "/widget.js"}
    assert await page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0


async def test_what_comes_while_the_panel_is_closed_is_counted_on_the_button(
    page: Page, warmline: FakeWarmline
) -> None:
    conversation = await open_chat(page, warmline)
    await page.get_by_test_id("close-chat").click()
    for text in ("Are you there?", "I found it."):
        await warmline.customer.say(conversation, text, "agent")
    launcher = page.get_by_test_id("open-chat")
    await expect(launcher.locator(".unread")).to_have_text("2")
    await expect(launcher.locator(".unread")).to_have_attribute("aria-label", "2 new")
    await launcher.click()
    await page.get_by_test_id("close-chat").click()
    await expect(launcher.locator(".unread")).to_have_text("")


async def test_two_tabs_show_one_conversation(page: Page, context: BrowserContext, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    other = await context.new_page()
    await open_chat(other, warmline)
    await write(other, "From the other tab")
    await warmline.customer.say(conversation, "To both")
    for tab in (page, other):
        await expect(bubbles(tab)).to_have_text([re.compile("From the other tab"), re.compile("To both")])


async def test_a_new_conversation_starts_empty_in_every_tab(
    page: Page, context: BrowserContext, warmline: FakeWarmline
) -> None:
    await open_chat(page, warmline)
    await write(page, "Old")
    other = await context.new_page()
    await open_chat(other, warmline)
    await expect(bubbles(other)).to_have_count(1)
    await page.get_by_test_id("new-conversation").click()
    for tab in (page, other):
        await expect(bubbles(tab)).to_have_count(0)
    await write(other, "New")
    await expect(bubbles(page)).to_have_text([re.compile("New")])


async def test_a_token_is_never_used_for_another_customer(page: Page, warmline: FakeWarmline) -> None:
    await open_chat(page, warmline, "/shop")
    await write(page, "A visitor's question")
    await expect(bubbles(page)).to_have_count(1)
    async with page.expect_response("**/conversations"):
        await page.get_by_test_id("customer").select_option("C-1001")
    await expect(bubbles(page)).to_have_count(0)
    await write(page, "Maya's question")
    await expect(bubbles(page)).to_have_count(1)
    async with page.expect_response("**/conversations"):
        await page.get_by_test_id("customer").select_option("C-1002")
    await expect(bubbles(page)).to_have_count(0)
    begun = warmline.customer.begun
    assert [entry.get("authorization") for entry in begun] == [None, None, None]
    assert ["identity" in entry for entry in begun] == [False, True, True]
    await page.get_by_test_id("customer").select_option("C-1001")
    await expect(bubbles(page)).to_have_text([re.compile("Maya's question")])


async def test_nothing_of_one_customer_is_left_for_the_next_on_the_same_page(
    page: Page, warmline: FakeWarmline
) -> None:
    await page.goto(warmline.url + "/shop")
    await page.get_by_test_id("customer").select_option("C-1001")
    conversation = await open_chat(page, warmline, "/shop")
    conversation.card = handoff_card()
    await warmline.customer.hand_over(conversation)
    await expect(page.get_by_test_id("handoff-card")).to_be_visible()
    await page.get_by_test_id("chat-input").fill("My card number is")
    # The next customer's conversation cannot be begun: what is shown is then nobody's.
    await page.route("**/api/customer/v1/conversations", lambda route: route.abort())
    await page.get_by_test_id("customer").select_option("C-1002")
    await expect(page.get_by_test_id("chat-line")).to_have_attribute("data-status", "failed")
    await expect(page.get_by_test_id("handoff-card")).to_be_hidden()
    await expect(page.get_by_test_id("chat-input")).to_have_value("")
    await expect(page.get_by_test_id("chat-banner")).not_to_contain_text("Billing")


async def test_a_phone_is_filled_and_reduced_motion_respected(warmline: FakeWarmline, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await page.emulate_media(reduced_motion="reduce")
    await open_chat(page, warmline)
    box = await page.get_by_test_id("chat-panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}
    panel = page.get_by_test_id("chat-panel")
    assert await panel.evaluate("element => getComputedStyle(element).animationName") == "none"


@pytest.mark.parametrize(
    ("accent", "text"), [("%23ffd54a", "0"), ("navy", "1"), ("hsl(0 60%25 45%25)", "1"), ("%23d0d0d0", "0")]
)
async def test_a_site_colours_the_widget_and_its_text_stays_readable(
    page: Page, warmline: FakeWarmline, accent: str, text: str
) -> None:
    await page.goto(f"{warmline.url}/themed?accent={accent}")
    launcher = page.get_by_test_id("open-chat")
    await expect(launcher).to_have_text("Help")
    colour = await launcher.evaluate("element => getComputedStyle(element).color")
    assert colour == f"color(srgb-linear {text} {text} {text})"
    box = await launcher.bounding_box()
    assert box is not None
    assert box["x"] == 20


LOOK = """() => [...document.querySelector("warmline-widget").shadowRoot.querySelectorAll("*")].map((one) => {
  const { font, color, display, visibility, letterSpacing, textTransform, borderWidth } = getComputedStyle(one);
  const { x, y, width, height } = one.getBoundingClientRect();
  return [one.localName, one.className, font, color, display, visibility, letterSpacing, textTransform, borderWidth,
    x, y, width, height].join();
})"""


async def test_a_websites_own_rules_move_and_colour_nothing_of_the_widget(page: Page, warmline: FakeWarmline) -> None:
    await page.emulate_media(reduced_motion="reduce")
    sent = {"id": "f1", "name": "lamp.pdf", "media_type": "application/pdf", "size": 48213, "status": "clean"}
    conversation = await open_chat(page, warmline, "/themed?accent=navy")
    await warmline.customer.say(conversation, "Was that it?", buttons=["Yes", "No"], attachments=[sent])
    looks = []
    for style in ("calm", "hostile"):
        await open_chat(page, warmline, f"/themed?accent=navy&style={style}")
        await expect(page.get_by_test_id("file")).to_be_attached()
        looks.append(await page.evaluate(LOOK))
    assert looks[1] == looks[0]


async def test_a_website_themes_the_widget_by_variables(page: Page, warmline: FakeWarmline) -> None:
    await open_chat(page, warmline, "/themed?accent=navy&style=themed")
    panel = page.get_by_test_id("chat-panel")
    look = "one => { const { borderRadius, backgroundColor, fontFamily } = getComputedStyle(one); "
    look += "return [borderRadius, backgroundColor, fontFamily]; }"
    assert await panel.evaluate(look) == ["3px", "rgb(250, 240, 230)", '"Courier New", monospace']


async def test_an_accent_that_is_no_colour_is_left_out(page: Page, warmline: FakeWarmline) -> None:
    await page.goto(f"{warmline.url}/themed?accent=nonsense")
    colour = await page.get_by_test_id("open-chat").evaluate("element => getComputedStyle(element).backgroundColor")
    assert colour == "rgb(15, 102, 87)"


async def test_a_page_of_an_origin_that_is_not_allowed_learns_which_setting_to_mend(
    page: Page, warmline: FakeWarmline
) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if "WARMLINE_" in message.text else None)
    elsewhere = warmline.url.replace("127.0.0.1", "localhost")
    await page.goto(elsewhere + "/elsewhere")
    await page.get_by_test_id("open-chat").click()
    await expect(page.get_by_test_id("chat-line")).to_have_attribute("data-status", "failed")
    async with page.expect_event("requestfailed"):
        await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_test_id("chat-line")).to_have_attribute("data-status", "failed")
    assert errors == [f"Warmline: can't be reached, or {elsewhere} is not in WARMLINE_ALLOWED_ORIGINS"]
