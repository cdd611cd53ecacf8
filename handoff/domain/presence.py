"""Whether an agent is at the desk and takes new cases: states, what moves them, and since when somebody is gone.

Presence is kept in the database, so that several nodes agree. A desk that is open is a heartbeat; who was not heard of
for longer than a limit is offline, whatever state stands there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class PresenceState(StrEnum):
    """What colleagues see of an agent; only to those who are online anything is offered."""

    ONLINE = "online"
    AWAY = "away"
    DO_NOT_DISTURB = "do_not_disturb"
    OFFLINE = "offline"


class PresenceStep(StrEnum):
    """What moves a presence."""

    HEARTBEAT = "heartbeat"
    """A desk is open."""
    GO_AWAY = "go_away"
    """The agent says so, or let offers expire."""
    WANT_QUIET = "want_quiet"
    COME_BACK = "come_back"
    CLOSE_DESK = "close_desk"
    """The last desk was closed; who was away by choice stays so when they open it again."""
    SIGN_OUT = "sign_out"


_ALL: Final = tuple(PresenceState)
PRESENCE_TRANSITIONS: Final[dict[tuple[PresenceState, PresenceStep], PresenceState]] = {
    **{(state, PresenceStep.HEARTBEAT): state for state in _ALL},
    (PresenceState.OFFLINE, PresenceStep.HEARTBEAT): PresenceState.ONLINE,
    **{(state, PresenceStep.CLOSE_DESK): state for state in _ALL},
    (PresenceState.ONLINE, PresenceStep.CLOSE_DESK): PresenceState.OFFLINE,
    **{(state, PresenceStep.GO_AWAY): PresenceState.AWAY for state in _ALL},
    **{(state, PresenceStep.WANT_QUIET): PresenceState.DO_NOT_DISTURB for state in _ALL},
    **{(state, PresenceStep.COME_BACK): PresenceState.ONLINE for state in _ALL},
    **{(state, PresenceStep.SIGN_OUT): PresenceState.OFFLINE for state in _ALL},
}
"""The whole state machine; every step is possible from every state."""
CHOSEN: Final = {
    PresenceState.ONLINE: PresenceStep.COME_BACK,
    PresenceState.AWAY: PresenceStep.GO_AWAY,
    PresenceState.DO_NOT_DISTURB: PresenceStep.WANT_QUIET,
}
"""What an agent may choose, and the step that it is; offline is who closes the desk or signs out."""
_SIGNS_OF_LIFE: Final = frozenset({PresenceStep.HEARTBEAT, *CHOSEN.values()})


@dataclass(frozen=True, slots=True)
class Presence:
    """One agent's presence. ``seen_at`` is the last sign of life, ``changed_at`` the last change of ``state``."""

    agent_id: str
    state: PresenceState
    changed_at: datetime
    seen_at: datetime

    def at(self, now: datetime, offline_after: timedelta) -> PresenceState:
        """The state as it counts: offline once nothing was heard for longer than the limit."""
        return PresenceState.OFFLINE if now - self.seen_at > offline_after else self.state

    def gone_since(self, now: datetime, offline_after: timedelta) -> datetime | None:
        """Since when the agent is offline; None while they are not."""
        if self.state is PresenceState.OFFLINE:
            return min(self.changed_at, self.seen_at + offline_after)
        return self.seen_at if now - self.seen_at > offline_after else None


def presence_after(known: Presence | None, agent_id: str, step: PresenceStep, now: datetime) -> Presence:
    """The presence after a step; somebody of whom nothing is known was offline."""
    before = known or Presence(agent_id, PresenceState.OFFLINE, now, now)
    state = PRESENCE_TRANSITIONS[before.state, step]
    changed_at = before.changed_at if known is not None and state is before.state else now
    return Presence(agent_id, state, changed_at, now if step in _SIGNS_OF_LIFE else before.seen_at)
