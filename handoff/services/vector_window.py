"""The vectors of the latest closed cases in memory, searched exactly.

Each number is a byte here, with one scale a vector: 388 bytes a case, so 39 MB for 100,000, and a cosine moves by less
than 0.005. Blocks are widened to float32 as they are searched, which takes a fraction of widening float16. Imported
only where meaning is on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from handoff.contract import Category
from handoff.store.case_meanings import StoredMeaning

STORED: Final = np.dtype("<f2")
BLOCK: Final = 1024
SLACK: Final = 1.1
"""How far beyond its size the window may grow before the oldest are dropped, so that dropping is rare."""
_PLACES: Final = {category: place for place, category in enumerate(Category)}

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
        self._categories = np.empty(0, dtype=np.int8)
        self._closed = np.empty(0, dtype=np.float64)
        self._rows: npt.NDArray[np.int8] = np.empty((0, 0), dtype=np.int8)
        self._scales = np.empty(0, dtype=np.float32)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, found: Sequence[StoredMeaning]) -> None:
        """Take these in; a case that is here already gets its new place and category."""
        latest = {meaning.case_id: meaning for meaning in found}
        if not latest:
            return
        rows = np.stack([np.frombuffer(meaning.vector, dtype=STORED) for meaning in latest.values()])
        bytes_, scales = _as_bytes(rows.astype(np.float32))
        closed = np.array([meaning.closed_at.timestamp() for meaning in latest.values()])
        categories = np.array([_PLACES[meaning.category] for meaning in latest.values()], dtype=np.int8)
        places = [self._place.get(case_id) for case_id in latest]
        known = np.array([place is not None for place in places])
        for here, place in enumerate(places):
            if place is None:
                continue
            self._rows[place], self._scales[place] = bytes_[here], scales[here]
            self._closed[place], self._categories[place] = closed[here], categories[here]
        if known.all():
            return
        self._rows = np.concatenate([self._rows, bytes_[~known]]) if self._ids else bytes_[~known]
        self._scales = np.concatenate([self._scales, scales[~known]])
        self._closed = np.concatenate([self._closed, closed[~known]])
        self._categories = np.concatenate([self._categories, categories[~known]])
        for case_id in latest:
            if case_id not in self._place:
                self._place[case_id] = len(self._ids)
                self._ids.append(case_id)
        if len(self._ids) > self._size * SLACK:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        kept = np.sort(np.argsort(-self._closed, kind="stable")[: self._size])
        self._rows, self._scales = self._rows[kept], self._scales[kept]
        self._closed, self._categories = self._closed[kept], self._categories[kept]
        self._ids = [self._ids[place] for place in kept]
        self._place = {case_id: place for place, case_id in enumerate(self._ids)}

    def nearest(self, vector: Vectors, category: Category, *, like_from: float, most: int) -> dict[str, float]:
        """The likeliest cases with their cosine: ``most`` of this category and as many of all the others."""
        if not self._ids:
            return {}
        blocks = range(0, len(self._rows), BLOCK)
        likeness = np.concatenate([self._rows[start : start + BLOCK].astype(np.float32) @ vector for start in blocks])
        likeness *= self._scales
        own = self._categories == _PLACES[category]
        places = [place for group in (own, ~own) for place in _top(np.where(group, likeness, -2.0), most)]
        return {self._ids[place]: float(likeness[place]) for place in places if likeness[place] >= like_from}


def _as_bytes(rows: Vectors) -> tuple[npt.NDArray[np.int8], Vectors]:
    """Each row as whole numbers of -127 to 127, and what each of these stands for."""
    scales = np.abs(rows).max(axis=1) / 127.0
    scales[scales == 0.0] = 1.0
    return np.rint(rows / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def _top(likeness: Vectors, most: int) -> npt.NDArray[np.intp]:
    """The places of the highest values. Those of the other group stand at -2, below every cosine."""
    if len(likeness) <= most:
        return np.flatnonzero(likeness > -2.0)
    top = np.argpartition(-likeness, most)[:most]
    return top[likeness[top] > -2.0]
