"""Durations as the policy writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

_UNITS: Final = (("d", 86400), ("h", 3600), ("m", 60))


def span(duration: timedelta) -> str:
    """Return ``45s``, ``15m``, ``4h`` or ``2d``: the largest unit that divides it; days only from four on."""
    seconds = int(duration.total_seconds())
    for unit, size in _UNITS:
        if seconds % size == 0 and seconds >= size * (4 if unit == "d" else 1):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
