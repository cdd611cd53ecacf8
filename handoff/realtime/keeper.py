"""Keeps what agents have in motion: heartbeats of the desks here, offers made and expired, cases of absent owners.

Every node runs one. What it does is decided under locks and by compare-and-set in the database, so that several of them
never do it twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Final

import structlog

from handoff.realtime.hub import Hub
from handoff.services.absences import return_cases_of_absent
from handoff.services.context import Context
from handoff.services.offering import offer_waiting
from handoff.services.offers import expire_offers
from handoff.services.presence import heartbeat

log = structlog.get_logger(__name__)

ROUND_SECONDS: Final = 2.0
"""How often one looks without being woken: an offer stands at most so much too long."""
PAUSE_SECONDS: Final = 0.1
"""Between two rounds at the least: a burst of cases is looked at together."""
HEARTBEAT_SECONDS: Final = 20.0


class Keeper:
    """One node's part in keeping presence and offers."""

    def __init__(self, context: Context, hub: Hub) -> None:
        self._context = context
        self._hub = hub
        self._woken = asyncio.Event()
        self._closing = False

    def wake(self) -> None:
        """Somebody may have become free, or a case waits: look now."""
        self._woken.set()

    def close(self) -> None:
        """Let ``keep`` end after the case it is at."""
        self._closing = True
        self._woken.set()

    async def keep(self) -> None:
        """Go round until closed."""
        clock = asyncio.get_running_loop().time
        beat_at = clock()
        while not self._closing:
            self._woken.clear()
            context = self._context.current()
            if clock() >= beat_at:
                beat_at = clock() + HEARTBEAT_SECONDS
                await self._safely(heartbeat(context, self._hub.at_desk()))
                await self._safely(return_cases_of_absent(context))
            await self._safely(expire_offers(context))
            await self._safely(offer_waiting(context, going=lambda: not self._closing))
            await self._rest()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), ROUND_SECONDS)
        if not self._closing:
            await asyncio.sleep(PAUSE_SECONDS)

    async def _safely(self, work: Awaitable[object]) -> None:
        """What fails once is tried again in the next round, and keeps nothing else from being done."""
        try:
            await work
        except Exception:
            log.exception("keeping_failed")
