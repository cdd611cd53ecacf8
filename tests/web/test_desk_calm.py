"""A busy desk stays usable: presses count, deadlines are those of the policy, told in the reader's words."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.handoff.cast import BEN, GRACE

from .cast import desk_case
from .fake_app import FakeWarmline
from .fake_customer import later
from .fake_team import ago
from .house import HousePages
from .test_desk import open_case, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


MOVED = """
window.moved = [];
new PerformanceObserver((list) => {
  for (const { sources } of list.getEntries()) window.moved.push(...sources.map(({ node }) => node?.className));
}).observe({ type: "layout-shift", buffered: true });
"""
"""What the browser saw move (the Layout Instability API), soon after a press too."""


FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"


async def test_nothing_moves_while_the_desk_fills_after_the_sign_in(page: Page, warmline: FakeWarmline) -> None:
    for number in range(1001, 1031):
        warmline.agent.cases[f"case-{number}"] = desk_case(number)
    held: list[str | bytes] = []
    streams: list[WebSocketRoute] = []

    def hold(stream: WebSocketRoute) -> None:
        streams.append(stream)
        stream.connect_to_server().on_message(lambda message: held.append(message))

    await page.route_web_socket("**/stream", hold)
    await page.add_init_script(MOVED)
    await sign_in(page, warmline)
    await page.get_by_test_id("blank").wait_for(state="attached")
    await page.evaluate(FRAMES)
    async with asyncio.timeout(10):
        while not held:
            await page.evaluate(FRAMES)
    streams[0].send(held[0])
    await expect(page.get_by_test_id("case-list").get_by_role("button")).to_have_count(30)
    await expect(page.get_by_test_id("blank")).to_be_visible()
    await page.evaluate(FRAMES)
    assert await page.evaluate("window.moved") == []


async def test_a_press_on_a_queue_counts_although_cases_come_meanwhile(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline)
    queue = page.get_by_test_id("queue-billing")
    await queue.hover()
    await page.mouse.down()
    await warmline.agent.add(desk_case(1002, "Tom Becker"))
    await expect(queue).to_contain_text("2 waiting")
    await page.mouse.up()
    await expect(queue).to_have_attribute("aria-pressed", "true")


async def test_a_deadline_is_near_when_the_policy_says_so_and_the_solution_is_told_too(
    page: Page, warmline: FakeWarmline
) -> None:
    due = later(9)
    case = desk_case(
        next_update_due=due, first_response_due=due, resolution_due=later(240),
        near_at={"first_response": ago(1), "resolution": later(180)},
    )  # fmt: skip
    warmline.agent.cases["case-1001"] = case
    await sign_in(page, warmline)
    row = page.get_by_test_id("case-WL-1001")
    await expect(row).to_contain_text("first answer soon, in 8 mins")
    await expect(row.get_by_test_id("row-solution")).to_have_count(0)
    await open_case(page)
    state = page.get_by_test_id("case-state")
    await expect(state).to_contain_text("first answer soon, in 8 mins")
    await expect(state).to_contain_text("solution in 3 hr")
    case["near_at"]["resolution"] = ago(1)
    case["version"] += 1
    await warmline.agent.push({"type": "case", "case": case})
    await expect(row.get_by_test_id("row-solution")).to_contain_text("solution soon, in 3 hr")


async def test_the_service_tells_from_when_on_each_target_is_near(house_pages: HousePages) -> None:
    case_id = await house_pages.case(await house_pages.customer())
    ben = await house_pages.agent(BEN)
    case = (await ben.get(f"/cases/{case_id}")).body["case"]
    assert set(case["near_at"]) == {"first_response", "resolution"}
    assert case["opened_at"] < case["near_at"]["first_response"] < case["first_response_due"]
    assert case["near_at"]["resolution"] < case["resolution_due"]


async def test_what_the_assistant_calls_things_is_told_in_the_readers_language(
    page: Page, warmline: FakeWarmline
) -> None:
    case = desk_case(status="closed", owner_type="bot", outcome="Erstattet", disposition="no_fault")
    case["root_cause"] = "price_change"
    warmline.agent.cases["case-1001"] = case
    await page.add_init_script("localStorage.setItem('warmline.language', 'de')")
    await page.goto(f"{warmline.url}/desk#/cases/case-1001")
    await page.get_by_test_id("sign-in-email").fill(warmline.agent.who["email"])
    await page.get_by_test_id("sign-in-password").fill("larkfield-demo")
    await page.get_by_test_id("sign-in").click()
    await expect(page.get_by_test_id("facts")).to_contain_text("Rechnungsnummer")
    await expect(page.get_by_test_id("resolution")).to_contain_text("No fault found")
    await expect(page.get_by_test_id("customer-history")).to_contain_text("Abbuchung erklären")
    await expect(page.get_by_test_id("customer-history")).to_contain_text("Billing")
    await expect(page.get_by_test_id("desk-log")).to_contain_text("Abbuchung erklären")


async def test_where_only_the_answer_was_lost_nobody_is_told_that_nothing_happened(
    page: Page, warmline: FakeWarmline
) -> None:
    warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline)
    await open_case(page)
    await page.route("**/accept", lambda route: route.abort())
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("case-problem")).to_contain_text("It may have happened all the same")


async def test_a_period_that_is_kept_as_a_view_moves_on_with_the_days(house_pages: HousePages, page: Page) -> None:
    await house_pages.case(await house_pages.customer())
    await house_pages.sign_in(page, GRACE, "#/search")
    await page.get_by_test_id("filter-after").select_option(label="In the last 7 days")
    await expect(page.get_by_test_id("search-input")).to_have_value("after:-6d")
    await expect(page.locator(".result")).to_have_count(1)
    grace = await house_pages.agent(GRACE)
    kept = await grace.post("/views", {"name": "This week", "query": "after:-6d", "shared": False})
    assert kept.body["view"]["query"] == "after:-6d"
