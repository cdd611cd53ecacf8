"""What people meet looks as it was when somebody last looked at it: docs/screens."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page

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
