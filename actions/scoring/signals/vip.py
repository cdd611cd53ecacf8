"""A high-value customer: the case is more severe, and help is offered one step earlier (P6)."""

from __future__ import annotations

from collections.abc import Iterator

from actions.scoring.signal import Ask, Kind, Scene, Signal


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal for a customer of a VIP tier; by itself it asks for nothing."""
    tier = scene.turn.customer.tier
    if tier in scene.policy.vip_tiers:
        yield Signal(
            name="vip",
            reason="policy",
            value=1.0,
            threshold=1.0,
            asks=Ask.NOTHING,
            weight=scene.policy.weights.get("vip", 0.0),
            evidence=(f"tier {tier}",),
            kind=Kind.PRIORITY,
            progress=0.0,
        )
