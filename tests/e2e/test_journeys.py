"""The three people's ways through the house, in a real browser against the real processes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from tests.browsers import ARGUMENTS, require_chromium
from tests.e2e.system import System

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ANSWER_MS = 15_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    path = require_chromium()
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=str(path), args=list(ARGUMENTS))
        yield started
        await started.close()


class Widget:
    """The customer's side of the shop page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def messages(self) -> Locator:
        return self.page.get_by_test_id("chat-log").get_by_test_id("message")

    @property
    def banner(self) -> Locator:
        return self.page.get_by_test_id("chat-banner")

    async def say(self, text: str) -> None:
        await self.page.get_by_test_id("chat-input").fill(text)
        await self.page.get_by_test_id("chat-input").press("Enter")

    async def sees(self, *patterns: str) -> None:
        """Messages of others hold these texts: what the customer said by themselves answers nothing."""
        others = self.page.locator('[data-testid="message"]:not([data-sender="customer"])')
        for pattern in patterns:
            await expect(others.filter(has_text=re.compile(pattern, re.IGNORECASE)).last).to_be_visible(
                timeout=ANSWER_MS
            )

    async def starts_anew(self) -> None:
        """A customer who was here before sees their conversation again; this begins another one."""
        await expect(self.page.get_by_test_id("chat-line")).to_have_attribute("data-status", "live")
        async with self.page.expect_response("**/conversations"):
            await self.page.get_by_test_id("new-conversation").click()
        await expect(self.page.get_by_test_id("chat-line")).to_have_attribute("data-status", "live")
        await expect(self.messages).to_have_count(0)

    async def choose(self, title: str) -> None:
        await self.page.get_by_test_id("quick-reply").filter(has_text=title).first.click()


async def open_widget(context: BrowserContext, system: System, customer: str | None) -> Widget:
    page = await context.new_page()
    await page.goto(f"{system.base}/shop")
    if customer is not None:
        await page.get_by_test_id("customer").select_option(customer)
        await expect(page.get_by_test_id(re.compile("^order-LH-")).first).to_be_visible()
    await page.get_by_test_id("open-chat").click()
    widget = Widget(page)
    await expect(page.get_by_test_id("chat-input")).to_be_visible()
    return widget


async def sign_in(context: BrowserContext, system: System, name: str) -> Page:
    desk = await context.new_page()
    await desk.goto(f"{system.base}/desk")
    await desk.get_by_test_id("sign-in-email").fill(f"{name}@larkfield.example")
    await desk.get_by_test_id("sign-in-password").fill("larkfield-demo")
    await desk.get_by_test_id("sign-in").click()
    await expect(desk.get_by_test_id("account")).to_be_visible()
    return desk


@pytest_asyncio.fixture(loop_scope="module")
async def customer_side(chromium: Browser) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def agent_side(chromium: Browser) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB")
    yield context
    await context.close()


async def test_a_customer_is_greeted_helped_and_sees_how_to_reach_a_person(
    system: System, customer_side: BrowserContext
) -> None:
    """Steps 1 and 2: greeting, the way to a person, self-service against the shop's own database."""
    widget = await open_widget(customer_side, system, "C-1001")
    await expect(widget.page.get_by_test_id("chat-panel")).to_contain_text("Larkfield's assistant")
    await expect(widget.page.get_by_test_id("talk-to-person")).to_be_visible()
    await widget.say("hello")
    await widget.sees("person")
    await widget.say("where is my order")
    await widget.sees("Which order is it")
    rating = widget.page.get_by_test_id("rating")
    await expect(rating).to_have_count(0)
    await widget.say("LH-10001")
    await widget.sees("LH-10001.*on its way")
    await rating.get_by_role("button", name="Helpful", exact=True).click()
    await expect(rating.get_by_role("status")).to_contain_text("Thank you")
    await widget.say("where is LH-10010?")
    await widget.sees("belongs to another account")
    await widget.say("and where is LH-99999")
    await widget.sees("no order LH-99999")
    await widget.say("I want a refund for LH-10003")
    await widget.sees(r"LH-10003.*\?")
    await widget.say("it never boiled")
    await widget.sees(r"£39\.00.*Shall I")
    await widget.choose("Yes")
    await widget.sees(r"£39\.00.*on its way back")
    await widget.say("how long do I have to send something back?")
    await widget.sees("30 days")


