"""What a monitoring system reads of the action server, in Prometheus' format: calls by action and how they ended."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
UNKNOWN: Final = "unknown"
"""The label of a call that names no action of ours: what is sent cannot make labels."""
SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
OUTCOMES: Final = {200: "done", 400: "rejected", 404: "not_found", 422: "not_understood"}


class Metrics:
    """The numbers of one action server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter(
            "warmline_action_calls",
            "Calls by action and how they ended",
            ("action", "outcome"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "warmline_action_seconds", "How long an action ran", ("action",), registry=self._registry, buckets=SECONDS
        )

    def count(self, action: object, known: Collection[str], status: int, seconds: float) -> None:
        """Note one call: the action it named, the status of its answer, how long it took."""
        name = action if isinstance(action, str) and action in known else UNKNOWN
        self._calls.labels(name, OUTCOMES.get(status, "failed")).inc()
        self._seconds.labels(name).observe(seconds)

    def page(self) -> bytes:
        """All numbers as they are read."""
        return generate_latest(self._registry)
