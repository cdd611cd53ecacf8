"""Who has which case before them, so that two agents do not answer one customer: told to desks, never stored.

Somebody looks from the moment their desk says so until it says something else, or its socket ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from handoff.http.wire import Writing
from handoff.realtime.connection import encode
from handoff.realtime.sockets import AgentSocket

TYPING_SHOWN_MS: Final = 5000
"""How long somebody counts as typing after their desk last said so."""


@dataclass(frozen=True, slots=True)
class Looking:
    """A case that a desk shows. ``quietly``: by a lead who reads along, of whom the others are told nothing."""

    case_id: str
    quietly: bool = False


class Viewers:
    """Tells the desks that show a case who else looks at it."""

    def __init__(self) -> None:
        self._looking: dict[AgentSocket, Looking] = {}

    def look(self, socket: AgentSocket, looking: Looking | None) -> None:
        """A desk shows another case, or none any more."""
        before = self._looking.pop(socket, None)
        if looking is not None:
            self._looking[socket] = looking
        left = before.case_id if before is not None else None
        if left is not None and (looking is None or looking.case_id != left):
            self._tell(left)
        if looking is not None:
            self._tell(looking.case_id)

    def leave(self, socket: AgentSocket, case_id: str) -> None:
        """A desk may no longer know of a case."""
        looking = self._looking.get(socket)
        if looking is not None and looking.case_id == case_id:
            self.look(socket, None)

    def typing(self, socket: AgentSocket, case_id: str, writing: Writing) -> None:
        """Show the others who look at the case that somebody writes a reply or a note."""
        agent = socket.agent
        frame = {"type": "typing", "case_id": case_id, "sender": "agent", "agent_id": agent.id, "name": agent.name}
        told = encode({**frame, "what": writing, "for_ms": TYPING_SHOWN_MS})
        for other in self._of(case_id):
            if other.agent.id != agent.id:
                other.tell(told)

    def _of(self, case_id: str) -> list[AgentSocket]:
        return [socket for socket, looking in self._looking.items() if looking.case_id == case_id]

    def _tell(self, case_id: str) -> None:
        sockets = self._of(case_id)
        seen = {socket.agent.id: socket.agent.name for socket in sockets if not self._looking[socket].quietly}
        for socket in sockets:
            others = [{"id": agent_id, "name": name} for agent_id, name in seen.items() if agent_id != socket.agent.id]
            socket.tell(encode({"type": "viewers", "case_id": case_id, "viewers": others}))
