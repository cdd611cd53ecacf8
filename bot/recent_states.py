"""The states that rules look at, without playing the whole conversation again at every prediction."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Sequence

from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    UserUtteranceReverted,
)
from rasa.shared.core.trackers import DialogueStateTracker

TAKES_BACK = (ActionReverted, ActiveLoop, Restarted, SessionStarted, UserUtteranceReverted)
"""Events after which earlier ones may no longer count: the conversation is played again from its beginning.

In a form every question takes the one before it back; so can a form's run that did not open it.
"""

PLAYED = "_played"
"""Attribute of a tracker: how far it was played. A tracker cannot be the key of a dictionary."""


@dataclass
class _Played:
    """How far a conversation was played, the state it was in then, and the latest states before its actions."""

    domain: Domain
    past: DialogueStateTracker
    before_actions: deque[State]
    count: int = 0
    first: Event | None = None
    last: Event | None = None


class RecentStates:
    """The last ``count`` states of ``tracker.past_states(domain)``.

    Rasa builds the states of all events for each of the two or three predictions of a turn; here only what has happened
    since the last prediction is played, as long as the events before it are still the same.
    """

    def __init__(self, count: int) -> None:
        self._count = count

    def of(self, tracker: DialogueStateTracker, domain: Domain) -> list[State]:
        """The states, oldest first; the last one is what the next action follows."""
        played: _Played | None = tracker.__dict__.get(PLAYED)
        if played is None or played.domain is not domain or not _continues(played, tracker):
            played = _Played(domain, tracker.init_copy(), deque(maxlen=self._count - 1))
            self._play(played, tracker.applied_events())
            tracker.__dict__[PLAYED] = played
        else:
            self._play(played, _latest(tracker.events, len(tracker.events) - played.count))
        played.count = len(tracker.events)
        played.first, played.last = (tracker.events[0], tracker.events[-1]) if tracker.events else (None, None)
        return [*played.before_actions, domain.get_active_state(played.past)]

    @staticmethod
    def _play(played: _Played, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, ActionExecuted):
                played.before_actions.append(played.domain.get_active_state(played.past))
            played.past.update(event)


def _continues(played: _Played, tracker: DialogueStateTracker) -> bool:
    """Whether its events are those that were played and some more, none of which takes back an earlier one."""
    events, new = tracker.events, len(tracker.events) - played.count
    if played.count == 0 or new < 0:
        return False
    if events[0] is not played.first or events[-1 - new] is not played.last:
        return False
    return not any(_takes_back(event, played.domain) for event in _latest(events, new))


def _takes_back(event: Event, domain: Domain) -> bool:
    is_form = isinstance(event, ActionExecuted) and event.action_name in domain.form_names
    return is_form or isinstance(event, TAKES_BACK)


def _latest(events: Sequence[Event], count: int) -> list[Event]:
    """The last ``count`` events in their order; the end of a deque is cheap to reach, its middle is not."""
    return [events[-place] for place in range(count, 0, -1)]
