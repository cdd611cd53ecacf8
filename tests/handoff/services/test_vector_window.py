"""The search over the latest closed cases: exact, and bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from handoff.contract import Category
from handoff.services.vector_window import BLOCK, VectorWindow, stored
from handoff.store.case_meanings import StoredMeaning

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def meanings(rows: np.ndarray, first: int = 0) -> list[StoredMeaning]:  # type: ignore[type-arg]
    return [
        StoredMeaning(
            f"case-{first + n}", list(Category)[(first + n) % 2], BEGIN + timedelta(minutes=first + n), vector
        )
        for n, vector in enumerate(stored(rows))
    ]


def unit_rows(count: int, seed: int = 1) -> np.ndarray:  # type: ignore[type-arg]
    rows = np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


TOLERANCE = 0.005
"""What a byte a number may move a cosine by."""


def test_the_nearest_are_those_that_looking_at_all_would_find() -> None:
    rows = unit_rows(BLOCK + 37)
    window = VectorWindow(100_000)
    window.add(meanings(rows))
    asked = unit_rows(1, seed=2)[0]

    found = window.nearest(asked, Category.BILLING, like_from=-1.0, most=5)

    likeness = rows @ asked
    assert len(found) == 10
    for parity in (0, 1):
        fifth = sorted(likeness[parity::2])[-5]
        shown = [n for n in range(parity, len(rows), 2) if f"case-{n}" in found]
        assert len(shown) == 5
        assert all(likeness[n] >= fifth - 2 * TOLERANCE for n in shown)
    assert all(abs(found[name] - likeness[int(name.removeprefix("case-"))]) < TOLERANCE for name in found)


def test_nothing_below_the_threshold_is_found() -> None:
    window = VectorWindow(10)
    window.add(meanings(np.eye(4, dtype=np.float32)))

    assert window.nearest(np.eye(4, dtype=np.float32)[0], Category.BILLING, like_from=0.5, most=3) == {
        "case-0": pytest.approx(1.0)
    }
    assert VectorWindow(10).nearest(np.eye(4, dtype=np.float32)[0], Category.BILLING, like_from=0.5, most=3) == {}


def test_beyond_its_size_the_window_drops_the_oldest_closed() -> None:
    rows = unit_rows(30)
    window = VectorWindow(10)
    window.add(meanings(rows[20:], first=20))
    window.add(meanings(rows[:20]))

    assert len(window) == 10
    found = window.nearest(rows[0], Category.BILLING, like_from=-1.0, most=30)
    assert set(found) == {f"case-{n}" for n in range(20, 30)}


def test_a_case_that_was_closed_again_takes_its_new_place() -> None:
    rows = np.eye(3, dtype=np.float32)
    window = VectorWindow(10)
    window.add(meanings(rows))
    again = StoredMeaning("case-0", Category.PLAN, BEGIN + timedelta(days=9), stored(rows[2:])[0])
    window.add([again])

    assert len(window) == 3
    assert window.nearest(rows[2], Category.PLAN, like_from=0.9, most=3) == {
        "case-0": pytest.approx(1.0),
        "case-2": pytest.approx(1.0),
    }
