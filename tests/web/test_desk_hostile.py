"""Hostile names, messages, files, flags, canned texts and FAQ answers, in every place of the desk that shows them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import pytest
from playwright.async_api import Page, Route, expect

from handoff.contract import Tier
from handoff.services.conversations import Identity
from tests.handoff.cast import BEA, BEN, GRACE
from tests.handoff.service import Customer, Desk

from .house import HousePages
from .test_accessibility import findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TAG: Final = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>{problem}\' --'
RIGHT_TO_LEFT: Final = "\u202egnp.exe <b>\u2066x"
HOSTILE: Final = (TAG, RIGHT_TO_LEFT, "javascript:alert(1) https://x.example/\"onmouseover='window.broken=1'")
PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


class Shown:
    """A case with the text in everything that others have a say in, and Ben's desk showing it."""

    def __init__(self, house: HousePages, page: Page, text: str) -> None:
        self.house, self.page, self.text = house, page, text
        self.case_id = ""
        self.conversation_id = ""

    async def come(self) -> None:
        identity = Identity("C-66", self.text[:100], None, Tier.STANDARD)
        customer: Customer = await self.house.customer(identity)
        await customer.say(self.text)
        self.case_id = await self.house.case(customer)
        self.conversation_id = customer.conversation_id
        ben: Desk = await self.house.agent(BEN)
        assert (await ben.post(f"/cases/{self.case_id}/accept")).status == 200
        words = {"title": self.text[:80], "language": "en", "text": self.text.replace("{problem}", "")}
        words["text"] = words["text"].replace("{", "").replace("}", "")
        assert (await ben.post("/canned", words)).status == 201
        assert (await ben.post(f"/cases/{self.case_id}/notes", {"text": self.text})).status == 200
        message = {"client_message_id": "agent-0001", "text": self.text}
        assert (await ben.post(f"/cases/{self.case_id}/messages", message)).status in (200, 201)
        grace = await self.house.agent(GRACE)
        await grace.post(f"/board/conversations/{self.conversation_id}/flag", {"reason": self.text})
        await self.page.route("**/answers", self._answers)
        await self.house.sign_in(self.page, BEN, f"#/cases/{self.case_id}")
        await expect(self.page.get_by_test_id("desk-input")).to_be_visible()

    async def _answers(self, route: Route) -> None:
        one = {"question": self.text, "answer": self.text, "score": 0.9, "given": False, "intent": "faq/x"}
        await route.fulfill(json={"answers": [one], "off": None})


async def in_the_list(shown: Shown) -> None:
    await shown.page.get_by_test_id("tab-mine").click()
    await expect(shown.page.get_by_test_id("case-list")).to_contain_text(shown.text[:100])
    await expect(shown.page.get_by_test_id("case-list").get_by_test_id("flagged")).to_contain_text(shown.text)


async def in_the_head_and_the_transcript(shown: Shown) -> None:
    page = shown.page
    await expect(page.get_by_role("heading", level=1)).to_contain_text(shown.text[:100])
    for kind in ("customer", "agent"):
        await expect(page.locator(f".message.{kind} .text").first).to_have_text(shown.text)
    await expect(page.locator(".message.customer header").first).to_contain_text(shown.text[:100])


async def in_the_context(shown: Shown) -> None:
    page = shown.page
    await expect(page.get_by_test_id("notes")).to_contain_text(shown.text)
    await expect(page.get_by_test_id("customer")).to_contain_text(shown.text[:100])
    await expect(page.get_by_test_id("answers")).to_contain_text(shown.text)
    await page.get_by_test_id("insert-answer-0").click()
    await expect(page.get_by_test_id("desk-input")).to_have_value(shown.text)


async def where_one_writes(shown: Shown) -> None:
    await expect(shown.page.get_by_test_id("about-case")).to_contain_text(shown.text)
    bea = await (await shown.house.agent(BEA)).stream()
    await bea.send(type="viewing", case_id=shown.case_id)
    await expect(shown.page.get_by_test_id("viewers")).to_contain_text(BEA.name)
    await bea.close()


