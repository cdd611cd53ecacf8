"""Reads the day that a customer names: "the 15th", "next Tuesday", "in two weeks", "1/12"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from actions.dialogue.answers import NUMBER_WORDS

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_A_WEEK: Final = 7
CENTURY: Final = 2000
LOOK_AHEAD: Final = 400
"""So many days ahead a day without its year is looked for."""

_MONTH: Final = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WRITTEN: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\w/-])(?P<year>20\d\d)-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\w/-])",
        r"(?<![\w/.-])(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})(?:[/.-](?P<year>(?:20)?\d\d))?(?![\w/-])",
        rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}\b(?:,?\s+(?P<year>20\d\d))?",
        rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}\b(?:,?\s+(?P<year>20\d\d))?",
        r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)\b",
        r"^\s*(?:the\s+)?(?P<day>\d{1,2})\s*[.!]?\s*$",
    )
)
_WEEKDAY: Final = re.compile(
    r"\b(?P<next>next\s+)?(?P<name>mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|ds|nesday|r|rs|rsday|urday)?\b"
)
_AWAY: Final = re.compile(
    r"\b(?:in\s+)?(?P<count>\d{1,2}|[a-z]+)\s+(?P<unit>day|week)s?\s*(?P<later>later|from now)?\b"
)
_AFTER_TOMORROW: Final = re.compile(r"\bday after tomo?r+ow\b")
_TOMORROW: Final = re.compile(r"\btomo?r+ow\b")
_TODAY: Final = re.compile(r"\btoday\b")


def named_day(text: str, today: date) -> date | None:
    """The one day that the text names, today or later. None where it names none or several, or an impossible one.

    Without a year, and for a bare weekday, the next such day is meant; "next Friday" is the Friday of next week.
    """
    found = set(_days(text.lower().replace("’", "'"), today))
    return found.pop() if len(found) == 1 else None


def _days(text: str, today: date) -> Iterator[date]:
    """Every day that is named; what was read is taken out, so that "1 December" is not also "the 1st". A weekday
    beside a written day ("Wednesday 2 December") says nothing more."""
    written = False
    for pattern in _WRITTEN:
        for match in list(pattern.finditer(text)):
            text = text.replace(match[0], " ", 1)
            day = _written(match.groupdict(), today)
            if day is not None:
                written = True
                yield day
    for pattern, ahead in ((_AFTER_TOMORROW, 2), (_TOMORROW, 1), (_TODAY, 0)):
        if pattern.search(text):
            text = pattern.sub(" ", text)
            yield today + timedelta(days=ahead)
    for match in _AWAY.finditer(text):
        number = int(match["count"]) if match["count"].isdigit() else NUMBER_WORDS.get(match["count"], 0)
        if number and (match[0].startswith("in ") or match["later"]):
            yield today + timedelta(days=number * (DAYS_A_WEEK if match["unit"] == "week" else 1))
    for match in () if written else _WEEKDAY.finditer(text):
        ahead = (WEEKDAYS.index(match["name"]) - today.weekday()) % DAYS_A_WEEK or DAYS_A_WEEK
        if match["next"] and (today + timedelta(days=ahead)).isocalendar().week == today.isocalendar().week:
            ahead += DAYS_A_WEEK
        yield today + timedelta(days=ahead)


def _written(parts: dict[str, str | None], today: date) -> date | None:
    """The day with this number, and with this month and year as far as they are given."""
    number, month, year = int(parts["day"] or 0), parts.get("month"), parts.get("year")
    wanted = None if month is None else int(month) if month.isdigit() else MONTHS.index(month[:3]) + 1
    if year is not None and wanted is not None:
        try:
            return date(int(year) % 100 + CENTURY, wanted, number)
        except ValueError:
            return None
    ahead = (today + timedelta(days=days) for days in range(LOOK_AHEAD))
    return next((day for day in ahead if day.day == number and wanted in (None, day.month)), None)
