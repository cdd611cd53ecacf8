"""The same request again, the same sentence again, or "that did not help": bot and customer talk past each other."""

from __future__ import annotations

from collections.abc import Iterator

from actions.scoring.picture import says_failed
from actions.scoring.signal import Scene, Signal, counted, times


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal on a turn that repeats an unresolved attempt (P1, P9)."""
    count = scene.picture.repeats
    if count and count > scene.before.repeats:
        what = "said that it did not help" if says_failed(scene.turn, scene.policy) else "asked the same again"
        evidence = (f"{what}; {times(count)} so far",)
        yield counted("repetition", "frustration", count, scene.policy.repetition, evidence)
