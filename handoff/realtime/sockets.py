"""Who is connected: a customer's widget, an agent's desk, each with the order of what it was given."""

from __future__ import annotations

from dataclasses import dataclass, field

from handoff.domain.people import Agent
from handoff.realtime.connection import Connection, InOrder
from handoff.services.events import CaseChanged


@dataclass(eq=False)
class CustomerSocket:
    """A customer's live connection.

    Until ``order`` is set, the welcome is being read: messages are ``held``, other frames kept for ``later``, and a
    state that was to be told is ``missed`` and read anew after it.
    """

    connection: Connection
    conversation_id: str
    order: InOrder | None = None
    held: list[tuple[int, str]] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    missed: bool = False

    def give(self, seq: int, frame: str) -> None:
        """Give a message on in its order."""
        if self.order is None:
            self.held.append((seq, frame))
            return
        for ready in self.order.next(seq, frame):
            self.connection.send(ready)

    def tell(self, frame: str) -> None:
        """Give on a frame that has no number."""
        if self.order is None:
            self.later.append(frame)
        else:
            self.connection.send(frame)

    def welcome(self, frame: str, last_seq: int) -> None:
        """Send the snapshot, then what came meanwhile and is newer."""
        self.connection.send(frame)
        self.order = InOrder(last_seq)
        held, self.held = self.held, []
        for seq, message in held:
            self.give(seq, message)
        later, self.later = self.later, []
        for told in later:
            self.connection.send(told)


@dataclass(eq=False)
class Watch:
    """A case that an agent has open: its conversation, and the order of its messages. ``owned``: by this agent."""

    case_id: str
    owned: bool = False
    order: InOrder | None = None
    held: list[tuple[int, str]] = field(default_factory=list)


@dataclass(eq=False)
class AgentSocket:
    """An agent's live connection, with the cases they have open by conversation.

    Until ``ready`` the snapshot is being read: what changes meanwhile is ``missed``, other frames are kept for
    ``later``, and both are told after it.
    """

    connection: Connection
    agent: Agent
    session_key: str
    ready: bool = False
    missed: set[CaseChanged] = field(default_factory=set)
    later: list[str] = field(default_factory=list)
    watches: dict[str, Watch] = field(default_factory=dict)
    queues: str | None = None
    """The frame with the queues that was sent last."""

    def tell(self, frame: str) -> None:
        """Give on a frame that is no message, after the snapshot."""
        if self.ready:
            self.connection.send(frame)
        else:
            self.later.append(frame)

    def give(self, conversation_id: str, seq: int, frame: str) -> None:
        """Give a message of a watched case on in its order."""
        watch = self.watches.get(conversation_id)
        if watch is None:
            return
        if watch.order is None:
            watch.held.append((seq, frame))
            return
        for ready in watch.order.next(seq, frame):
            self.connection.send(ready)

    def watched(self, conversation_id: str, frame: str, last_seq: int) -> None:
        """Answer a ``watch`` with the messages so far, then what came meanwhile."""
        watch = self.watches.get(conversation_id)
        if watch is None:
            return
        self.connection.send(frame)
        watch.order = InOrder(last_seq)
        held, watch.held = watch.held, []
        for seq, message in held:
            self.give(conversation_id, seq, message)
