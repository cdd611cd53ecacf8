"""How far conversations were read by their owner, and came to or were read by the customer, as this process knows."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

REMEMBERED: Final = 50_000
"""Conversations; of one that is forgotten "delivered" or "sent" is shown until it is opened again."""


class ReadMarks:
    """Remembers the highest number by conversation."""

    def __init__(self) -> None:
        self._read: OrderedDict[str, int] = OrderedDict()

    def note(self, conversation_id: str, seq: int) -> bool:
        """Messages up to ``seq`` are read, or have come; says whether that is news."""
        if seq <= self._read.get(conversation_id, 0):
            return False
        self._read[conversation_id] = seq
        self._read.move_to_end(conversation_id)
        if len(self._read) > REMEMBERED:
            self._read.popitem(last=False)
        return True

    def of(self, conversation_id: str) -> int | None:
        """The number, None where nothing is known."""
        return self._read.get(conversation_id)
