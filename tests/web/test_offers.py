"""What is offered to an agent stands under the bar, and whether they take cases is theirs to say."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from .cast import desk_case
from .fake_app import FakeWarmline
from .fake_team import ANA
from .test_desk import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_offer_is_accepted_with_one_press_and_opens_the_case(page: Page, warmline: FakeWarmline) -> None:
    case = warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline)
    await expect(page.get_by_test_id("case-WL-1001")).to_be_visible()
    await expect(page.get_by_test_id("offers")).to_be_hidden()
    await warmline.agent.tell({"type": "offer", "offer": warmline.agent.offer(case)})
    line = page.get_by_test_id("offers")
    for text in ("Offered to you: WL-1001", case["problem"], "expires in"):
        await expect(line).to_contain_text(text)
    await page.get_by_test_id("offer-accept-WL-1001").click()
    await expect(line).to_be_hidden()
    await expect(page.get_by_test_id("why")).to_be_visible()
    assert ("offer-accept", {}) in warmline.agent.calls


async def test_an_offer_is_declined_with_a_reason_and_outlasts_a_reload(page: Page, warmline: FakeWarmline) -> None:
    case = warmline.agent.cases["case-1001"] = desk_case()
    warmline.agent.offer(case)
    await sign_in(page, warmline)
    await page.get_by_test_id("offer-decline-WL-1001").click()
    await page.get_by_test_id("offer-decline-WL-1001-reason").fill("On a call")
    await page.get_by_test_id("offer-decline-WL-1001-submit").click()
    await expect(page.get_by_test_id("offers")).to_be_hidden()
    assert ("offer-decline", {"reason": "On a call"}) in warmline.agent.calls


async def test_an_offer_that_has_ended_says_so_and_leaves(page: Page, warmline: FakeWarmline) -> None:
    case = warmline.agent.cases["case-1001"] = desk_case()
    warmline.agent.offer(case)
    await sign_in(page, warmline)
    await expect(page.get_by_test_id("offers")).to_be_visible()
    warmline.agent.offers.clear()
    await page.get_by_test_id("offer-accept-WL-1001").click()
    await expect(page.get_by_test_id("offers")).to_contain_text("This offer has expired.")
    await expect(page.get_by_test_id("offer-accept-WL-1001")).to_have_count(0)
    await warmline.agent.tell({"type": "offer", "offer": warmline.agent.offer(case, "offer-2")})
    await expect(page.get_by_test_id("offer-accept-WL-1001")).to_be_visible()
    gone = {"type": "offer_gone", "offer_id": "offer-2", "case_id": case["id"], "status": "expired"}
    await warmline.agent.tell(gone)
    await expect(page.get_by_test_id("offer-accept-WL-1001")).to_have_count(0)


async def test_who_was_set_away_sees_it_and_comes_back(page: Page, warmline: FakeWarmline) -> None:
    await sign_in(page, warmline)
    presence = page.get_by_test_id("presence")
    await expect(presence).to_be_visible()
    await expect(presence).to_have_value("online")
    for agent_id, shown in (("ben", "online"), (ANA["id"], "away")):
        await warmline.agent.tell({"type": "presence", "agent_id": agent_id, "state": "away", "since": None})
        await expect(presence).to_have_value(shown)
    await presence.select_option("do_not_disturb")
    await page.reload()
    await expect(presence).to_have_value("do_not_disturb")
