"""What a process does again and again beside all else: one round, a rest, the next round, until closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)


class Rounds:
    """One such loop. A round that goes wrong is logged under ``failed``; what it left undone is the next one's.

    It rests for ``every`` seconds, or until ``wake``, but at least for ``pause`` seconds and ``share`` times as long as
    the round took: what is woken all the time leaves the processor to those who write to each other.
    """

    def __init__(self, failed: str, *, every: float, pause: float = 0.0, share: float = 0.0) -> None:
        self._failed = failed
        self._every = every
        self._pause = pause
        self._share = share
        self._woken = asyncio.Event()
        self._closing = asyncio.Event()

    @property
    def is_closing(self) -> bool:
        """Whether the round that runs is the last one: a long one asks, and ends early."""
        return self._closing.is_set()

    def wake(self) -> None:
        """There may be something to do now."""
        self._woken.set()

    def close(self) -> None:
        """Let ``keep`` end after the round that it is at."""
        self._closing.set()
        self._woken.set()

    async def keep(self, work: Callable[[], Awaitable[object]]) -> None:
        """Go round until closed, at once for the first time."""
        clock = asyncio.get_running_loop().time
        while not self.is_closing:
            self._woken.clear()
            began = clock()
            try:
                await work()
            except Exception:
                log.exception(self._failed)
            least = max(self._pause, self._share * (clock() - began))
            await _until(self._closing, least)
            await _until(self._woken, self._every - least)


async def _until(event: asyncio.Event, seconds: float) -> None:
    if seconds > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)
