"""The board on the real service: what is open now, the figures over time, and what waits for a decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from handoff.contract import TurnScene
from handoff.domain.conversations import TurnStatus
from handoff.services.kpi_rollup import roll_up_all
from handoff.store import conversations as store
from tests.handoff.cast import BEA, BEN, GRACE, PRIYA, record, until

from .house import HousePages

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

STRIKE = {"category": "orders_delivery", "title": "Strike at the carrier", "announcement": "Parcels come a day later."}


async def feels(pages: HousePages, conversation_id: str, *turns: float, words: tuple[str, ...] = ()) -> None:
    """The customer's last messages are read with such a frustration, in which these words weighed."""
    context = pages.parts.context
    async with context.db.write() as db:
        said = [m for m in await store.messages_after(db, conversation_id, 0) if m.sender == "customer"]
        for message, frustration in zip(said[-len(turns) :], turns, strict=True):
            scored = record(message.id, frustration=frustration, scene=TurnScene(words=words))
            await store.finish_turn(db, message.id, TurnStatus.ANSWERED, now=datetime.now(UTC), record=scored)


async def answered(pages: HousePages, conversation_id: str) -> None:
    """The bot has answered everything."""

    async def done() -> bool:
        async with pages.parts.context.db.read() as db:
            return not await store.pending_turns(db, conversation_id)

    await until(done)


async def busy_day(pages: HousePages) -> str:
    """Ben solved Maya's case, Priya is angry at the assistant, a strike is announced; Sam waits: returns his case."""
    maya, priya = await pages.customer(), await pages.customer(PRIYA)
    for text in ("Where is it?", "That is not what I asked", "<b>Useless</b> & slow"):
        await priya.say(text)
    await answered(pages, priya.conversation_id)
    await feels(pages, priya.conversation_id, 0.2, 0.5, 0.8)
    case_id = await pages.case(maya)
    ben, grace = await pages.agent(BEN), await pages.agent(GRACE)
    await ben.post(f"/cases/{case_id}/accept")
    await grace.post("/incidents", STRIKE)
    await ben.post(
        f"/cases/{case_id}/messages", {"client_message_id": "board-00000001", "text": "Hello, I am looking into it."}
    )
    await ben.post(
        f"/cases/{case_id}/resolve",
        {"disposition": "solved", "root_cause": "carrier_late", "outcome": "It comes tomorrow."},
    )
    again = await pages.case(await pages.customer(None, name="Sam Hill"))
    await roll_up_all(pages.parts.context)
    return again


async def test_the_board_shows_what_is_open_and_the_most_frustrated_first(house_pages: HousePages, page: Page) -> None:
    """P32: what is open, where, how old, how near its deadline, how the customer feels."""
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board")

    await expect(page.get_by_test_id("tile-waiting")).to_contain_text("1")
    await expect(page.get_by_test_id("tile-alerts")).to_contain_text("1")
    first = page.get_by_test_id("live").first
    await expect(first).to_contain_text("Priya Shah")
    await expect(first).to_contain_text("alert")
    await expect(first).to_contain_text("<b>Useless</b> & slow")
    await expect(page.get_by_test_id("board-incidents")).to_contain_text("Strike at the carrier")
    await expect(page.get_by_test_id("today-response_time")).to_be_visible()


async def test_what_happens_shows_within_five_seconds_and_leaves_the_focus_alone(
    house_pages: HousePages, page: Page
) -> None:
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board")
    await expect(page.get_by_test_id("live")).to_have_count(3)
    button = page.get_by_test_id("live").first.get_by_role("button", name="Monitor")
    await button.focus()
    kim = await house_pages.customer(None, name="Kim Wu")
    await kim.say("Hello?")

    await expect(page.get_by_test_id("live")).to_have_count(4, timeout=7_000)
    assert await page.evaluate("document.activeElement.dataset.key.startsWith('monitor-')")


async def test_a_supervisor_reads_along_and_the_customers_next_message_appears(
    house_pages: HousePages, page: Page
) -> None:
    priya = await house_pages.customer(PRIYA)
    await priya.say("Where is it?")
    await house_pages.sign_in(page, GRACE, "#/board")
    await page.get_by_role("button", name="Monitor the conversation of Priya Shah").click()
    await expect(page.get_by_test_id("monitor-log")).to_contain_text("Where is it?")
    await priya.say("Anybody <i>there</i>?")
    await expect(page.get_by_test_id("monitor-log")).to_contain_text("Anybody <i>there</i>?")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("monitor")).to_have_count(0)


