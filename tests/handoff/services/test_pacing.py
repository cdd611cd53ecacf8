"""What is done by itself leaves the processor to people who write."""

from __future__ import annotations

import asyncio

import pytest

from handoff.services import pacing


class Time:
    """A clock that a test moves; a rest ends as late as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, late: list[float]) -> None:
        self.now, self.rests, self._late = 100.0, list[float](), late
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: self.now)
        monkeypatch.setattr(pacing.asyncio, "sleep", self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.rests.append(round(seconds, 6))
        self.now += seconds + (self._late.pop(0) if self._late else 0.0)

    async def work(self, seconds: float) -> list[float]:
        """A step that takes so long; returns the rests after it, in seconds."""
        async with pacing.paced():
            self.now += seconds
        return self.rests


async def test_after_a_step_it_rests_three_times_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await Time(monkeypatch, []).work(0.02) == [0.06]


async def test_while_others_stand_in_line_it_rests_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await Time(monkeypatch, [0.03, 0.02, 0.001]).work(0.02) == [0.06] * 3


async def test_however_busy_it_stays_it_goes_on_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await Time(monkeypatch, [0.5] * 50).work(0.02) == [0.06] * pacing.MOST_RESTS


async def test_a_step_that_waited_long_for_somebody_else_is_not_paid_for_with_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await Time(monkeypatch, []).work(20.0) == [pacing.LONGEST_REST_SECONDS]
