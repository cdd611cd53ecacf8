"""The loops that keep desks and offers: however much one of them has to do, it holds up no other."""

from __future__ import annotations

import asyncio

import pytest

from handoff.realtime import keeper as module
from handoff.realtime.hub import Hub
from handoff.realtime.keeper import Keeper
from handoff.services.context import Context
from tests.handoff.cast import BEN, House


async def test_while_many_are_told_that_nobody_is_there_desks_stay_open_and_cases_are_offered(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round over thousands lasts minutes; an agent whose desk beats no more would count as gone."""
    house = sqlite_house
    beats, offered, told = asyncio.Queue[set[str]](), asyncio.Event(), asyncio.Event()

    async def beat(_context: Context, agent_ids: set[str]) -> None:
        beats.put_nowait(agent_ids)

    async def offer(_context: Context, **_: object) -> None:
        offered.set()

    async def tell(_context: Context, **_: object) -> None:
        await told.wait()

    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(module, "heartbeat", beat)
    monkeypatch.setattr(module, "offer_waiting", offer)
    monkeypatch.setattr(module, "tell_of_nobody", tell)
    hub = Hub(house.clock)
    monkeypatch.setattr(hub, "at_desk", lambda: {BEN.id})
    keeper = Keeper(house.context, hub)
    keeping = asyncio.create_task(keeper.keep())
    for _ in range(3):
        assert await asyncio.wait_for(beats.get(), 60) == {BEN.id}
    await asyncio.wait_for(offered.wait(), 60)
    offered.clear()
    keeper.wake()
    await asyncio.wait_for(offered.wait(), 60)
    keeper.close()
    told.set()
    await asyncio.wait_for(keeping, 60)
