"""What customers and agents meet, pictured: each page looks as it did when somebody last looked at it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from handoff.command import at_the_machine
from handoff.contract import BotMetadata, HandoffReason, HandoffRequest, Mood, TurnRecord
from handoff.demo import load_demo_people
from handoff.past.stories import load_past
from handoff.past.writing import Size, write_past
from handoff.seed import seed_demo
from handoff.services.bot_replies import BotAnswer, BotReply
from handoff.services.kpi_rollup import roll_up_all
from handoff.services.open_case import open_case
from tests.handoff.cast import BEN, GRACE, MAYA, POLICY, PRIYA, START, Clock, decision, record
from tests.handoff.service import Customer
from warmline.paths import PROJECT_ROOT
from warmline.policy import EscalationPolicy

from .house import HousePages
from .looks import looks_as_kept
from .test_board_replay import SHIPPED, tried

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
TABLET: ViewportSize = {"width": 768, "height": 1024}
PHONE: ViewportSize = {"width": 390, "height": 844}
Look = Callable[..., Awaitable[Page]]


@pytest.fixture
def house_clock() -> Callable[[], datetime]:
    """It is nine on a Monday morning, and stays so."""
    return Clock()


@pytest.fixture
def house_policy() -> EscalationPolicy:
    """Nothing is offered: an offer would come into some pictures and not into others."""
    return POLICY.model_copy(update={"offers": POLICY.offers.model_copy(update={"tries": 0})})


@pytest_asyncio.fixture(loop_scope="session")
async def look(browser: Browser) -> AsyncIterator[Look]:
    """Somebody's screen at that time."""
    contexts = []

    async def come(size: ViewportSize = DESKTOP, *, dark: bool = False, locale: str = "en-GB") -> Page:
        context = await browser.new_context(
            viewport=size,
            locale=locale,
            timezone_id="UTC",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = await context.new_page()
        await page.clock.set_fixed_time(START)
        return page

    yield come
    for context in contexts:
        await context.close()


async def says(house: HousePages, customer: Customer, text: str, answer: str, frustration: float) -> TurnRecord:
    """One turn with the bot; what was understood of it."""
    told: list[TurnRecord] = []
    asked = len(house.bot.asked)

    async def know(_text: str, metadata: BotMetadata) -> None:
        told.append(record(metadata.message_id, frustration=frustration))
        house.bot.answers.append(BotAnswer((BotReply(answer),), told[0]))

    house.bot.on_answer = know
    stream = await customer.stream()
    await customer.say(text)
    await house.bot.was_asked(asked + 1)
    # What is said next comes after the answer, in every picture.
    await stream.until("message", lambda frame: frame["message"]["text"] == answer)
    await stream.close()
    house.bot.on_answer = None
    return told[0]


async def a_morning(house: HousePages) -> None:
    """Priya waits, and Maya, whose patience has ended, has just been handed over."""
    await house.case(await house.customer(PRIYA))
    maya = await house.customer(MAYA)
    turns = [
        await says(house, maya, "Where is my parcel?", "LH-10001 is on its way and expected on Tuesday.", 0.15),
        await says(house, maya, "You said that last week. It never came!", "I'm sorry. I've looked again.", 0.55),
        await says(house, maya, "This is ridiculous, get me somebody who can help.", "I'm handing you over.", 0.86),
    ]
    await open_case(
        house.parts.context,
        HandoffRequest(
            conversation_id=maya.conversation_id,
            message_id=turns[-1].message_id,
            idempotency_key=turns[-1].message_id,
            decision=decision(reason=HandoffReason.FRUSTRATION, severity=2, signal="frustration", mood=Mood.ANNOYED),
            problem="where your order LH-10001 is",
            topic="order_status",
            facts={"order_number": "LH-10001"},
            turns=tuple(turns),
        ),
    )


async def desk_of_the_morning(house: HousePages, page: Page) -> None:
    """Ben has taken Maya's case and written to her."""
    await a_morning(house)
    await house.sign_in(page, BEN)
    if page.viewport_size == TABLET:
        await page.get_by_test_id("show-lists").click()
    await page.get_by_test_id("case-list").get_by_text("Maya Lind").click()
    await page.get_by_test_id("accept").click()
    await page.get_by_test_id("desk-input").fill("Hello Maya, I am sorry about the wait. I am calling the carrier now.")
    await page.get_by_test_id("desk-send").click()
    await expect(page.get_by_test_id("desk-log")).to_contain_text("calling the carrier")
    await expect(page.get_by_test_id("why")).to_be_attached()
    await page.get_by_test_id("desk-input").focus()


@pytest.mark.parametrize(
    ("name", "size", "dark", "locale"),
    [
        ("desk-light", DESKTOP, False, "en-GB"),
        ("desk-dark", DESKTOP, True, "en-GB"),
        ("desk-german", DESKTOP, False, "de-DE"),
        ("desk-tablet", TABLET, False, "en-GB"),
    ],
)
async def test_the_desk_in_the_morning(
    house_pages: HousePages, look: Look, name: str, size: ViewportSize, dark: bool, locale: str
) -> None:
    page = await look(size, dark=dark, locale=locale)
    await desk_of_the_morning(house_pages, page)
    await looks_as_kept(page, name)


@pytest.mark.parametrize(
    ("name", "size", "dark"),
    [("chat-light", DESKTOP, False), ("chat-dark", DESKTOP, True), ("chat-phone", PHONE, False)],
)
async def test_the_chat_of_a_customer_who_waits(
    house_pages: HousePages, look: Look, name: str, size: ViewportSize, dark: bool
) -> None:
    page = await look(size, dark=dark)
    await page.goto(f"{house_pages.url}/a-shop")
    await page.get_by_test_id("open-chat").click()
    await page.get_by_test_id("chat-input").fill("My kettle leaks, and the shop is far away.")
    await page.get_by_test_id("chat-send").click()
    await expect(page.get_by_test_id("chat-log")).to_contain_text("You said")
    await page.get_by_test_id("talk-to-person").click()
    await expect(page.get_by_test_id("chat-banner")).to_contain_text("in the queue")
    await expect(page.get_by_test_id("handoff-card")).to_be_visible()
    await looks_as_kept(page, name)


@pytest.mark.parametrize(("name", "dark"), [("board-light", False), ("board-dark", True)])
async def test_the_board_in_the_morning(house_pages: HousePages, look: Look, name: str, dark: bool) -> None:
    await a_morning(house_pages)
    page = await look(DESKTOP, dark=dark)
    await house_pages.sign_in(page, GRACE, "#/board")
    await expect(page.get_by_test_id("board-tiles")).to_be_visible()
    await looks_as_kept(page, name)


async def test_another_policy_tried_on_the_past(house_pages: HousePages, look: Look, password_hash: str) -> None:
    page = await look(DESKTOP)
    other = re.sub(r"offer_at_once: [\d.]+", "offer_at_once: 0.9", SHIPPED, count=1)
    await tried(house_pages, page, password_hash, other)
    await expect(page.get_by_test_id("replay-changes")).to_contain_text("1 conversations change", timeout=60_000)
    await page.get_by_test_id("replay-changes").evaluate("element => element.scrollIntoView({ block: 'start' })")
    await looks_as_kept(page, "board-replay")


async def past_weeks(house: HousePages) -> None:
    """Two weeks of casework, as the demo has a month of it."""
    context, demo = house.parts.context, load_demo_people(PROJECT_ROOT / "data")
    await seed_demo(context.db, demo, POLICY, now=context.clock())
    past = load_past(PROJECT_ROOT / "data", POLICY)
    await write_past(context, past, demo, Size(14, 8), actor=at_the_machine("warmline demo"), tell=lambda _text: None)
    await roll_up_all(context)


async def test_the_figures_of_two_weeks(house_pages: HousePages, look: Look) -> None:
    await past_weeks(house_pages)
    page = await look(DESKTOP)
    await house_pages.sign_in(page, GRACE, "#/board/time")
    await page.get_by_test_id("kpi-span-7").click()
    await expect(page.get_by_test_id("kpi-trend")).to_be_visible()
    await expect(page.get_by_test_id("kpi-overview")).to_be_visible()
    await looks_as_kept(page, "board-time")


async def test_a_case_found_by_words(house_pages: HousePages, look: Look) -> None:
    await a_morning(house_pages)
    page = await look(DESKTOP)
    await house_pages.sign_in(page, GRACE, "#/search/parcel")
    await expect(page.locator(".result")).to_have_count(1)
    await looks_as_kept(page, "desk-search")


async def test_what_one_is_told_and_how_in_the_settings(house_pages: HousePages, look: Look) -> None:
    page = await look(DESKTOP)
    await house_pages.sign_in(page, BEN, "#/settings")
    await expect(page.get_by_test_id("settings-you")).to_be_visible()
    await expect(page.get_by_test_id("settings-quiet")).to_be_visible()
    await looks_as_kept(page, "desk-settings")


async def test_the_matrix_in_force(house_pages: HousePages, look: Look) -> None:
    page = await look(DESKTOP)
    await house_pages.sign_in(page, GRACE, "#/board/matrix")
    await expect(page.get_by_test_id("matrix-version")).to_be_visible()
    await looks_as_kept(page, "board-matrix")
