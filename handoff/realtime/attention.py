"""When customers last had their conversation before them, as far as this process knows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

REMEMBERED: Final = 50_000
"""Conversations; of one that is forgotten a mail too many is sent, never one too few."""


class Attention:
    """Remembers it by conversation."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, datetime] = OrderedDict()

    def note(self, conversation_id: str) -> None:
        """The customer has it before them now."""
        self._seen[conversation_id] = self._clock()
        self._seen.move_to_end(conversation_id)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def last(self, conversation_id: str) -> datetime | None:
        """When that was for the last time."""
        return self._seen.get(conversation_id)
