"""One's own settings at the desk: how one is told of what; and the first minute, in which nobody explains anything."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.handoff.cast import BEN, GRACE

from .house import HousePages
from .test_accessibility import findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail server is set, so that mails are possible; none is sent here."""
    monkeypatch.setenv("WARMLINE_SMTP_HOST", "mail.example")
    monkeypatch.setenv("WARMLINE_MAIL_FROM", "Larkfield Home <support@larkfield.example>")


async def chosen(house: HousePages) -> dict[str, dict[str, bool]]:
    """What Ben has chosen himself, by kind."""
    notices = (await (await house.agent(BEN)).get("/preferences")).body["preferences"]["notices"]
    return {one["kind"]: {way: one[way] for way in one["chosen"]} for one in notices if one["chosen"]}


@pytest.mark.usefixtures("mail_server")
async def test_what_one_chooses_is_kept_at_once_and_found_again(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN)
    await page.get_by_test_id("account").click()
    await page.get_by_test_id("open-settings").click()
    await expect(page.get_by_test_id("settings-you")).to_contain_text("1: First line")
    await page.get_by_test_id("settings-customer_replied-mail").check()
    await expect(page.get_by_test_id("settings-said")).to_have_text("Kept: The customer has answered.")
    await page.get_by_test_id("settings-customer_replied-sound").check()
    await expect(page.get_by_test_id("settings-customer_replied")).to_have_attribute("data-chosen", "true")
    await page.get_by_test_id("settings-quiet").check()
    await expect(page.get_by_test_id("settings-said")).to_have_text("Kept: Quiet while I am away.")
    assert await chosen(house_pages) == {"customer_replied": {"mail": True, "sound": True}}

    await page.reload()
    await expect(page.get_by_test_id("settings-customer_replied-sound")).to_be_checked()
    await expect(page.get_by_test_id("settings-quiet")).to_be_checked()
    await expect(page.get_by_test_id("settings-deadline_missed-mail")).to_be_checked()


async def test_a_kind_and_all_of_them_are_as_usual_again_by_one_press(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN, "#/settings")
    await expect(page.get_by_test_id("settings-no-mail")).to_be_visible()
    await expect(page.get_by_test_id("settings-mentioned-mail")).to_have_count(0)
    await expect(page.get_by_test_id("settings-usual")).to_be_disabled()
    await page.get_by_test_id("settings-mentioned-desk").uncheck()
    await expect(page.get_by_test_id("settings-mentioned-sound")).to_be_disabled()
    await page.get_by_test_id("settings-low_rating-sound").check()
    await page.get_by_test_id("settings-usual-mentioned").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("settings-mentioned-desk")).to_be_checked()
    await expect(page.get_by_test_id("settings-mentioned-desk")).to_be_focused()
    assert await chosen(house_pages) == {"low_rating": {"sound": True}}
    await page.get_by_test_id("settings-usual").click()
    await expect(page.get_by_test_id("settings-said")).to_have_text("All is as usual again.")
    assert await chosen(house_pages) == {}


async def test_what_could_not_be_kept_is_said_and_shown_as_it_is(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN, "#/settings")
    await page.get_by_test_id("settings-mentioned-desk").wait_for()
    await page.route("**/preferences", lambda route: route.abort())
    await page.get_by_test_id("settings-mentioned-desk").click()
    await expect(page.get_by_test_id("settings-problem")).to_contain_text("Not kept.")
    await expect(page.get_by_test_id("settings-mentioned-desk")).to_be_checked()


async def test_every_shortcut_of_the_desk_stands_in_the_list_of_shortcuts(house_pages: HousePages, page: Page) -> None:
    case = await house_pages.case(await house_pages.customer())
    await house_pages.sign_in(page, GRACE, f"#/cases/{case}")
    await page.get_by_test_id("accept").click()
    await page.get_by_test_id("resolve").wait_for()
    await page.keyboard.press("Control+k")
    of_commands = set(await page.get_by_test_id("palette").locator("kbd").all_inner_texts())
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+/")
    await page.get_by_test_id("shortcuts").wait_for()
    listed = set(await page.get_by_test_id("shortcuts").locator("kbd").all_inner_texts())
    assert {"Alt+Shift+W", "Alt+Shift+M", "Alt+Shift+2", "Ctrl+K"} <= of_commands
    assert of_commands - listed == set()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("shortcuts")).to_have_count(0)


async def test_the_empty_desk_says_what_comes_and_where_everything_is(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN)
    blank = page.get_by_test_id("blank")
    await expect(blank).to_contain_text("nobody is waiting")
    await expect(blank).to_contain_text("Alt+Shift+A accepts it")
    await house_pages.case(await house_pages.customer())
    await expect(blank).to_contain_text("1 customer is waiting.")
    await expect(blank).to_contain_text("Reading changes nothing")
    await blank.get_by_test_id("blank-shortcuts").click()
    await expect(page.get_by_test_id("shortcuts")).to_be_visible()


async def test_who_takes_no_cases_is_told_so_until_one_press_ends_it(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, BEN)
    await expect(page.get_by_test_id("paused")).to_be_hidden()
    await page.get_by_test_id("presence").select_option("do_not_disturb")
    await expect(page.get_by_test_id("paused")).to_contain_text("Do not disturb: no case is offered to you.")
    await page.get_by_test_id("resume-work").click()
    await expect(page.get_by_test_id("paused")).to_be_hidden()
    await expect(page.get_by_test_id("presence")).to_have_value("online")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_settings_and_shortcuts_have_no_findings(house_pages: HousePages, page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await house_pages.sign_in(page, BEN, "#/settings")
    await page.get_by_test_id("settings-mentioned-desk").uncheck()
    await page.get_by_test_id("presence").select_option("away")
    await expect(page.get_by_test_id("settings-usual-mentioned")).to_be_visible()
    assert await findings(page) == []
    await page.keyboard.press("Control+/")
    await expect(page.get_by_test_id("shortcuts")).to_be_visible()
    assert await findings(page) == []
