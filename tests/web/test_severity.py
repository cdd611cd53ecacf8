"""The agent sees how a case was triaged and corrects severity and answers (P12)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from .cast import desk_case
from .fake_app import FakeWarmline
from .fake_customer import Json
from .fake_team import ago
from .test_desk import HOSTILE, open_case, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ANSWERS: Json = {
    "customers": 1, "money": True, "amount": 12.99, "reputation": False, "legal": ["regulator"],
    "business_critical": False, "safety": [],
}  # fmt: skip


async def look_at(page: Page, warmline: FakeWarmline, **changes: Any) -> None:
    """Ana opens a waiting case."""
    warmline.agent.cases["case-1001"] = desk_case(**changes)
    await sign_in(page, warmline)
    await open_case(page)


def sent(warmline: FakeWarmline) -> list[Json]:
    """The corrections that the desk sent."""
    return [body for verb, body in warmline.agent.calls if verb == "severity"]


async def test_the_questions_stand_with_their_answers_where_the_case_says_why_it_came(
    page: Page, warmline: FakeWarmline
) -> None:
    await look_at(page, warmline)
    triage = page.get_by_test_id("why").get_by_test_id("triage")
    await expect(triage.get_by_test_id("triage-severity")).to_have_text("Severity 2, High.")
    await expect(triage.get_by_role("term")).to_have_text(
        [
            "How many customers?",
            "Is money at stake?",
            "Is our reputation?",
            "A legal risk?",
            "Is it critical?",
            "Could somebody be hurt?",
        ]
    )
    await expect(triage.get_by_role("definition")).to_have_text(["1", "Yes, £12.99", "No", "Regulator", "No", "No"])


async def test_a_case_that_nobody_triaged_says_so_and_can_be(page: Page, warmline: FakeWarmline) -> None:
    await look_at(page, warmline, triage=None)
    await expect(page.get_by_test_id("triage")).to_contain_text("The questions were not answered yet.")
    await page.get_by_test_id("severity").click()
    await page.get_by_test_id("severity-reason").fill("First look")
    await page.get_by_test_id("severity-submit").click()
    await expect(page.get_by_test_id("triage-money")).to_have_text("No")
    nothing = {**ANSWERS, "money": False, "amount": None, "legal": []}
    assert sent(warmline) == [{"severity": 2, "reason": "First look", "triage": nothing}]


async def test_severity_and_answers_are_corrected_read_out_and_kept_in_the_history(
    page: Page, warmline: FakeWarmline
) -> None:
    await look_at(page, warmline)
    await page.get_by_test_id("severity").click()
    dialog = page.get_by_role("dialog", name="Change the severity of WL-1001")
    await expect(dialog.get_by_test_id("severity-severity")).to_have_value("2")
    await expect(dialog.get_by_test_id("severity-severity").locator("option:checked")).to_have_text(
        "2 High: A good sum at stake."
    )
    await dialog.get_by_label("How many customers?").fill("6")
    await dialog.get_by_label("Sum in pounds, if known").fill("310.50")
    await dialog.get_by_role("group", name="A legal risk?").get_by_label("Regulator").uncheck()
    await dialog.get_by_role("group", name="Could somebody be hurt?").get_by_label("Safety").check()
    await dialog.get_by_test_id("severity-severity").select_option("1")
    await dialog.get_by_test_id("severity-reason").fill("Six of them wrote, one was burnt")
    await dialog.get_by_test_id("severity-submit").click()
    await expect(dialog).to_have_count(0)

    await expect(page.get_by_role("status").filter(has_text="Kept: Severity 1, Critical.")).to_have_count(1)
    await expect(page.get_by_test_id("triage").get_by_role("definition")).to_have_text(
        ["6", "Yes, £310.50", "No", "No", "No", "Safety"]
    )
    await expect(page.get_by_test_id("triage-severity")).to_have_text(
        "Severity 1, Critical. Set by Ana Duarte: Six of them wrote, one was burnt"
    )
    await expect(page.get_by_test_id("history")).to_contain_text("From severity 2 to 1.")
    await expect(page.get_by_role("heading", level=1).locator("..")).to_contain_text("Severity 1")
    answers = {**ANSWERS, "customers": 6, "amount": 310.5, "legal": [], "safety": ["safety"]}
    body = {"severity": 1, "reason": "Six of them wrote, one was burnt", "triage": answers}
    assert sent(warmline) == [body]


async def test_a_sum_means_that_money_is_at_stake_and_without_money_there_is_no_sum(
    page: Page, warmline: FakeWarmline
) -> None:
    await look_at(page, warmline, triage={**ANSWERS, "money": False, "amount": None})
    await page.get_by_test_id("severity").click()
    money, amount = page.get_by_test_id("severity-money-yes"), page.get_by_test_id("severity-money-amount")
    await amount.fill("40")
    await expect(money).to_be_checked()
    await money.uncheck()
    await expect(amount).to_have_value("")


async def test_it_is_done_by_keyboard_and_the_focus_comes_back_to_the_button(
    page: Page, warmline: FakeWarmline
) -> None:
    await look_at(page, warmline)
    await page.get_by_test_id("severity").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("severity-customers")).to_be_focused()
    await page.get_by_test_id("severity-reason").focus()
    await page.keyboard.type("As it was")
    await page.get_by_test_id("severity-submit").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("severity-dialog")).to_have_count(0)
    await expect(page.get_by_test_id("severity")).to_be_focused()


async def test_a_reason_is_asked_for_and_what_the_server_refuses_is_said_with_everything_kept(
    page: Page, warmline: FakeWarmline
) -> None:
    await look_at(page, warmline)
    warmline.agent.severity_refused = True
    await page.get_by_test_id("severity").click()
    await page.get_by_test_id("severity-submit").click()
    await expect(page.get_by_test_id("severity-reason")).to_be_focused()
    assert sent(warmline) == []
    await page.get_by_test_id("severity-customers").fill("0")
    await page.get_by_test_id("severity-reason").fill("Nobody at all")
    await page.get_by_test_id("severity-submit").click()
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("not a number of customers")
    await expect(page.get_by_test_id("severity-reason")).to_have_value("Nobody at all")


async def test_the_case_of_somebody_else_shows_its_triage_and_no_way_to_change_it(
    page: Page, warmline: FakeWarmline
) -> None:
    other = {"owner_type": "agent", "status": "active", "agent": {"id": "ben", "name": "Ben Okafor"}}
    changed = {"at": ago(1), "kind": "severity_changed", "actor_type": "agent", "actor_name": "Ben Okafor",
               "text": HOSTILE, "data": {"from": 2, "to": 2}}  # fmt: skip
    warmline.agent.cases["case-1001"] = desk_case(**other, triage={**ANSWERS, "legal": ["old_law"]}, history=[changed])
    await sign_in(page, warmline)
    await page.get_by_test_id("tab-all").click()
    await open_case(page)
    await expect(page.get_by_test_id("triage-legal")).to_have_text("old law")
    await expect(page.get_by_test_id("triage-severity")).to_have_text(f"Severity 2, High. Set by Ben Okafor: {HOSTILE}")
    await expect(page.get_by_test_id("history")).to_contain_text("The answers were corrected.")
    await expect(page.get_by_test_id("severity")).to_have_count(0)
