"""On the board: what stands behind a number, whose a conversation is by now, and what stays open meanwhile."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, Route, expect

from tests.handoff.cast import BEN, GRACE, PRIYA

from .house import HousePages
from .test_board import answered, busy_day, feels
from .test_desk_apart import Held

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_cases_behind_are_those_of_the_number_that_was_pressed_last(
    house_pages: HousePages, page: Page
) -> None:
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board/time")
    behind = page.get_by_test_id("board-behind")
    await expect(behind.get_by_role("heading")).to_contain_text("CSAT")
    held = Held()
    await page.route("**/kpis/response_time/cases**", held)
    await page.get_by_test_id("kpi-response_time").click()
    await held.asked.wait()
    await page.get_by_test_id("kpi-sla_compliance").click()
    await expect(behind.get_by_role("heading")).to_contain_text("SLA")
    async with page.expect_response("**/kpis/response_time/cases**"):
        held.go.set()
    await expect(behind.get_by_role("heading")).to_contain_text("SLA")
    await expect(behind.get_by_role("heading")).not_to_contain_text("esponse time")


async def test_a_day_of_the_trend_and_the_bar_of_a_queue_lead_to_their_cases(
    house_pages: HousePages, page: Page
) -> None:
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board/time/response_time")
    behind = page.get_by_test_id("board-behind")
    await page.get_by_test_id("kpi-trend").get_by_role("button").last.press("Enter")
    today = await page.evaluate(
        "new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short', timeZone: 'UTC'}).format(new Date())"
    )
    await expect(behind.get_by_role("heading")).to_contain_text(f"· {today} · 1")
    await expect(behind.get_by_role("link", name="WL-1001")).to_be_visible()
    await page.get_by_test_id("kpi-places").get_by_role("button", name="Orders and delivery").click()
    await expect(behind.get_by_role("heading")).to_contain_text("· Orders and delivery · 1")
    # What is taken along has the parts that are shown.
    assert "by=category" in str(await page.get_by_test_id("kpi-csv").get_attribute("href"))
    await page.get_by_test_id("kpi-by").select_option("level")
    await expect(page.get_by_test_id("kpi-csv")).to_have_attribute("href", re.compile("by=level"))


async def test_a_conversation_that_no_person_had_is_read_where_it_is_counted(
    house_pages: HousePages, page: Page
) -> None:
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board/time/handoff_rate")
    await page.get_by_test_id("behind-read").first.click()
    await expect(page.get_by_test_id("monitor-log").get_by_role("listitem").first).to_be_visible()
    await expect(page.get_by_test_id("monitor-take-over")).to_have_count(0)


async def test_more_than_fifty_are_shown_on_demand_and_counted(house_pages: HousePages, page: Page) -> None:
    await busy_day(house_pages)

    async def many(route: Route) -> None:
        wanted = int(re.findall(r"limit=(\d+)", route.request.url)[0])
        rows = [
            {"id": f"c-{n}", "case_number": f"WL-{n}", "at": "2026-03-02T09:00:00+00:00", "bucket": "hit", "value": 1}
            for n in range(min(wanted, 70))
        ]
        await route.fulfill(body=json.dumps({"cases": rows}), content_type="application/json")

    await page.route("**/kpis/*/cases**", many)
    await house_pages.sign_in(page, GRACE, "#/board/time")
    behind = page.get_by_test_id("board-behind")
    await expect(behind.get_by_role("heading")).to_contain_text("the latest 50")
    await page.get_by_test_id("behind-more").click()
    await expect(behind.get_by_role("heading")).to_contain_text("· 70")
    await expect(page.get_by_test_id("behind-more")).to_have_count(0)


async def test_a_figure_of_today_leads_to_what_stands_behind_it(house_pages: HousePages, page: Page) -> None:
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board")
    await page.get_by_test_id("today-response_time").get_by_role("link").click()
    await expect(page.get_by_test_id("kpi-response_time")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_test_id("board-behind").get_by_role("link", name="WL-1001")).to_be_visible()
    assert await page.get_by_test_id("kpi-from").input_value() == await page.get_by_test_id("kpi-to").input_value()


async def test_whoever_reads_along_sees_whose_it_is_by_now_and_may_do_what_fits(
    house_pages: HousePages, page: Page
) -> None:
    priya = await house_pages.customer(PRIYA)
    await priya.say("Where is it?")
    await answered(house_pages, priya.conversation_id)
    await house_pages.sign_in(page, GRACE, "#/board")
    await page.get_by_role("button", name="Monitor the conversation of Priya Shah").click()
    owner = page.get_by_test_id("monitor-owner")
    await expect(owner).to_have_text("with the assistant")
    case_id = await house_pages.case(priya)
    await expect(owner).to_have_text("in the queue Orders and delivery")
    await expect(page.get_by_test_id("monitor-take-over")).to_have_count(0)
    ben = await house_pages.agent(BEN)
    assert (await ben.post(f"/cases/{case_id}/accept")).status == 200
    await expect(owner).to_have_text("with Ben Okafor")
    await page.get_by_test_id("monitor-join").click()
    await expect(page.get_by_test_id("monitor-words")).to_be_focused()
    await expect(page.get_by_test_id("monitor-leave")).to_be_visible()


async def test_who_was_not_reached_is_asked_again_on_another_day(house_pages: HousePages, page: Page) -> None:
    case_id = await house_pages.case(await house_pages.customer())
    ben = await house_pages.agent(BEN)
    await ben.post(f"/cases/{case_id}/accept")
    today = datetime.now(UTC).date()
    day, later = (today + timedelta(days=days) for days in (1, 3))
    solved = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "It comes.", "follow_up_on": str(day)}
    assert (await ben.post(f"/cases/{case_id}/resolve", solved)).status == 200
    await house_pages.sign_in(page, GRACE, "#/board/follow-ups")
    await page.get_by_test_id("follow-up-result").click()
    await page.get_by_test_id("follow-up-dialog").get_by_test_id("follow-up-result").select_option("not_reached")
    await page.get_by_test_id("follow-up-note").fill("The line was busy")
    await page.get_by_test_id("follow-up-again_on").fill(str(later))
    await page.get_by_test_id("follow-up-submit").click()
    await expect(page.get_by_test_id("follow-up-dialog")).to_have_count(0)
    grace = await house_pages.agent(GRACE)
    (row,) = (await grace.get("/follow-ups")).body["follow_ups"]
    assert row["follow_up_on"] == str(later)


async def test_what_is_read_of_an_incident_stays_open_while_another_one_comes(
    house_pages: HousePages, page: Page
) -> None:
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board/incidents")
    first = page.get_by_test_id("incident").filter(has_text="Strike at the carrier")
    await first.locator("summary").click()
    await expect(first.locator("details")).to_have_attribute("open", "")
    grace = await house_pages.agent(GRACE)
    other = {"category": "billing", "title": "Charged twice", "announcement": "We know of it."}
    await grace.post("/incidents", other)
    await expect(page.get_by_test_id("incident")).to_have_count(2)
    await expect(first.locator("details")).to_have_attribute("open", "")
    await expect(first.locator("summary")).to_be_focused()


async def test_the_customers_words_that_weighed_stand_beside_every_turn_whatever_the_reason(
    house_pages: HousePages, page: Page
) -> None:
    priya = await house_pages.customer(PRIYA)
    await priya.say("This is useless")
    await answered(house_pages, priya.conversation_id)
    await feels(house_pages, priya.conversation_id, 0.5, words=("useless",))
    case_id = await house_pages.case(priya)
    await house_pages.sign_in(page, GRACE, f"#/cases/{case_id}")
    mood = page.get_by_test_id("mood")
    await expect(mood.locator(".weighed")).to_contain_text("useless")
    await mood.get_by_text("As a table").click()
    await expect(mood.get_by_role("columnheader", name="Words that weighed")).to_be_visible()
    await expect(mood.get_by_role("cell", name="“useless”")).to_be_visible()
