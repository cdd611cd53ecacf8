"""At the desk: what those who lead add to a case (a flag, themselves, an incident), and the actions in one row."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from handoff.store.schema import agents
from tests.handoff.cast import BEA, BEN, GRACE, MAYA
from tests.handoff.files import png

from .house import HousePages, choose_action
from .test_accessibility import findings
from .test_files import file

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = "<img src=x onerror='window.broken=1'> & a note"


async def bens_case(house: HousePages) -> tuple[str, str]:
    """Ben has Maya's case; its id and its conversation's."""
    maya = await house.customer(MAYA)
    case_id = await house.case(maya)
    assert (await (await house.agent(BEN)).post(f"/cases/{case_id}/accept")).status == 200
    return case_id, maya.conversation_id


async def test_a_flag_and_who_joined_stand_in_the_list_and_where_one_writes(
    house_pages: HousePages, page: Page
) -> None:
    case_id, conversation_id = await bens_case(house_pages)
    await house_pages.sign_in(page, BEN, f"#/cases/{case_id}")
    await expect(page.get_by_test_id("desk-input")).to_be_visible()
    await page.get_by_test_id("tab-mine").click()
    row, about = page.get_by_test_id("case-list"), page.get_by_test_id("about-case")
    await expect(about).to_be_hidden()

    grace = await house_pages.agent(GRACE)
    await grace.post(f"/board/conversations/{conversation_id}/flag", {"reason": HOSTILE})
    for place in (row, about):
        await expect(place.get_by_test_id("flagged")).to_have_text(f"Flagged by {GRACE.name}: {HOSTILE}")
    await grace.post(f"/cases/{case_id}/join")
    for place in (row, about):
        await expect(place.get_by_test_id("joined")).to_have_text(f"{GRACE.name} has joined")
    assert await findings(page) == []
    assert await page.evaluate("window.broken") is None

    await grace.post(f"/cases/{case_id}/leave")
    await grace.post(f"/board/conversations/{conversation_id}/clear-flag")
    await expect(about).to_be_hidden()
    await expect(row.locator(".led")).to_have_count(0)


async def test_who_has_joined_is_told_whose_case_it_stays(house_pages: HousePages, page: Page) -> None:
    """P19: ownership is never ambiguous."""
    case_id, _ = await bens_case(house_pages)
    await (await house_pages.agent(GRACE)).post(f"/cases/{case_id}/join")
    await house_pages.sign_in(page, GRACE, f"#/cases/{case_id}")
    await expect(page.get_by_test_id("about-case")).to_have_text(f"You have joined; it stays with {BEN.name}")


async def test_a_lead_of_the_queue_who_joined_writes_in_a_case_that_stays_its_owners(
    house_pages: HousePages, page: Page
) -> None:
    case_id, _ = await bens_case(house_pages)
    async with house_pages.parts.context.db.write() as db:
        await db.execute(update(agents).where(agents.c.id == BEA.id).values(level=3))
    await house_pages.sign_in(page, BEA, f"#/cases/{case_id}")
    await expect(page.get_by_text(f"{BEN.name} has this case. Join it to write")).to_be_visible()
    await choose_action(page, "join")
    await expect(page.get_by_test_id("desk-input")).to_be_focused()
    await page.get_by_test_id("desk-input").fill("I lead the team and help.")
    await page.get_by_test_id("desk-send").click()
    await expect(page.locator(".message.agent")).to_contain_text("I lead the team and help.")
    bea = await house_pages.agent(BEA)
    assert (await bea.get(f"/cases/{case_id}")).body["case"]["agent"]["name"] == BEN.name
    await choose_action(page, "leave")
    await expect(page.get_by_test_id("desk-input")).to_be_hidden()
    await expect(page.get_by_test_id("mode-reply")).to_be_disabled()


async def test_a_supervisor_writes_in_a_colleagues_case_only_once_they_have_joined_files_too(
    house_pages: HousePages, page: Page
) -> None:
    """The service refuses words and files of who is neither the owner nor has joined: the desk does not offer them."""
    case_id, _ = await bens_case(house_pages)
    await house_pages.sign_in(page, GRACE, f"#/cases/{case_id}")
    await expect(page.get_by_text("Join it to write to the customer")).to_be_visible()
    await expect(page.get_by_test_id("desk-input")).to_be_hidden()
    await choose_action(page, "join")
    await page.get_by_test_id("desk-files").set_input_files([file("label.png", png(20, 20))])
    await page.get_by_test_id("desk-input").fill("Here is the label.")
    await expect(page.get_by_text("label.png is ready to send.")).to_be_attached()
    await page.get_by_test_id("desk-send").click()
    await expect(page.locator(".message.agent").get_by_test_id("file")).to_contain_text("label.png")


async def test_a_colleague_notes_what_they_know_in_a_case_that_is_not_theirs(
    house_pages: HousePages, page: Page
) -> None:
    case_id, _ = await bens_case(house_pages)
    await house_pages.sign_in(page, BEA, f"#/cases/{case_id}")
    await expect(page.get_by_text(f"{BEN.name} has this case.")).to_be_visible()
    await expect(page.get_by_test_id("mode-reply")).to_be_disabled()
    await page.get_by_test_id("note-input").fill("The carrier told me that it is in Leeds.")
    await page.get_by_test_id("note-send").click()
    await expect(page.get_by_test_id("log-note")).to_contain_text("it is in Leeds")
    assert await findings(page) == []
    # Given back to the queue it is anybody's to note in, and the note that is begun outlives that it may be answered.
    ben = await house_pages.agent(BEN)
    assert (await ben.post(f"/cases/{case_id}/release", {"reason": "Lunch"})).status == 200
    await expect(page.get_by_text("Accept the case to write to the customer.")).to_be_visible()
    await page.get_by_test_id("note-input").fill("And it comes")
    await choose_action(page, "accept")
    await expect(page.get_by_test_id("desk-input")).to_be_focused()
    await page.get_by_test_id("mode-note").click()
    await expect(page.get_by_test_id("note-input")).to_have_value("And it comes")
    # Closed too.
    bea = await house_pages.agent(BEA)
    solved = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "It is in Leeds."}
    assert (await bea.post(f"/cases/{case_id}/resolve", solved)).status == 200
    await expect(page.get_by_text("This case is closed.")).to_be_visible()
    await page.get_by_test_id("note-input").fill("It was the wrong depot.")
    await page.get_by_test_id("note-send").click()
    await expect(page.get_by_test_id("log-note").filter(has_text="wrong depot")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "locale"), [(1280, "en-GB"), (1280, "de-DE"), (768, "es-ES"), (1100, "de-DE")], ids=str
)
async def test_the_actions_take_one_row_and_the_rest_is_in_a_menu(
    house_pages: HousePages, page: Page, width: int, locale: str
) -> None:
    case_id, _ = await bens_case(house_pages)
    await page.set_viewport_size({"width": width, "height": 800})
    await page.add_init_script(f"localStorage.setItem('warmline.language', '{locale[:2]}')")
    await house_pages.sign_in(page, BEN, f"#/cases/{case_id}")
    bar = page.locator(".actions")
    await expect(bar.get_by_test_id("resolve")).to_be_visible()
    tops = await bar.locator(":scope > .action-row > button, :scope > .more-actions > button").evaluate_all(
        "all => all.map((one) => [one.getBoundingClientRect().top, one.getBoundingClientRect().right])"
    )
    assert len({top for top, _ in tops}) == 1
    edge = await bar.evaluate("element => element.getBoundingClientRect().right")
    assert max(right for _, right in tops) <= edge
    await page.get_by_test_id("more-actions").click()
    names = await page.locator(".actions [data-testid]").evaluate_all("all => all.map((one) => one.dataset.testid)")
    wanted = {"resolve", "plan", "next-update", "wait", "transfer", "escalate", "severity", "release", "authority"}
    assert wanted <= set(names)
    assert len(names) == len(set(names)), "each action once"


async def test_the_menu_of_actions_is_used_by_the_keyboard(house_pages: HousePages, page: Page) -> None:
    case_id, _ = await bens_case(house_pages)
    await house_pages.sign_in(page, BEN, f"#/cases/{case_id}")
    more, menu = page.get_by_test_id("more-actions"), page.get_by_role("menu")
    await expect(more).to_be_visible()
    await expect(more).to_have_attribute("aria-expanded", "false")
    await more.focus()
    await page.keyboard.press("ArrowDown")
    items = menu.get_by_role("menuitem")
    await expect(items.first).to_be_focused()
    await expect(more).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("End")
    await expect(items.last).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(items.first).to_be_focused()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    await expect(more).to_be_focused()
    await more.press("Enter")
    await page.keyboard.press("r")
    await expect(page.get_by_test_id("release")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_test_id("release-reason").fill("Lunch")
    await page.get_by_test_id("release-submit").click()
    await expect(page.get_by_test_id("case-state")).to_contain_text("Waiting")
    await choose_action(page, "accept")
    await expect(page.get_by_test_id("case-state")).to_contain_text("Yours")


async def test_a_menu_that_is_open_stays_so_while_the_case_changes(house_pages: HousePages, page: Page) -> None:
    case_id, conversation_id = await bens_case(house_pages)
    await house_pages.sign_in(page, BEN, f"#/cases/{case_id}")
    await page.get_by_test_id("more-actions").click()
    await page.keyboard.press("End")
    focused = await page.evaluate("document.activeElement.dataset.testid")
    grace = await house_pages.agent(GRACE)
    await grace.post(f"/board/conversations/{conversation_id}/flag", {"reason": "Look"})
    await expect(page.get_by_test_id("about-case")).to_contain_text("Look")
    assert await page.evaluate("document.activeElement.dataset.testid") == focused


async def test_who_leads_declares_an_incident_from_a_case_with_words_that_are_proposed(
    house_pages: HousePages, page: Page
) -> None:
    """P14."""
    case_id, _ = await bens_case(house_pages)
    await house_pages.sign_in(page, GRACE, f"#/cases/{case_id}")
    await choose_action(page, "incident")
    title, told = page.get_by_test_id("incident-title"), page.get_by_test_id("incident-announcement")
    await expect(told).to_have_value(re.compile("^Several customers have the same trouble at the moment"))
    for field in (title, told):
        assert "LH-10001" not in await field.input_value(), "an order is one customer's alone"
    await title.fill("Strike at the carrier")
    await page.get_by_test_id("incident-submit").click()
    await expect(page.get_by_test_id("incident-sure")).to_contain_text("Customers are told of it")
    assert await findings(page) == []
    await page.get_by_test_id("incident-submit").click()
    await expect(page.get_by_test_id("incident-dialog")).to_have_count(0)
    grace = await house_pages.agent(GRACE)
    (incident,) = (await grace.get("/incidents")).body["incidents"]
    assert (incident["title"], incident["customers"]) == ("Strike at the carrier", 1)
    assert (await (await house_pages.agent(BEN)).get(f"/cases/{case_id}/incident-words")).code == "not_allowed"
