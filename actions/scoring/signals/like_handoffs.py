"""The turn, with what was said before it, reads like those from which a person took over: all that words alone tell."""

from __future__ import annotations

from collections.abc import Iterator

from actions.scoring.signal import Ask, Scene, Signal


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal from half of the likelihood at which a person is offered."""
    rule, likely = scene.policy.like_handoffs, scene.turn.take_over
    if likely < rule.offer / 2:
        return
    yield Signal(
        name="like_handoffs",
        reason="frustration",
        value=round(likely, 3),
        threshold=rule.now if likely >= rule.now else rule.offer,
        asks=Ask.NOW if likely >= rule.now else Ask.OFFER if likely >= rule.offer else Ask.NOTHING,
        weight=rule.weight,
        evidence=(f"{likely:.0%} of such turns needed a person",),
        severity=rule.severity,
        progress=min(1.0, likely / rule.now),
    )
