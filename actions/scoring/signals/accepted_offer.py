"""The customer says yes to the person that was offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from actions.scoring.answers import accepts
from actions.scoring.signal import Ask, Scene, Signal
from actions.scoring.turn import AFFIRM_INTENT

LEAST_CONFIDENCE: Final = 0.5


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal when the turn answers an offer with yes, in the intent or in the words."""
    turn = scene.turn
    if not turn.answers_offer:
        return
    said_yes = turn.intent == AFFIRM_INTENT and turn.confidence >= LEAST_CONFIDENCE
    if said_yes or accepts(turn.text):
        yield Signal(
            name="accepted_offer",
            reason="explicit_request",
            value=turn.confidence if said_yes else 1.0,
            threshold=LEAST_CONFIDENCE,
            asks=Ask.NOW,
            evidence=("accepted the offer of a person",),
            severity=scene.policy.request_severity,
            hard=True,
        )
