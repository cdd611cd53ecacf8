"""axe-core finds nothing in any state of widget, desk and shop (WCAG 2.2 A and AA), light and dark."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page, expect

from .cast import desk_case
from .fake_app import FakeWarmline
from .fake_customer import handoff_card
from .fake_team import IMANI
from .test_desk import open_case, sign_in
from .widget import open_chat

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Scheme = Literal["light", "dark"]
TAGS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


async def findings(page: Page) -> list[str]:
    # Colours are measured as they are, so nothing may still be fading in.
    await page.emulate_media(reduced_motion="reduce")
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    results = await page.evaluate("(options) => axe.run(options)", TAGS)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_widget_has_no_findings_in_any_state(page: Page, warmline: FakeWarmline, scheme: Scheme) -> None:
    await page.emulate_media(color_scheme=scheme)
    conversation = await open_chat(page, warmline, "/shop")
    await warmline.customer.say(conversation, "Was that it?", buttons=["Yes", "No"])
    await expect(page.get_by_test_id("quick-reply")).to_have_count(2)
    assert await findings(page) == []
    await warmline.customer.say(conversation, "Two years.", can_rate=True)
    await page.get_by_test_id("rate-unhelpful").click()
    await expect(page.get_by_test_id("ask-differently")).to_be_visible()
    assert await findings(page) == []
    conversation.card = handoff_card()
    await warmline.customer.hand_over(conversation)
    await expect(page.get_by_test_id("handoff-card")).to_be_visible()
    assert await findings(page) == []
    await page.get_by_test_id("card-change").click()
    await expect(page.get_by_test_id("card-line")).to_be_visible()
    assert await findings(page) == []
    await warmline.customer.say(conversation, "Hello, I am Ana.", "agent")
    await expect(page.get_by_test_id("chat-banner")).to_contain_text("Billing")
    assert await findings(page) == []
    conversation.owner = {"type": "bot", "name": "Larkfield assistant", "version": 4}
    conversation.case = {**(conversation.case or {}), "status": "closed", "can_rate": True, "can_reopen": True}
    await warmline.customer.push_state(conversation)
    await page.get_by_test_id("chat-input").fill("x" * 4001)
    await expect(page.get_by_test_id("survey")).to_be_visible()
    assert await findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_desk_has_no_findings_in_any_state(page: Page, warmline: FakeWarmline, scheme: Scheme) -> None:
    await page.emulate_media(color_scheme=scheme)
    warmline.agent.cases["case-1001"] = desk_case(unread=2, customer_tier="vip")
    warmline.agent.cases["case-1002"] = desk_case(
        1002, severity=1, verified=False, frustration=0.3, peak_frustration=0.3
    )
    warmline.agent.cases["case-1003"] = desk_case(1003, level=3, frustration=0.5, peak_frustration=0.5)
    await page.goto(warmline.url + "/desk")
    await expect(page.get_by_test_id("sign-in")).to_be_visible()
    assert await findings(page) == []
    await sign_in(page, warmline)
    await open_case(page)
    assert await findings(page) == []
    await page.get_by_test_id("accept").click()
    await page.get_by_text("As a table").click()
    await page.get_by_test_id("mode-note").click()
    await page.get_by_test_id("verdict-should_have_come_earlier").click()
    await expect(page.get_by_test_id("verdict-stands")).to_contain_text("earlier")
    assert await findings(page) == []
    await page.get_by_test_id("more-actions").click()
    assert await findings(page) == []
    await page.get_by_test_id("severity").click()
    await page.get_by_test_id("severity-severity").select_option("")
    await page.get_by_test_id("severity-submit").click()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_test_id("resolve").click()
    await page.get_by_test_id("resolve-verdict-should_have_come_earlier").click()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_test_id("transfer").click()
    await page.get_by_test_id("transfer-submit").click()
    assert await findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_editors_page_has_no_findings(page: Page, warmline: FakeWarmline, scheme: Scheme) -> None:
    await page.emulate_media(color_scheme=scheme)
    warmline.agent.who = IMANI
    await sign_in(page, warmline)
    await expect(page.get_by_test_id("editor")).to_be_visible()
    assert await findings(page) == []
