"""A conversation's tracker that stays in memory between turns, and how it is copied without playing it again."""

from __future__ import annotations

import copy
from typing import Sequence

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot.recent_states import PLAYED


class LiveTracker(DialogueStateTracker):
    """A tracker that ``bot.tracker_store`` handed out; ``stored`` of its events, from the first on, are on disk.

    ``domain`` is that of the model with whose slots it was made.
    """

    stored: int = 0
    domain: Domain | None = None

    def copy(self) -> LiveTracker:
        """A tracker in the same state that changes by itself.

        Rasa plays all events again for it, for every action of a turn; here the state itself is copied.
        """
        twin = copy.copy(self)
        twin.__dict__.pop(PLAYED, None)
        twin.events = copy.copy(self.events)
        twin.slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
        twin.active_loop = copy.copy(self.active_loop)
        return twin

    def with_events(self, events: Sequence[Event]) -> LiveTracker:
        """A tracker as this one will be after ``events``; this one itself where there are none."""
        if not events:
            return self
        twin = self.copy()
        for event in events:
            twin.update(event)
        return twin
