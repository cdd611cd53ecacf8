"""While the bot is away a customer's turn is kept for it, until a person has it."""

from __future__ import annotations

import asyncio

import pytest

from handoff.delivery import dispatcher as module
from handoff.services.case_steps import accept
from tests.handoff.cast import BEN, ScriptedBot
from tests.handoff.delivery.delivering import Delivery


async def test_a_bot_that_is_away_is_not_asked_on_for_a_turn_that_a_person_has(
    delivery: Delivery, bot: ScriptedBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", (0.01,))
    bot.down = True
    conversation = await delivery.house.begin()
    said = await delivery.house.say(conversation, "Where is my parcel?")
    await bot.was_asked(1)
    case_id = await delivery.house.hand_over(conversation, said)
    await accept(delivery.house.context, case_id, BEN)
    async with asyncio.timeout(2):
        await delivery.idle()

    assert delivery.dispatcher._tasks == {}, "the clock stands still: only the person ended the tries"
    assert (await delivery.statuses()) == ["handed_off"]
    case = await delivery.case(conversation)
    assert case is not None
    assert (case.id, case.agent_id) == (case_id, BEN.id), "nothing was opened anew"
