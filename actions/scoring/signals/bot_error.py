"""The assistant itself failed, and said so, several times in a row: a system-side failure is recognised (P13)."""

from __future__ import annotations

from collections.abc import Iterator

from actions.scoring.signal import Scene, Signal, counted, times


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal when the bot's last replies told of a technical failure."""
    count = scene.picture.bot_errors
    if count and scene.turn.replies:
        often = f", {times(count)} in a row" if count > 1 else ""
        evidence = (f"the assistant told of a technical failure{often}",)
        yield counted("bot_error", "bot_error", count, scene.policy.bot_error, evidence)
