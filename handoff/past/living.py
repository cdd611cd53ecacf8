"""Lives through conversations with the real use cases, on a clock that jumps from one thing that happens to the next.

Many conversations go on side by side, each a script that says when it goes on. Between them deadlines are acted on and
offers run out at their own time, so whatever follows from a step is there as the service would have written it.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final

from sqlalchemy import func, select

from handoff.contract import Category
from handoff.domain.cases import CaseStatus
from handoff.domain.people import Agent
from handoff.services import presence
from handoff.services.context import Context
from handoff.services.deadlines import DeadlineWatcher
from handoff.services.offers import expire_offers
from handoff.store.schema import cases, offers

Script = AsyncIterator[datetime]
"""Does one thing each time it is asked, and says when it goes on."""
ID_PREFIX: Final = "demo-"
PACE_NOW: Final = 0.42
PACE_ONCE: Final = 0.9
PACE_DAYS: Final = 60.0
"""A team that gets better: so much of the time that a step usually takes is needed at the end, and so many days ago."""
AT_ONCE: Final = timedelta(seconds=1)
"""So long after its time a deadline is acted on."""


class PastClock:
    """Stands where the last thing happened."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Say what time it is there."""
        return self.now


@dataclass
class Life:
    """The world of one past: its use cases, its clock, and everybody's scripts."""

    context: Context
    clock: PastClock
    staff: tuple[Agent, ...]
    until: datetime
    """Nothing happens from here on."""
    _waiting: list[tuple[datetime, int, Script]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self._watcher = DeadlineWatcher(self.context)

    @property
    def random(self) -> Random:
        """The chance of this past."""
        return self.context.random

    def plan(self, at: datetime, script: Script) -> None:
        """Let a script begin at a moment."""
        heapq.heappush(self._waiting, (at, next(self._order), script))

    async def go_on(self, to: datetime) -> None:
        """Live until ``to``, or the end. What is not over then goes on with the next call."""
        last = min(to, self.until)
        while self._waiting and self._waiting[0][0] < last:
            at, _, script = heapq.heappop(self._waiting)
            await self._pass_time(at)
            try:
                self.plan(await anext(script), script)
            except StopAsyncIteration:
                continue
        await self._pass_time(last)

    async def be_there(self) -> None:
        """The desks are open while anybody is on duty; each by the hours of its own queues."""
        await presence.heartbeat(self.context, [agent.id for agent in self.staff if self._is_on_duty(agent)])

    def minutes(self, about: float) -> timedelta:
        """A span of about so many minutes, as people take them: often less, now and then much more."""
        return timedelta(minutes=about * self.random.lognormvariate(-0.1, 0.5))

    def in_open_time(self, category: str, about: float) -> datetime:
        """When about so many minutes of a queue's hours have passed, at the pace that the team has by then."""
        span = self.minutes(about * self._pace())
        return self.context.policy.hours_of(category).after(self.clock.now, span) or self.clock.now + span

    def _pace(self) -> float:
        ago = (self.until - self.clock.now) / timedelta(days=PACE_DAYS)
        return PACE_NOW + (PACE_ONCE - PACE_NOW) * min(1.0, ago)

    def _is_on_duty(self, agent: Agent) -> bool:
        # Who sees every queue leads them in the general hours, and does not sit up with the one that never closes.
        queues = (Category.GENERAL,) if agent.sees_all else agent.visible_queues()
        return any(self.context.policy.hours_of(queue).is_open(self.clock.now) for queue in queues)

    async def _pass_time(self, to: datetime) -> None:
        """Let everything happen by itself that falls due until ``to``."""
        while (due := await self._next_due()) is not None and due <= to:
            self.clock.now = max(self.clock.now, due + AT_ONCE)
            acted = await self._watcher.look() + await expire_offers(self.context)
            if not acted:
                break
        self.clock.now = max(self.clock.now, to)

    async def _next_due(self) -> datetime | None:
        deadline = select(func.min(cases.c.next_deadline_at)).where(cases.c.status != CaseStatus.CLOSED)
        offer = select(func.min(offers.c.expires_at)).where(offers.c.status == "pending")
        async with self.context.db.read() as db:
            found = [(await db.execute(query)).scalar_one() for query in (deadline, offer)]
        return min((moment for moment in found if moment is not None), default=None)


@dataclass
class Ids:
    """Identifiers in a row: the same seed gives the same past, to the last row."""

    made: int = 0

    def __call__(self) -> str:
        """Give the next one."""
        self.made += 1
        return f"{ID_PREFIX}{self.made:06d}"
