"""The customer came about the same thing before: the third contact is a trigger by itself (P2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask, Kind, Scene, Signal
from actions.scoring.turn import Contact, TurnInput

_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal when earlier contacts about this turn's request lie within the window."""
    earlier = same_contacts(scene.turn, scene.policy)
    settles = f"repeat_contact:{scene.turn.topic}"
    if not earlier or settles in scene.picture.settled:
        return
    number = len(earlier) + 1
    reached = number >= scene.policy.contacts
    yield Signal(
        name="repeat_contact",
        reason="repeat_contact",
        value=float(number),
        threshold=float(scene.policy.contacts),
        asks=Ask.NOW if reached else Ask.NOTHING,
        weight=1.0,
        evidence=(
            f"{ordinal(number)} contact about this in {scene.policy.contact_window.days} days",
            *(f"{contact.at:%d %B}: {contact.topic}" for contact in earlier),
        ),
        kind=Kind.PRIORITY,
        severity=scene.policy.contact_severity,
        hard=True,
        progress=min(1.0, number / scene.policy.contacts),
        settles=settles,
    )


def same_contacts(turn: TurnInput, policy: PolicyView) -> tuple[Contact, ...]:
    """Return the earlier contacts about the same thing as ``turn``, oldest first.

    The same thing is the same topic. A category holds too much: who asks for a delivery date on Monday and cancels
    another order on Thursday has not come twice about one problem (P10).
    """
    if turn.topic is None:
        return ()
    return tuple(
        contact
        for contact in sorted(turn.contacts, key=lambda contact: contact.at)
        if contact.topic == turn.topic and (turn.at is None or turn.at - contact.at <= policy.contact_window)
    )


def ordinal(number: int) -> str:
    """Return ``3rd`` for 3."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{_ENDINGS.get(number % 10, 'th')}"
