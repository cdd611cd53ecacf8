"""The real service behind the pages: SQLite, the shipped policy and wording, a bot that says what it is told to."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from playwright.async_api import Page

from handoff.domain.people import Agent
from tests.handoff.cast import PASSWORD
from tests.handoff.service import Service

SITE = (
    '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A shop</title>'
    '<link rel="icon" href="data:,"><main><h1>A shop</h1></main><script type="module" src="/widget.js"></script>'
)


async def a_shop(_request: web.Request) -> web.Response:
    """A page of a website with the widget on it, at ``/a-shop``."""
    return web.Response(text=SITE, content_type="text/html")


@dataclass
class HousePages(Service):
    """The running service with pages on it; ``customer()`` and ``agent()`` act without a browser."""

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return str(self.server.make_url("")).rstrip("/")

    async def sign_in(self, page: Page, agent: Agent, place: str = "") -> None:
        """Opens the desk (``place`` is what follows ``/desk``) and signs in."""
        await page.goto(f"{self.url}/desk{place}")
        await page.get_by_test_id("sign-in-email").fill(agent.email)
        await page.get_by_test_id("sign-in-password").fill(PASSWORD)
        await page.get_by_test_id("sign-in").click()
        await page.get_by_test_id("account").wait_for()


async def choose_action(page: Page, action: str) -> None:
    """Presses an action of the open case, in the row or in the menu."""
    button, more = page.get_by_test_id(action), page.get_by_test_id("more-actions")
    await button.or_(more).first.wait_for()
    if await button.count() == 0:
        await more.click()
    await button.click()
