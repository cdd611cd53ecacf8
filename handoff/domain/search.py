"""What an agent types to find cases, read into words, phrases and filters; and where the words stand in a text.

``kettle "exact words" from:maya status:open before:2026-11-01``: every word and phrase must stand in one text of the
case, a word as the beginning of one; a filter holds for the case. Capitals and accents do not matter, in any language.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from handoff.contract import Category
from handoff.domain.cases import CaseStatus
from handoff.domain.errors import BadValue

QUERY_CHARACTERS: Final = 400
SNIPPET_CHARACTERS: Final = 160
FILTERS: Final = (
    "status", "queue", "agent", "from", "order", "severity", "cause", "before", "after", "on",
)  # fmt: skip
NOT_CLOSED: Final = "unresolved"
ME: Final = "me"
NOBODY: Final = "nobody"
_WORD: Final = re.compile(r"[^\W_]+")
_PART: Final = re.compile(
    r'(?P<key>[^\W\d_]+):(?!//)(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]*))'
    r'|"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+)|(?P<lone>")'
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FROM_TODAY: Final = re.compile(r"(?P<days>[+-]\d{1,4})d", re.ASCII)
MOST_DAYS: Final = 9999
_NAMED_DAYS: Final = {"today": 0, "yesterday": -1}

Day = date | int
"""A day of the calendar, or so many days from today (yesterday is -1): a search that is kept moves on with the days."""


class HitKind(StrEnum):
    """Where the words were found."""

    CASE = "case"
    """Number, problem, order number and the customer's name."""
    CUSTOMER = "customer"
    MESSAGE = "message"
    REPLY = "reply"
    NOTE = "note"
    OUTCOME = "outcome"
    REASON = "reason"
    """Why somebody moved the case."""


WEIGHTS: Final = {
    HitKind.CASE: 4.0,
    HitKind.OUTCOME: 3.0,
    HitKind.CUSTOMER: 3.0,
    HitKind.NOTE: 2.0,
    HitKind.MESSAGE: 2.0,
    HitKind.REPLY: 1.0,
    HitKind.REASON: 1.0,
}
"""How much a hit there says about the case: what it is about before what somebody wrote in passing."""
WHOLE_WORD: Final = 0.5
MORE_HITS: Final = 0.1
HITS_COUNTED: Final = 5

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is looked for. ``words`` are beginnings of words, ``phrases`` whole words in a row, all folded.

    ``agent``, ``customer``, ``cause`` and ``order`` are as they were typed: what they name is for the database to say.
    Days are those of UTC.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    statuses: tuple[CaseStatus, ...] = ()
    queues: tuple[Category, ...] = ()
    agent: str | None = None
    customer: str | None = None
    order: str | None = None
    severity: int | None = None
    cause: str | None = None
    since: Day | None = None
    until: Day | None = None
    """The first day that is not meant any more."""

    @property
    def says_nothing(self) -> bool:
        """Whether it would find every case."""
        return self == SearchQuery()

    def opened_from(self, now: datetime) -> datetime | None:
        """From when on the cases were opened."""
        return _begin(self.since, now) if self.since is not None else None

    def opened_before(self, now: datetime) -> datetime | None:
        """Before when they were."""
        return _begin(self.until, now) if self.until is not None else None


def _begin(day: Day, now: datetime) -> datetime:
    """When a day begins."""
    dated = now.astimezone(UTC).date() + timedelta(days=day) if isinstance(day, int) else day
    return datetime.combine(dated, time(), UTC)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a snippet; ``hit``: it is what was looked for."""

    text: str
    hit: bool


def folded(text: str) -> str:
    """Small letters without accents, as the index of words has them."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def words_of(text: str) -> Phrase:
    """The words of a text, folded."""
    return tuple(_WORD.findall(folded(text)))


def parse_query(text: str) -> SearchQuery:
    """Read what was typed. Raises ``BadValue`` that says what cannot be read, and how it can."""
    if len(text) > QUERY_CHARACTERS:
        raise _refused(f"A search has at most {QUERY_CHARACTERS} characters; this one has {len(text)}.")
    query = SearchQuery()
    for part in _PART.finditer(text):
        if part["lone"] is not None:
            raise _refused('A quotation mark is open: put another " behind the last word of the phrase.')
        if part["key"] is not None:
            value = part["quoted"] if part["quoted"] is not None else part["bare"]
            query = _filtered(query, part["key"].lower(), value.strip())
        elif part["phrase"] is not None:
            if phrase := words_of(part["phrase"]):
                query = replace(query, phrases=(*query.phrases, phrase))
        else:
            # LF-10234 is two words in a row, and only together the order's number.
            found = words_of(part["word"])
            if len(found) > 1:
                query = replace(query, phrases=(*query.phrases, found))
            else:
                query = replace(query, words=(*query.words, *found))
    return query


def _refused(message: str) -> BadValue:
    return BadValue(message, field="q")


