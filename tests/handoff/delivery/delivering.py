"""A dispatcher of the tests, fed as the hub feeds it."""

from __future__ import annotations

import asyncio

from handoff.delivery.dispatcher import Dispatcher
from handoff.domain.cases import Case
from handoff.domain.conversations import Conversation
from handoff.services.events import Event, TurnPending
from handoff.store import cases as case_store
from handoff.store.schema import turns
from tests.handoff.cast import (
    House,
    ScriptedBot,
)


class Delivery:
    """A dispatcher on a house, fed as the hub feeds it."""

    def __init__(self, house: House, bot: ScriptedBot) -> None:
        self.house, self.bot = house, bot
        self.dispatcher = Dispatcher(house.context, bot)

    def tell(self, events: tuple[Event, ...]) -> None:
        self.house.published.extend(events)
        for event in events:
            if isinstance(event, TurnPending):
                self.dispatcher.deliver(event)

    async def idle(self) -> None:
        """Wait until nothing is being delivered."""
        async with asyncio.timeout(5):
            while tasks := list(self.dispatcher._tasks.values()):
                await asyncio.gather(*tasks)

    async def restart(self) -> None:
        """As after a crash: nobody knows anything, the database does."""
        await self.dispatcher.close()
        self.dispatcher = Dispatcher(self.house.context, self.bot)

    async def statuses(self) -> list[str]:
        async with self.house.db.read() as db:
            return [str(row.status) for row in (await db.execute(turns.select().order_by(turns.c.seq))).all()]

    async def case(self, conversation: Conversation) -> Case | None:
        async with self.house.db.read() as db:
            return await case_store.latest_case(db, conversation.id)

    async def texts(self, conversation: Conversation) -> list[tuple[str, str]]:
        return [(str(m.sender), m.notice or m.text) for m in await self.house.messages(conversation)]
