"""One browser for all tests; for each a server, a context and a page whose console must stay clean."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import AsyncIterator, Callable, Generator
from datetime import datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from handoff import bootstrap
from handoff.bootstrap import utc_now
from tests.browsers import ARGUMENTS, require_chromium
from tests.handoff.cast import POLICY, Clock, ScriptedBot
from tests.handoff.conftest import password_hash, service_template, shared_engines, sqlite_template
from warmline.policy import EscalationPolicy, live
from warmline.secrets import Secrets, environment_name
from warmline.settings import Settings

from .fake_app import FakeWarmline
from .house import HousePages, a_shop

WAIT_MS = 10_000
"""What a page may take while another file's tests fill the second core: the desk alone is some forty modules."""
expect.set_options(timeout=WAIT_MS)

__all__ = ["password_hash", "service_template", "shared_engines", "sqlite_template"]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = str(require_chromium())
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def warmline() -> AsyncIterator[FakeWarmline]:
    server = FakeWarmline()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def house_policy() -> EscalationPolicy:
    """The shipped policy; a module may have its own."""
    return POLICY


@pytest.fixture
def house_clock() -> Callable[[], datetime]:
    """The service's clock, which runs; a module may have one that stands."""
    return utc_now


@pytest_asyncio.fixture(loop_scope="session")
async def house_pages(
    service_template: Path, tmp_path: Path, house_policy: EscalationPolicy, house_clock: Callable[[], datetime]
) -> AsyncIterator[HousePages]:
    """The real service with its pages; the staff of the cast can sign in."""
    shutil.copy(service_template, tmp_path / "handoff.db")
    port = unused_port()
    environment = {environment_name(name): name.ljust(40, "-") for name in Secrets.__dataclass_fields__}
    environment |= {"WARMLINE_VAR": str(tmp_path), "WARMLINE_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with (
        patch.dict(os.environ, environment),
        patch.object(live, "parse_policy", lambda _path, _content: house_policy),
        patch.object(bootstrap, "utc_now", house_clock),
        # Which of several wordings is said: always the same.
        patch.object(bootstrap, "random", SimpleNamespace(Random=partial(random.Random, 7))),
    ):
        bot = ScriptedBot(hands_over=True)
        app = bootstrap.build_app(Settings.load(), bot=bot)
        app.router.add_get("/a-shop", a_shop)
        async with TestServer(app, port=port) as server:
            pages = HousePages(server, bot, Clock())
            yield pages
            for session in pages.opened:
                await session.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    made = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    made.set_default_timeout(WAIT_MS)
    yield made
    await made.close()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Lets the page know, before it closes, whether its test failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    opened = await context.new_page()
    broken: list[str] = []
    opened.on("requestfailed", lambda asked: print("not fetched:", asked.url, asked.failure))
    opened.on("response", lambda got: print("refused:", got.status, got.url) if got.status >= 400 else None)

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            broken.append(message.text)

    opened.on("pageerror", lambda error: broken.append(str(error)))
    opened.on("console", note)
    yield opened
    if request.node.stash.get(FAILED, False):
        print("the page when it failed:", opened.url, await opened.inner_text("body"), sep="\n")
    assert broken == []
