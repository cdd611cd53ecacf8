"""Delivery: in order, once, and never over a human."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from handoff.contract import BotMetadata, HandoffReason
from handoff.delivery import dispatcher as module
from handoff.delivery.rasa import BotUnavailable
from handoff.domain.cases import CaseStatus
from handoff.domain.conversations import BotReply, Conversation, Turn, TurnStatus
from handoff.domain.ownership import OwnerType
from handoff.services.bot_replies import BotAnswer, store_answer
from handoff.services.case_steps import accept, resolve
from handoff.services.conversations import begin, receive_person_request
from handoff.services.events import BotTyping
from handoff.services.open_case import open_case
from handoff.store import conversations as store
from tests.handoff.cast import (
    BEN,
    MAYA,
    Clock,
    House,
    record,
    request,
    until,
    wants_human,
)
from tests.handoff.delivery.delivering import Delivery
from tests.handoff.services.test_case_steps import SOLVED


async def test_a_message_is_answered_with_what_the_bot_must_know(delivery: Delivery) -> None:
    house = delivery.house
    conversation = await house.begin()
    message = await house.say(conversation, "hello")
    await delivery.idle()

    assert await delivery.texts(conversation) == [("customer", "hello"), ("bot", "You said: hello")]
    ((text, metadata),) = delivery.bot.asked
    assert text == "hello"
    assert metadata == BotMetadata(
        message_id=message.id,
        conversation_id=conversation.id,
        owner_version=0,
        sent_at=house.clock(),
        conversation_started_at=house.clock(),
        customer={"id": "C-1001", "name": MAYA.name, "email": MAYA.email, "verified": True},  # type: ignore[arg-type]
    )
    assert await delivery.statuses() == ["answered"]


async def test_the_bot_knows_earlier_contacts_and_the_last_case(delivery: Delivery) -> None:
    """P2; the warm return."""
    house = delivery.house
    conversation, case_id = await house.case()
    await delivery.idle()
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, BEN, **SOLVED)
    await begin(house.context, identity=MAYA, fresh=True)
    fresh = await house.begin()
    await delivery.idle()
    delivery.bot.asked.clear()
    await house.say(fresh, "again")
    await delivery.idle()
    ((_, metadata),) = delivery.bot.asked

    assert [(c.conversation_id, c.topic) for c in metadata.contacts] == [(conversation.id, "order_status")]
    assert metadata.last_case is None


async def test_who_comes_back_to_an_open_conversation_comes_another_time_about_the_same_thing(
    delivery: Delivery,
) -> None:
    """P2, as the widget does it: the conversation is resumed and never ends."""
    house = delivery.house
    first = await house.begin()
    for text, minutes in (("where is my parcel", 0), ("where is it now", 30)):
        house.clock.move(minutes=minutes)
        await house.say(first, text)
        await delivery.idle()
    begun = house.clock()
    house.clock.move(hours=9)
    again = await house.begin()
    await house.say(again, "still no parcel")
    await delivery.idle()
    house.clock.move(days=2)
    await house.say(again, "and now?")
    house.clock.move(minutes=1)
    await house.say(again, "hello?")
    await delivery.idle()

    assert again.id == first.id
    known = [[(c.conversation_id, c.topic, c.at) for c in metadata.contacts] for _, metadata in delivery.bot.asked]
    visit = (first.id, "order_status", begun - timedelta(minutes=30))
    second = (first.id, "order_status", begun + timedelta(hours=9))
    assert known == [[], [], [visit], [visit, second], [visit, second]]

    house.clock.move(days=6)
    await house.say(again, "a week later")
    await delivery.idle()
    assert [c.at for c in delivery.bot.asked[-1][1].contacts] == [begun + timedelta(days=2, hours=9)]


async def test_after_a_case_the_bot_is_told_how_it_ended(delivery: Delivery) -> None:
    house = delivery.house
    conversation, case_id = await house.case()
    await delivery.idle()
    await accept(house.context, case_id, BEN)
    delivery.bot.asked.clear()
    await resolve(house.context, case_id, BEN, **SOLVED)
    await delivery.idle()
    ((text, metadata),) = delivery.bot.asked

    assert text.startswith('/EXTERNAL_case_resolved{"outcome": "A new parcel is on its way."')
    assert metadata.last_case is not None
    assert (metadata.last_case.agent_name, metadata.last_case.outcome) == (BEN.name, SOLVED["outcome"])
    assert (await delivery.texts(conversation))[-1][0] == "bot"


async def test_messages_of_one_conversation_are_answered_in_order_one_at_a_time(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.gates["first"] = asyncio.Event()
    await house.say(conversation, "first")
    await house.say(conversation, "second")
    await bot.was_asked(1)
    assert bot.texts() == ["first"]
    bot.gates["first"].set()
    await delivery.idle()

    assert bot.texts() == ["first", "second"]
    assert [text for sender, text in await delivery.texts(conversation) if sender == "bot"] == [
        "You said: first",
        "You said: second",
    ]


async def test_one_slow_conversation_holds_up_no_other(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    slow, quick = await house.begin(), await house.begin(None)
    bot.gates["slow"] = asyncio.Event()
    await house.say(slow, "slow")
    await house.say(quick, "quick")
    await until(lambda: _spoke(delivery, quick))
    bot.gates["slow"].set()
    await delivery.idle()


async def _spoke(delivery: Delivery, conversation: Conversation) -> bool:
    return any(sender == "bot" for sender, _ in await delivery.texts(conversation))


async def test_what_waits_behind_a_handoff_is_never_sent(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.gates["a person"] = asyncio.Event()
    message = await house.say(conversation, "a person")
    await house.say(conversation, "about LH-10001")
    await bot.was_asked(1)
    await open_case(house.context, request(conversation, message))
    bot.gates["a person"].set()
    await delivery.idle()

    assert bot.texts() == ["a person"]
    assert await delivery.statuses() == ["handed_off", "handed_off"]
    assert not await _spoke(delivery, conversation), "the reply in flight is dropped"


async def test_the_backlog_of_a_humans_time_is_not_answered_when_the_bot_returns(delivery: Delivery) -> None:
    """Even if the agent was quicker than the bot's answer in flight."""
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.gates["a person"] = asyncio.Event()
    message = await house.say(conversation, "a person")
    await house.say(conversation, "about LH-10001")
    await bot.was_asked(1)
    accepted = await open_case(house.context, request(conversation, message))
    await accept(house.context, accepted.case_id, BEN)
    await resolve(house.context, accepted.case_id, BEN, **SOLVED)
    bot.gates["a person"].set()
    await delivery.idle()

    assert len(bot.asked) == 2
    assert bot.texts()[1].startswith("/EXTERNAL_case_resolved")
    assert [text for sender, text in await delivery.texts(conversation) if sender == "bot"] == [
        f"You said: {bot.texts()[1]}"
    ]


