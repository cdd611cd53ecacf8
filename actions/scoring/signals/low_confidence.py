"""The assistant answered, but was unsure, several times in a row."""

from __future__ import annotations

from collections.abc import Iterator

from actions.scoring.signal import Scene, Signal, counted


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal on an unsure turn."""
    count = scene.picture.unsure
    if count and count > scene.before.unsure:
        turns = f"{count} unsure turns in a row" if count > 1 else "one unsure turn"
        evidence = (f"confidence {scene.turn.confidence:.2f}, {turns}",)
        yield counted("low_confidence", "low_confidence", count, scene.policy.low_confidence, evidence)
