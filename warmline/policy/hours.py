"""When a team is there: weekly hours in a time zone, without its holidays. Pure; the moment is handed in.

Hours are told by the clock on the wall, which daylight saving moves: a team that opens at eight does so all year. A
time that the clock skips when it is put forward is the moment of the jump; of a time that comes twice when it is put
back, the first counts.

Spans of business time are counted in what passes while the team is there: an hour after half past seven in the evening,
for a team that is there from eight to eight, is half past eight the next morning. What passes is real time, so the day
on which the clock is put forward is an hour shorter for a team that is there all night.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOSED: Final = "closed"
MINUTES_A_DAY: Final = 24 * 60
LOOK_AHEAD_DAYS: Final = 400
"""A team that is not there for so long has no next opening."""
DAYS_KNOWN: Final = 1000
"""Days whose openings are remembered."""
_RANGE: Final = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)")
_HOLIDAY: Final = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)")
_LEAP_YEAR: Final = 2024


@dataclass(frozen=True, order=True)
class Shift:
    """From ``begin`` to before ``end``, in minutes after midnight; an end above 24 hours is on the next day."""

    begin: int
    end: int

    def __str__(self) -> str:
        """Return it as the policy writes it."""
        end = self.end if self.end <= MINUTES_A_DAY else self.end - MINUTES_A_DAY
        return f"{self.begin // 60:02}:{self.begin % 60:02}-{end // 60:02}:{end % 60:02}"


@dataclass(frozen=True)
class Holiday:
    """A day off, each year where ``year`` is None."""

    month: int
    day: int
    year: int | None = None

    def is_on(self, day: date) -> bool:
        """Say whether ``day`` is this holiday."""
        return (self.month, self.day) == (day.month, day.day) and self.year in (None, day.year)

    def __str__(self) -> str:
        """Return it as the policy writes it."""
        return f"{self.year}-{self.month:02}-{self.day:02}" if self.year else f"{self.month:02}-{self.day:02}"


@dataclass(frozen=True)
class Hours:
    """The hours of one queue: the shifts of each day, Monday first, and the holidays with their names.

    A shift over midnight belongs to the day on which it begins: it is worked to its end even if the next day is a
    holiday, and falls out when it would begin on one.
    """

    zone: tzinfo
    week: tuple[tuple[Shift, ...], ...]
    holidays: Mapping[Holiday, str] = field(default_factory=dict)
    _known: dict[date, list[tuple[datetime, datetime]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The openings of days that were asked for: the clocks of every case ask for the same few."""

    @staticmethod
    def always() -> Hours:
        """Return the hours of a team that is always there."""
        return _ALWAYS

    def is_open(self, at: datetime) -> bool:
        """Say whether the team is there at the moment ``at``.

        Raises:
            ValueError: ``at`` has no time zone.
        """
        today = self._day(at)
        return any(begin <= at < end for day in (-1, 0) for begin, end in self._openings(today + timedelta(days=day)))

    def next_opening(self, at: datetime) -> datetime | None:
        """Return ``at`` itself while the team is there, else the moment (in UTC) from which it is there again.

        None when it is not there for ``LOOK_AHEAD_DAYS``.

        Raises:
            ValueError: ``at`` has no time zone.
        """
        today = self._day(at)
        if self.is_open(at):
            return at
        for ahead in range(-1, LOOK_AHEAD_DAYS):
            for begin, _ in self._openings(today + timedelta(days=ahead)):
                if begin > at:
                    return begin
        return None

    def after(self, start: datetime, span: timedelta) -> datetime | None:
        """Return the moment (in UTC) at which ``span`` of open time has passed since ``start``: the earliest such one.

        None when the team is not there for ``LOOK_AHEAD_DAYS`` before that.

        Raises:
            ValueError: ``start`` has no time zone, or ``span`` is below zero.
        """
        return self._walk(start, span, 1)

    def before(self, end: datetime, span: timedelta) -> datetime | None:
        """Return the moment (in UTC) from which ``span`` of open time passes until ``end``: the latest such one.

        None when the team was not there for ``LOOK_AHEAD_DAYS`` after that.

        Raises:
            ValueError: ``end`` has no time zone, or ``span`` is below zero.
        """
        return self._walk(end, span, -1)

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """Return how much open time passes from ``begin`` to ``end``; nothing where ``end`` is not later.

        Raises:
            ValueError: one of them has no time zone.
        """
        passed, day, last = timedelta(), self._day(begin), self._day(end)
        while day <= last:
            for opening, closing in self._open_on(day):
                passed += max(timedelta(), min(closing, end) - max(opening, begin))
            day += timedelta(days=1)
        return passed

    def holiday(self, day: date) -> str | None:
        """Return the name of the holiday on ``day``, None on any other day."""
        return next((name for holiday, name in self.holidays.items() if holiday.is_on(day)), None)

    def _day(self, at: datetime) -> date:
        if at.tzinfo is None:
            raise ValueError("a time without an offset is no moment; give it a time zone")
        return at.astimezone(self.zone).date()

    def _walk(self, start: datetime, span: timedelta, way: int) -> datetime | None:
        """Return where one is after ``span`` of open time from ``start``, forward (1) or back (-1)."""
        day, at = self._day(start), start.astimezone(UTC)
        if span < timedelta():
            raise ValueError("a span of open time cannot be below zero")
        if not span:
            return at
        days_closed = 0
        while days_closed <= LOOK_AHEAD_DAYS:
            days_closed += 1
            for opening, closing in self._open_on(day)[::way]:
                begin, end = (max(opening, at), closing) if way > 0 else (opening, min(closing, at))
                if begin < end:
                    if end - begin >= span:
                        return begin + span if way > 0 else end - span
                    span, days_closed = span - (end - begin), 0
            day += timedelta(days=way)
        return None

    def _open_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return from when to when the team is there on ``day``, in UTC and in order, none touching another."""
        if day not in self._known:
            if len(self._known) >= DAYS_KNOWN:
                self._known.clear()
            self._known[day] = self._found_open_on(day)
        return self._known[day]

    def _found_open_on(self, day: date) -> list[tuple[datetime, datetime]]:
        midnight, next_midnight = (_moment(day, minutes, self.zone) for minutes in (0, MINUTES_A_DAY))
        found: list[tuple[datetime, datetime]] = []
        for begin, end in sorted((*self._openings(day - timedelta(days=1)), *self._openings(day))):
            begin, end = max(begin, midnight), min(end, next_midnight)
            if found and begin <= found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], end))
            elif begin < end:
                found.append((begin, end))
        return found

    def _openings(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield from when to when the team is there in the shifts that begin on ``day``, in UTC."""
        if self.holiday(day) is None:
            for shift in self.week[day.weekday()]:
                begin, end = _moment(day, shift.begin, self.zone), _moment(day, shift.end, self.zone)
                if begin < end:
                    yield begin, end


