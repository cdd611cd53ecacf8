"""Up to where the owner has read a conversation: had it open on their desk, as far as this process knows."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

REMEMBERED: Final = 50_000
"""Conversations; of one that is forgotten the customer sees "delivered" until the owner opens it again."""


class ReadMarks:
    """Remembers the highest number by conversation."""

    def __init__(self) -> None:
        self._read: OrderedDict[str, int] = OrderedDict()

    def note(self, conversation_id: str, seq: int) -> bool:
        """The owner has messages up to ``seq`` before them; says whether that is news."""
        if seq <= self._read.get(conversation_id, 0):
            return False
        self._read[conversation_id] = seq
        self._read.move_to_end(conversation_id)
        if len(self._read) > REMEMBERED:
            self._read.popitem(last=False)
        return True

    def of(self, conversation_id: str) -> int | None:
        """The number, None where nobody has read anything."""
        return self._read.get(conversation_id)
