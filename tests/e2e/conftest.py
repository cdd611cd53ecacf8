"""One running Warmline for each file of end-to-end tests; a test that breaks a process leaves it healed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.system import System


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The real processes."""
    running = System(Path(tmp_path_factory.mktemp("warmline")))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client's HTTP session."""
    async with aiohttp.ClientSession() as made:
        yield made
