"""What a turn tells by its meaning: money at stake, a business at a standstill, a long wait, giving up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from actions.scoring.policy import MeaningRule
from actions.scoring.signal import Ask, Kind, Scene, Signal

GIVES_UP: Final = "gives_up"
"""In a form "no, leave it" answers the form's question."""


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal for each rule whose need the turn tells likely enough; frustration makes it weigh more."""
    for rule in scene.policy.meanings:
        likely = scene.turn.tells(rule.need)
        lowest = min((step for step in (rule.offer, rule.now) if step is not None), default=1.0)
        value = min(1.0, likely + rule.adds_frustration * scene.turn.frustration)
        if likely < lowest / 2 or (scene.turn.form and rule.need == GIVES_UP):
            continue
        enough = scene.turn.take_over >= scene.policy.like_handoffs.with_meaning
        yield Signal(
            name=rule.name,
            reason="policy",
            value=round(value, 3),
            threshold=lowest,
            asks=_asks(rule, value) if enough else Ask.NOTHING,
            weight=rule.weight,
            evidence=(f"{rule.label}: by meaning, {likely:.0%} likely",),
            kind=Kind.PRIORITY if rule.severity <= 2 else Kind.FUNCTIONAL,
            severity=rule.severity,
            level=rule.level,
            category=rule.category,
            progress=min(1.0, value / (rule.now or rule.offer or 1.0)) if enough else 0.0,
        )


def _asks(rule: MeaningRule, value: float) -> Ask:
    if rule.now is not None and value >= rule.now:
        return Ask.NOW
    return Ask.OFFER if rule.offer is not None and value >= rule.offer else Ask.NOTHING
