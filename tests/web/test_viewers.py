"""Two agents at one case in two browsers: each sees that the other looks and writes, and a lead's monitor sees both."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.handoff.cast import BEA, BEN, GRACE, MAYA
from tests.web.test_two_people import Person, person

from .house import HousePages

__all__ = ["person"]

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def two_at_a_case(house: HousePages, person: Person) -> tuple[Page, Page, str]:
    """Ben has a case and looks at it, and so does Bea."""
    case_id = await house.case(await house.customer(MAYA))
    assert (await (await house.agent(BEN)).post(f"/cases/{case_id}/accept")).status == 200
    ben, bea = await person(), await person()
    await house.sign_in(ben, BEN, f"#/cases/{case_id}")
    await house.sign_in(bea, BEA, f"#/cases/{case_id}")
    return ben, bea, case_id


async def test_two_agents_see_each_other_at_a_case_until_one_goes(house_pages: HousePages, person: Person) -> None:
    ben, bea, _case = await two_at_a_case(house_pages, person)
    await expect(ben.get_by_test_id("viewers")).to_have_text(f"{BEA.name} looks at this too")
    await expect(bea.get_by_test_id("viewers")).to_have_text(f"{BEN.name} looks at this too")
    await expect(ben.locator(".viewers-box [role=status]")).to_have_text(f"{BEA.name} looks at this too")

    await bea.get_by_test_id("view-search").click()
    await expect(ben.get_by_test_id("viewers")).to_have_text("")
    await bea.get_by_test_id("view-cases").click()
    await expect(ben.get_by_test_id("viewers")).to_contain_text(BEA.name)
    await expect(bea.get_by_test_id("viewers")).to_contain_text(BEN.name)
    await bea.close()
    await expect(ben.get_by_test_id("viewers")).to_have_text("")


async def test_who_types_a_reply_or_a_note_is_shown_to_the_other_and_to_the_monitor(
    house_pages: HousePages, person: Person
) -> None:
    ben, bea, _case = await two_at_a_case(house_pages, person)
    grace = await person()
    await house_pages.sign_in(grace, GRACE, "#/board")
    await grace.get_by_role("button", name="Monitor the conversation of Maya Lind").click()
    await expect(grace.get_by_test_id("monitor-viewers")).to_contain_text(BEN.name)
    await expect(grace.get_by_test_id("monitor-viewers")).to_contain_text(BEA.name)
    await expect(ben.get_by_test_id("viewers")).to_have_text(f"{BEA.name} looks at this too")

    await ben.get_by_test_id("desk-input").press_sequentially("Hello")
    for page, at in ((bea, "viewers"), (grace, "monitor-viewers")):
        await expect(page.get_by_test_id(at)).to_contain_text(f"{BEN.name} is typing a reply")
    await expect(ben.get_by_test_id("viewers")).not_to_contain_text("is typing")
    await ben.get_by_test_id("mode-note").click()
    await ben.get_by_test_id("note-input").press_sequentially("x")
    await expect(bea.get_by_test_id("viewers")).to_contain_text(f"{BEN.name} is typing a note")

    await grace.get_by_test_id("monitor-join").click()
    await expect(grace.get_by_test_id("monitor-words")).to_be_visible()
    await grace.get_by_test_id("monitor-words").press_sequentially("I can")
    await expect(ben.get_by_test_id("viewers")).to_contain_text(f"{GRACE.name} is typing a reply")


async def test_after_a_lost_connection_both_see_each_other_again(house_pages: HousePages, person: Person) -> None:
    ben, bea, _case = await two_at_a_case(house_pages, person)
    await expect(ben.get_by_test_id("viewers")).to_contain_text(BEA.name)
    await bea.context.set_offline(True)
    await expect(ben.get_by_test_id("viewers")).to_have_text("")
    await bea.context.set_offline(False)
    await expect(ben.get_by_test_id("viewers")).to_contain_text(BEA.name)
    await expect(bea.get_by_test_id("viewers")).to_contain_text(BEN.name)


async def test_who_looks_moves_nothing_on_the_screen(house_pages: HousePages, person: Person) -> None:
    case_id = await house_pages.case(await house_pages.customer(MAYA))
    assert (await (await house_pages.agent(BEN)).post(f"/cases/{case_id}/accept")).status == 200
    ben, bea = await person(), await person()
    await house_pages.sign_in(ben, BEN, f"#/cases/{case_id}")
    await expect(ben.get_by_test_id("desk-log")).to_contain_text("Maya Lind")
    before = await ben.get_by_test_id("desk-log").bounding_box()
    await house_pages.sign_in(bea, BEA, f"#/cases/{case_id}")
    await expect(ben.get_by_test_id("viewers")).to_contain_text(BEA.name)
    assert await ben.get_by_test_id("desk-log").bounding_box() == before
