"""Keeps what agents have in motion: heartbeats of the desks here, offers made and expired, cases of absent owners.

Every node runs one. What it does is decided under locks and by compare-and-set in the database, so that several of them
never do it twice. Heartbeats, offers and what is told of nobody are rounds of their own: however many cases wait, no
agent at the desk is taken for gone, and no offer stands too long.
"""

from __future__ import annotations

import asyncio
from typing import Final

from handoff.contract import Category
from handoff.realtime.desks import renew_desks
from handoff.realtime.hub import Hub
from handoff.services.absences import return_cases_of_absent
from handoff.services.context import Context
from handoff.services.nobody_there import tell_of_changed_desks, tell_of_nobody, tell_who_is_left_waiting
from handoff.services.offering import offer_waiting
from handoff.services.offers import expire_offers
from handoff.services.presence import heartbeat
from handoff.services.rounds import Rounds

ROUND_SECONDS: Final = 2.0
"""How often one looks without being woken: an offer stands at most so much too long."""
PAUSE_SECONDS: Final = 0.1
"""Between two rounds at the least: a burst of cases is looked at together."""
REST_SHARE: Final = 3.0
"""So many times as long as a round took it rests, where it is woken all the time."""
HEARTBEAT_SECONDS: Final = 20.0
LEFT_SECONDS: Final = 10.0
"""How often one looks whether a queue closed, or its last agent left."""


class Keeper:
    """One node's part in keeping presence and offers."""

    def __init__(self, context: Context, hub: Hub) -> None:
        self._context = context
        self._hub = hub
        self._presence = Rounds("presence_not_kept", every=HEARTBEAT_SECONDS)
        self._offers = Rounds("offers_not_kept", every=ROUND_SECONDS, pause=PAUSE_SECONDS, share=REST_SHARE)
        self._nobody = Rounds("nobody_not_told", every=ROUND_SECONDS)
        self._left = Rounds("left_waiting_not_told", every=LEFT_SECONDS)

        self._served: dict[Category, tuple[bool, frozenset[int]]] = {}

    def wake(self) -> None:
        """Somebody may have become free, or a case waits: look now."""
        self._offers.wake()

    def close(self) -> None:
        """Let ``keep`` end after the case it is at."""
        for rounds in (self._presence, self._offers, self._nobody, self._left):
            rounds.close()

    async def keep(self) -> None:
        """Go round until closed."""
        await asyncio.gather(
            self._presence.keep(self._keep_presence),
            self._offers.keep(self._keep_offers),
            self._nobody.keep(self._keep_telling),
            self._left.keep(self._keep_telling_who_is_left),
        )

    async def _keep_presence(self) -> None:
        context = self._context.current()
        await renew_desks(context, self._hub)
        await heartbeat(context, self._hub.at_desk())
        await return_cases_of_absent(context)

    async def _keep_offers(self) -> None:
        context = self._context.current()
        await expire_offers(context)
        await offer_waiting(context, going=lambda: not self._offers.is_closing)

    async def _keep_telling(self) -> None:
        await tell_of_nobody(self._context.current(), going=lambda: not self._nobody.is_closing)

    async def _keep_telling_who_is_left(self) -> None:
        context = self._context.current()
        await tell_of_changed_desks(context, self._served)
        await tell_who_is_left_waiting(context, going=lambda: not self._left.is_closing)