async def test_a_late_answer_is_dropped_but_what_was_understood_is_kept(sqlite_house: House) -> None:
    house = sqlite_house
    conversation, _ = await house.case()
    message = (await house.messages(conversation))[0]
    turn = Turn(message.id, conversation.id, 1, "x", TurnStatus.PENDING, house.clock())
    late = BotAnswer((BotReply("Too late"),), record(message.id, frustration=0.9))

    assert not await store_answer(house.context, turn, late, owner_version=0)
    async with house.db.read() as db:
        (scored,) = await store.scored_turns(db, conversation.id)
    assert scored.record is not None
    assert (scored.status, scored.record.frustration) == (TurnStatus.HANDED_OFF, 0.9)
    assert "Too late" not in [m.text for m in await house.messages(conversation)]


async def test_when_patience_is_over_a_human_has_it_and_the_customer_knows(delivery: Delivery, clock: Clock) -> None:
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.down = True
    await house.say(conversation, "hello?")
    await house.say(conversation, "still there?")
    await bot.was_asked(1)
    clock.move(seconds=house.context.policy.bot_patience_seconds)
    await delivery.idle()
    case = await delivery.case(conversation)

    assert case is not None
    assert (case.reason, case.status) == (HandoffReason.BOT_ERROR, CaseStatus.OPEN)
    assert (await house.now(conversation)).owner.type is OwnerType.QUEUE
    assert (await delivery.texts(conversation))[-1] == ("system", "bot_handoff")
    assert await delivery.statuses() == ["failed", "handed_off"]
    assert "still there?" not in bot.texts()


