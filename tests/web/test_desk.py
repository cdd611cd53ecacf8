"""The desk as an agent works at it, against a server that does what the agent API page says."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from handoff.domain.summary import CALM_BELOW, TENSE_FROM

from .cast import desk_case, turn
from .fake_app import FakeWarmline
from .fake_team import GRACE, IMANI, PASSWORD, ago

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = '<img src=x onerror="window.broken=1">'


async def sign_in(page: Page, warmline: FakeWarmline, password: str = PASSWORD) -> None:
    await page.goto(warmline.url + "/desk")
    await page.get_by_test_id("sign-in-email").fill(warmline.agent.who["email"])
    await page.get_by_test_id("sign-in-password").fill(password)
    await page.get_by_test_id("sign-in").click()


async def open_case(page: Page, number: str = "WL-1001") -> None:
    await page.get_by_test_id(f"case-{number}").click()
    await expect(page.get_by_test_id("why")).to_be_visible()


def messages(page: Page) -> Locator:
    return page.get_by_test_id("desk-log").get_by_test_id("message")


async def test_a_wrong_password_is_said_and_the_right_one_opens_the_queues(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline, "wrong")
    await expect(page.get_by_test_id("sign-in-problem")).to_contain_text("wrong")
    await sign_in(page, warmline)
    await expect(page.get_by_test_id("queue-billing")).to_contain_text("1 waiting, 0 active")
    await expect(page.get_by_test_id("queue-technical")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_test_id("case-WL-1001")).to_be_visible()
    await page.get_by_test_id("account").click()
    await page.get_by_test_id("sign-out").click()
    await expect(page.get_by_test_id("sign-in")).to_be_visible()


async def test_the_agent_sees_all_that_the_customer_need_not_repeat(page: Page, warmline: FakeWarmline) -> None:
    """P18: who, what, what was tried, the evidence, the transcript, the history."""
    warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline)
    row = page.get_by_test_id("case-WL-1001")
    for text in ("Severity 2", "Maya Lind", "frustrated", "3rd contact", "6 min"):
        await expect(row).to_contain_text(text)
    await open_case(page)
    await expect(messages(page)).to_have_count(8)
    await expect(messages(page).nth(4)).to_contain_text("frustrated 0.79")
    why = page.get_by_test_id("why")
    await expect(page.get_by_test_id("why-sentence")).to_have_text(warmline.agent.cases["case-1001"]["why"])
    await expect(why).to_contain_text("0.86 against a threshold of 0.70")
    await expect(why).to_contain_text("does not answer my question")
    await expect(page.get_by_test_id("summary")).to_contain_text("Third contact")
    await expect(page.get_by_test_id("facts")).to_contain_text("INV-2026-0003")
    await expect(page.get_by_test_id("attempts")).to_contain_text("explained the plan's renewal")
    await expect(page.get_by_test_id("customer-history")).to_contain_text("WL-0987")
    await expect(page.get_by_test_id("verified")).to_have_text("verified")
    chart = page.get_by_role("img", name="Frustration over 4 turns, from 0 to 1: 0.21, 0.48, 0.79, 0.86.")
    await expect(chart).to_be_visible()
    await page.get_by_text("As a table").click()
    await expect(page.get_by_role("table")).to_contain_text("This is the third time I ask.")


async def test_the_agent_reads_which_answers_did_not_help(page: Page, warmline: FakeWarmline) -> None:
    case = desk_case()
    case["messages"][1]["rating"], case["messages"][3]["rating"] = "helpful", "unhelpful"
    warmline.agent.cases["case-1001"] = case
    await sign_in(page, warmline)
    await open_case(page)
    await expect(messages(page).nth(1)).to_contain_text("rated this as helpful")
    await expect(messages(page).nth(3)).to_contain_text("rated this as not helpful")
    await expect(messages(page).get_by_test_id("rating")).to_have_count(2)


async def test_whoever_accepts_second_is_told_who_was_first(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.cases["case-1001"] = desk_case()
    warmline.agent.accept_refused_for = "Ben Okafor"
    await sign_in(page, warmline)
    await open_case(page)
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("case-problem")).to_have_text("Ben Okafor has already accepted this case.")
    await expect(page.get_by_test_id("accept")).to_have_count(0)
    await expect(page.get_by_text("Ben Okafor has this case.")).to_be_visible()


async def test_an_accepted_case_is_talked_over(page: Page, warmline: FakeWarmline) -> None:
    case = desk_case()
    warmline.agent.cases["case-1001"] = case
    await sign_in(page, warmline)
    await open_case(page)
    await expect(page.get_by_test_id("desk-input")).to_be_hidden()
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("desk-input")).to_be_focused()
    await page.keyboard.type("Hello Maya, I have read it all.")
    await page.keyboard.press("Enter")
    await expect(messages(page)).to_have_count(9)
    await expect(page.get_by_test_id("desk-input")).to_have_value("")
    await warmline.agent.say(case, "Thank you, Ana!", "customer")
    await expect(messages(page).last).to_contain_text("Thank you, Ana!")
    await expect(page.get_by_test_id("desk-input")).to_be_focused()
    assert [verb for verb, _ in warmline.agent.calls] == ["accept", "messages"]


async def test_a_private_note_goes_to_the_notes_only(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline)
    await open_case(page)
    await page.get_by_test_id("accept").click()
    await page.get_by_test_id("mode-note").click()
    await page.get_by_test_id("note-input").fill("Checked the ledger: charged twice.")
    await page.get_by_test_id("note-send").click()
    await expect(page.get_by_test_id("notes")).to_contain_text("charged twice")
    await expect(messages(page)).to_have_count(8)


async def test_a_transfer_needs_what_was_tried_and_what_comes_next(page: Page, warmline: FakeWarmline) -> None:
    """P20."""
    warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline)
    await open_case(page)
    await page.get_by_test_id("accept").click()
    await page.get_by_test_id("transfer").click()
    await page.get_by_test_id("transfer-category").select_option("plan")
    await page.get_by_test_id("transfer-tried").fill("Explained the renewal")
    await page.get_by_test_id("transfer-submit").click()
    dialog = page.get_by_test_id("transfer-dialog")
    await expect(dialog).to_contain_text("What must happen next: please fill this in.")
    await expect(page.get_by_test_id("transfer-next_step")).to_be_focused()
    assert "transfer" not in [verb for verb, _ in warmline.agent.calls]
    await page.get_by_test_id("transfer-next_step").fill("End the plan as of March")
    await page.get_by_test_id("transfer-submit").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_test_id("case-WL-1001")).to_have_count(0)
    assert warmline.agent.calls[-1] == (
        "transfer",
        {"category": "plan", "tried": "Explained the renewal", "next_step": "End the plan as of March",
         "wrong_category": False},
    )  # fmt: skip


async def test_whoever_transfers_says_by_a_box_that_the_assistant_chose_the_wrong_queue(
    page: Page, warmline: FakeWarmline
) -> None:
    warmline.agent.who = GRACE
    warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline)
    await open_case(page)
    await page.get_by_test_id("transfer").click()
    await page.get_by_test_id("transfer-category").select_option("plan")
    await page.get_by_test_id("transfer-tried").fill("Nothing yet")
    await page.get_by_test_id("transfer-next_step").fill("End the plan")
    await page.keyboard.press("Tab")
    box = page.get_by_label("It came to the wrong queue")
    await expect(box).to_be_focused()
    await page.keyboard.press("Space")
    await page.get_by_test_id("transfer-submit").click()
    await expect(page.get_by_test_id("history")).to_contain_text("It had come to the wrong queue.")
    assert warmline.agent.calls[-1][1]["wrong_category"] is True


async def test_resolving_asks_how_why_and_what_the_customer_is_told(page: Page, warmline: FakeWarmline) -> None:
    """P26."""
    warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline)
    await open_case(page)
    await page.get_by_test_id("accept").click()
    await page.get_by_test_id("resolve").click()
    await page.get_by_test_id("resolve-disposition").select_option("solved")
    await page.get_by_test_id("resolve-root_cause").select_option("price_change")
    await page.get_by_test_id("resolve-outcome").fill("I refunded the charge.")
    await page.get_by_test_id("resolve-submit").click()
    await expect(page.get_by_text("This case is closed.")).to_be_visible()
    await expect(page.get_by_test_id("case-WL-1001")).to_have_count(0)
    await expect(page.get_by_test_id("resolution")).to_contain_text("I refunded the charge.")


async def test_a_new_case_appears_by_itself_and_steals_no_focus(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline)
    await page.get_by_test_id("case-WL-1001").focus()
    await warmline.agent.add(desk_case(1002, "Tom Becker", severity=1, opened_at=ago(0)))
    await expect(page.get_by_test_id("case-list").get_by_role("button")).to_have_count(2)
    # The worse case first: the order is the server's.
    await expect(page.get_by_test_id("case-list").get_by_role("button").first).to_contain_text("Tom Becker")
    await expect(page.get_by_test_id("queue-billing")).to_contain_text("2 waiting")
    await expect(page.get_by_test_id("case-WL-1001")).to_be_focused()


async def test_a_lost_stream_is_said_and_resumed_without_doubles(page: Page, warmline: FakeWarmline) -> None:
    case = desk_case()
    warmline.agent.cases["case-1001"] = case
    await sign_in(page, warmline)
    await open_case(page)
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("desk-input")).to_be_visible()
    await page.get_by_test_id("desk-input").fill("A draft")
    await page.evaluate(
        "new MutationObserver(() => { window.said ||= !document.querySelector('[data-testid=desk-line]').hidden; })"
        ".observe(document.querySelector('[data-testid=desk-line]'), {attributes: true})"
    )
    await warmline.agent.drop()
    await warmline.agent.say(case, "Are you there?", "customer")
    await expect(messages(page)).to_have_count(9)
    await expect(messages(page).last).to_contain_text("Are you there?")
    await expect(page.get_by_test_id("desk-line")).to_be_hidden()
    assert await page.evaluate("window.said") is True
    await warmline.agent.say(case, "Hello?", "customer")
    await expect(messages(page)).to_have_count(10)
    await expect(page.get_by_test_id("desk-input")).to_have_value("A draft")


async def test_hostile_text_is_text_everywhere(page: Page, warmline: FakeWarmline) -> None:
    case = desk_case(1001, HOSTILE, problem=HOSTILE, why=HOSTILE, facts={HOSTILE: HOSTILE})
    case["reasons"][0]["evidence"] = [HOSTILE]
    case["turns"][0]["intent"] = HOSTILE
    case["notes"] = [{"at": ago(1), "agent_name": HOSTILE, "text": HOSTILE}]
    case["messages"][0].update(text=HOSTILE, sender={"type": "customer", "name": HOSTILE})
    warmline.agent.cases["case-1001"] = case
    await sign_in(page, warmline)
    await open_case(page)
    await expect(messages(page).first).to_contain_text(HOSTILE)
    await expect(page.get_by_test_id("notes")).to_contain_text(HOSTILE)
    await expect(page.locator("body img")).to_have_count(1)
    assert await page.evaluate("window.broken") is None


async def test_the_desk_works_by_keyboard(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.cases["case-1001"] = desk_case()
    warmline.agent.cases["case-1002"] = desk_case(1002, "Tom Becker", severity=3)
    await sign_in(page, warmline)
    await page.get_by_test_id("case-WL-1001").focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_test_id("case-WL-1002")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Tom Becker")
    await page.get_by_test_id("accept").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("desk-input")).to_be_focused()
    await page.get_by_test_id("escalate").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("escalate-tried")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("escalate")).to_be_focused()


async def test_everything_fits_at_1280_pixels(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.cases["case-1001"] = desk_case(problem="x" * 400, customer_name="y" * 120)
    await sign_in(page, warmline)
    await open_case(page)
    await expect(page.get_by_test_id("case-state")).to_contain_text(re.compile("Waiting in Billing"))
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1280


async def test_a_case_above_ones_level_says_which_level_it_needs(page: Page, warmline: FakeWarmline) -> None:
    """P17: the offer to accept is only made to those who may."""
    warmline.agent.cases["case-1001"] = desk_case(level=3)
    await sign_in(page, warmline)
    await open_case(page)
    await expect(page.get_by_test_id("needs-level")).to_have_text("needs level 3 (Lead)")
    await expect(page.get_by_test_id("accept")).to_have_count(0)
    await expect(page.get_by_text("This case needs level 3 (Lead): somebody of that level")).to_be_visible()


async def test_somebody_of_the_level_accepts_the_case(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.who = GRACE
    warmline.agent.cases["case-1001"] = desk_case(level=3)
    await sign_in(page, warmline)
    await open_case(page)
    await expect(page.get_by_test_id("needs-level")).to_have_count(0)
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("desk-input")).to_be_focused()


async def test_what_is_being_read_is_not_marked_as_new(page: Page, warmline: FakeWarmline) -> None:
    first, second = desk_case(unread=2), desk_case(1002, "Tom Becker", unread=1)
    warmline.agent.cases |= {"case-1001": first, "case-1002": second}
    await sign_in(page, warmline)
    row, other = page.get_by_test_id("case-WL-1001"), page.get_by_test_id("case-WL-1002")
    await expect(row.get_by_test_id("unread")).to_have_text("2 new")
    await open_case(page)
    await expect(row.get_by_test_id("unread")).to_have_count(0)
    await expect(other.get_by_test_id("unread")).to_have_text("1 new")
    await warmline.agent.add({**first, "unread": 3, "version": 2, "problem": "a charge, again"})
    await expect(row).to_contain_text("a charge, again")
    await expect(row.get_by_test_id("unread")).to_have_count(0)
    await other.click()
    await expect(row.get_by_test_id("unread")).to_have_text("3 new")
    await expect(other.get_by_test_id("unread")).to_have_count(0)
    # Another window in front: nobody reads.
    await page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    await expect(other.get_by_test_id("unread")).to_have_text("1 new")


async def test_the_desk_has_one_word_for_a_mood_with_the_server(page: Page, warmline: FakeWarmline) -> None:
    """The limits are those of the summary beside it."""
    moods = [("calm", 0.0), ("calm", CALM_BELOW - 0.01), ("tense", CALM_BELOW), ("tense", TENSE_FROM - 0.01)]
    moods += [("frustrated", TENSE_FROM), ("frustrated", 1.0)]
    for number, (_, value) in enumerate(moods, 1001):
        warmline.agent.cases[f"case-{number}"] = desk_case(number, frustration=value)
    await sign_in(page, warmline)
    for number, (word, _) in enumerate(moods, 1001):
        await expect(page.get_by_test_id(f"case-WL-{number}").locator(".mood")).to_have_text(word)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("functional", "functional (another skill is needed)"),
        ("hierarchical", "hierarchical (more authority is needed)"),
        ("automatic", "automatic (a deadline ran out)"),
        ("priority", "priority (who it is, or how severe)"),
    ],
)
async def test_the_kind_of_escalation_is_explained(page: Page, warmline: FakeWarmline, kind: str, words: str) -> None:
    """P13."""
    warmline.agent.cases["case-1001"] = desk_case(kind=kind)
    await sign_in(page, warmline)
    await open_case(page)
    await expect(page.get_by_test_id("why")).to_contain_text(f"Kind of escalation: {words}.")


async def test_codes_are_written_as_words(page: Page, warmline: FakeWarmline) -> None:
    case = desk_case()
    case["reasons"][2]["evidence"] = [
        "18 November: order_status", "21 November: faq/billing_renewal", "asked for a person: ann_lee@mail.example",
    ]  # fmt: skip
    case["turns"].append(turn("Hm?", 9, "nlu_fallback", 0.1, "none"))
    warmline.agent.cases["case-1001"] = case
    await sign_in(page, warmline)
    await open_case(page)
    await expect(page.locator(".evidence").last.get_by_role("listitem")).to_have_text(
        ["18 November: order status", "21 November: FAQ: billing renewal", "asked for a person: ann_lee@mail.example"]
    )
    await expect(page.get_by_test_id("intents")).to_contain_text("not understood")
    await expect(page.get_by_test_id("attempts")).to_contain_text("FAQ: billing renewal")


@pytest.mark.parametrize(("name", "shown"), [("Maya Lind", "Maya Lind"), ("", "Visitor")])
async def test_the_customers_words_carry_the_customers_name(
    page: Page, warmline: FakeWarmline, name: str, shown: str
) -> None:
    case = desk_case(1001, name)
    warmline.agent.cases["case-1001"] = case
    await sign_in(page, warmline)
    await open_case(page)
    await expect(messages(page).first.locator("header b")).to_have_text(shown)
    await warmline.agent.say(case, "Anybody?", "customer")
    await expect(messages(page).last.locator("header b")).to_have_text(shown)
    await expect(messages(page).nth(1).locator("header b")).to_have_text("Larkfield assistant")


@pytest.mark.parametrize("height", [800, 480])
async def test_every_queue_of_a_supervisor_can_be_reached(page: Page, warmline: FakeWarmline, height: int) -> None:
    await page.set_viewport_size({"width": 1280, "height": height})
    warmline.agent.who = GRACE
    warmline.agent.cases["case-1001"] = desk_case()
    await sign_in(page, warmline)
    last = page.get_by_test_id("queue-general")
    await expect(last).to_be_visible()
    if height < 800:
        # Too low for all: the list scrolls.
        await last.focus()
    await expect(last).to_be_in_viewport(ratio=1)


async def test_an_editor_is_told_where_their_work_is(page: Page, warmline: FakeWarmline) -> None:
    warmline.agent.who = IMANI
    await sign_in(page, warmline)
    note = page.get_by_test_id("editor")
    for text in ("Imani Reyes", "editor", "data/", "make train"):
        await expect(note).to_contain_text(text)
    await page.reload()
    await expect(note).to_be_visible()
    await page.get_by_test_id("sign-out").click()
    await expect(page.get_by_test_id("sign-in")).to_be_visible()
    assert warmline.agent.sessions == {}
