"""The turn, with what was said before it, reads like those from which a person took over: all that words alone tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from actions.scoring.picture import LEAST_WORDS
from actions.scoring.signal import Ask, Scene, Signal
from actions.scoring.words import tokens

UNTRIED: Final = 0.5
"""Where nothing was tried yet the signal counts half beside others: first help, then hand over."""


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal from half of the likelihood at which a person is offered."""
    rule, likely, picture = scene.policy.like_handoffs, scene.turn.take_over, scene.picture
    if likely < rule.offer / 2:
        return
    failed = picture.fallbacks or picture.same_answers or picture.repeats or picture.bot_errors or picture.offer_is_open
    acknowledged = picture.acknowledged_turn is not None
    answered = sum(len(tokens(text)) >= LEAST_WORDS for text in scene.before.texts) >= rule.after_turns
    tried = failed or acknowledged or answered
    # Anger is acknowledged before anything else, and who was acknowledged is offered a person before one takes over.
    first_anger = not tried and scene.turn.frustration >= scene.policy.frustration.acknowledge
    now_from = rule.now if failed else rule.now_answered if answered and not acknowledged else rule.now_at_once
    now = likely >= now_from and not first_anger
    offer = likely >= (rule.offer if tried else rule.offer_at_once) and not first_anger
    yield Signal(
        name="like_handoffs",
        reason="frustration",
        value=round(likely, 3),
        threshold=now_from if now else rule.offer,
        asks=Ask.NOW if now else Ask.OFFER if offer else Ask.NOTHING,
        weight=rule.weight,
        evidence=(f"{likely:.0%} of such turns needed a person",),
        severity=rule.severity,
        progress=min(1.0, likely / rule.now) * (1.0 if tried else UNTRIED),
    )
