"""The board for everybody: axe on each tab, light, dark and on a tablet; every control by keyboard; hostile texts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import pytest
from playwright.async_api import Page, expect

from handoff.services.kpi_rollup import roll_up_all
from tests.handoff.cast import BEN, GRACE

from .house import HousePages
from .test_accessibility import findings
from .test_board import answered, busy_day, feels

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SHOWN: Final = {
    "now": "live",
    "time": "kpi-trend",
    "incidents": "incident",
    "follow-ups": "follow-ups",
    "review": "review",
    "matrix": "matrix-version",
    "replay": "replay-run",
}
"""Each tab, and what stands on it once it is drawn."""
REACHED: Final = """
() => {
  const kinds = 'a[href], button, select, input, textarea, summary, [tabindex="0"]';
  const controls = [...document.querySelectorAll(`.board :is(${kinds})`)]
    .filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0);
  return controls.filter((one) => !window.visited.has(one)).map((one) => one.outerHTML.slice(0, 200));
}
"""
VISIT: Final = """
() => {
  const at = document.activeElement;
  if (!at.closest('.board')) return 'left';
  // A date is one control with several stops inside, which the browser marks by itself.
  if (window.visited.has(at)) return '';
  window.visited.add(at);
  const shown = at.matches('.visually-hidden') ? at.nextElementSibling : at;
  const style = getComputedStyle(shown);
  const marked = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
  return marked ? '' : `no focus to be seen: ${at.outerHTML.slice(0, 200)}`;
}
"""


async def fits(page: Page) -> bool:
    """Whether the board needs no scrolling sideways."""
    board = page.get_by_test_id("board")
    return bool(await board.evaluate("(one) => one.scrollWidth <= one.clientWidth"))


async def to_tab(page: Page, tab: str) -> None:
    await page.get_by_test_id(f"board-tab-{tab}").click()
    await expect(page.get_by_test_id(SHOWN[tab]).first).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "width", "height"),
    [("light", 1280, 800), ("dark", 1280, 800), ("light", 768, 1024), ("dark", 768, 1024)],
)
async def test_axe_finds_nothing_on_any_tab_and_nothing_is_wider_than_the_window(
    house_pages: HousePages, page: Page, scheme: Literal["light", "dark"], width: int, height: int
) -> None:
    await busy_day(house_pages)
    await page.emulate_media(color_scheme=scheme)
    await page.set_viewport_size({"width": width, "height": height})
    await house_pages.sign_in(page, GRACE, "#/board/now")
    found = {}
    for tab in SHOWN:
        await to_tab(page, tab)
        found[tab] = await findings(page)
        wide = await page.evaluate(
            "(() => { const b = document.querySelector('.board'); return b.scrollWidth - b.clientWidth; })()"
        )
        assert wide <= 0, f"{tab}: {wide} px too wide"
    assert json.dumps({tab: what for tab, what in found.items() if what}, indent=1) == "{}"


async def test_every_control_of_every_tab_is_reached_by_the_keyboard_and_shows_that_it_is(
    house_pages: HousePages, page: Page
) -> None:
    await busy_day(house_pages)
    await house_pages.sign_in(page, GRACE, "#/board/now")
    for tab in SHOWN:
        link = page.get_by_test_id(f"board-tab-{tab}")
        await link.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id(SHOWN[tab]).first).to_be_visible()
        await page.evaluate("window.visited = new Set()")
        await page.get_by_test_id("board-tab-now").focus()
        for _ in range(200):
            said = await page.evaluate(VISIT)
            assert said in ("", "left"), f"{tab}: {said}"
            if said == "left":
                break
            await page.keyboard.press("Tab")
        assert await page.evaluate(REACHED) == [], tab


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src=x onerror=document.title='hit'>",
        "</textarea><script>document.title='hit'</script>",
        "{name} {count} ${problem} %s",
        "\u202eevil\u202c " + "W" * 120,
    ],
    ids=["html", "script", "places", "direction"],
)
async def test_a_hostile_text_is_only_text_in_every_place_of_the_board(
    house_pages: HousePages, page: Page, hostile: str
) -> None:
    visitor = await house_pages.customer(None, name=hostile[:60])
    await visitor.say(hostile)
    await answered(house_pages, visitor.conversation_id)
    await feels(house_pages, visitor.conversation_id, 0.9)
    case_id = await house_pages.case(await house_pages.customer())
    ben, grace = await house_pages.agent(BEN), await house_pages.agent(GRACE)
    await ben.post(f"/cases/{case_id}/accept")
    incident = {"category": "orders_delivery", "title": hostile, "announcement": hostile}
    assert (await grace.post("/incidents", incident)).status == 201
    flag = await grace.post(f"/board/conversations/{visitor.conversation_id}/flag", {"reason": hostile})
    assert flag.status == 200, flag.body
    message = {"client_message_id": "hostile-000001", "text": hostile}
    await ben.post(f"/cases/{case_id}/messages", message)
    later = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    solved = {"disposition": "solved", "root_cause": "carrier_late", "outcome": hostile, "follow_up_on": later}
    assert (await ben.post(f"/cases/{case_id}/resolve", solved)).status == 200
    await roll_up_all(house_pages.parts.context)
    await page.set_viewport_size({"width": 768, "height": 1024})
    await house_pages.sign_in(page, GRACE, "#/board/now")

    live = page.get_by_test_id("live").filter(has_text=hostile[:60])
    await expect(live).to_contain_text(hostile)
    await expect(page.get_by_test_id("board-incidents")).to_contain_text(hostile)
    await live.get_by_role("button").click()
    await expect(page.get_by_test_id("monitor-log")).to_contain_text(hostile)
    await expect(page.get_by_test_id("monitor")).to_contain_text(f"Reading along: {hostile[:60]}")
    await page.keyboard.press("Escape")
    for tab, place in (("incidents", "incident"), ("follow-ups", "follow-ups")):
        await to_tab(page, tab)
        await expect(page.get_by_test_id(place)).to_contain_text(hostile)
        assert await page.evaluate(
            "document.querySelector('.board').scrollWidth <= document.querySelector('.board').clientWidth"
        ), tab
    await to_tab(page, "replay")
    await page.get_by_test_id("replay-policy").fill(f"levels: &a\n  {json.dumps(hostile)}: *b")
    await page.get_by_test_id("replay-run").click()
    await expect(page.get_by_test_id("replay-problems")).to_contain_text("Line")
    assert await page.evaluate("document.querySelectorAll('.board img, .board script, dialog img').length") == 0
    assert await page.title() != "hit"