async def test_a_customer_who_waits_is_told_once(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    """P23: also when the bot hangs instead of failing, and not again after a restart."""
    monkeypatch.setattr(module, "TROUBLE_AFTER", timedelta(milliseconds=5))
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.gates["hello"] = asyncio.Event()
    await house.say(conversation, "hello")

    async def told() -> bool:
        return ("system", "bot_trouble") in await delivery.texts(conversation)

    await until(told)
    await delivery.restart()
    await delivery.dispatcher.recover()
    await bot.was_asked(2)
    await asyncio.sleep(0.03)
    bot.gates["hello"].set()
    await delivery.idle()

    assert [text for _, text in await delivery.texts(conversation)] == ["hello", "bot_trouble", "You said: hello"]


async def test_nobody_is_told_of_trouble_with_news_they_do_not_wait_for(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, bot = delivery.house, delivery.bot
    conversation, case_id = await house.case()
    await delivery.idle()
    await accept(house.context, case_id, BEN)
    monkeypatch.setattr(module, "TROUBLE_AFTER", timedelta(0))
    bot.answers = [BotUnavailable("down")] * 3
    await resolve(house.context, case_id, BEN, **SOLVED)
    await delivery.idle()

    assert ("system", "bot_trouble") not in await delivery.texts(conversation)


async def test_a_customer_who_waits_sees_the_bot_typing(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TYPING_AFTER", timedelta(milliseconds=1))
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.gates["hello"] = asyncio.Event()
    typing = BotTyping(conversation.id, house.context.wording.widget["bot_name"])
    await house.say(conversation, "hello")

    async def shown() -> bool:
        return typing in house.published

    await until(shown)
    bot.gates["hello"].set()
    await delivery.idle()


async def test_a_quick_answer_comes_without_any_notice_of_trouble(delivery: Delivery) -> None:
    conversation = await delivery.house.begin()
    await delivery.house.say(conversation, "hello")
    await delivery.idle()
    assert [sender for sender, _ in await delivery.texts(conversation)] == ["customer", "bot"]


async def test_an_answer_for_a_conversation_that_was_ended_opens_no_case(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.gates["a person"] = asyncio.Event()
    message = await house.say(conversation, "a person")
    await bot.was_asked(1)
    bot.answers = [wants_human(message.id)]
    await begin(house.context, identity=MAYA, fresh=True)
    bot.gates["a person"].set()
    await delivery.idle()

    assert await delivery.case(conversation) is None


async def test_the_wish_for_a_person_does_not_wait_for_a_bot_that_is_down(delivery: Delivery, clock: Clock) -> None:
    """P3: at once, from anywhere; and not as a failure of the bot."""
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.down = True
    await receive_person_request(house.context, conversation.id, "client-0001")
    await bot.was_asked(1)
    clock.now += module.PERSON_PATIENCE
    await delivery.idle()
    case = await delivery.case(conversation)

    assert case is not None
    assert case.reason is HandoffReason.EXPLICIT_REQUEST
    assert (await delivery.texts(conversation))[-1] == ("system", "handoff_opened")


async def test_closing_ends_what_is_being_written_and_leaves_the_rest(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.gates["first"] = asyncio.Event()
    await house.say(conversation, "first")
    await house.say(conversation, "second")
    await bot.was_asked(1)
    async with asyncio.timeout(1):
        await delivery.dispatcher.close()

    assert await delivery.statuses() == ["pending", "pending"]
    assert bot.texts() == ["first"]
