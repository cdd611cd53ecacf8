"""Pictures and PDF files in the chat and on the desk, on the real service."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from handoff.domain.attachments import ATTACHMENT_BYTES
from tests.handoff.cast import BEN
from tests.handoff.files import HTML, PDF, png

from .house import HousePages

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PHOTO = png(60, 40)
HOSTILE = "<img src=x onerror=document.title='hit'>.png"


def file(name: str, content: bytes = PHOTO, kind: str = "image/png") -> FilePayload:
    """A file as a chooser gives it."""
    return {"name": name, "mimeType": kind, "buffer": content}


async def open_chat(house: HousePages, page: Page) -> None:
    """A visitor opens the chat on a website."""
    await page.goto(f"{house.url}/a-shop")
    await page.get_by_test_id("open-chat").click()
    await page.get_by_test_id("chat-input").wait_for()
    await expect(page.get_by_test_id("chat-line")).to_be_hidden()


async def test_a_customer_sends_a_picture_and_sees_it_in_the_conversation(
    house_pages: HousePages, page: Page
) -> None:
    await open_chat(house_pages, page)
    await page.get_by_test_id("chat-files").set_input_files([file("lamp.png"), file("bill.pdf", PDF, "application/pdf")])
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
    assert Path(await download.path()).read_bytes() == PHOTO


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
