"""The agent says whether a person was needed: in the case's context, and when resolving (P31)."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from .cast import desk_case
from .fake_app import FakeWarmline
from .fake_customer import Json
from .fake_team import GRACE
from .test_desk import HOSTILE, open_case, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SOLVED = {"disposition": "solved", "root_cause": "price_change", "outcome": "I refunded the charge."}


async def take(page: Page, warmline: FakeWarmline, **changes: object) -> None:
    """Ana has accepted the case."""
    warmline.agent.cases["case-1001"] = desk_case(**changes)
    await sign_in(page, warmline)
    await open_case(page)
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("desk-input")).to_be_focused()


def given(warmline: FakeWarmline) -> list[Json]:
    """The verdicts that the desk sent."""
    return [body for verb, body in warmline.agent.calls if verb == "verdict"]


async def fill_resolution(page: Page) -> None:
    await page.get_by_test_id("resolve").click()
    await page.get_by_test_id("resolve-disposition").select_option(SOLVED["disposition"])
    await page.get_by_test_id("resolve-root_cause").select_option(SOLVED["root_cause"])
    await page.get_by_test_id("resolve-outcome").fill(SOLVED["outcome"])


async def test_one_press_says_whether_a_person_was_needed_and_it_is_read_out(
    page: Page, warmline: FakeWarmline
) -> None:
    await take(page, warmline)
    why = page.get_by_test_id("why")
    await expect(why.get_by_role("group", name="Was a person needed?").get_by_role("button")).to_have_text(
        ["Needed", "Not needed", "Should have come earlier"]
    )
    await page.get_by_test_id("verdict-not_needed").click()
    await expect(page.get_by_role("status").filter(has_text="Kept: not needed.")).to_have_count(1)
    await expect(page.get_by_test_id("verdict-not_needed")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_test_id("verdict-stands")).to_have_text("Ana Duarte said: not needed.")
    await expect(page.get_by_test_id("history")).to_contain_text("Not needed")
    assert given(warmline) == [{"verdict": "not_needed", "note": ""}]


async def test_the_message_from_which_it_should_have_come_is_chosen_from_those_before_the_handoff(
    page: Page, warmline: FakeWarmline
) -> None:
    await take(page, warmline)
    await expect(page.get_by_test_id("verdict-message")).to_be_hidden()
    await page.get_by_test_id("verdict-should_have_come_earlier").click()
    choice = page.get_by_test_id("verdict-message")
    await expect(choice.get_by_role("option")).to_have_text(
        [
            "Not said",
            "1: Why was I charged 12.99 this month?",
            "3: That does not answer my question. I did not order anything.",
            "5: This is the third time I ask. It is ridiculous!",
        ]
    )
    await choice.select_option("m3")
    await page.get_by_test_id("verdict-note").fill("Asked twice for the reason")
    await page.get_by_test_id("verdict-save").click()
    await expect(page.get_by_role("status").filter(has_text="Kept: should have come earlier.")).to_have_count(1)
    await expect(choice).to_have_value("m3")
    assert given(warmline)[-1] == {
        "verdict": "should_have_come_earlier", "message_id": "m3", "note": "Asked twice for the reason",
    }  # fmt: skip


async def test_a_verdict_can_be_changed_and_the_message_goes_when_it_no_longer_fits(
    page: Page, warmline: FakeWarmline
) -> None:
    stands = {"verdict": "should_have_come_earlier", "message_id": "m1", "note": "Late", "agent_name": "Ben Okafor",
              "at": "2026-03-02T09:00:00+00:00"}  # fmt: skip
    await take(page, warmline, verdict=stands)
    await expect(page.get_by_test_id("verdict-message")).to_have_value("m1")
    await expect(page.get_by_test_id("verdict-stands")).to_have_text("Ben Okafor said: should have come earlier.")
    await page.get_by_test_id("verdict-needed").click()
    await expect(page.get_by_test_id("verdict-stands")).to_have_text("Ana Duarte said: needed.")
    assert given(warmline) == [{"verdict": "needed", "note": "Late"}]


async def test_the_verdict_is_given_by_keyboard_and_the_focus_stays(page: Page, warmline: FakeWarmline) -> None:
    await take(page, warmline)
    await page.get_by_test_id("verdict-needed").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await expect(page.get_by_test_id("verdict-not_needed")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_test_id("verdict-stands")).to_have_text("Ana Duarte said: not needed.")
    await expect(page.get_by_test_id("verdict-not_needed")).to_be_focused()


async def test_a_note_that_is_being_written_survives_what_happens_meanwhile(page: Page, warmline: FakeWarmline) -> None:
    await take(page, warmline)
    await page.get_by_test_id("verdict-needed").click()
    await expect(page.get_by_test_id("verdict-stands")).to_contain_text("needed")
    await page.get_by_test_id("verdict-note").fill("Half a")
    case = warmline.agent.cases["case-1001"]
    case["version"] += 1
    case["summary"] = "Something else is known by now."
    await warmline.agent.push({"type": "case", "case": {k: case[k] for k in case if k != "summary"}})
    await expect(page.get_by_test_id("summary")).to_contain_text("known by now")
    await expect(page.get_by_test_id("verdict-note")).to_have_value("Half a")
    await expect(page.get_by_test_id("verdict-note")).to_be_focused()


async def test_what_was_not_kept_is_said_and_not_shown_as_chosen(page: Page, warmline: FakeWarmline) -> None:
    await take(page, warmline)
    warmline.agent.verdict_refused = True
    await page.get_by_test_id("verdict-needed").click()
    await expect(page.get_by_test_id("verdict-problem")).to_have_text("Not kept. The case belongs to somebody else.")
    await expect(page.get_by_test_id("verdict-needed")).to_have_attribute("aria-pressed", "false")


async def test_resolving_asks_again_and_sends_the_verdict_first(page: Page, warmline: FakeWarmline) -> None:
    await take(page, warmline)
    await fill_resolution(page)
    await page.get_by_test_id("resolve-verdict-should_have_come_earlier").click()
    await page.get_by_test_id("resolve-verdict-message").select_option("m5")
    await page.get_by_test_id("resolve-submit").click()
    await expect(page.get_by_text("This case is closed.")).to_be_visible()
    assert warmline.agent.calls[-2:] == [
        ("verdict", {"verdict": "should_have_come_earlier", "message_id": "m5", "note": ""}),
        ("resolve", SOLVED),
    ]
    await expect(page.get_by_test_id("verdict-stands")).to_contain_text("should have come earlier")


async def test_nobody_has_to_judge_in_order_to_resolve(page: Page, warmline: FakeWarmline) -> None:
    await take(page, warmline)
    await fill_resolution(page)
    button = page.get_by_test_id("resolve-verdict-needed")
    await button.click()
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "false")
    await page.get_by_test_id("resolve-submit").click()
    await expect(page.get_by_text("This case is closed.")).to_be_visible()
    assert given(warmline) == []
    # And still can afterwards.
    await page.get_by_test_id("verdict-needed").click()
    await expect(page.get_by_test_id("verdict-stands")).to_have_text("Ana Duarte said: needed.")


async def test_a_verdict_that_stands_is_not_sent_again_when_resolving(page: Page, warmline: FakeWarmline) -> None:
    await take(page, warmline)
    await page.get_by_test_id("verdict-needed").click()
    await expect(page.get_by_test_id("verdict-stands")).to_contain_text("needed")
    await fill_resolution(page)
    await expect(page.get_by_test_id("resolve-verdict-needed")).to_have_attribute("aria-pressed", "true")
    await page.get_by_test_id("resolve-submit").click()
    await expect(page.get_by_text("This case is closed.")).to_be_visible()
    assert len(given(warmline)) == 1


async def test_only_who_has_the_case_is_asked_and_others_read_what_was_said(page: Page, warmline: FakeWarmline) -> None:
    stands = {"verdict": "needed", "message_id": None, "note": HOSTILE, "agent_name": "Ben Okafor",
              "at": "2026-03-02T09:00:00+00:00"}  # fmt: skip
    other = {"owner_type": "agent", "status": "active", "agent": {"id": "ben", "name": "Ben Okafor"}}
    warmline.agent.cases["case-1001"] = desk_case(verdict=stands, **other)
    warmline.agent.cases["case-1002"] = desk_case(1002, "Tom Becker")
    await sign_in(page, warmline)
    await page.get_by_test_id("tab-all").click()
    await open_case(page)
    await expect(page.get_by_test_id("verdict-needed")).to_be_hidden()
    await expect(page.get_by_test_id("verdict-stands")).to_have_text(f"Ben Okafor said: needed. {HOSTILE}")
    await open_case(page, "WL-1002")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Tom Becker")
    await expect(page.get_by_test_id("verdict")).to_be_hidden()


async def test_a_supervisor_judges_a_case_of_somebody_else(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.who = GRACE
    other = {"owner_type": "agent", "status": "active", "agent": {"id": "ben", "name": "Ben Okafor"}}
    warmline.agent.cases["case-1001"] = desk_case(**other)
    await sign_in(page, warmline)
    await page.get_by_test_id("tab-all").click()
    await open_case(page)
    await page.get_by_test_id("verdict-not_needed").click()
    await expect(page.get_by_test_id("verdict-stands")).to_have_text("Grace Lindqvist said: not needed.")
