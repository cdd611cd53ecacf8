"""Frustration in the words: acknowledged at first, then a person is offered, then the conversation handed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from actions.scoring.signal import Ask, Scene, Signal
from actions.scoring.words import tokens

MORE_THAN_AN_OUTCRY: Final = 3
"""Words from which one turn may bring an offer by itself: one bad word does not escalate."""


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal once the turn is frustrated enough to be acknowledged (P1).

    The steps go up one at a time: a person is offered only after frustration was acknowledged (or when one
    turn is extreme), and the conversation handed over only when an offer stands that the customer did not
    decline.
    """
    rule, picture, score = scene.policy.frustration, scene.picture, scene.picture.scores[-1]
    # While an offer stands, whoever is not calm again is still frustrated.
    if score < (scene.policy.calm_below if picture.offer_is_open else rule.acknowledge):
        return
    asks, value, threshold = Ask.ACKNOWLEDGE, score, rule.acknowledge
    if score >= rule.offer_at_once and len(tokens(scene.turn.text)) >= MORE_THAN_AN_OUTCRY:
        asks, value, threshold = Ask.OFFER, score, rule.offer_at_once
    elif picture.acknowledged_turn is not None and picture.heat >= rule.offer:
        asks, value, threshold = Ask.OFFER, picture.heat, rule.offer
    if picture.offer_is_open and picture.heat >= rule.now:
        asks, value, threshold = Ask.NOW, picture.heat, rule.now
    yield Signal(
        name="frustration",
        reason="frustration",
        value=round(value, 3),
        threshold=threshold,
        asks=asks,
        weight=rule.weight,
        evidence=tuple(scene.turn.frustration_words),
        severity=rule.severity,
        progress=min(1.0, max(score * rule.acknowledge, picture.heat) / rule.now) if rule.now > 0 else 1.0,
    )
