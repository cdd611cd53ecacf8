"""Whose desk is open still, and as whom: what an agent may see is taken away or given while they look on."""

from __future__ import annotations

from handoff.realtime.connection import CLOSE_RESTART, CLOSE_TOKEN
from handoff.realtime.hub import Hub
from handoff.realtime.sockets import AgentSocket
from handoff.services.context import Context
from handoff.store.people import AgentSession, session_by_token


def end_unless_current(socket: AgentSocket, session: AgentSession | None) -> bool:
    """End a desk whose session is over, or whose agent has changed since it was opened; whether it was ended.

    A changed agent's desk connects again at once, and is given what they may see by now.
    """
    if session is None:
        socket.connection.close_soon(CLOSE_TOKEN, "signed out")
    elif session.agent != socket.agent:
        socket.connection.close_soon(CLOSE_RESTART, "what you may see has changed")
    else:
        return False
    return True


async def renew_desks(context: Context, hub: Hub) -> None:
    """Look at every desk of this node: who was deactivated, or serves other queues, may not have sent anything."""
    for socket in hub.sockets_of_agents():
        async with context.db.read_once() as db:
            session = await session_by_token(db, socket.session_key, now=context.clock())
        end_unless_current(socket, session)