def _filtered(query: SearchQuery, key: str, value: str) -> SearchQuery:
    if key not in FILTERS:
        raise _refused(
            f'There is no filter "{key}:". There are {", ".join(f"{name}:" for name in FILTERS)}; to find the word '
            f"itself, put it into quotation marks."
        )
    if not value:
        raise _refused(f'Behind "{key}:" something must stand, without a space between: {key}:{_example(key)}.')
    if key == "status":
        return replace(query, statuses=tuple(dict.fromkeys((*query.statuses, *_statuses(value)))))
    if key == "queue":
        return replace(query, queues=tuple(dict.fromkeys((*query.queues, _queue(value)))))
    if key == "severity":
        if value not in ("1", "2", "3", "4"):
            raise _refused(f"A severity is a number from 1 (worst) to 4, not {value!r}.")
        return replace(query, severity=int(value))
    if key in ("before", "after", "on"):
        day = _day(key, value)
        since = query.since if key == "before" else day
        until = query.until if key == "after" else (day if key == "before" else _next(day))
        return replace(query, since=since, until=until)
    if key in ("from", "order") and not words_of(value):
        raise _refused(f'Behind "{key}:" there is neither a letter nor a digit: {key}:{_example(key)}.')
    named: dict[str, Any] = {"customer" if key == "from" else key: value}
    return replace(query, **named)


_EXAMPLES: Final = {
    "status": NOT_CLOSED,
    "queue": str(Category.BILLING),
    "agent": ME,
    "from": "maya",
    "order": "LF-10234",
    "severity": "1",
    "cause": "carrier",
}


def _example(key: str) -> str:
    return _EXAMPLES.get(key, "2026-11-01")


def _statuses(value: str) -> tuple[CaseStatus, ...]:
    if value == NOT_CLOSED:
        return tuple(status for status in CaseStatus if status is not CaseStatus.CLOSED)
    try:
        return (CaseStatus(value.lower()),)
    except ValueError:
        raise _refused(f"A status is one of {', '.join(CaseStatus)} or {NOT_CLOSED}, not {value!r}.") from None


def _queue(value: str) -> Category:
    try:
        return Category(value.lower())
    except ValueError:
        raise _refused(f"A queue is one of {', '.join(Category)}, not {value!r}.") from None


def _next(day: Day) -> Day:
    return day + 1 if isinstance(day, int) else day + timedelta(days=1)


def _day(key: str, value: str) -> Day:
    named = value.lower()
    if named in _NAMED_DAYS:
        return _NAMED_DAYS[named]
    if counted := _FROM_TODAY.fullmatch(named):
        day_from_today = int(counted["days"])
        if day_from_today < MOST_DAYS:
            return day_from_today
    try:
        day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    # The day after the last one of the calendar cannot be told.
    if day is None or day == date.max:
        raise _refused(
            f"{value!r} is no day. Write year-month-day, {key}:2026-11-01, or days from today: {key}:today, {key}:-7d."
        )
    return day


def written(query: SearchQuery) -> str:
    """The query as one types it; reading it again gives the same query."""
    parts = [*query.words, *(f'"{" ".join(phrase)}"' for phrase in query.phrases)]
    parts += [f"status:{status}" for status in query.statuses] + [f"queue:{queue}" for queue in query.queues]
    named = {"agent": query.agent, "from": query.customer, "order": query.order, "cause": query.cause}
    parts += [f'{key}:"{value}"' for key, value in named.items() if value is not None]
    parts += [f"severity:{query.severity}"] if query.severity is not None else []
    parts += [f"after:{_written_day(query.since)}"] if query.since is not None else []
    parts += [f"before:{_written_day(query.until)}"] if query.until is not None else []
    return " ".join(parts)


def _written_day(day: Day) -> str:
    if isinstance(day, int):
        return "today" if day == 0 else f"{day:+}d"
    return str(day)


def _hits(query: SearchQuery, tokens: list[str]) -> set[int]:
    """Which of a text's words are those looked for."""
    found = {i for i, token in enumerate(tokens) if any(token.startswith(word) for word in query.words)}
    for phrase in query.phrases:
        for start in range(len(tokens) - len(phrase) + 1):
            if tuple(tokens[start : start + len(phrase)]) == phrase:
                found.update(range(start, start + len(phrase)))
    return found


def snippet(query: SearchQuery, text: str) -> tuple[Piece, ...]:
    """The part of a text around the first hit, about ``SNIPPET_CHARACTERS`` long, in pieces of which some are hits."""
    said = " ".join(unicodedata.normalize("NFC", text).split())
    places = list(_WORD.finditer(said))
    hits = _hits(query, [folded(place.group()) for place in places])
    first = places[min(hits)].start() if hits else 0
    begin = max(0, min(first - SNIPPET_CHARACTERS // 3, len(said) - SNIPPET_CHARACTERS))
    end = min(len(said), begin + SNIPPET_CHARACTERS)
    if begin:
        begin = said.find(" ", begin, first) + 1 or begin
    if end < len(said):
        end = max(said.rfind(" ", first + 1, end), begin + 1) if said.rfind(" ", first + 1, end) > 0 else end
    pieces = [Piece("…", hit=False)] if begin else []
    at = begin
    for i in sorted(hits):
        start, stop = max(places[i].start(), at), min(places[i].end(), end)
        if start >= stop:
            continue
        if start > at:
            pieces.append(Piece(said[at:start], hit=False))
        pieces.append(Piece(said[start:stop], hit=True))
        at = stop
    if at < end:
        pieces.append(Piece(said[at:end], hit=False))
    return (*pieces, Piece("…", hit=False)) if end < len(said) else tuple(pieces)


def weight_of(query: SearchQuery, kind: HitKind, text: str) -> float:
    """How much one hit says for its case."""
    tokens = set(words_of(text))
    return WEIGHTS[kind] + WHOLE_WORD * sum(word in tokens for word in query.words)


def rank_of(weights: list[float]) -> float:
    """How well a case fits: its best hit, and a little for each further one."""
    return max(weights) + MORE_HITS * (min(len(weights), HITS_COUNTED) - 1)
