"""The card of what is passed on, as a customer meets it (P18): seen at once, corrected, added to, by keyboard too."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from .fake_app import FakeWarmline
from .fake_customer import Conversation, handoff_card
from .widget import HOSTILE, open_chat

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def handed_over(page: Page, warmline: FakeWarmline, **card: object) -> Conversation:
    conversation = await open_chat(page, warmline)
    conversation.card = handoff_card(**card)
    await warmline.customer.hand_over(conversation)
    await expect(the_card(page)).to_be_visible()
    return conversation


def the_card(page: Page) -> Locator:
    return page.get_by_test_id("handoff-card")


async def test_the_card_is_loaded_with_the_case_and_says_what_is_passed_on(page: Page, warmline: FakeWarmline) -> None:
    await open_chat(page, warmline)
    assert "/widget/card.js" not in {path.partition("?")[0] for path in warmline.requests}

    await handed_over(page, warmline)

    card = page.get_by_role("region", name="What we're passing on")
    for text in ("where your order LH-10001 is", "My lamp was due on Monday.", "LH-10001", "Can you send it again?"):
        await expect(card).to_contain_text(text)


async def test_a_fact_is_corrected_and_a_line_added(page: Page, warmline: FakeWarmline) -> None:
    conversation = await handed_over(page, warmline)
    await page.get_by_test_id("card-change").click()
    await expect(page.get_by_label("Order", exact=True)).to_be_focused()
    await page.get_by_label("Order", exact=True).fill("LH-10002")
    await page.get_by_label("Anything to add? (optional)").fill("It is the blue one")
    await page.get_by_test_id("card-send").click()

    await expect(the_card(page)).to_contain_text("LH-10002 (corrected; it was LH-10001)")
    await expect(the_card(page)).to_contain_text("It is the blue one")
    await expect(the_card(page).get_by_role("status")).to_contain_text("passed on")
    await expect(page.get_by_test_id("card-change")).to_be_focused()
    assert conversation.card is not None
    assert conversation.card["lines"] == ["It is the blue one"]


async def test_once_an_agent_has_it_lines_can_be_added_and_what_was_half_written_stays(
    page: Page, warmline: FakeWarmline
) -> None:
    conversation = await handed_over(page, warmline)
    await page.get_by_test_id("card-change").click()
    await page.get_by_test_id("card-line").fill("half a sen")

    conversation.card = handoff_card(can_correct=False)
    await warmline.customer.push_state(conversation)

    await expect(page.get_by_test_id("card-order_number")).to_have_count(0)
    await expect(page.get_by_test_id("card-line")).to_have_value("half a sen")


async def test_nothing_is_sent_without_a_change_and_leaving_it_changes_nothing(
    page: Page, warmline: FakeWarmline
) -> None:
    conversation = await handed_over(page, warmline)
    before = conversation.card
    await page.get_by_test_id("card-change").click()
    await page.get_by_test_id("card-send").click()
    await expect(page.get_by_test_id("card-change")).to_be_visible()
    await page.get_by_test_id("card-change").click()
    await page.get_by_test_id("card-line").fill("No, wait")
    await page.get_by_test_id("card-cancel").click()

    await expect(page.get_by_test_id("card-change")).to_be_visible()
    assert conversation.card == before


async def test_a_refused_correction_is_said_and_stays_to_be_changed(page: Page, warmline: FakeWarmline) -> None:
    conversation = await handed_over(page, warmline)
    conversation.refusal = ("wrong_state", "Somebody works with these facts already.")
    await page.get_by_test_id("card-change").click()
    await page.get_by_test_id("card-line").fill("More")
    await page.get_by_test_id("card-send").click()

    await expect(page.get_by_role("alert").filter(has_text="can't be changed any more")).to_be_visible()
    await expect(page.get_by_test_id("card-line")).to_have_value("More")


async def test_the_card_goes_with_the_case_and_hostile_words_stay_words(page: Page, warmline: FakeWarmline) -> None:
    fact = {"name": HOSTILE, "value": HOSTILE, "former": HOSTILE}
    conversation = await handed_over(
        page, warmline, problem=HOSTILE, quote=HOSTILE, facts=[fact], tried=[HOSTILE], wants=HOSTILE, lines=[HOSTILE]
    )
    await expect(the_card(page)).to_contain_text(HOSTILE)
    await page.get_by_test_id("card-change").click()
    assert await page.evaluate("window.broken") is None
    root = "document.querySelector('warmline-widget').shadowRoot"
    assert await page.evaluate(f"{root}.querySelectorAll('img, script').length") == 0

    conversation.card = None
    await warmline.customer.push_state(conversation)
    await expect(the_card(page)).to_be_hidden()
