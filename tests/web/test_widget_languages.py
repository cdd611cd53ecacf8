"""The widget in the language of the page around it, and laid out from right to left where its words run that way."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from .fake_app import FakeWarmline
from .house import HousePages
from .widget import connected, open_chat, write

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(
    ("language", "launcher", "person"),
    [
        ("de-AT", "Chat öffnen", "Mit einem Menschen sprechen"),
        ("es", "Abrir el chat", "Hablar con una persona"),
        ("fr", "Chat with us", "Talk to a person"),
    ],
)
async def test_a_page_in_another_language_gets_the_widget_in_it_and_english_where_there_is_none(
    page: Page, house_pages: HousePages, language: str, launcher: str, person: str
) -> None:
    await page_is(page, language)
    await page.goto(f"{house_pages.url}/shop")
    await expect(page.get_by_test_id("open-chat")).to_have_text(launcher)
    await page.get_by_test_id("open-chat").click()
    await connected(page)
    await expect(page.get_by_test_id("talk-to-person")).to_have_text(person)
    panel = page.get_by_test_id("chat-panel")
    assert await panel.evaluate("element => [element.lang, element.dir]") == [
        language[:2] if language != "fr" else "en",
        "ltr",
    ]


@pytest.mark.parametrize("language", ["en_US", "x-nonsense-"])
async def test_a_page_whose_language_is_no_proper_tag_has_a_whole_conversation_with_files(
    page: Page, warmline: FakeWarmline, language: str
) -> None:
    await page_is(page, language)
    conversation = await open_chat(page, warmline)
    sent = {"id": "f1", "name": "lamp.png", "media_type": "application/pdf", "size": 48213, "status": "clean"}
    await warmline.customer.say(conversation, "Your label", "agent", attachments=[sent])
    await warmline.customer.say(conversation, "Anything else?", "agent")
    await open_chat(page, warmline)
    await expect(page.get_by_test_id("file")).to_contain_text("48 kB")
    await expect(page.get_by_text("Anything else?")).to_be_visible()


async def page_is(page: Page, language: str, direction: str = "ltr") -> None:
    """The pages say so of themselves before any of their scripts runs."""
    says = f"Object.assign(document.documentElement, {{ lang: '{language}', dir: '{direction}' }})"
    await page.add_init_script(f"addEventListener('readystatechange', () => {says}, true)")


async def test_words_that_run_from_right_to_left_turn_the_panel_around(page: Page, warmline: FakeWarmline) -> None:
    warmline.customer.wording = {**warmline.customer.wording, "direction": "rtl", "language": "ar"}
    conversation = await open_chat(page, warmline)
    await write(page, "أين طلبي؟")
    await warmline.customer.say(conversation, "Order LH-10001 is on its way.")
    panel = await page.get_by_test_id("chat-panel").bounding_box()
    # By who said it: until the server has acknowledged one's own words, they stand below all others.
    said = page.get_by_test_id("message")
    boxes = [await said.and_(page.locator(f"[data-sender={who}]")).bounding_box() for who in ("customer", "bot")]
    send = await page.get_by_test_id("chat-send").bounding_box()
    assert panel is not None
    assert send is not None
    assert boxes[0] is not None
    assert boxes[1] is not None
    middle = panel["x"] + panel["width"] / 2
    # One's own words stand at the left, the bot's at the right, and what sends stands left of the text.
    assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"] + boxes[1]["width"]
    assert boxes[0]["x"] < middle < boxes[1]["x"] + boxes[1]["width"]
    assert send["x"] < middle
    # An English sentence in between keeps its full stop at its end.
    english = said.and_(page.locator("[data-sender=bot]")).locator(".bubble")
    assert await english.evaluate("element => getComputedStyle(element).unicodeBidi") == "plaintext"


async def test_on_a_page_from_right_to_left_the_button_stands_in_the_other_corner_with_its_panel(
    page: Page, warmline: FakeWarmline
) -> None:
    await page_is(page, "ar", "rtl")
    await page.goto(f"{warmline.url}/blank")
    button = await page.get_by_test_id("open-chat").bounding_box()
    await page.get_by_test_id("open-chat").click()
    await connected(page)
    panel = await page.get_by_test_id("chat-panel").bounding_box()
    assert button is not None
    assert panel is not None
    assert (button["x"], panel["x"]) == (20, 20)
