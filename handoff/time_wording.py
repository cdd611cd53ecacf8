"""How moments and spans are said to customers: when somebody will be there, how long it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from handoff.domain.wait_estimate import WaitRange

OPENINGS: Final[Mapping[str, frozenset[str]]] = {
    "today": frozenset({"time"}),
    "tomorrow": frozenset({"time"}),
    "weekday": frozenset({"weekday", "time"}),
    "date": frozenset({"weekday", "day", "month", "time"}),
    "unknown": frozenset(),
}
WAITS: Final[Mapping[str, frozenset[str]]] = {
    "a_minute": frozenset(),
    "up_to": frozenset({"high"}),
    "between": frozenset({"low", "high"}),
}
BY_WEEKDAY: Final = timedelta(days=6)
"""Up to so many days ahead a week-day names one day only."""


@dataclass(frozen=True, slots=True)
class TimeWords:
    """The words of ``labels.openings``, ``labels.waits``, ``labels.weekdays`` (Monday first) and ``labels.months``."""

    openings: Mapping[str, str]
    waits: Mapping[str, str]
    weekdays: Sequence[str]
    months: Sequence[str]

    def back(self, at: datetime | None, now: datetime, zone: tzinfo) -> str:
        """When somebody will be there, by the clock of the queue's ``zone``; None is not known."""
        if at is None:
            return self.openings["unknown"]
        there, here = at.astimezone(zone), now.astimezone(zone)
        ahead = there.date() - here.date()
        if ahead <= timedelta(days=1):
            key = "tomorrow" if ahead else "today"
        else:
            key = "weekday" if ahead <= BY_WEEKDAY else "date"
        return self.openings[key].format(
            time=f"{there:%H:%M}",
            weekday=self.weekdays[there.weekday()],
            day=there.day,
            month=self.months[there.month - 1],
        )

    def wait(self, told: WaitRange) -> str:
        """The range of a wait."""
        if told.high_minutes <= 1:
            return self.waits["a_minute"]
        key = "between" if told.low_minutes else "up_to"
        return self.waits[key].format(low=told.low_minutes, high=told.high_minutes)


def time_words(labels: Mapping[str, Any]) -> TimeWords:
    """Read the words; raises ``ValueError`` or ``KeyError`` where one is missing or holds another word in braces."""
    for name, known in (("openings", OPENINGS), ("waits", WAITS)):
        for key, words in known.items():
            labels[name][key].format_map(dict.fromkeys(words, ""))
    weekdays, months = tuple(labels["weekdays"]), tuple(labels["months"])
    if (len(weekdays), len(months)) != (7, 12):
        raise ValueError("labels.weekdays needs seven names, Monday first, and labels.months twelve")
    return TimeWords(dict(labels["openings"]), dict(labels["waits"]), weekdays, months)
