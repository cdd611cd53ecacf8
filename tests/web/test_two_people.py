"""A customer in the widget and an agent at the desk, two browsers on the real service, over good and bad networks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.handoff.cast import BEN

from .house import HousePages

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
Person = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def person(browser: Browser) -> AsyncIterator[Person]:
    """Somebody at a computer of their own."""
    contexts = []

    async def come(size: ViewportSize = DESKTOP, scheme: str = "light") -> Page:
        context = await browser.new_context(
            viewport=size, locale="en-GB", color_scheme="dark" if scheme == "dark" else "light"
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return await context.new_page()

    yield come
    for context in contexts:
        await context.close()


async def open_widget(page: Page, house: HousePages) -> None:
    await page.goto(f"{house.url}/a-shop")
    await page.get_by_test_id("open-chat").click()
    await expect(page.get_by_test_id("chat-line")).to_have_attribute("data-status", "live")


async def write(page: Page, text: str, side: str = "chat") -> None:
    await page.get_by_test_id(f"{side}-input").fill(text)
    await page.get_by_test_id(f"{side}-send").click()


async def hand_over(customer: Page, agent: Page, house: HousePages) -> None:
    """The customer asks for a person and Ben takes the case."""
    await customer.get_by_test_id("talk-to-person").click()
    await expect(customer.get_by_test_id("chat-banner")).to_contain_text("in the queue")
    await house.sign_in(agent, BEN)
    await agent.get_by_test_id("case-list").get_by_role("button").first.click()
    await agent.get_by_test_id("accept").click()
    await expect(customer.get_by_test_id("chat-banner")).to_contain_text(BEN.name)


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone in the dark"]
)
async def test_a_customer_and_an_agent_talk_until_it_is_solved(
    house_pages: HousePages, person: Person, size: ViewportSize, scheme: str
) -> None:
    customer, agent = await person(size, scheme), await person(DESKTOP, scheme)
    await open_widget(customer, house_pages)
    await write(customer, "My kettle leaks")
    await hand_over(customer, agent, house_pages)
    await write(agent, "Hello, a new one is on its way.", "desk")
    await expect(customer.get_by_test_id("chat-log")).to_contain_text("a new one is on its way")
    await write(customer, "Thank you!")
    await expect(agent.get_by_test_id("desk-log")).to_contain_text("Thank you!")
    await agent.get_by_test_id("resolve").click()
    await agent.get_by_test_id("resolve-disposition").select_option("solved")
    await agent.get_by_test_id("resolve-root_cause").select_option(index=1)
    await agent.get_by_test_id("resolve-outcome").fill("We sent a new kettle.")
    await agent.get_by_test_id("resolve-submit").click()
    await expect(customer.get_by_test_id("chat-log")).to_contain_text("We sent a new kettle.")
    await expect(customer.get_by_test_id("survey")).to_be_visible()


async def test_what_both_write_without_a_network_arrives_once_when_it_returns(
    house_pages: HousePages, person: Person
) -> None:
    customer, agent = await person(), await person()
    await open_widget(customer, house_pages)
    await hand_over(customer, agent, house_pages)
    await customer.context.set_offline(True)
    await expect(customer.get_by_test_id("chat-line")).to_have_attribute("data-status", "offline")
    await write(customer, "Written in a tunnel")
    await write(agent, "Are you there?", "desk")
    await expect(agent.get_by_test_id("desk-log")).to_contain_text("Are you there?")
    await customer.context.set_offline(False)
    await expect(agent.get_by_test_id("desk-log")).to_contain_text("Written in a tunnel")
    await expect(customer.get_by_test_id("chat-log")).to_contain_text("Are you there?")
    for page, log in ((customer, "chat-log"), (agent, "desk-log")):
        for text in ("Written in a tunnel", "Are you there?"):
            await expect(page.get_by_test_id(log).get_by_text(text, exact=True)).to_have_count(1)


async def test_a_slow_network_delays_and_loses_nothing(house_pages: HousePages, person: Person) -> None:
    customer, agent = await person(), await person()
    await open_widget(customer, house_pages)
    await hand_over(customer, agent, house_pages)
    slow = await customer.context.new_cdp_session(customer)
    await slow.send("Network.enable")
    await slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 900, "downloadThroughput": 4_000, "uploadThroughput": 2_000},
    )
    sent = [f"Line {number} of a slow train" for number in range(1, 6)]
    for text in sent:
        await write(customer, text)
    for text in sent:
        await expect(agent.get_by_test_id("desk-log").get_by_text(text, exact=True)).to_have_count(1)
    shown = await agent.get_by_test_id("desk-log").inner_text()
    assert [shown.index(text) for text in sent] == sorted(shown.index(text) for text in sent)


async def test_an_agent_sees_that_a_message_was_sent_then_delivered_then_read(
    house_pages: HousePages, person: Person
) -> None:
    customer, agent = await person(), await person()
    await open_widget(customer, house_pages)
    await hand_over(customer, agent, house_pages)
    await write(agent, "First", "desk")
    await expect(agent.get_by_test_id("receipt-read")).to_have_text("Read")
    await customer.get_by_test_id("close-chat").click()
    await write(agent, "Second", "desk")
    last = agent.locator(".message.agent").last
    await expect(last.get_by_test_id("receipt-delivered")).to_have_text("Delivered")
    await expect(agent.locator(".message.agent").first.get_by_test_id("receipt-read")).to_be_visible()

    await customer.context.set_offline(True)
    await write(agent, "Third", "desk")
    await expect(last).to_contain_text("Third")
    await expect(last.get_by_test_id("receipt-sent")).to_have_text("Sent")
    await customer.context.set_offline(False)
    await expect(last.get_by_test_id("receipt-delivered")).to_be_visible()
    await customer.get_by_test_id("open-chat").click()
    await expect(last.get_by_test_id("receipt-read")).to_be_visible()
    await expect(agent.locator(".receipt")).to_have_count(1)
