"""The assistant gave an answer that it had given before: it has nothing better to say (P9)."""

from __future__ import annotations

from collections.abc import Iterator

from actions.scoring.signal import Scene, Signal, counted, times


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal on the turn after an answer was given again."""
    count = scene.picture.same_answers
    if count and count > scene.before.same_answers:
        evidence = (f"the same answer again; {times(count)} so far",)
        yield counted("same_answer", "repeated_fallback", count, scene.policy.same_answer, evidence)
