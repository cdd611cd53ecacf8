"""The vectors of the latest closed cases in memory, searched exactly.

float16 halves the memory (768 bytes a case, so 77 MB for 100,000) and moves a cosine by less than 0.001. Blocks are
widened to float32 as they are searched, because processors multiply float16 slowly. Imported only where meaning is on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from handoff.contract import Category
from handoff.store.case_meanings import StoredMeaning

STORED: Final = np.dtype("<f2")
BLOCK: Final = 4096
SLACK: Final = 1.1
"""How far beyond its size the window may grow before the oldest are dropped, so that dropping is rare."""

Vectors = npt.NDArray[np.float32]


def stored(vectors: Vectors) -> list[bytes]:
    """Each row as the database keeps it."""
    return [row.astype(STORED).tobytes() for row in vectors]


class VectorWindow:
    """At most ``size`` vectors, those of the latest closed cases."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._ids: list[str] = []
        self._place: dict[str, int] = {}
        self._categories: list[Category] = []
        self._closed = np.empty(0, dtype=np.float64)
        self._rows: npt.NDArray[np.float16] = np.empty((0, 0), dtype=np.float16)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, found: Sequence[StoredMeaning]) -> None:
        """Take these in; a case that is here already gets its new place and category."""
        fresh: dict[str, StoredMeaning] = {}
        for meaning in found:
            place = self._place.get(meaning.case_id)
            if place is None:
                fresh[meaning.case_id] = meaning
            else:
                self._categories[place] = meaning.category
                self._closed[place] = meaning.closed_at.timestamp()
                self._rows[place] = np.frombuffer(meaning.vector, dtype=STORED)
        if not fresh:
            return
        rows = np.stack([np.frombuffer(m.vector, dtype=STORED) for m in fresh.values()])
        closed = np.array([m.closed_at.timestamp() for m in fresh.values()])
        self._rows = np.concatenate([self._rows, rows]) if self._ids else rows
        self._closed = np.concatenate([self._closed, closed])
        self._ids += fresh
        self._categories += [m.category for m in fresh.values()]
        if len(self._ids) > self._size * SLACK:
            self._drop_oldest()
        else:
            self._place = {case_id: place for place, case_id in enumerate(self._ids)}

    def _drop_oldest(self) -> None:
        kept = np.sort(np.argsort(-self._closed, kind="stable")[: self._size])
        self._rows, self._closed = self._rows[kept], self._closed[kept]
        self._ids = [self._ids[place] for place in kept]
        self._categories = [self._categories[place] for place in kept]
        self._place = {case_id: place for place, case_id in enumerate(self._ids)}

    def nearest(self, vector: Vectors, category: Category, *, like_from: float, most: int) -> dict[str, float]:
        """The likeliest cases with their cosine: ``most`` of this category and as many of all the others."""
        if not self._ids:
            return {}
        likeness = np.concatenate(
            [
                self._rows[start : start + BLOCK].astype(np.float32) @ vector
                for start in range(0, len(self._rows), BLOCK)
            ]
        )
        own = np.array([found is category for found in self._categories])
        places = [place for group in (own, ~own) for place in _top(np.where(group, likeness, -1.0), most)]
        return {self._ids[place]: float(likeness[place]) for place in places if likeness[place] >= like_from}


def _top(likeness: Vectors, most: int) -> npt.NDArray[np.intp]:
    """The places of the highest values. Those left out of their group stand at -1, below every threshold."""
    if len(likeness) <= most:
        return np.flatnonzero(likeness > -1.0)
    top = np.argpartition(-likeness, most)[:most]
    return top[likeness[top] > -1.0]
