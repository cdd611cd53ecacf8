"""Each use case of handoff works under the one policy that is in force when it begins (P15)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from handoff.contract import Category, Tier
from handoff.delivery import dispatcher as dispatcher_module
from handoff.delivery.dispatcher import Dispatcher
from handoff.services.events import TurnPending
from tests.handoff.cast import Clock, House, ScriptedBot
from warmline.paths import PROJECT_ROOT
from warmline.policy import LivePolicy

SHIPPED = (PROJECT_ROOT / "data" / "escalation.yml").read_text(encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "escalation.yml"
    path.write_text(SHIPPED, encoding="utf-8")
    return path


@pytest.fixture
def live(file: Path, clock: Clock) -> LivePolicy:
    return LivePolicy(file, clock=clock)


def edit(live: LivePolicy, file: Path, old: str, new: str) -> None:
    assert old in SHIPPED
    file.write_text(SHIPPED.replace(old, new), encoding="utf-8")
    live.check()
    live.check()


def test_a_use_case_keeps_the_policy_that_it_began_under(sqlite_house: House, live: LivePolicy, file: Path) -> None:
    wired = replace(sqlite_house.context, policy=live.policy, live=live)
    begun = wired.current()
    edit(live, file, "first_response: 2m", "first_response: 1m")
    start = sqlite_house.clock()

    asked = (Category.BILLING, 1, Tier.STANDARD)
    assert (begun.sla(*asked).opening(start).first_response_due - start).total_seconds() == 120
    assert (wired.current().sla(*asked).opening(start).first_response_due - start).total_seconds() == 60
    assert wired.current().policy.version == live.policy.version


def test_a_broken_edit_leaves_the_promises_of_handoff_as_they_were(
    sqlite_house: House, live: LivePolicy, file: Path
) -> None:
    wired = replace(sqlite_house.context, policy=live.policy, live=live)
    edit(live, file, "first_response: 2m", "first_response: soon")

    assert wired.current().policy is wired.policy
    assert live.state.problem is not None


async def test_the_bots_patience_follows_the_file(
    sqlite_house: House, live: LivePolicy, file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher_module, "RETRY_SECONDS", (0.001,))
    bot = ScriptedBot(down=True)
    conversation = await sqlite_house.begin()
    await sqlite_house.say(conversation, "where is my order")
    dispatcher = Dispatcher(replace(sqlite_house.context, policy=live.policy, live=live), bot)
    edit(live, file, "bot_patience_seconds: 45", "bot_patience_seconds: 2")
    dispatcher.deliver(next(event for event in sqlite_house.published if isinstance(event, TurnPending)))
    await bot.was_asked(1)
    clock.move(seconds=2)
    async with asyncio.timeout(5):
        await asyncio.gather(*dispatcher._tasks.values())

    assert not (await sqlite_house.now(conversation)).owner.is_bot
