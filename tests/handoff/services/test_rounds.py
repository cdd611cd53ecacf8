"""What runs beside all else goes round until it is closed, whatever goes wrong in a round."""

from __future__ import annotations

import asyncio
import itertools

from structlog.testing import capture_logs

from handoff.services.rounds import Rounds

LONG = 600.0


async def test_a_round_that_goes_wrong_is_logged_and_the_next_one_comes_all_the_same() -> None:
    rounds = Rounds("it_failed", every=0.001)
    done: list[str] = []

    async def work() -> None:
        done.append("round")
        if len(done) == 1:
            raise OSError("the database is away")
        rounds.close()

    with capture_logs() as logs:
        await asyncio.wait_for(rounds.keep(work), 60)
    assert len(done) == 2
    assert [(line["event"], line["log_level"]) for line in logs] == [("it_failed", "error")]


async def test_a_loop_that_is_woken_goes_round_at_once_and_ends_when_it_is_closed() -> None:
    rounds, went = Rounds("it_failed", every=LONG), asyncio.Queue[bool]()

    async def work() -> None:
        went.put_nowait(rounds.is_closing)

    keeping = asyncio.create_task(rounds.keep(work))
    assert await asyncio.wait_for(went.get(), 60) is False, "the first round does not wait"
    rounds.wake()
    assert await asyncio.wait_for(went.get(), 60) is False
    rounds.close()
    await asyncio.wait_for(keeping, 60)
    assert went.empty()


async def test_what_wakes_it_during_a_round_is_looked_at_in_another_one() -> None:
    rounds = Rounds("it_failed", every=LONG)
    done: list[str] = []

    async def work() -> None:
        done.append("round")
        rounds.wake() if len(done) == 1 else rounds.close()

    await asyncio.wait_for(rounds.keep(work), 60)
    assert len(done) == 2


async def test_even_what_is_woken_all_the_time_rests_its_share() -> None:
    clock = asyncio.get_running_loop().time
    rounds = Rounds("it_failed", every=LONG, share=5.0)
    began: list[float] = []

    async def work() -> None:
        began.append(clock())
        if len(began) == 3:
            rounds.close()
        await asyncio.sleep(0.02)
        rounds.wake()

    await asyncio.wait_for(rounds.keep(work), 60)
    assert all(later - earlier >= 0.12 for earlier, later in itertools.pairwise(began))
