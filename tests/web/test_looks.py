"""What people meet looks as it was when somebody last looked at it: docs/screens."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page

from .appearance import changes, styles_of
from .looks import MOST_CHANGED, changed_share

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGE = """<!doctype html><style>
body { margin: 0; display: grid; grid-template-columns: 1fr 2fr 1fr; height: 100vh; font: 16px/1.5 system-ui; }
aside, main { padding: 16px; border-right: 1px solid #ccc } button { background: #0f6657; color: #fff; border: 0 }
</style>
<aside>Queues<p>Billing<p>Deliveries</aside>
<main><h1>WL-1001 Maya Lind</h1><p>Where is my parcel?<p><button>Accept</button></main>
<aside>Why it came<p>Third contact</aside>"""


async def picture(page: Page, style: str = "i {}") -> bytes:
    await page.set_content(PAGE)
    await page.add_style_tag(content=style)
    return await page.screenshot()


@pytest.mark.parametrize(
    ("style", "noticed"),
    [
        ("i {}", False),
        ("h1 { letter-spacing: 0.1px; transform: translate(0.4px, 0.4px) }", False),
        ("body { display: block }", True),
        ("body { background: #121715; color: #eee }", True),
        ("aside { visibility: hidden }", True),
        ("main { font-size: 30px }", True),
    ],
)
async def test_a_change_that_people_see_is_noticed_and_a_different_smoothing_is_not(
    page: Page, context: BrowserContext, style: str, noticed: bool
) -> None:
    share = await changed_share(context, await picture(page), await picture(page, style))
    assert (share > MOST_CHANGED) is noticed, share


@pytest.mark.parametrize(
    ("style", "told"),
    [
        ("i {}", None),
        ("body { width: 900px; letter-spacing: 0 }", None),
        ("button { background: #0f6658 }", "button: background-color: rgb(15, 102, 87) -> background-color"),
        ("aside { padding: 17px 16px 16px }", "aside: padding-top: 16px -> padding-top: 17px"),
        ("main { border-color: #ccd }", "main: border-right-color"),
        ("h1 { font-size: 31px }", "h1: font-size: 32px"),
        ("p { margin-top: 15px }", "p: margin-top: 16px -> margin-top: 15px"),
        ("main { display: flex }", "main: nothing -> display: flex"),
    ],
)
async def test_a_changed_colour_or_space_is_named_with_what_it_was_whatever_the_fonts(
    page: Page, style: str, told: str | None
) -> None:
    await picture(page)
    kept = await styles_of(page)
    await picture(page, style)
    found = changes(kept, await styles_of(page))

    assert found == [] if told is None else any(told in one for one in found), found


async def test_a_page_without_its_style_sheet_is_noticed(page: Page) -> None:
    await picture(page)
    kept = await styles_of(page)
    await page.set_content("<main>Nothing else</main>")

    assert any("is not there" in one for one in changes(kept, await styles_of(page)))
