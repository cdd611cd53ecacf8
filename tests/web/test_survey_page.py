"""The survey's page in a browser: axe-core finds nothing, and it is filled in and sent without any script (P27)."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from playwright.async_api import Page, Route, expect

from handoff.http.survey import form_of, page_text
from handoff.survey_wording import load_survey_words
from warmline.paths import PROJECT_ROOT

from .fake_app import FakeWarmline
from .test_accessibility import Scheme, findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
WORDS = load_survey_words(PROJECT_ROOT / "data" / "wording").house


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_survey_has_no_findings_and_is_sent_as_a_plain_form(
    page: Page, warmline: FakeWarmline, scheme: Scheme
) -> None:
    sent: list[dict[str, list[str]]] = []

    async def answer(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(parse_qs(route.request.post_data or ""))
        body = form_of(WORDS, "a charge that you'd like explained", missing=bool(sent))
        await route.fulfill(body=page_text(WORDS, body), content_type="text/html")

    await page.emulate_media(color_scheme=scheme)
    await page.route("**/survey/token", answer)
    await page.goto(f"{warmline.url}/survey/token")
    assert await findings(page) == []
    await page.get_by_role("radio", name="4 of 5").check()
    await page.get_by_role("group", name="recommend us").get_by_role("radio", name="10", exact=True).check()
    await page.get_by_role("radio", name="Yes").check()
    await page.get_by_label("add anything").fill("Thanks")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_be_visible()

    assert sent == [{"csat": ["4"], "nps": ["10"], "solved": ["yes"], "comment": ["Thanks"]}]
    assert await findings(page) == []
