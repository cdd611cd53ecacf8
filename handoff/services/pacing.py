"""What is done by itself, at most half of the time: people who write to each other come first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

LONGEST_REST_SECONDS: Final = 0.2
"""After one step, however long that took: it may have waited for somebody else."""


@asynccontextmanager
async def paced() -> AsyncIterator[None]:
    """Rest after the block as long as it took. For loops over many cases, one case to a block."""
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        yield
    finally:
        await asyncio.sleep(min(clock() - began, LONGEST_REST_SECONDS))
