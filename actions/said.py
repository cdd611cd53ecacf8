"""What was said and done before the customer's last turn, read from the events that Rasa sends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.frustration.reading import MESSAGES_BEFORE, Said

Event = Mapping[str, Any]


def applied(events: Iterable[Event]) -> list[Event]:
    """Return the events that stand: without what a ``rewind`` or ``restart`` took back."""
    standing: list[Event] = []
    for event in events:
        kind = event.get("event")
        if kind == "restart":
            standing.clear()
        elif kind == "rewind":
            while standing and standing.pop().get("event") != "user":
                pass
        else:
            standing.append(event)
    return standing


def replies_of(events: Sequence[Event]) -> tuple[str, ...]:
    """Return the bot's texts between the customer's last turn and the one before it."""
    return tuple(said.text for said in _since_last_turn(events) if said.speaker == "bot")


def said_before(events: Sequence[Event]) -> tuple[Said, ...]:
    """Return what was said before the customer's last turn, oldest first: the turn before it and the replies to it."""
    return _since_last_turn(events)[-MESSAGES_BEFORE:]


def _since_last_turn(events: Sequence[Event]) -> tuple[Said, ...]:
    said: list[Said] = []
    users = 0
    for event in reversed(applied(events)):
        kind, text = event.get("event"), str(event.get("text") or "").strip()
        if kind == "user":
            users += 1
            if users == 2:
                said += [Said("customer", text)] if text and not text.startswith("/") else []
                break
        elif kind == "bot" and users == 1 and text:
            said.append(Said("bot", text))
    return tuple(reversed(said))
