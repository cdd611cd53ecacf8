"""The assistant did not understand, or was asked again what it had failed to answer, several times in a row (P9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from actions.scoring.picture import Failure
from actions.scoring.signal import Scene, Signal, counted, times

_WHAT: Final[dict[str, str]] = {
    Failure.NOT_UNDERSTOOD: "not understood",
    Failure.ASKED_WHICH: "it could only ask which of two topics is meant",
    Failure.NOT_HELPFUL: "it did not help",
    Failure.ASKED_AGAIN: "the same question was put again",
}


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal on a turn that failed."""
    count = scene.picture.fallbacks
    if count and count > scene.before.fallbacks:
        what = "not understood" if scene.turn.is_fallback else _WHAT.get(scene.picture.failure or "", "failed")
        evidence = (f"{what}; failed {times(count)} in a row",) if count > 1 else (what,)
        yield counted("repeated_fallback", "repeated_fallback", count, scene.policy.repeated_fallback, evidence)
