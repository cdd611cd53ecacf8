"""Two cases at one desk: whatever the network or the browser's Back does, nothing done goes to the wrong one."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.handoff.cast import BEN, GRACE, MAYA, PRIYA

from .cast import desk_case
from .fake_app import FakeWarmline
from .house import HousePages, choose_action
from .test_desk import HOSTILE, messages, open_case, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


class Held:
    """Calls that a test lets through when it wants to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, route: Route) -> None:
        """Holds a call until ``go``."""
        self.asked.set()
        await self.go.wait()
        await route.continue_()


async def two_cases(house: HousePages) -> tuple[str, str]:
    """Ben has Maya's case and Priya's; their ids."""
    found = []
    for identity in (MAYA, PRIYA):
        case_id = await house.case(await house.customer(identity))
        assert (await (await house.agent(BEN)).post(f"/cases/{case_id}/accept")).status == 200
        found.append(case_id)
    return found[0], found[1]


async def steps_of(house: HousePages, case_id: str) -> list[str]:
    """What has happened to a case."""
    detail = (await (await house.agent(GRACE)).get(f"/cases/{case_id}")).body["case"]
    return [step["kind"] for step in detail["history"]]


async def go_to(page: Page, case_id: str) -> None:
    """By the address, as a link does, until the case is there."""
    async with page.expect_response(lambda answer: answer.url.endswith(f"/cases/{case_id}")):
        await page.evaluate("(id) => { location.hash = `#/cases/${id}`; }", case_id)


async def test_a_form_that_waited_for_the_network_does_not_come_up_over_another_case(
    house_pages: HousePages, page: Page
) -> None:
    mayas, priyas = await two_cases(house_pages)
    held = Held()
    await page.route(f"**/cases/{mayas}/authority", held)
    await house_pages.sign_in(page, BEN, f"#/cases/{mayas}")
    await choose_action(page, "authority")
    await held.asked.wait()
    await go_to(page, priyas)
    await expect(page.locator(".case-head h1")).to_contain_text(PRIYA.name or "")
    async with page.expect_response("**/authority"):
        held.go.set()
    await expect(page.locator("dialog")).to_have_count(0)


async def test_what_was_begun_for_a_case_stays_its_own_when_the_browser_goes_back(
    house_pages: HousePages, page: Page
) -> None:
    mayas, priyas = await two_cases(house_pages)
    await house_pages.sign_in(page, BEN, f"#/cases/{mayas}")
    await expect(page.locator(".case-head h1")).to_contain_text(MAYA.name or "")
    await go_to(page, priyas)
    await expect(page.locator(".case-head h1")).to_contain_text(PRIYA.name or "")
    await choose_action(page, "next-update")
    await page.get_by_test_id("next-update-minutes").select_option("60")
    await page.get_by_test_id("next-update-reason").fill("I wait for the carrier")
    await page.go_back()
    await expect(page.locator(".case-head h1")).to_contain_text(MAYA.name or "")
    await page.get_by_test_id("next-update-submit").click()
    await expect(page.get_by_test_id("next-update-dialog")).to_have_count(0)
    assert "next_update" in await steps_of(house_pages, priyas)
    assert "next_update" not in await steps_of(house_pages, mayas)
    await expect(page.locator(".case-head h1")).to_contain_text(MAYA.name or "")


async def test_while_the_next_case_loads_what_is_written_goes_to_the_one_that_is_shown(
    page: Page, warmline: FakeWarmline
) -> None:
    first, second = desk_case(), desk_case(1002, "Tom Becker")
    for case in (first, second):
        case.update(owner_type="agent", status="active", agent={"id": "ana", "name": "Ana Duarte"})
        warmline.agent.cases[case["id"]] = case
    held = Held()
    await page.route("**/cases/case-1002", held)
    await sign_in(page, warmline)
    await page.get_by_test_id("tab-mine").click()
    await open_case(page)
    await page.get_by_test_id("desk-input").fill("I have read it all, Maya.")
    await page.get_by_test_id("case-WL-1002").click()
    await held.asked.wait()
    # The buttons still on the screen are the other case's: whichever was meant, nothing is begun.
    await page.get_by_test_id("resolve").click()
    await expect(page.locator("dialog")).to_have_count(0)
    await page.get_by_test_id("desk-send").click()
    await expect(messages(page).last).to_contain_text("I have read it all, Maya.")
    held.go.set()
    await expect(page.locator(".case-head h1")).to_contain_text("Tom Becker")
    assert (len(first["messages"]), len(second["messages"])) == (9, 8)
    await expect(page.get_by_test_id("case-problem")).to_be_hidden()


