"""The assistant did not understand, several times in a row (P9)."""

from __future__ import annotations

from collections.abc import Iterator

from actions.scoring.signal import Scene, Signal, counted


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal on a turn that was not understood."""
    count = scene.picture.fallbacks
    if count and count > scene.before.fallbacks:
        evidence = (f"not understood {count} times in a row",) if count > 1 else ("not understood",)
        yield counted("repeated_fallback", "repeated_fallback", count, scene.policy.repeated_fallback, evidence)
