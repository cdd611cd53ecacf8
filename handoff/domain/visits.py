"""When a customer came back to a conversation that never ended: the widget resumes it, whatever the pause (P2)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta


def visits(said: Sequence[datetime], pause: timedelta) -> tuple[datetime, ...]:
    """When each visit began: ``said`` is when the customer wrote, oldest first; a visit ends with a pause so long."""
    return tuple(at for place, at in enumerate(said) if place == 0 or at - said[place - 1] >= pause)


def topics_of_earlier_visits(
    said: Sequence[datetime], topics: Sequence[tuple[datetime, str]], pause: timedelta
) -> tuple[tuple[datetime, str], ...]:
    """What the visits before the last one were about: each topic once a visit, when it first came up there."""
    begun = visits(said, pause)
    first: dict[tuple[int, str], datetime] = {}
    for at, topic in topics:
        visit = bisect_right(begun, at)
        if visit < len(begun):
            first.setdefault((visit, topic), at)
    return tuple((at, topic) for (_, topic), at in first.items())