async def test_a_case_that_cannot_be_fetched_is_not_taken_for_the_one_before(
    page: Page, warmline: FakeWarmline
) -> None:
    warmline.agent.cases |= {"case-1001": desk_case(), "case-1002": desk_case(1002, "Tom Becker")}
    await sign_in(page, warmline)
    await open_case(page)
    await page.route("**/cases/case-1002", lambda route: route.abort())
    await page.get_by_test_id("case-WL-1002").click()
    await expect(page.get_by_test_id("case-problem")).to_be_visible()
    await expect(page.locator(".case-head")).to_be_hidden()
    await expect(page.get_by_test_id("desk-log")).to_be_hidden()
    # It is fetched again when something comes of it.
    await page.unroute("**/cases/case-1002")
    warmline.agent.cases["case-1002"]["version"] += 1
    await warmline.agent.push({"type": "case", "case": warmline.agent.cases["case-1002"]})
    await expect(page.locator(".case-head h1")).to_contain_text("Tom Becker")


async def test_a_verdict_still_on_its_way_is_not_carried_to_the_next_case(page: Page, warmline: FakeWarmline) -> None:
    for case in (desk_case(), desk_case(1002, "Tom Becker")):
        case.update(owner_type="agent", status="active", agent={"id": "ana", "name": "Ana Duarte"})
        warmline.agent.cases[case["id"]] = case
    held = Held()
    await page.route("**/verdict", held)
    await sign_in(page, warmline)
    await page.get_by_test_id("tab-mine").click()
    await open_case(page)
    await page.get_by_test_id("verdict-needed").click()
    await held.asked.wait()
    await page.get_by_test_id("verdict-not_needed").click()
    await page.get_by_test_id("case-WL-1002").click()
    await expect(page.locator(".case-head h1")).to_contain_text("Tom Becker")
    await expect(page.get_by_test_id("verdict").locator("[aria-pressed=true]")).to_have_count(0)
    async with page.expect_response("**/verdict"):
        held.go.set()
    await expect(page.get_by_role("status").filter(has_text="Kept: needed.")).to_have_count(1)
    assert warmline.agent.cases["case-1001"]["verdict"]["verdict"] == "needed"
    assert warmline.agent.cases["case-1002"]["verdict"] is None
    assert [verb for verb, _ in warmline.agent.calls] == ["verdict"]


async def test_a_case_that_was_closed_while_the_stream_was_lost_no_longer_looks_like_ones_own(
    page: Page, warmline: FakeWarmline
) -> None:
    case = desk_case()
    case.update(owner_type="agent", status="active", agent={"id": "ana", "name": "Ana Duarte"})
    warmline.agent.cases["case-1001"] = case
    await sign_in(page, warmline)
    await page.get_by_test_id("tab-mine").click()
    await open_case(page)
    await expect(page.get_by_test_id("case-state")).to_contain_text("Yours")
    case.update(owner_type="bot", status="closed", outcome="Solved", version=2)
    await warmline.agent.drop()
    await expect(page.get_by_test_id("case-state")).to_have_text("Closed")
    await expect(page.get_by_test_id("desk-input")).to_be_hidden()


async def test_the_bell_leads_to_a_closed_case_from_a_view_that_never_showed_cases(
    page: Page, warmline: FakeWarmline
) -> None:
    warmline.agent.cases["case-1001"] = desk_case(status="closed", owner_type="bot", outcome=HOSTILE)
    await warmline.agent.notify("WL-1001: the customer was not content", "case-1001")
    await page.goto(warmline.url + "/desk#/search")
    await page.get_by_test_id("sign-in-email").fill(warmline.agent.who["email"])
    await page.get_by_test_id("sign-in-password").fill("larkfield-demo")
    await page.get_by_test_id("sign-in").click()
    await page.get_by_test_id("bell").click()
    await page.get_by_role("button", name="the customer was not content").click()
    await expect(page.locator(".case-head h1")).to_contain_text("Maya Lind")
    await expect(page.get_by_test_id("case-state")).to_have_text("Closed")
    # And once more, from another view, to the case that was open before.
    await page.get_by_test_id("view-search").click()
    await expect(page.locator(".case-head")).to_have_count(0)
    await page.get_by_test_id("bell").click()
    await page.get_by_role("button", name="the customer was not content").click()
    await expect(page.locator(".case-head h1")).to_contain_text("Maya Lind")