async def test_a_supervisor_joins_a_case_before_the_customer_writes_in_it_and_leaves(
    house_pages: HousePages, page: Page
) -> None:
    maya, ben = await house_pages.customer(), await house_pages.agent(BEN)
    case_id = await house_pages.case(maya)
    await ben.post(f"/cases/{case_id}/accept")
    await house_pages.sign_in(page, GRACE, "#/board")
    await page.get_by_role("button", name="Monitor the conversation of Maya Lind").click()
    await expect(page.get_by_test_id("monitor-words")).to_be_hidden()
    await page.get_by_test_id("monitor-join").click()
    await page.get_by_test_id("monitor-words").fill("I lead the team & help.")
    await page.get_by_test_id("monitor-send").click()
    await expect(page.get_by_test_id("monitor-log")).to_contain_text("I lead the team & help.")
    await page.get_by_test_id("monitor-leave").click()
    await expect(page.get_by_test_id("monitor-words")).to_be_hidden()
    said = (await maya.call("GET", "/conversation")).body["messages"]
    assert [m["notice"] for m in said if m["notice"]][-2:] == ["supervisor_joined", "supervisor_left"]
    case = (await ben.get(f"/cases/{case_id}")).body["case"]
    assert (case["agent"]["id"], case["participants"]) == (BEN.id, [])


async def test_a_supervisor_takes_over_from_the_assistant_and_flags(house_pages: HousePages, page: Page) -> None:
    priya = await house_pages.customer(PRIYA)
    await priya.say("You do not understand me")
    await answered(house_pages, priya.conversation_id)
    await house_pages.sign_in(page, GRACE, "#/board")
    await page.get_by_role("button", name="Monitor the conversation of Priya Shah").click()
    await page.get_by_test_id("monitor-flag").click()
    await page.get_by_test_id("flag-reason").fill("A VIP who is angry")
    await page.get_by_test_id("flag-submit").click()
    await expect(page.get_by_test_id("monitor-flag")).to_have_text("Clear the flag")
    await page.get_by_test_id("monitor-take-over").click()
    await page.get_by_test_id("take-over-reason").fill("She needs a person")
    await page.get_by_test_id("take-over-submit").click()
    await expect(page.locator(".columns")).to_be_visible()
    await expect(page.get_by_test_id("case-state")).to_be_visible()


async def test_a_supervisor_gives_a_case_to_a_colleague_from_the_list_of_a_queue_with_what_comes_next(
    house_pages: HousePages, page: Page
) -> None:
    """P20: each move records what has been tried and what must happen next."""
    maya, bea = await house_pages.customer(), await house_pages.agent(BEA)
    stream = await bea.stream()
    case_id = await house_pages.case(maya)
    await house_pages.sign_in(page, GRACE, "#/board")
    await page.get_by_role("button", name="Open cases of Orders and delivery").click()
    rows = page.get_by_test_id("case-list").get_by_role("listitem")
    await expect(rows).to_have_count(1)
    await rows.get_by_test_id("reassign-open").click()
    await page.get_by_test_id("reassign-to").select_option("agent:bea")
    await page.get_by_test_id("reassign-tried").fill("The carrier was asked <b>twice</b>")
    await page.get_by_test_id("reassign-next_step").fill("Send it again")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_test_id("reassign-dialog")).to_have_count(0)
    await stream.close()
    case = (await bea.get(f"/cases/{case_id}")).body["case"]
    step = next(row for row in case["history"] if row["kind"] == "transferred")
    assert (step["actor_name"], step["data"]["to_agent"], step["data"]["next_step"]) == (
        "Grace Lindqvist",
        "bea",
        "Send it again",
    )


