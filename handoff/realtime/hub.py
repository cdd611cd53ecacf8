"""Takes the events of the use cases to everybody who watches, after the commit."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, TypeVar

import structlog

from handoff.contract import TurnRecord
from handoff.domain.actors import Actor
from handoff.domain.audit import Did
from handoff.domain.cases import CaseStatus
from handoff.domain.conversations import Message
from handoff.domain.errors import NotFound
from handoff.http.views import (
    agent_message_view,
    case_summary_view,
    incident_view,
    message_view,
    notification_view,
    queue_view,
    records_by_message,
    state_view,
)
from handoff.realtime.attention import Attention
from handoff.realtime.connection import CLOSE_TOKEN, encode
from handoff.realtime.helpers import Delivery, NobodyDelivers, NobodyOffers, Offering
from handoff.realtime.read_marks import ReadMarks
from handoff.realtime.sockets import AgentSocket, CustomerSocket, Watch
from handoff.realtime.work_frames import WorkEvent, work_frame
from handoff.services import reading, reading_incidents
from handoff.services.audit import note_seen
from handoff.services.case_writing import can_see, visible_case
from handoff.services.context import Context
from handoff.services.events import (
    AgentsNotified,
    AnswerRated,
    BotTyping,
    CaseChanged,
    ConversationChanged,
    Event,
    IncidentChanged,
    MessagesStored,
    OfferMade,
    QueueMoved,
    TurnPending,
)
from handoff.services.waiting import note_shown
from handoff.store import cases as case_store

log = structlog.get_logger(__name__)

LONGEST_REST_SECONDS: Final = 0.5
"""Between two rounds of telling: a rest as long as the last round leaves half of the time to the messages."""
BOT_TYPING_SHOWN_MS: Final = 8000
"""How long "is typing" stands for the bot; its message ends it, and nothing keeps it alive for ever."""
T = TypeVar("T")


def _read_frame(seq: int) -> str:
    return encode({"type": "read", "seq": seq})


class Hub:
    """Who is connected to this process, and what they must be told."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._customers: defaultdict[str, set[CustomerSocket]] = defaultdict(set)
        self._agents: set[AgentSocket] = set()
        self._delivery: Delivery = NobodyDelivers()
        self._offering: Offering = NobodyOffers()
        self._changed: asyncio.Queue[Event | None] = asyncio.Queue()
        self._attention = Attention(clock)
        self._read_marks = ReadMarks()

    def connect_delivery(self, delivery: Delivery) -> None:
        """Say who takes turns to the bot."""
        self._delivery = delivery

    async def expect_turn(self, conversation_id: str, text: str) -> None:
        """Tell that a customer's text is about to be stored."""
        await self._delivery.expect(conversation_id, text)

    def connect_offering(self, offering: Offering) -> None:
        """Say who offers waiting cases."""
        self._offering = offering

    def at_desk(self) -> set[str]:
        """The agents who have a desk open on this node."""
        return {socket.agent.id for socket in self._agents}

    def has_desk(self, agent_id: str, *, besides: str | None = None) -> bool:
        """Whether an agent has a desk open on this node, besides those of one session."""
        return any(socket.agent.id == agent_id and socket.session_key != besides for socket in self._agents)

    def open_sockets(self) -> tuple[int, int]:
        """How many WebSockets of customers and of agents are open."""
        return sum(len(sockets) for sockets in self._customers.values()), len(self._agents)

    def is_present(self, agent_id: str) -> bool:
        """Whether an agent has a desk open."""
        return any(socket.agent.id == agent_id for socket in self._agents)

    def add_customer(self, socket: CustomerSocket) -> None:
        """A customer connected."""
        self._customers[socket.conversation_id].add(socket)

    def remove_customer(self, socket: CustomerSocket) -> None:
        """A customer went."""
        sockets = self._customers.get(socket.conversation_id, set())
        sockets.discard(socket)
        if socket.order is not None:
            self._attention.note(socket.conversation_id)
        if not sockets:
            self._customers.pop(socket.conversation_id, None)

    def customer_reads(self, conversation_id: str) -> None:
        """A customer fetched their messages without a stream."""
        self._attention.note(conversation_id)

    def last_seen(self, conversation_id: str) -> datetime | None:
        """When the customer last had the conversation before them: now while a widget is connected."""
        if any(socket.order is not None for socket in self._customers.get(conversation_id, ())):
            self._attention.note(conversation_id)
        return self._attention.last(conversation_id)

    def add_agent(self, socket: AgentSocket) -> None:
        """An agent connected."""
        self._agents.add(socket)

    def remove_agent(self, socket: AgentSocket) -> None:
        """An agent went."""
        self._agents.discard(socket)

    def welcome(self, socket: CustomerSocket, frame: str, last_seq: int) -> None:
        """Send a customer the snapshot, then what came meanwhile."""
        socket.welcome(frame, last_seq)
        read = self._read_marks.of(socket.conversation_id)
        if read is not None:
            socket.tell(_read_frame(read))
        if socket.missed:
            self._changed.put_nowait(ConversationChanged(socket.conversation_id))

    def snapshot(self, socket: AgentSocket, frame: str) -> None:
        """Send an agent the snapshot, then what changed meanwhile."""
        socket.connection.send(frame)
        socket.ready = True
        later, socket.later = socket.later, []
        for told in later:
            socket.connection.send(told)
        missed, socket.missed = socket.missed, set()
        for event in missed:
            self._changed.put_nowait(event)

    def end_session(self, session_key: str) -> None:
        """Close the streams of a session that is over."""
        for socket in tuple(self._agents):
            if socket.session_key == session_key:
                socket.connection.close_soon(CLOSE_TOKEN, "signed out")

    async def close_all(self, _app: object = None) -> None:
        """Tell every socket that the service restarts; clients reconnect and resume."""
        sockets = [socket for group in self._customers.values() for socket in group]
        connections = [socket.connection for socket in sockets]
        connections += [socket.connection for socket in self._agents]
        await asyncio.gather(*(connection.close_for_restart() for connection in connections), return_exceptions=True)

    def publish(self, events: tuple[Event, ...]) -> None:
        """Take events; messages and turns go on at once, what must be read first goes to ``keep_telling``."""
        for event in events:
            if isinstance(event, TurnPending):
                self._delivery.deliver(event)
            elif isinstance(event, BotTyping):
                frame = {"type": "typing", "sender": "bot", "name": event.name, "for_ms": BOT_TYPING_SHOWN_MS}
                self.typing_to_customer(event.conversation_id, encode(frame))
            elif isinstance(event, AnswerRated):
                frame = {"type": "rated", "message_id": event.message_id, "rating": event.rating}
                for socket in tuple(self._customers.get(event.conversation_id, ())):
                    socket.tell(encode(frame))
            elif isinstance(event, AgentsNotified):
                self._notify(event)
            elif isinstance(event, MessagesStored):
                self._give_messages(event.conversation_id, event.messages)
            elif isinstance(event, WorkEvent):
                self._tell_of_work(event)
            else:
                if isinstance(event, QueueMoved):
                    self._offering.wake()
                if isinstance(event, ConversationChanged | CaseChanged):
                    self._delivery.owner_may_have_changed(event.conversation_id)
                self._changed.put_nowait(event)

    async def _tell_incident(self, context: Context, incident_id: str) -> None:
        if not self._agents:
            return
        row = await reading_incidents.incident_row(context, incident_id)
        frame = encode({"type": "incident", "incident": incident_view(row, context.wording)})
        for socket in tuple(self._agents):
            if socket.ready and row.incident.category in socket.agent.visible_queues():
                socket.connection.send(frame)

    def _notify(self, event: AgentsNotified) -> None:
        for notification in event.notifications:
            frame = encode({"type": "notification", "notification": notification_view(notification)})
            for socket in tuple(self._agents):
                if socket.ready and socket.agent.id == notification.agent_id:
                    socket.connection.send(frame)

    def _tell_of_work(self, event: WorkEvent) -> None:
        frame, agent_id = work_frame(event)
        for socket in tuple(self._agents):
            if agent_id in (None, socket.agent.id):
                socket.tell(frame)
        if not isinstance(event, OfferMade):
            self._offering.wake()

    def _give_messages(self, conversation_id: str, stored: tuple[Message, ...]) -> None:
        customers = self._customers.get(conversation_id, set())
        agents = [socket for socket in self._agents if conversation_id in socket.watches]
        for message in stored:
            if customers:
                frame = encode({"type": "message", "message": message_view(message)})
                for customer in tuple(customers):
                    customer.give(message.seq, frame)
            for agent in agents:
                if agent.watches[conversation_id].owned:
                    self._has_read(conversation_id, message.seq)
                agent.give(conversation_id, message.seq, self._agent_frame(agent, conversation_id, message, {}))

    def _has_read(self, conversation_id: str, seq: int) -> None:
        """The owner has the conversation open up to this message."""
        if self._read_marks.note(conversation_id, seq):
            for socket in tuple(self._customers.get(conversation_id, ())):
                socket.tell(_read_frame(seq))

    def _agent_frame(
        self, socket: AgentSocket, conversation_id: str, message: Message, records: dict[str, TurnRecord]
    ) -> str:
        return encode(
            {
                "type": "message",
                "case_id": socket.watches[conversation_id].case_id,
                "message": agent_message_view(message, records),
            }
        )

    def typing_to_customer(self, conversation_id: str, frame: str) -> None:
        """Show a customer that somebody writes."""
        for socket in tuple(self._customers.get(conversation_id, ())):
            if socket.order is not None:
                socket.connection.send(frame)

    def typing_to_agents(self, conversation_id: str, name: str | None, for_ms: int) -> None:
        """Show the agents who have the case open that the customer writes."""
        for socket in tuple(self._agents):
            watch = socket.watches.get(conversation_id)
            if watch is not None:
                frame = {"type": "typing", "case_id": watch.case_id, "sender": "customer", "name": name}
                socket.connection.send(encode({**frame, "for_ms": for_ms}))

    async def keep_telling(self, context: Context) -> None:
        """Tell changed states, cases and queues, until stopped. Several changes of one thing are told once."""
        stopped = False
        while not stopped:
            found = [await self._changed.get()]
            while not self._changed.empty():
                found.append(self._changed.get_nowait())
            stopped = None in found
            began = time.monotonic()
            await self._tell(context.current(), {event for event in found if event is not None})
            if not stopped:
                await asyncio.sleep(min(time.monotonic() - began, LONGEST_REST_SECONDS))

    def stop_telling(self) -> None:
        """Let ``keep_telling`` end once it has told what it knows."""
        self._changed.put_nowait(None)

    async def _tell(self, context: Context, changed: set[Event]) -> None:
        for event in changed:
            if isinstance(event, CaseChanged):
                await self._safely(self._tell_case(context, event))
            elif isinstance(event, IncidentChanged):
                await self._safely(self._tell_incident(context, event.incident_id))
        conversations = {event.conversation_id for event in changed if isinstance(event, ConversationChanged)}
        for event in changed:
            if isinstance(event, QueueMoved):
                conversations |= await self._safely(self._waiting(context, event)) or set()
        for conversation_id in conversations & self._customers.keys():
            await self._safely(self.tell_state(context, conversation_id))
        if any(isinstance(event, CaseChanged) for event in changed):
            await self._safely(self._tell_queues(context))

    async def _safely(self, telling: Awaitable[T]) -> T | None:
        """One thing that cannot be told keeps nobody from hearing the others."""
        try:
            return await telling
        except Exception:
            log.exception("telling_failed")
            return None

    async def _waiting(self, context: Context, event: QueueMoved) -> set[str]:
        async with context.db.read() as db:
            return set(await case_store.waiting_conversations(db, event.category))

    async def tell_state(self, context: Context, conversation_id: str) -> None:
        """Send the customer's state to their open widgets."""
        try:
            state = await reading.customer_state(context, conversation_id)
        except NotFound:
            return
        frame = encode({"type": "state", "state": state_view(state, context.wording, context.clock())})
        for socket in tuple(self._customers.get(conversation_id, ())):
            if socket.order is None:
                socket.missed = True
            else:
                socket.connection.send(frame)
        await note_shown(context, state)

    async def _tell_case(self, context: Context, event: CaseChanged) -> None:
        if not self._agents:
            return
        row = await reading.case_row(context, event.case_id)
        frame = encode({"type": "case", "case": case_summary_view(row, context.wording)})
        gone = encode({"type": "case_gone", "case_id": event.case_id})
        for socket in tuple(self._agents):
            watch = socket.watches.get(event.conversation_id)
            if watch is not None and watch.case_id == event.case_id:
                watch.owned = row.case.agent_id == socket.agent.id
                if watch.owned and watch.order is not None:
                    self._has_read(event.conversation_id, watch.order.last_seq)
            if not socket.ready:
                socket.missed.add(event)
            elif can_see(socket.agent, row.case):
                socket.connection.send(frame)
                if row.case.status is CaseStatus.CLOSED:
                    socket.connection.send(gone)
            else:
                watched = socket.watches.get(event.conversation_id)
                if watched is not None and watched.case_id == event.case_id:
                    del socket.watches[event.conversation_id]
                    socket.connection.send(gone)
                elif event.left is not None and event.left in socket.agent.visible_queues():
                    socket.connection.send(gone)

    async def _tell_queues(self, context: Context) -> None:
        ready = [socket for socket in self._agents if socket.ready]
        if not ready:
            return
        rows = await reading.all_queue_rows(context)
        views = {category: queue_view(row, context.wording) for category, row in rows.items()}
        for socket in ready:
            queues = [views[category] for category in socket.agent.visible_queues()]
            socket.connection.send(encode({"type": "queues", "queues": queues}))

    async def watch(self, context: Context, socket: AgentSocket, case_id: str, after_seq: int) -> None:
        """Open a case for an agent: the messages after a number now, the later ones as they come."""
        async with context.db.read() as db:
            case = await visible_case(db, case_id, socket.agent)
        # Also where nothing was said yet: what is said from now on is shown as it comes.
        await note_seen(context, Actor.of_agent(socket.agent), Did.TRANSCRIPT_READ, case_id, after=after_seq)
        owned = case.agent_id == socket.agent.id
        socket.watches[case.conversation_id] = Watch(case_id, owned)
        try:
            found, turns = await reading.transcript_after(context, case_id, socket.agent, after=after_seq)
        except BaseException:
            socket.watches.pop(case.conversation_id, None)
            raise
        records = records_by_message(turns)
        last_seq = found[-1].seq if found else after_seq
        frame = {
            "type": "watched",
            "case_id": case_id,
            "messages": [agent_message_view(message, records) for message in found],
            "last_seq": last_seq,
        }
        socket.watched(case.conversation_id, encode(frame), last_seq)
        if owned and last_seq:
            self._has_read(case.conversation_id, last_seq)

    def unwatch(self, socket: AgentSocket, case_id: str) -> None:
        """Close a case for an agent."""
        socket.watches = {key: watch for key, watch in socket.watches.items() if watch.case_id != case_id}
