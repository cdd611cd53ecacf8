"""What is done by itself, at most a quarter of the time, and less while people write: they come first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

RESTS: Final = 3
"""So many times as long as the work before it. SQLite has one lock to write under: were it held half of the time, every
second message would wait for a whole step of a case."""
LONGEST_REST_SECONDS: Final = 0.5
"""After one step, however long that took: it may have waited for somebody else."""
BUSY_SECONDS: Final = 0.01
"""Where a rest ends so much late, others stand in line for the event loop, and it begins anew."""
MOST_RESTS: Final = 4
"""However busy it stays: what is done by itself is somebody's deadline or offer, too."""


@asynccontextmanager
async def paced() -> AsyncIterator[None]:
    """Rest after the block ``RESTS`` times as long as it took. For loops over many cases, one case to a block."""
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        yield
    finally:
        seconds = min(RESTS * (clock() - began), LONGEST_REST_SECONDS)
        for _ in range(MOST_RESTS):
            due = clock() + seconds
            await asyncio.sleep(seconds)
            if clock() - due < BUSY_SECONDS:
                break