_ALWAYS: Final = Hours(UTC, ((Shift(0, MINUTES_A_DAY),),) * len(DAYS))


def _moment(day: date, minutes: int, zone: tzinfo) -> datetime:
    """Return the moment at which the clock on the wall shows so many minutes after the midnight before ``day``."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # The clock skips this time. It lies before the jump by the later offset, and after it by the earlier one.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    while moment - before > timedelta(minutes=1):
        middle = before + (moment - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            moment = middle
    return moment.replace(second=0, microsecond=0)


def read_zone(name: object) -> str:
    """Return the name of a time zone.

    Raises:
        ValueError: this machine knows no such zone.
    """
    try:
        ZoneInfo(str(name))
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(
            f"{name!r} is no time zone that this machine knows; write one such as Europe/London (the package tzdata "
            "brings them where the system has none)"
        ) from error
    return str(name)


def read_week(value: object) -> tuple[tuple[Shift, ...], ...]:
    """Read ``{monday-friday: 08:00-20:00, saturday: [09:00-12:00, 13:00-17:00], sunday: closed}``, Monday first.

    Raises:
        ValueError: when a day is missing, stands twice or is none, or its hours cannot be meant.
    """
    if isinstance(value, tuple):
        return value
    if not isinstance(value, Mapping):
        raise ValueError("write the days with their hours, such as monday-friday: 08:00-20:00")
    week: dict[int, tuple[Shift, ...]] = {}
    for name, hours in value.items():
        for day in _days(str(name)):
            if day in week:
                raise ValueError(f"{DAYS[day]} stands twice; give each day once")
            week[day] = _shifts(str(name), hours)
    if missing := [DAYS[day] for day in range(len(DAYS)) if day not in week]:
        raise ValueError(f"{', '.join(missing)} missing; give every day, a day off as `{missing[0]}: {CLOSED}`")
    if not any(week.values()):
        raise ValueError("no day has hours; give one, or leave the hours out where somebody is always there")
    return tuple(week[day] for day in range(len(DAYS)))


def read_holidays(value: object) -> dict[Holiday, str]:
    """Read ``{12-25: Christmas Day, 2027-03-29: Easter Monday}``; a day without a year is one each year.

    Raises:
        ValueError: when a day is none.
    """
    if not isinstance(value, Mapping):
        raise ValueError("write each day with its name, such as 12-25: Christmas Day")
    return {key if isinstance(key, Holiday) else _holiday(str(key)): str(name) for key, name in value.items()}


def _days(name: str) -> Sequence[int]:
    first, _, last = name.strip().lower().partition("-")
    begin, end = first.strip(), last.strip() or first.strip()
    if begin not in DAYS or end not in DAYS or DAYS.index(end) < DAYS.index(begin):
        raise ValueError(f"{name!r} is no day; write one such as monday, or monday-friday")
    return range(DAYS.index(begin), DAYS.index(end) + 1)


def _shifts(day: str, hours: object) -> tuple[Shift, ...]:
    if str(hours).strip().lower() == CLOSED:
        return ()
    given = hours if isinstance(hours, list | tuple) else [hours]
    shifts = sorted(_shift(day, str(text)) for text in given)
    for earlier, later in pairwise(shifts):
        if later.begin < earlier.end:
            raise ValueError(f"{day}: {earlier} and {later} overlap; make one of them, or move one")
    return tuple(shifts)


def _shift(day: str, text: str) -> Shift:
    found = _RANGE.fullmatch(text.strip())
    if found is not None:
        hours = [int(found[place]) for place in (1, 3)]
        minutes = [int(found[place]) for place in (2, 4)]
        begin, end = (hour * 60 + minute for hour, minute in zip(hours, minutes, strict=True))
        if max(minutes) < 60 and begin < MINUTES_A_DAY and end <= MINUTES_A_DAY and begin != end:
            return Shift(begin, end if end > begin else end + MINUTES_A_DAY)
    raise ValueError(f"{day}: {text!r} is no time span; write one such as 08:00-20:00, 22:00-02:00 or {CLOSED}")


def _holiday(text: str) -> Holiday:
    found = _HOLIDAY.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError(text)
        year = int(found[1]) if found[1] else None
        day = date(year or _LEAP_YEAR, int(found[2]), int(found[3]))
    except ValueError as error:
        raise ValueError(
            f"{text!r} is no day; write 12-25 for each year, or 2027-03-29 for one (year-month-day)"
        ) from error
    return Holiday(day.month, day.day, year)
