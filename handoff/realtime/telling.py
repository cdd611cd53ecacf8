"""Tells desks and widgets how things stand once they changed. Messages do not wait for it: they are given on at once.

The first change after a quiet while is told at once. Then comes a rest in which changes gather, the longer the more was
told: what changes several times within it is told once, as it stands then, and messages find the processor free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog

from handoff.contract import Category
from handoff.domain.cases import Case, CaseStatus
from handoff.domain.errors import NotFound
from handoff.http.views import case_summary_view, incident_view, queue_view, state_view
from handoff.realtime.changes import Change, Changes
from handoff.realtime.connection import encode
from handoff.realtime.sockets import AgentSocket, CustomerSocket
from handoff.realtime.viewers import Viewers
from handoff.services import reading, reading_incidents
from handoff.services.case_writing import can_see
from handoff.services.context import Context
from handoff.services.events import CaseChanged
from handoff.services.reading import CaseRow
from handoff.services.waiting import note_shown
from handoff.store import cases as case_store

log = structlog.get_logger(__name__)

REST_A_FRAME_SECONDS: Final = 0.002
"""Of rest for each frame that was sent: fifty desks that hear of one case make a tenth of a second, three nothing."""
GATHERING_SECONDS: Final = 0.2
"""The longest that a change waits for others because many frames were sent."""
LONGEST_REST_SECONDS: Final = 0.5
"""Where telling itself takes long, a rest as long as it took leaves half of the time to the messages; at most this."""
QUEUES_EVERY_SECONDS: Final = 1.0
"""Counting the queues reads every open case, so numbers that change all the time are told once in so long."""
CASES_AT_ONCE: Final = 20
"""Cases that are read in one go, so that messages wait for no more than these."""
T = TypeVar("T")


class Telling:
    """What this process's desks and widgets are still to be told. It shares the hub's lists of who is connected."""

    def __init__(
        self,
        customers: Mapping[str, Set[CustomerSocket]],
        agents: Set[AgentSocket],
        has_read: Callable[[str, int], None],
        viewers: Viewers,
    ) -> None:
        self._customers = customers
        self._agents = agents
        self._has_read = has_read
        self._viewers = viewers
        self._changes = Changes()
        self._queues_changed = False
        self._noted = asyncio.Event()
        self._stopped = asyncio.Event()

    def note(self, change: Change) -> None:
        """Something changed, and is told soon."""
        self._changes.note(change)
        self._queues_changed |= isinstance(change, CaseChanged)
        self._noted.set()

    def stop(self) -> None:
        """Let ``keep`` end once it has told what it knows."""
        self._stopped.set()
        self._noted.set()

    async def keep(self, context: Context) -> None:
        """Tell what changes, until stopped."""
        clock = asyncio.get_running_loop().time
        queues_at = clock()
        while True:
            await self._until_something(queues_at - clock())
            stopped, began = self._stopped.is_set(), clock()
            changes, self._changes = self._changes, Changes()
            sent = await self._tell(context.current(), changes)
            if self._queues_changed and (stopped or clock() >= queues_at):
                queues_at = clock() + QUEUES_EVERY_SECONDS
                self._queues_changed = False
                sent += await self._safely(self._tell_queues(context.current())) or 0
            if stopped:
                return
            await self._rest(max(clock() - began, min(sent * REST_A_FRAME_SECONDS, GATHERING_SECONDS)))

    async def _until_something(self, queues_in: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._noted.wait(), max(queues_in, 0.0) if self._queues_changed else None)
        self._noted.clear()

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), min(seconds, LONGEST_REST_SECONDS))

    async def _tell(self, context: Context, changes: Changes) -> int:
        """Tell customers first, then desks, then everybody whose place in a queue moved; returns the frames sent."""
        sent = await self._tell_states(context, changes.conversations)
        changed = list(changes.cases.items())
        for first in range(0, len(changed), CASES_AT_ONCE):
            sent += await self._tell_cases(context, dict(changed[first : first + CASES_AT_ONCE]))
        for incident_id in changes.incidents:
            sent += await self._safely(self._tell_incident(context, incident_id)) or 0
        waiting: set[str] = set()
        for category in changes.moved:
            waiting |= await self._safely(self._waiting(context, category)) or set()
        return sent + await self._tell_states(context, waiting - changes.conversations)

    async def _safely(self, telling: Awaitable[T]) -> T | None:
        """One thing that cannot be told keeps nobody from hearing the others."""
        try:
            return await telling
        except Exception:
            log.exception("telling_failed")
            return None

    async def _waiting(self, context: Context, category: Category) -> set[str]:
        async with context.db.read() as db:
            return set(await case_store.waiting_conversations(db, category))

    async def _tell_states(self, context: Context, conversations: Set[str]) -> int:
        sent = 0
        for conversation_id in conversations & self._customers.keys():
            sent += await self._safely(self._tell_state(context, conversation_id)) or 0
            await asyncio.sleep(0)
        return sent

    async def _tell_state(self, context: Context, conversation_id: str) -> int:
        """Send the customer's state to their open widgets."""
        try:
            state = await reading.customer_state(context, conversation_id)
        except NotFound:
            return 0
        frame = encode({"type": "state", "state": state_view(state, context.wording, context.clock())})
        sockets = tuple(self._customers.get(conversation_id, ()))
        for socket in sockets:
            if socket.order is None:
                socket.missed = True
            else:
                socket.connection.send(frame)
        await note_shown(context, state)
        return len(sockets)

    async def _tell_cases(self, context: Context, changed: Mapping[str, set[CaseChanged]]) -> int:
        if not self._agents:
            return 0
        rows = await self._safely(reading.case_rows_of(context, changed.keys()))
        if rows is None:
            # One of them cannot be read: the others are told by themselves.
            found = [await self._safely(reading.case_rows_of(context, [case_id])) for case_id in changed]
            rows = {case_id: row for one in found if one is not None for case_id, row in one.items()}
        told = [_ToldCase.of(context, row, changed[case_id]) for case_id, row in rows.items()]
        sent = 0
        for socket in tuple(self._agents):
            for case in told:
                self._note_owner(socket, case.row.case)
                sent += case.tell(socket)
                if not can_see(socket.agent, case.row.case):
                    self._viewers.leave(socket, case.row.case.id)
            await asyncio.sleep(0)
        return sent

    def _note_owner(self, socket: AgentSocket, case: Case) -> None:
        """Whether who watches the case is its owner now: then the customer hears how far it was read."""
        watch = socket.watches.get(case.conversation_id)
        if watch is not None and watch.case_id == case.id:
            watch.owned = case.agent_id == socket.agent.id
            if watch.owned and watch.order is not None:
                self._has_read(case.conversation_id, watch.order.last_seq)

    async def _tell_queues(self, context: Context) -> int:
        ready = [socket for socket in self._agents if socket.ready]
        if not ready:
            return 0
        rows = await reading.all_queue_rows(context)
        views = {category: queue_view(row, context.wording) for category, row in rows.items()}
        frames: dict[tuple[Category, ...], str] = {}
        sent = 0
        for socket in ready:
            served = socket.agent.visible_queues()
            if served not in frames:
                frames[served] = encode({"type": "queues", "queues": [views[category] for category in served]})
            if socket.queues != frames[served]:
                socket.queues = frames[served]
                socket.connection.send(frames[served])
                sent += 1
        return sent

    async def _tell_incident(self, context: Context, incident_id: str) -> int:
        if not self._agents:
            return 0
        row = await reading_incidents.incident_row(context, incident_id)
        frame = encode({"type": "incident", "incident": incident_view(row, context.wording)})
        concerned = [s for s in self._agents if s.ready and row.incident.category in s.agent.visible_queues()]
        for socket in concerned:
            socket.connection.send(frame)
        return len(concerned)


@dataclass(frozen=True, slots=True)
class _ToldCase:
    """A changed case as desks hear of it: written as text once, for all of them."""

    row: CaseRow
    changes: frozenset[CaseChanged]
    frame: str
    gone: str

    @classmethod
    def of(cls, context: Context, row: CaseRow, changes: set[CaseChanged]) -> _ToldCase:
        frame = encode({"type": "case", "case": case_summary_view(row, context.wording)})
        return cls(row, frozenset(changes), frame, encode({"type": "case_gone", "case_id": row.case.id}))

    def tell(self, socket: AgentSocket) -> int:
        """Tell one desk what it may know; returns how many frames that took."""
        case = self.row.case
        if not socket.ready:
            socket.missed |= self.changes
            return 0
        if can_see(socket.agent, case):
            socket.connection.send(self.frame)
            if case.status is not CaseStatus.CLOSED:
                return 1
            socket.connection.send(self.gone)
            return 2
        watched = socket.watches.get(case.conversation_id)
        is_watched = watched is not None and watched.case_id == case.id
        if is_watched:
            del socket.watches[case.conversation_id]
        if is_watched or any(change.left in socket.agent.visible_queues() for change in self.changes if change.left):
            socket.connection.send(self.gone)
            return 1
        return 0
