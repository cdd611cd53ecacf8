"""Named risks hand over at once, whatever the mood (P5)."""

from __future__ import annotations

from collections.abc import Iterator

from actions.scoring.signal import Ask, Kind, Scene, Signal
from actions.scoring.words import find_phrases, normalise, phrase_pattern


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield one signal for each risk whose phrases stand in the turn."""
    text = normalise(scene.turn.text)
    for rule in scene.policy.risks:
        found = find_phrases(text, rule.phrases, even_if_denied=rule.even_if_denied)
        if not found or phrase_pattern(rule.unless).search(text):
            continue
        yield Signal(
            name=f"risk_{rule.name}",
            reason="policy",
            value=float(len(found)),
            threshold=1.0,
            asks=Ask.NOW,
            weight=scene.policy.weights.get("risk", 1.0),
            evidence=tuple(f"{rule.label}: {phrase}" for phrase in found),
            kind=Kind.PRIORITY,
            severity=rule.severity,
            level=rule.level,
            category=rule.category,
            hard=True,
        )
