"""The dispatcher on a house, which tries again without waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from handoff.delivery import dispatcher
from tests.handoff.cast import House, ScriptedBot
from tests.handoff.delivery.delivering import Delivery


@pytest.fixture
async def delivery(sqlite_house: House, bot: ScriptedBot, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Delivery]:
    monkeypatch.setattr(dispatcher, "RETRY_SECONDS", (0.001,))
    made = Delivery(sqlite_house, bot)
    object.__setattr__(sqlite_house.context, "publish", made.tell)
    yield made
    await made.dispatcher.close()
