"""Help with writing, on the real service: responses and macros behind /, colleagues behind @."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.handoff.cast import BEA, BEN, GRACE, MAYA
from tests.handoff.service import Desk

from .house import HousePages

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def at_his_case(house: HousePages, page: Page, *, named: bool = True) -> tuple[Desk, str]:
    """Ben has accepted a case and looks at it, about to reply."""
    case_id = await house.case(await house.customer(MAYA if named else None))
    ben = await house.agent(BEN)
    assert (await ben.post(f"/cases/{case_id}/accept")).status == 200
    await house.sign_in(page, BEN, f"#/cases/{case_id}")
    await page.get_by_test_id("desk-input").click()
    return ben, case_id


async def test_a_slash_finds_a_response_by_the_keyboard_and_it_reads_as_it_will_be_sent(
    house_pages: HousePages, page: Page
) -> None:
    await at_his_case(house_pages, page)
    await page.keyboard.type("/sorry wait")
    options = page.get_by_test_id("picker").first.get_by_role("option")
    await expect(options.first).to_contain_text("Sorry for the wait")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("desk-input")).to_have_value(
        re.compile(r"^I'm sorry that you had to wait, Maya\.")
    )
    await expect(page.get_by_test_id("desk-input")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.agent")).to_contain_text("I'm sorry that you had to wait, Maya")


async def test_what_is_not_known_is_told_and_not_sent_until_it_is_filled_in(
    house_pages: HousePages, page: Page
) -> None:
    await at_his_case(house_pages, page, named=False)
    await page.keyboard.type("/goodbye")
    await expect(page.get_by_test_id("pick-goodbye")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("canned-told")).to_have_text("Fill in before you send: the customer's first name")
    await page.keyboard.press("Enter")
    await page.get_by_test_id("desk-send").click()
    await expect(page.locator(".message.agent")).to_have_count(0)
    field = page.get_by_test_id("desk-input")
    await field.fill("Thank you, Sam.")
    await expect(page.get_by_test_id("canned-told")).to_have_text("")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.agent")).to_contain_text("Thank you, Sam.")


async def test_who_types_faster_than_the_list_comes_sends_nothing_to_the_customer(
    house_pages: HousePages, page: Page
) -> None:
    await at_his_case(house_pages, page)
    may_come = asyncio.Event()

    async def late(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    await page.route("**/canned", late)
    await page.keyboard.insert_text("/sent again, solved")
    await page.keyboard.press("Enter")
    may_come.set()
    await expect(page.get_by_test_id("pick-resolved_resent")).to_be_visible()
    await expect(page.locator(".message.agent")).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("macro")).to_contain_text("Closes the case: Solved, Carrier lost it")


async def test_escape_closes_the_list_and_what_was_typed_stays(house_pages: HousePages, page: Page) -> None:
    await at_his_case(house_pages, page)
    await page.keyboard.type("/sorry")
    await expect(page.get_by_test_id("picker").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("picker").first).to_be_hidden()
    await page.keyboard.type(" and/or 1/2")
    await expect(page.get_by_test_id("picker").first).to_be_hidden()
    await expect(page.get_by_test_id("desk-input")).to_have_value("/sorry and/or 1/2")


async def test_a_macro_shows_what_it_does_first_and_then_does_all_of_it(house_pages: HousePages, page: Page) -> None:
    ben, case_id = await at_his_case(house_pages, page)
    await page.keyboard.type("/ask photo promise")
    await expect(page.get_by_test_id("pick-wait_for_photo")).to_be_visible()
    await page.get_by_test_id("pick-wait_for_photo").click()
    dialog = page.get_by_test_id("macro")
    await expect(dialog).to_contain_text("Writes to the customer")
    await expect(dialog).to_contain_text("Promises the next word within 24 hours")
    await expect(page.locator(".message.agent")).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".message.agent")).to_contain_text("Could you send me a photo")
    await expect(page.get_by_test_id("desk-input")).to_have_value("")
    kinds = [row["kind"] for row in (await ben.get(f"/cases/{case_id}")).body["case"]["history"]]
    assert kinds[-1] == "next_update"


async def test_the_palette_has_the_macros_of_the_case(house_pages: HousePages, page: Page) -> None:
    await at_his_case(house_pages, page)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("introduce myself")
    await page.get_by_test_id("command-macro-introduce").click()
    await expect(page.get_by_test_id("macro")).to_contain_text("Introduce myself")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("desk-input")).to_be_focused()


async def test_macros_that_come_late_are_listed_in_a_palette_that_is_open(house_pages: HousePages, page: Page) -> None:
    asked = asyncio.Event()

    async def late(route: Route) -> None:
        await asked.wait()
        await route.continue_()

    await page.route("**/macros", late)
    await at_his_case(house_pages, page)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("introduce myself")
    await expect(page.get_by_test_id("palette").get_by_role("status")).to_contain_text("Nothing fits")
    asked.set()
    await expect(page.get_by_test_id("command-macro-introduce")).to_be_visible()


async def test_an_at_in_a_note_offers_colleagues_and_the_mentioned_is_told(house_pages: HousePages, page: Page) -> None:
    await at_his_case(house_pages, page)
    await page.get_by_test_id("mode-note").click()
    await page.keyboard.type("Seen this, @be")
    await expect(page.get_by_test_id("pick-bea")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.type("?")
    await expect(page.get_by_test_id("note-input")).to_have_value("Seen this, @Bea Novak ?")
    await page.get_by_test_id("note-send").click()
    await expect(page.get_by_test_id("note-input")).to_have_value("")
    bea = await house_pages.agent(BEA)
    told = (await bea.get("/notifications")).body["notifications"]
    assert [one["kind"] for one in told] == ["mentioned"]


async def test_an_agent_keeps_changes_and_deletes_a_response_at_the_desk(house_pages: HousePages, page: Page) -> None:
    ben, _ = await at_his_case(house_pages, page)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("your canned")
    await page.get_by_test_id("command-kept").click()
    await page.get_by_test_id("kept-new").click()
    await page.get_by_test_id("kept-name").fill("Late parcel")
    await page.get_by_test_id("kept-text").fill("Dear ")
    await page.get_by_test_id("kept-place-customer_first_name").click()
    await page.keyboard.type(", it comes late.")
    await expect(page.get_by_test_id("kept-preview")).to_have_text("Dear Maya, it comes late.")
    await expect(page.get_by_test_id("kept-shared")).to_have_count(0)
    await page.get_by_test_id("kept-keep").click()
    await expect(page.get_by_test_id("kept-said")).to_have_text("“Late parcel” is kept.")
    kept = (await ben.get("/canned")).body["responses"]
    assert [(one["title"], one["text"]) for one in kept] == [
        ("Late parcel", "Dear {customer_first_name}, it comes late.")
    ]

    await expect(page.get_by_test_id(f"kept-edit-{kept[0]['id']}")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_test_id("kept-name").fill("Very late parcel")
    await page.get_by_test_id("kept-keep").click()
    await expect(page.get_by_test_id("kept-row")).to_contain_text("Very late parcel")
    await page.keyboard.press("Escape")
    await page.get_by_test_id("desk-input").click()
    await page.keyboard.type("/very late")
    await expect(page.get_by_test_id(f"pick-{kept[0]['id']}")).to_contain_text("Yours")
    await page.keyboard.press("Escape")
    await page.get_by_test_id("desk-input").fill("")

    await page.get_by_test_id("canned-open").click()
    await page.get_by_test_id("kept-open").click()
    await page.get_by_test_id(f"kept-delete-{kept[0]['id']}").click()
    await page.get_by_test_id(f"kept-delete-{kept[0]['id']}").click()
    await expect(page.get_by_test_id("kept-row")).to_have_count(0)
    assert (await ben.get("/canned")).body["responses"] == []


async def test_a_place_that_does_not_exist_or_is_not_known_is_told_while_one_writes(
    house_pages: HousePages, page: Page
) -> None:
    await at_his_case(house_pages, page, named=False)
    await page.keyboard.type("Dear {customer_name} {nobody}")
    await page.get_by_test_id("canned-open").click()
    await page.get_by_test_id("kept-open").click()
    await page.get_by_test_id("kept-new").click()
    await expect(page.get_by_test_id("kept-text")).to_have_value("Dear {customer_name} {nobody}")
    check = page.get_by_test_id("kept-check")
    await expect(check).to_have_text("There is nothing by this name to fill in: {nobody}")
    await page.get_by_test_id("kept-keep").click()
    await expect(check).to_have_text("A title and a text are needed.")
    await page.get_by_test_id("kept-name").fill("Hello")
    await page.get_by_test_id("kept-keep").click()
    await expect(page.get_by_test_id("kept").get_by_role("alert")).to_contain_text("There is no place 'nobody'")
    await page.get_by_test_id("kept-text").fill("Dear {customer_name}")
    await expect(check).to_have_text("The open case has nothing for: the customer's name")


async def test_who_leads_keeps_a_response_for_the_team(house_pages: HousePages, page: Page) -> None:
    case_id = await house_pages.case(await house_pages.customer(MAYA))
    grace = await house_pages.agent(GRACE)
    assert (await grace.post(f"/cases/{case_id}/accept")).status == 200
    await house_pages.sign_in(page, GRACE, f"#/cases/{case_id}")
    await page.get_by_test_id("canned-open").click()
    await page.get_by_test_id("kept-open").click()
    await page.get_by_test_id("kept-new").click()
    await page.get_by_test_id("kept-name").fill("From the team")
    await page.get_by_test_id("kept-text").fill("We are on it.")
    await page.get_by_test_id("kept-category").select_option("orders_delivery")
    await page.get_by_test_id("kept-shared").select_option("yes")
    await page.get_by_test_id("kept-keep").click()
    await expect(page.get_by_test_id("kept-row")).to_contain_text(f"Team, by {GRACE.name}")
    ben = await house_pages.agent(BEN)
    first = (await ben.get(f"/cases/{case_id}/canned")).body["responses"][0]
    assert (first["title"], first["team"], first["own"]) == ("From the team", True, False)
