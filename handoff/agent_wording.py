"""What agents read at the desk: loaded from ``data/wording/agents.yml`` and checked before anybody reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from handoff.contract import HandoffReason
from handoff.domain.deadlines import Target
from handoff.domain.notifications import NotificationKind
from handoff.domain.outbox import EventName
from handoff.domain.own_words import WishWords
from handoff.domain.why import WHY_WORDS, WhyWords

CASE_WORDS: Final = frozenset({"number", "problem", "queue"})
NOTIFICATION_WORDS: Final[Mapping[NotificationKind, frozenset[str]]] = {
    **dict.fromkeys(NotificationKind, frozenset[str]()),
    NotificationKind.CASE_FLAGGED: frozenset({"agent", "why"}),
    NotificationKind.DEADLINE_NEAR: frozenset({"deadline", "when"}),
    NotificationKind.DEADLINE_MISSED: frozenset({"deadline"}),
    NotificationKind.CASE_STALLED: frozenset({"agent", "minutes"}),
    NotificationKind.CASE_ESCALATED: frozenset({"why"}),
    NotificationKind.CASE_TAKEN_OVER: frozenset({"agent"}),
    NotificationKind.OFFER_LOST: frozenset({"agent"}),
    NotificationKind.SET_AWAY: frozenset({"count"}),
    NotificationKind.OWNER_OFFLINE: frozenset({"agent", "minutes"}),
    NotificationKind.LOW_RATING: frozenset({"stars"}),
    NotificationKind.INCIDENT_NOTICED: frozenset({"count", "title"}),
    NotificationKind.INCIDENT_RESOLVED: frozenset({"title"}),
    NotificationKind.MENTIONED: frozenset({"agent"}),
    NotificationKind.DELIVERY_FAILED: frozenset({"what", "to"}),
}
"""What each line may hold in braces besides the words of its case."""
DEADLINE_WORDS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(Target, frozenset[str]()),
    "tried": frozenset({"queue", "deadline"}),
    "next_step": frozenset({"level"}),
}
EVENT_WORDS: Final = CASE_WORDS | {"agent", "severity", "level", "status", "csat"}
"""What every line about an event may hold: what is known of its case, and with some events more."""
EVENT_DATA: Final[Mapping[EventName, frozenset[str]]] = {
    **dict.fromkeys(EventName, frozenset[str]()),
    EventName.CASE_MOVED: frozenset({"step", "from", "to"}),
    EventName.CASE_WAITING: frozenset({"waiting_for"}),
    EventName.CASE_UPDATED: frozenset({"step"}),
    EventName.CASE_RESOLVED: frozenset({"step", "disposition", "root_cause"}),
    EventName.DEADLINE_NEAR: frozenset({"deadline", "due_at"}),
    EventName.DEADLINE_MISSED: frozenset({"deadline", "due_at"}),
    EventName.DEADLINE_STALLED: frozenset({"due_at"}),
    EventName.PROMISE_BROKEN: frozenset({"due_at"}),
    **dict.fromkeys(
        (
            EventName.INCIDENT_NOTICED,
            EventName.INCIDENT_CONFIRMED,
            EventName.INCIDENT_DISMISSED,
            EventName.INCIDENT_RESOLVED,
        ),
        frozenset({"title", "count", "category"}),
    ),
    EventName.WEBHOOK_TEST: frozenset({"webhook"}),
}
_IN_BRACES: Final = re.compile(r"\{([^}]*)\}")


def why_words(content: Mapping[str, Any], path: Path) -> WhyWords:
    """The part ``why`` of the file; raises ``ValueError`` with file, fault and remedy."""
    try:
        part = content["why"]
        words = WhyWords(
            signals={str(signal): _phrases(signal, listed) for signal, listed in part["signals"].items()},
            unknown=_phrases("unknown", part["unknown"]),
            reasons={HandoffReason(reason): str(text) for reason, text in part["reasons"].items()},
            topics={str(topic): str(text) for topic, text in part["topics"].items()},
            ordinals={int(number): str(text) for number, text in part["ordinals"].items()},
            times={int(number): str(text) for number, text in part["times"].items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(
            f"{path}: why: {error} is missing or of another form; compare with the shipped file"
        ) from error
    for signal, phrases in (*words.signals.items(), ("unknown", words.unknown)):
        for phrase in phrases:
            strange = sorted(set(_IN_BRACES.findall(phrase)) - WHY_WORDS)
            if strange or phrase.count("{") != phrase.count("}"):
                raise ValueError(
                    f"{path}: why: the phrase {phrase!r} of {signal} holds {', '.join(strange) or 'a lone brace'}; "
                    f"in braces may stand {', '.join(sorted(WHY_WORDS))}"
                )
    missing = [reason for reason in HandoffReason if reason not in words.reasons]
    if missing:
        raise ValueError(f"{path}: why.reasons has no {missing[0]}; restore it from the shipped file")
    return words


def notification_words(content: Mapping[str, Any], path: Path) -> dict[NotificationKind, str]:
    """The part ``notifications`` of the file; raises ``ValueError`` with file, fault and remedy."""
    try:
        words = {NotificationKind(kind): str(text) for kind, text in content["notifications"].items()}
    except (KeyError, AttributeError, ValueError) as error:
        raise ValueError(
            f"{path}: notifications: {error} is missing or not one of {', '.join(NotificationKind)}; compare with the "
            "shipped file"
        ) from error
    for kind, text in words.items():
        strange = sorted(set(_IN_BRACES.findall(text)) - NOTIFICATION_WORDS[kind] - CASE_WORDS)
        if strange or text.count("{") != text.count("}"):
            known = ", ".join(sorted(NOTIFICATION_WORDS[kind] | CASE_WORDS))
            raise ValueError(
                f"{path}: notifications: {kind} holds {', '.join(strange) or 'a lone brace'}; in braces may stand "
                f"{known}"
            )
    missing = [kind for kind in NotificationKind if kind not in words]
    if missing:
        raise ValueError(f"{path}: notifications has no {missing[0]}; restore it from the shipped file")
    return words


def deadline_words(content: Mapping[str, Any], path: Path) -> dict[str, str]:
    """The part ``deadlines`` of the file; raises ``ValueError`` with file, fault and remedy."""
    part = content.get("deadlines")
    words = {str(name): str(text) for name, text in part.items()} if isinstance(part, Mapping) else {}
    missing = [name for name in DEADLINE_WORDS if name not in words]
    if missing:
        raise ValueError(f"{path}: deadlines has no {missing[0]}; restore it from the shipped file")
    for name, known in DEADLINE_WORDS.items():
        strange = sorted(set(_IN_BRACES.findall(words[name])) - known)
        if strange or words[name].count("{") != words[name].count("}"):
            raise ValueError(
                f"{path}: deadlines: {name} holds {', '.join(strange) or 'a lone brace'}; in braces may stand "
                f"{', '.join(sorted(known)) or 'nothing'}"
            )
    return words


def event_words(content: Mapping[str, Any], path: Path) -> dict[EventName, str]:
    """The part ``events`` of the file; raises ``ValueError`` with file, fault and remedy."""
    try:
        words = {EventName(event): str(text) for event, text in content["events"].items()}
    except (KeyError, AttributeError, ValueError) as error:
        raise ValueError(
            f"{path}: events: {error} is missing or not one of {', '.join(EventName)}; compare with the shipped file"
        ) from error
    for event, text in words.items():
        known = EVENT_WORDS | EVENT_DATA[event]
        strange = sorted(set(_IN_BRACES.findall(text)) - known)
        if strange or text.count("{") != text.count("}"):
            raise ValueError(
                f"{path}: events: {event} holds {', '.join(strange) or 'a lone brace'}; in braces may stand "
                f"{', '.join(sorted(known))}"
            )
    missing = [event for event in EventName if event not in words]
    if missing:
        raise ValueError(f"{path}: events has no {missing[0]}; restore it from the shipped file")
    return words


def wish_words(content: Mapping[str, Any], path: Path) -> WishWords:
    """The part ``summary`` of the file; raises ``ValueError`` with file, fault and remedy."""
    try:
        part = content["summary"]
        return WishWords(_phrases("wishes", part["wishes"]), _phrases("person", part["person"]))
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: summary: {error} is missing or of another form; compare with the shipped file"
        ) from error


def _phrases(signal: object, listed: object) -> tuple[str, ...]:
    """A list of phrases; a single one written without its dash would be read letter by letter."""
    if not isinstance(listed, list) or not listed or not all(isinstance(phrase, str) for phrase in listed):
        raise TypeError(f"a list of phrases for {signal}")
    return tuple(listed)