async def in_the_picker(shown: Shown) -> None:
    await shown.page.get_by_test_id("desk-input").fill("")
    await shown.page.get_by_test_id("desk-input").press_sequentially("/")
    await expect(shown.page.get_by_test_id("picker").first).to_contain_text(shown.text[:80])
    assert await findings(shown.page) == []


async def in_the_canned_dialog(shown: Shown) -> None:
    page = shown.page
    await page.get_by_test_id("canned-open").click()
    await page.get_by_test_id("kept-open").click()
    await expect(page.get_by_test_id("kept-row")).to_contain_text(shown.text[:80])
    assert await findings(page) == []
    await page.get_by_test_id("kept-row").get_by_role("button").first.click()
    await page.get_by_test_id("kept-text").fill(shown.text)
    await expect(page.get_by_test_id("kept-preview")).to_contain_text(shown.text[:20])
    assert await findings(page) == []


async def in_the_search(shown: Shown) -> None:
    page = shown.page
    await page.get_by_test_id("view-search").click()
    await page.get_by_test_id("search-input").fill("agent:me")
    await page.get_by_test_id("search-input").press("Enter")
    await expect(page.locator(".result").first).to_contain_text(shown.text[:100])
    assert await findings(page) == []


async def in_the_monitor(shown: Shown) -> None:
    page = shown.page
    await page.context.clear_cookies()
    await page.goto("about:blank")
    await shown.house.sign_in(page, GRACE, "#/board")
    await page.get_by_test_id("live").first.get_by_role("button", name="Monitor").click()
    await expect(page.get_by_test_id("monitor-log")).to_contain_text(shown.text)
    await expect(page.get_by_test_id("monitor")).to_contain_text(shown.text[:100])


Place = Callable[[Shown], Awaitable[None]]
PLACES: Final[tuple[Place, ...]] = (
    in_the_list,
    in_the_head_and_the_transcript,
    in_the_context,
    where_one_writes,
    in_the_picker,
    in_the_canned_dialog,
    in_the_search,
    in_the_monitor,
)


@pytest.mark.parametrize("text", HOSTILE, ids=["tags", "right to left", "links"])
async def test_what_others_write_is_shown_as_text_wherever_the_desk_shows_it(
    house_pages: HousePages, page: Page, text: str
) -> None:
    shown = Shown(house_pages, page, text)
    await shown.come()
    for place in PLACES:
        await place(shown)
        assert await page.evaluate("window.broken") is None, place.__name__
        assert await page.locator("img[src='x'], a[href^='javascript'], script:not([src])").count() == 0, place.__name__
        for _ in range(2):
            await page.keyboard.press("Escape")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 768])
async def test_axe_finds_nothing_in_search_picker_macros_files_and_canned_responses(
    house_pages: HousePages, page: Page, scheme: str, width: int
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size({"width": width, "height": 1024})
    shown = Shown(house_pages, page, "A kettle & a <b>lamp</b>")
    await shown.come()
    assert await findings(page) == []
    await page.get_by_test_id("desk-files").set_input_files(
        {"name": f"{TAG[:60]}.png", "mimeType": "image/png", "buffer": PNG}
    )
    await expect(page.locator(".writer.reply")).to_contain_text(TAG[:40])
    assert await findings(page) == []
    await in_the_picker(shown)
    await page.keyboard.press("Escape")
    await page.get_by_test_id("desk-input").fill("")
    await page.get_by_test_id("desk-input").press_sequentially("/introduce")
    await page.get_by_test_id("pick-introduce").click()
    await expect(page.get_by_test_id("macro")).to_be_visible()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await in_the_canned_dialog(shown)
    await page.keyboard.press("Escape")
    await page.get_by_test_id("more-actions").click()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await in_the_search(shown)