SELF_SERVICE: list[tuple[str, str, list[tuple[str, str]]]] = [
    (
        "change an order",
        "C-1002",
        [("please send LH-10011 to another address", "where should"), ("22 Elm Grove, Leeds, LS8 1AA", "22 Elm Grove")],
    ),
    ("cancel an order", "C-1001", [("please cancel LH-10002", "LH-10002"), ("yes", "cancelled")]),
    ("cancel one that has shipped", "C-1001", [("cancel LH-10001", "return")]),
    (
        "report a damaged item",
        "C-1005",
        [
            ("the hand blender in LH-10040 arrived broken", "blender|what"),
            ("the shaft is cracked", "replacement|new one|report"),
        ],
    ),
    (
        "report a missing item",
        "C-1005",
        [
            ("something was missing from my order LH-10040", "which"),
            ("the blender", "what exactly was missing"),
            ("the whole blender", "recorded as .* by "),
        ],
    ),
    (
        "return an item",
        "C-1003",
        [
            ("I'd like to return the dishwasher from LH-10020", "why|reason|LH-10020"),
            ("it is too wide", "label|collect|return"),
        ],
    ),
    ("a copy of an invoice", "C-1001", [("send me invoice INV-2026-0001", "INV-2026-0001")]),
    ("explain a charge", "C-1001", [("what is the charge of £649.00 for?", "LH-10004")]),
    (
        "change the address",
        "C-1001",
        [
            ("I moved, please change my address", "address"),
            ("9 Beech Avenue, York, YO1 7AB", "9 Beech Avenue"),
            ("yes", "is now 9 Beech Avenue"),
        ],
    ),
    ("reset access", "C-1002", [("I forgot my password", "link|e-mail|email")]),
    ("pause the plan", "C-1001", [("pause my plan for two months", "pause.*until"), ("yes", "paused")]),
    ("end the plan", "C-1002", [("I want to end my plan", "end"), ("yes", "ends|ended|until")]),
    (
        "troubleshoot a device",
        "C-1001",
        [("my kettle doesn't heat", "Step 1"), ("no, not yet", "Step 2"), ("it works now, thanks", ".")],
    ),
    ("delivery options", "C-1003", [("what delivery options do I have", "postcode"), ("LS6 2AB", "£")]),
]
"""The requests that the bot does by itself: what is said, and what its answer must hold."""


@pytest.mark.parametrize(("customer", "talk"), [row[1:] for row in SELF_SERVICE], ids=[row[0] for row in SELF_SERVICE])
async def test_the_bot_does_what_customers_ask_for_most(
    system: System, customer_side: BrowserContext, customer: str, talk: list[tuple[str, str]]
) -> None:
    """Step 2, one request after the other, against the shop's own database."""
    widget = await open_widget(customer_side, system, customer)
    await widget.starts_anew()
    for said, answer in talk:
        before = await widget.messages.count()
        await widget.say(said)
        reply = widget.messages.nth(before + 1)
        await expect(reply).to_contain_text(re.compile(answer, re.IGNORECASE), timeout=ANSWER_MS)
        await expect(reply).to_have_attribute("data-sender", "bot")


async def test_a_customer_who_grows_frustrated_is_acknowledged_offered_a_person_and_handed_over(
    system: System, customer_side: BrowserContext
) -> None:
    """Step 3, by frustration (P1, P11)."""
    widget = await open_widget(customer_side, system, "C-1005")
    await widget.starts_anew()
    await widget.say("This is ridiculous, nothing works and nobody helps me")
    await widget.sees("sorry")
    await widget.say("I am so angry, you are useless, worst company ever")
    await expect(widget.page.get_by_test_id("quick-reply").filter(has_text="Talk to a person").last).to_be_visible(
        timeout=ANSWER_MS
    )
    await widget.say("seriously this is a joke, I am furious with this rubbish")
    await expect(widget.banner).to_contain_text("queue", timeout=ANSWER_MS)


async def test_asking_for_a_person_inside_a_form_hands_over_at_once(
    system: System, customer_side: BrowserContext
) -> None:
    """Step 3, by wish (P3)."""
    widget = await open_widget(customer_side, system, "C-1002")
    await widget.starts_anew()
    await widget.say("cancel an order please")
    await widget.sees("Which order is it")
    await widget.say("let me talk to a human")
    await widget.sees("Tom, .*cancelling your order|cancelling your order.*Orders and delivery")
    await expect(widget.banner).to_contain_text("Orders and delivery")


