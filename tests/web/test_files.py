"""Pictures and PDF files in the chat and on the desk, on the real service."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, FilePayload, Page, expect

from handoff.domain.attachments import ATTACHMENT_BYTES, Verdict
from handoff.http import attachments
from handoff.services.attachments import sweep
from tests.handoff.cast import BEN, POLICY
from tests.handoff.files import HTML, PDF, Scanner, png
from warmline.policy import EscalationPolicy

from .house import HousePages

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PHOTO = png(60, 40)
HOSTILE = "<img src=x onerror=document.title='hit'>.png"


@pytest.fixture
def house_policy() -> EscalationPolicy:
    """Nothing is offered: agents take cases."""
    return POLICY.model_copy(update={"offers": POLICY.offers.model_copy(update={"tries": 0})})


def file(name: str, content: bytes = PHOTO, kind: str = "image/png") -> FilePayload:
    """A file as a chooser gives it."""
    return {"name": name, "mimeType": kind, "buffer": content}


async def open_chat(house: HousePages, page: Page) -> None:
    """A visitor opens the chat on a website."""
    await page.goto(f"{house.url}/a-shop")
    await page.get_by_test_id("open-chat").click()
    await page.get_by_test_id("chat-input").wait_for()
    await expect(page.get_by_test_id("chat-line")).to_be_hidden()


async def test_a_customer_sends_a_picture_and_sees_it_in_the_conversation(house_pages: HousePages, page: Page) -> None:
    await open_chat(house_pages, page)
    await page.get_by_test_id("chat-files").set_input_files(
        [file("lamp.png"), file("bill.pdf", PDF, "application/pdf")]
    )
    await expect(page.get_by_test_id("file-told")).to_contain_text("is ready to send.")
    await expect(page.locator("progress")).to_have_count(0)
    await page.get_by_role("button", name="Remove bill.pdf").click()
    await expect(page.get_by_test_id("file-chosen")).to_have_count(1)

    await page.get_by_test_id("chat-send").click()

    sent = page.locator('[data-testid="message"][data-sender="customer"]')
    await expect(sent.get_by_test_id("file")).to_contain_text("lamp.png")
    await expect(sent.locator("canvas")).to_be_visible()
    await expect(sent.locator(".bubble")).to_be_hidden()
    await expect(page.locator('[data-notice="attachments_kept"]')).to_be_visible()
    await expect(page.get_by_test_id("file-chosen")).to_have_count(0)
    async with page.expect_download() as coming:
        await sent.get_by_test_id("file").click()
    download = await coming.value
    assert download.suggested_filename == "lamp.png"
    assert await asyncio.to_thread(Path(await download.path()).read_bytes) == PHOTO


async def test_what_cannot_be_sent_is_said_in_words_and_the_rest_goes(house_pages: HousePages, page: Page) -> None:
    await open_chat(house_pages, page)
    choose, told = page.get_by_test_id("chat-files"), page.get_by_test_id("file-told")

    await choose.set_input_files(file("invoice.pdf", HTML, "application/pdf"))
    await expect(told).to_have_text("invoice.pdf: only pictures (PNG, JPEG, GIF, WebP) and PDF files can be sent.")
    await choose.set_input_files(file("film.png", PHOTO + bytes(ATTACHMENT_BYTES)))
    await expect(told).to_contain_text("film.png: this file is too large.")
    await expect(page.get_by_test_id("file-chosen")).to_have_count(0)
    await choose.set_input_files([file(f"{number}.png") for number in range(6)])
    await expect(page.get_by_test_id("file-chosen")).to_have_count(5)

    await page.get_by_test_id("chat-input").fill("Five of them")
    await expect(page.locator("progress")).to_have_count(0)
    await page.get_by_test_id("chat-send").click()
    sent = page.locator('[data-testid="message"][data-sender="customer"]')
    await expect(sent.get_by_test_id("file")).to_have_count(5)
    await expect(sent.locator(".bubble")).to_have_text("Five of them")


async def test_a_hostile_file_name_is_shown_as_text(house_pages: HousePages, page: Page) -> None:
    await open_chat(house_pages, page)
    await page.get_by_test_id("chat-files").set_input_files(file(HOSTILE))
    await expect(page.get_by_test_id("file-chosen")).to_contain_text(HOSTILE)
    await expect(page.locator("progress")).to_have_count(0)
    await page.get_by_test_id("chat-send").click()
    await expect(page.get_by_test_id("file")).to_contain_text("img src=x onerror=document.title='hit'.png")
    assert await page.title() == "A shop"


async def open_case(house: HousePages, page: Page) -> None:
    """Ben signs in, opens the only case and takes it."""
    await house.sign_in(page, BEN)
    await page.get_by_test_id("case-list").get_by_role("button").first.click()
    await page.get_by_test_id("accept").click()
    await page.get_by_test_id("desk-input").wait_for()


async def test_an_agent_sees_the_customers_picture_large_and_sends_a_file_back(
    house_pages: HousePages, page: Page
) -> None:
    maya = await house_pages.customer()
    await house_pages.case(maya)
    kept = await maya.call("POST", "/attachments", data=PHOTO, headers={"X-File-Name": "lamp.png"})
    body = {"client_message_id": maya.new_id(), "attachments": [kept.body["attachment"]["id"]]}
    await maya.call("POST", "/messages", json=body)
    await open_case(house_pages, page)

    theirs = page.locator('[data-testid="message"][data-sender="customer"]').get_by_test_id("file")
    await expect(theirs.locator("canvas")).to_be_visible()
    await theirs.click()
    await expect(page.get_by_test_id("picture").get_by_role("img", name="lamp.png")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("picture")).to_have_count(0)

    await page.get_by_test_id("desk-files").set_input_files(file("label.pdf", PDF, "application/pdf"))
    await expect(page.locator("progress")).to_have_count(0)
    await page.get_by_test_id("desk-input").fill("Here is your label")
    await page.get_by_test_id("desk-send").click()
    mine = page.locator('[data-testid="message"][data-sender="agent"]')
    await expect(mine.get_by_test_id("file")).to_contain_text("label.pdf")
    await expect(mine).to_contain_text("Here is your label")
    await expect(page.get_by_test_id("file-chosen")).to_have_count(0)


async def test_a_held_file_is_shown_to_both_as_soon_as_the_scanner_has_judged_it(
    house_pages: HousePages, page: Page, context: BrowserContext
) -> None:
    keeping = house_pages.server.app[attachments.FILES].keeping
    scanner = Scanner(Verdict.FAILED)
    object.__setattr__(keeping, "scan", scanner)
    await open_chat(house_pages, page)
    await page.get_by_test_id("chat-files").set_input_files([file("lamp.png"), file("cable.png")])
    await expect(page.locator("progress")).to_have_count(0)
    await page.get_by_test_id("chat-send").click()
    theirs = page.locator('[data-testid="message"][data-sender="customer"]').get_by_test_id("file")
    await expect(theirs).to_have_text([re.compile("still being checked")] * 2)
    await page.get_by_test_id("talk-to-person").click()
    await expect(page.get_by_test_id("handoff-card")).to_be_visible()
    desk = await context.new_page()
    await open_case(house_pages, desk)
    mine = desk.locator('[data-testid="message"][data-sender="customer"]').get_by_test_id("file")
    await expect(mine).to_have_text([re.compile("still being checked")] * 2)

    scanner.verdict = Verdict.CLEAN
    await sweep(house_pages.parts.context, keeping)

    await expect(theirs.locator("canvas")).to_have_count(2)
    await expect(mine.locator("canvas")).to_have_count(2)
    await expect(mine.first).to_be_enabled()


async def test_what_an_agent_began_to_write_survives_a_reload_and_goes_with_the_sign_out(
    house_pages: HousePages, page: Page
) -> None:
    await house_pages.case(await house_pages.customer())
    await open_case(house_pages, page)
    await page.get_by_test_id("desk-input").fill("Dear Maya, your lamp")

    await page.reload()
    await page.get_by_test_id("tab-mine").click()
    await page.get_by_test_id("case-list").get_by_role("button").first.click()
    await expect(page.get_by_test_id("desk-input")).to_have_value("Dear Maya, your lamp")

    await page.get_by_test_id("account").click()
    await page.get_by_test_id("sign-out").click()
    await page.get_by_test_id("sign-in").wait_for()
    assert await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft'))") == []


async def test_a_long_conversation_is_drawn_from_its_end_and_older_messages_come_as_one_scrolls_up(
    house_pages: HousePages, page: Page
) -> None:
    object.__setattr__(house_pages.parts.messages_limit, "_limit", 100_000)
    maya = await house_pages.customer()
    await house_pages.case(maya)
    for number in range(400):
        await maya.say(f"Line {number}")
    await open_case(house_pages, page)
    log, messages = page.get_by_test_id("desk-log"), page.get_by_test_id("desk-log").get_by_test_id("message")
    assert 20 <= await messages.count() <= 40
    await expect(messages.last).to_be_in_viewport()

    for _ in range(16):
        await log.evaluate("(log) => { log.scrollTop = 0; }")
        await page.evaluate("() => new Promise(requestAnimationFrame)")
    await expect(log).to_contain_text("Line 0")
    numbers = await messages.evaluate_all("(found) => found.map((one) => Number(one.dataset.seq))")
    assert numbers == sorted(set(numbers))

    await log.evaluate("(log) => { log.scrollTop = 0; }")
    await maya.say("Are you there?")
    await maya.say("Hello?")
    await expect(page.get_by_test_id("desk-newest")).to_have_text("2 new messages")
    assert await log.evaluate("(log) => log.scrollHeight - log.scrollTop > 2 * log.clientHeight")
    await page.get_by_test_id("desk-newest").click()
    await expect(page.get_by_text("Hello?", exact=True)).to_be_in_viewport()
    await expect(page.get_by_test_id("desk-newest")).to_be_hidden()
