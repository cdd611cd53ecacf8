"""Takes the events of the use cases to everybody who watches, after the commit."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from handoff.domain.actors import Actor
from handoff.domain.attachments import Attachment
from handoff.domain.audit import Did
from handoff.domain.conversations import Message
from handoff.http.views import (
    agent_message_view,
    attachment_view,
    message_view,
    notification_view,
    records_by_message,
)
from handoff.realtime.attention import Attention
from handoff.realtime.connection import CLOSE_TOKEN, encode
from handoff.realtime.helpers import Delivery, NobodyDelivers, NobodyOffers, Offering
from handoff.realtime.read_marks import ReadMarks
from handoff.realtime.sockets import AgentSocket, CustomerSocket, Watch
from handoff.realtime.telling import Telling
from handoff.realtime.viewers import Viewers
from handoff.realtime.work_frames import WorkEvent, work_frame
from handoff.services import reading
from handoff.services.audit import note_seen
from handoff.services.case_writing import visible_case
from handoff.services.context import Context
from handoff.services.events import (
    AgentsNotified,
    AnswerRated,
    BotTyping,
    CaseChanged,
    ConversationChanged,
    Event,
    FileSettled,
    MessagesStored,
    OfferMade,
    QueueMoved,
    TurnPending,
)

log = structlog.get_logger(__name__)

BOT_TYPING_SHOWN_MS: Final = 8000
"""How long "is typing" stands for the bot; its message ends it, and nothing keeps it alive for ever."""
SETTLED_REMEMBERED: Final = 200
"""Files that the scanner judged late, for whoever reconnects. It is rare; a page that is opened anew knows anyway."""


def _read_frame(seq: int) -> str:
    return encode({"type": "read", "seq": seq})


def _file_frame(attachment: Attachment, **case: str) -> str:
    return encode({"type": "file", **case, "attachment": attachment_view(attachment)})


class Hub:
    """Who is connected to this process, and what they must be told."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._customers: defaultdict[str, set[CustomerSocket]] = defaultdict(set)
        self._agents: set[AgentSocket] = set()
        self._delivery: Delivery = NobodyDelivers()
        self._offering: Offering = NobodyOffers()
        self.viewers: Final = Viewers()
        self._telling = Telling(self._customers, self._agents, self._has_read, self.viewers)
        self._attention = Attention(clock)
        self._read_marks = ReadMarks()
        self._reached_customer = ReadMarks()
        self._read_by_customer = ReadMarks()
        self._settled: deque[Attachment] = deque(maxlen=SETTLED_REMEMBERED)

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

    def customer_reads(self, conversation_id: str, last_seq: int) -> None:
        """A customer fetched their messages, up to this number, without a stream."""
        self._attention.note(conversation_id)
        if self._reached_customer.note(conversation_id, last_seq):
            self._tell_receipts(conversation_id)

    def customer_received(self, socket: CustomerSocket, seq: int, *, read: bool) -> None:
        """Messages up to a number have come to a customer's chat, and were perhaps before their eyes.

        A number that the chat was never sent counts as the last that it was.
        """
        if socket.order is None:
            return
        come = min(seq, socket.order.last_seq)
        news = self._reached_customer.note(socket.conversation_id, come)
        if read:
            news = self._read_by_customer.note(socket.conversation_id, come) or news
        if news:
            self._tell_receipts(socket.conversation_id)

    def _tell_receipts(self, conversation_id: str) -> None:
        for socket in tuple(self._agents):
            watch = socket.watches.get(conversation_id)
            if watch is not None and watch.order is not None:
                socket.connection.send(self._receipts(conversation_id, watch.case_id))

    def _receipts(self, conversation_id: str, case_id: str) -> str:
        marks = {
            "delivered": self._reached_customer.of(conversation_id),
            "read": self._read_by_customer.of(conversation_id),
        }
        return encode({"type": "receipts", "case_id": case_id, **{name: seq or 0 for name, seq in marks.items()}})

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
        self.viewers.look(socket, None)

    def is_connected(self, socket: AgentSocket) -> bool:
        """Whether an agent's connection is still open."""
        return socket in self._agents

    def welcome(self, socket: CustomerSocket, frame: str, last_seq: int) -> None:
        """Send a customer the snapshot, then what came meanwhile."""
        socket.welcome(frame, last_seq)
        read = self._read_marks.of(socket.conversation_id)
        if read is not None:
            socket.tell(_read_frame(read))
        for attachment in self._settled_in(socket.conversation_id):
            socket.tell(_file_frame(attachment))
        if socket.missed:
            self._telling.note(ConversationChanged(socket.conversation_id))

    def snapshot(self, socket: AgentSocket, frame: str) -> None:
        """Send an agent the snapshot, then what changed meanwhile."""
        socket.connection.send(frame)
        socket.ready = True
        later, socket.later = socket.later, []
        for told in later:
            socket.connection.send(told)
        missed, socket.missed = socket.missed, set()
        for event in missed:
            self._telling.note(event)

    def end_session(self, session_key: str) -> None:
        """Close the streams of a session that is over."""
        for socket in tuple(self._agents):
            if socket.session_key == session_key:
                socket.connection.close_soon(CLOSE_TOKEN, "signed out")

    def sockets_of_agents(self) -> tuple[AgentSocket, ...]:
        """The desks that are open on this node."""
        return tuple(self._agents)

    async def close_all(self, _app: object = None) -> None:
        """Tell every socket that the service restarts; clients reconnect and resume."""
        sockets = [socket for group in self._customers.values() for socket in group]
        connections = [socket.connection for socket in sockets]
        connections += [socket.connection for socket in self._agents]
        await asyncio.gather(*(connection.close_for_restart() for connection in connections), return_exceptions=True)

    def publish(self, events: tuple[Event, ...]) -> None:
        """Take events; messages and turns go on at once, what must be read first is told by ``keep_telling``."""
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
            elif isinstance(event, FileSettled):
                self._give_file(event.attachment)
            elif isinstance(event, WorkEvent):
                self._tell_of_work(event)
            else:
                if isinstance(event, QueueMoved):
                    self._offering.wake()
                if isinstance(event, ConversationChanged | CaseChanged):
                    self._delivery.owner_may_have_changed(event.conversation_id)
                self._telling.note(event)

    def _notify(self, event: AgentsNotified) -> None:
        for notification in event.notifications:
            if notification.read_at is not None:
                continue
            told = {"announced": notification.announced, "sound": notification.sound}
            frame = encode({"type": "notification", "notification": notification_view(notification), **told})
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
            view = agent_message_view(message, {}) if agents else {}
            for agent in agents:
                watch = agent.watches[conversation_id]
                if watch.owned:
                    self._has_read(conversation_id, message.seq)
                frame = encode({"type": "message", "case_id": watch.case_id, "message": view})
                agent.give(conversation_id, message.seq, frame)

    def _give_file(self, attachment: Attachment) -> None:
        """How a file that stands in a conversation is to be shown from now on."""
        self._settled.append(attachment)
        for customer in tuple(self._customers.get(attachment.conversation_id, ())):
            customer.tell(_file_frame(attachment))
        for agent in tuple(self._agents):
            watch = agent.watches.get(attachment.conversation_id)
            if watch is not None and watch.order is not None:
                agent.connection.send(_file_frame(attachment, case_id=watch.case_id))

    def _settled_in(self, conversation_id: str) -> list[Attachment]:
        return [attachment for attachment in self._settled if attachment.conversation_id == conversation_id]

    def _has_read(self, conversation_id: str, seq: int) -> None:
        """The owner has the conversation open up to this message."""
        if self._read_marks.note(conversation_id, seq):
            for socket in tuple(self._customers.get(conversation_id, ())):
                socket.tell(_read_frame(seq))

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
        """Tell changed states, cases and queues, until stopped."""
        await self._telling.keep(context)

    def stop_telling(self) -> None:
        """Let ``keep_telling`` end once it has told what it knows."""
        self._telling.stop()

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
        if case.conversation_id in socket.watches:
            socket.connection.send(self._receipts(case.conversation_id, case_id))
            for attachment in self._settled_in(case.conversation_id):
                socket.connection.send(_file_frame(attachment, case_id=case_id))
        if owned and last_seq:
            self._has_read(case.conversation_id, last_seq)

    def unwatch(self, socket: AgentSocket, case_id: str) -> None:
        """Close a case for an agent."""
        socket.watches = {key: watch for key, watch in socket.watches.items() if watch.case_id != case_id}