async def test_a_third_contact_goes_to_an_agent_and_back_with_everything_known(
    system: System, customer_side: BrowserContext, agent_side: BrowserContext
) -> None:
    """Steps 3 and 4 and the agent's path: third contact, named notice, talk, transfer, escalation, outcome, reopen."""
    widget = await open_widget(customer_side, system, "C-1004")
    await widget.say("where is my parcel LH-10030")
    await widget.sees("Jonas.*LH-10030")
    await expect(widget.banner).to_contain_text("Orders and delivery")
    await expect(widget.banner).to_contain_text("number 1")
    await expect(widget.banner).to_contain_text("hear from us by")

    ben = await sign_in(agent_side, system, "ben")
    row = ben.get_by_test_id("case-list").get_by_role("button").filter(has_text="Jonas Weber")
    await expect(row).to_contain_text("3rd contact")
    # Severity 2 for a third contact: before every calm case that came earlier.
    await expect(ben.get_by_test_id("case-list").get_by_role("button").first).to_contain_text("Jonas Weber")
    await row.click()
    await expect(ben.get_by_test_id("why")).to_contain_text("3rd contact")
    await expect(ben.get_by_test_id("facts")).to_contain_text("LH-10030")
    await expect(ben.get_by_test_id("summary")).to_contain_text("contact number 3")
    await expect(ben.get_by_test_id("customer-history")).to_contain_text("order status")
    await expect(ben.get_by_test_id("frustration")).to_be_visible()
    await expect(ben.get_by_test_id("verified")).to_have_text("verified")
    await ben.get_by_test_id("accept").click()
    await widget.sees("Ben Okafor")
    await expect(widget.banner).to_contain_text("Ben Okafor")

    await ben.get_by_test_id("desk-input").fill("Hello Jonas, I am looking at your parcel now.")
    await ben.get_by_test_id("desk-send").click()
    await widget.sees("I am looking at your parcel now")
    await widget.say("Thank you, it is a birthday present")
    await expect(ben.get_by_test_id("desk-log")).to_contain_text("birthday present")
    await ben.get_by_test_id("mode-note").click()
    await ben.get_by_test_id("note-input").fill("Carrier scan missing since Tuesday.")
    await ben.get_by_test_id("note-send").click()
    await expect(ben.get_by_test_id("notes")).to_contain_text("Carrier scan missing")
    assert "Carrier scan missing" not in await widget.messages.all_inner_texts()

    await ben.get_by_test_id("transfer").click()
    await ben.get_by_test_id("transfer-category").select_option("returns_refunds")
    await ben.get_by_test_id("transfer-tried").fill("Asked the carrier, no trace")
    await ben.get_by_test_id("transfer-next_step").fill("Send a replacement")
    await ben.get_by_test_id("transfer-submit").click()
    await widget.sees("Returns and refunds")
    await expect(widget.banner).to_contain_text("Returns and refunds")
    await ben.get_by_test_id("tab-waiting").click()
    await ben.get_by_test_id("case-list").get_by_role("button").filter(has_text="Jonas Weber").click()
    await ben.get_by_test_id("accept").click()
    await ben.get_by_test_id("escalate").click()
    await ben.get_by_test_id("escalate-tried").fill("Replacement needs approval")
    await ben.get_by_test_id("escalate-next_step").fill("Approve the replacement")
    await ben.get_by_test_id("escalate-submit").click()
    await widget.sees("specialist")

    grace = await sign_in(await _another(agent_side), system, "grace")
    await grace.get_by_test_id("case-list").get_by_role("button").filter(has_text="Jonas Weber").click()
    await expect(grace.get_by_test_id("history")).to_contain_text("Asked the carrier, no trace")
    await expect(grace.get_by_test_id("notes")).to_contain_text("Carrier scan missing")
    await grace.get_by_test_id("accept").click()
    await widget.sees("Grace Lindqvist")
    await grace.get_by_test_id("resolve").click()
    await grace.get_by_test_id("resolve-disposition").select_option("solved")
    await grace.get_by_test_id("resolve-root_cause").select_option("carrier_lost")
    await grace.get_by_test_id("resolve-outcome").fill("A replacement leaves today by next-day delivery")
    await grace.get_by_test_id("resolve-submit").click()

    await widget.sees("A replacement leaves today", "did (it|that) (work|solve|help)|solved")
    await widget.page.get_by_role("radio", name="2 of 5").check()
    await widget.page.get_by_test_id("survey-comment").fill("Took three contacts")
    await widget.page.get_by_test_id("survey-send").click()
    await expect(widget.page.get_by_test_id("survey-done")).to_be_visible()
    await widget.say("what are your opening hours")
    await widget.sees("open|hours|o'clock|Monday")
    await widget.page.get_by_test_id("reopen").click()
    await widget.sees("Grace Lindqvist")
    await expect(widget.banner).to_contain_text("Grace Lindqvist")
    await grace.get_by_test_id("tab-mine").click()
    await expect(grace.get_by_test_id("case-list").get_by_role("button")).to_contain_text("Jonas Weber")


async def _another(context: BrowserContext) -> BrowserContext:
    """A second person at the desk: another browser profile."""
    assert context.browser is not None
    return await context.browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB")


async def test_a_content_editor_changes_an_answer_and_the_running_bot_says_it(
    system: System, customer_side: BrowserContext
) -> None:
    """The content editor's path: edit a YAML file in data/faq and save it. No training, no restart."""
    file = system.data / "faq" / "returns_refunds.yml"
    widget = await open_widget(customer_side, system, None)
    await widget.say("how long do I have to send something back?")
    await widget.sees("30 days")
    before = file.read_text(encoding="utf-8")
    file.write_text(before.replace("30 days", "45 days"), encoding="utf-8")
    await asyncio.sleep(1.1)  # Rasa looks at the files once a second
    await widget.say("how long do I have to send something back?")
    await widget.sees("45 days")