async def test_a_case_is_given_to_another_queue_while_one_reads_along(house_pages: HousePages, page: Page) -> None:
    maya, ben = await house_pages.customer(), await house_pages.agent(BEN)
    case_id = await house_pages.case(maya)
    await ben.post(f"/cases/{case_id}/accept")
    await house_pages.sign_in(page, GRACE, "#/board")
    await page.get_by_role("button", name="Open cases of Ben Okafor").click()
    await expect(page.get_by_test_id("case-list").get_by_role("listitem")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Open cases of Ben Okafor")).to_be_focused()
    await page.get_by_role("button", name="Monitor the conversation of Maya Lind").click()
    await page.get_by_test_id("monitor").get_by_test_id("reassign-open").click()
    await page.get_by_test_id("reassign-to").select_option("queue:billing")
    await page.get_by_test_id("reassign-submit").click()
    await expect(page.get_by_test_id("reassign-dialog")).to_contain_text("please fill this in")
    await page.get_by_test_id("reassign-tried").fill("Looked at the order")
    await page.get_by_test_id("reassign-next_step").fill("Look at the charge")
    await page.get_by_test_id("reassign-submit").click()
    await expect(page.get_by_test_id("monitor")).to_have_count(0)
    grace = await house_pages.agent(GRACE)
    case = (await grace.get(f"/cases/{case_id}")).body["case"]
    assert (case["category"], case["agent"]) == ("billing", None)


async def test_a_number_leads_to_the_cases_behind_it_and_to_the_desk(house_pages: HousePages, page: Page) -> None:
    """P33: tables and charts that can be shared."""
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board/time")
    await page.get_by_text("All figures").click()
    await page.get_by_test_id("kpi-root_causes").click()
    await expect(page.get_by_test_id("board-behind")).to_contain_text("Carrier late")
    await page.get_by_test_id("kpi-speed_of_answer").click()
    await expect(page.get_by_test_id("kpi-speed_of_answer")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_test_id("kpi-trend")).to_contain_text("Speed of answer")
    await page.get_by_test_id("board-behind").get_by_role("link", name="WL-1001").click()
    await expect(page.locator(".columns")).to_be_visible()


async def test_the_points_of_a_chart_are_reached_by_the_arrow_keys(house_pages: HousePages, page: Page) -> None:
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board/time")
    trend = page.get_by_test_id("kpi-trend")
    await trend.locator("circle[tabindex='0']").focus()
    today = await trend.locator(".chart-said").text_content()
    await page.keyboard.press("ArrowLeft")
    assert await trend.locator(".chart-said").text_content() != today
    assert await trend.locator("circle[tabindex='0']").count() == 1
    await trend.get_by_text("As a table").click()
    await expect(trend.get_by_role("row")).to_have_count(31)


async def test_an_incident_is_ended_on_the_board(house_pages: HousePages, page: Page) -> None:
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board/incidents")
    await page.get_by_test_id("incident-resolve").click()
    await page.get_by_test_id("incident-resolve-resolution").fill("The strike is over.")
    await page.get_by_test_id("incident-resolve-submit").click()
    await expect(page.get_by_test_id("incident")).to_have_count(0)
    await page.get_by_test_id("incident-status").select_option("over")
    await expect(page.get_by_test_id("incident")).to_contain_text("The strike is over.")


async def test_the_matrix_says_its_version_and_every_target(house_pages: HousePages, page: Page) -> None:
    """P15: readable by everybody who leads."""
    await house_pages.sign_in(page, GRACE, "#/board/matrix")
    await expect(page.get_by_test_id("matrix-version")).to_contain_text(house_pages.parts.context.policy.version)
    await expect(page.get_by_test_id("matrix-version")).to_contain_text("in force since")
    await expect(page.get_by_role("table").first.get_by_role("row")).to_have_count(8)
    await expect(page.get_by_role("row", name="A deadline is missed")).to_contain_text("one level up")
    await expect(page.get_by_role("row", name="A member asks for their refund again")).to_contain_text(
        "customer: plus, vip"
    )
    await expect(page.get_by_role("row", name="Account and security").nth(1)).to_contain_text("00:00–24:00")


async def test_an_agent_has_no_board(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN, "#/board")
    await expect(page.locator(".columns")).to_be_visible()
    await expect(page.get_by_test_id("view-board")).to_have_count(0)


async def test_a_month_fits_the_page_when_it_is_printed(house_pages: HousePages, page: Page) -> None:
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board/time")
    await expect(page.get_by_test_id("kpi-trend")).to_be_visible()
    await page.emulate_media(media="print")
    await expect(page.get_by_test_id("kpi-csv")).to_be_hidden()
    assert await page.evaluate(
        "document.querySelector('.board').scrollHeight <= document.querySelector('.board').clientHeight + 1"
    )
    first = (datetime.now(UTC) - timedelta(days=29)).date().isoformat()
    assert f"from={first}" in str(await page.get_by_test_id("kpi-csv").get_attribute("href"))


async def test_a_lead_declares_an_incident_before_any_customer_has_written(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, GRACE, "#/board/incidents")
    await page.get_by_test_id("incident-declare").click()
    await page.get_by_test_id("incident-declare-category").select_option("orders_delivery")
    await page.get_by_test_id("incident-declare-title").fill("Strike from Monday")
    await page.get_by_test_id("incident-declare-announcement").fill("Parcels may come a day later next week.")
    await page.get_by_test_id("incident-declare-submit").click()

    await expect(page.get_by_test_id("incident")).to_contain_text("Strike from Monday")
    await expect(page.get_by_test_id("incident")).to_have_attribute("data-status", "confirmed")
