"""After a crash or a fault what was asked is found again, answered once, or given to a human."""

from __future__ import annotations

import asyncio

import pytest
import structlog

from handoff.contract import BotMetadata, HandoffReason
from handoff.delivery import dispatcher as module
from handoff.delivery.rasa import BotUnavailable
from handoff.domain.conversations import Message, SenderType, Turn, TurnStatus
from handoff.services.bot_replies import BotAnswer, store_answer
from handoff.services.events import MessagesStored, TurnPending
from handoff.store import case_events
from handoff.store import conversations as store
from tests.handoff.cast import (
    echo,
    until,
    wants_human,
)
from tests.handoff.delivery.delivering import Delivery

SILENT = BotAnswer((), None)


async def test_after_a_restart_the_tracker_is_asked_first_and_nothing_is_answered_twice(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.gates["answered"] = asyncio.Event()
    answered = await house.say(conversation, "answered")
    never_sent = await house.say(conversation, "never sent")
    await bot.was_asked(1)
    await delivery.restart()
    bot.tracker[answered.id] = echo("answered", answered.id)
    assert await delivery.dispatcher.recover() == 2
    assert await delivery.dispatcher.recover() == 0, "it knows them now"
    await delivery.idle()

    assert bot.looked_up == [answered.id, never_sent.id]
    assert bot.texts() == ["answered", "never sent"], "the first was asked before the crash, and only then"
    assert [text for sender, text in await delivery.texts(conversation) if sender == "bot"] == [
        "You said: answered",
        "You said: never sent",
    ]
    assert await delivery.statuses() == ["answered", "answered"]


async def test_a_turn_that_is_found_while_it_is_being_answered_is_answered_once(delivery: Delivery) -> None:
    house = delivery.house
    conversation = await house.begin()
    message = await house.say(conversation, "hello")
    async with house.db.read() as db:
        pending = await store.pending_turns(db)
    await delivery.idle()
    for turn in pending:
        delivery.dispatcher._enqueue(module._Waiting(turn, None, may_have_been_sent=True))
        delivery.dispatcher.deliver(TurnPending(turn, 0))
    await delivery.idle()

    assert delivery.bot.texts() == ["hello"]
    assert delivery.bot.looked_up == []
    assert message in await house.messages(conversation)
    assert len(await house.messages(conversation)) == 2


async def test_recovery_waits_for_a_bot_that_is_still_starting(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    await delivery.restart()
    conversation = await house.begin()
    object.__setattr__(house.context, "publish", lambda events: None)
    await house.say(conversation, "hello")
    bot.ready = False
    await delivery.dispatcher.recover()
    await asyncio.sleep(0.02)
    assert bot.asked == []
    bot.ready = True
    await delivery.idle()
    assert bot.texts() == ["hello"]


async def test_an_answer_that_says_nothing_is_taken_back_and_asked_again(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.answers = [SILENT]
    await house.say(conversation, "hello")
    await delivery.idle()

    assert bot.rewound == [conversation.id]
    assert bot.texts() == ["hello", "hello"]
    assert (await delivery.texts(conversation))[-1] == ("bot", "You said: hello")


async def test_an_answer_lost_on_its_way_is_taken_from_the_tracker(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()

    async def processed_but_lost(text: str, metadata: BotMetadata) -> None:
        bot.on_answer = None
        bot.tracker[metadata.message_id] = echo(text, metadata.message_id)
        raise BotUnavailable("cut off")

    bot.on_answer = processed_but_lost
    await house.say(conversation, "hello")
    await delivery.idle()

    assert bot.texts() == ["hello"], "asked once: the tracker had the answer"
    assert (await delivery.texts(conversation))[-1] == ("bot", "You said: hello")


async def test_a_handoff_whose_request_never_arrived_is_opened_from_the_record(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.on_answer = None

    async def asks(text: str, metadata: BotMetadata) -> None:
        bot.answers = [wants_human(metadata.message_id, "I see.")]

    bot.on_answer = asks
    await house.say(conversation, "a person")
    await delivery.idle()
    case = await delivery.case(conversation)

    assert case is not None
    assert (case.reason, case.context.facts) == (HandoffReason.EXPLICIT_REQUEST, {"order_number": "LH-10001"})
    assert await delivery.texts(conversation) == [
        ("customer", "a person"),
        ("bot", "I see."),
        ("system", "handoff_opened"),
    ]
    stored = [m.seq for e in house.published if isinstance(e, MessagesStored) for m in e.messages]
    assert stored == [1, 2, 3], "told in the order of their numbers"


async def test_a_crash_between_answer_and_case_leaves_neither(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = delivery.house
    conversation = await house.begin()
    object.__setattr__(house.context, "publish", lambda events: None)
    message = await house.say(conversation, "a person")
    turn = Turn(message.id, conversation.id, 1, "a person", TurnStatus.PENDING, house.clock())

    async def crash(*_given: object) -> None:
        raise OSError("killed")

    monkeypatch.setattr(case_events, "add_event", crash)
    with pytest.raises(OSError, match="killed"):
        await store_answer(house.context, turn, wants_human(message.id, "I see."), owner_version=0)

    assert await delivery.statuses() == ["pending"]
    assert await delivery.texts(conversation) == [("customer", "a person")]


async def test_a_fault_nobody_foresaw_goes_to_a_human_too(delivery: Delivery) -> None:
    house, bot = delivery.house, delivery.bot
    conversation = await house.begin()
    bot.answers = [ZeroDivisionError("a bug")]
    with structlog.testing.capture_logs():
        await house.say(conversation, "hello")
        await delivery.idle()
    case = await delivery.case(conversation)

    assert case is not None
    assert case.reason is HandoffReason.BOT_ERROR
    assert await delivery.statuses() == ["failed"]


async def test_a_fault_of_the_database_leaves_the_turn_to_the_next_recovery(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = delivery.house
    conversation = await house.begin()

    async def fails(*_given: object, **_named: object) -> None:
        raise OSError("the disk is full")

    with structlog.testing.capture_logs() as logs, monkeypatch.context() as broken:
        broken.setattr(store, "append_messages", lambda *given, **named: fails())
        broken.setattr(module, "open_case_without_bot", fails)
        async with house.db.write() as db:
            message = Message("m1", conversation.id, 1, SenderType.CUSTOMER, None, "hello", house.clock())
            turn = Turn(message.id, conversation.id, 1, "hello", TurnStatus.PENDING, house.clock())
            await store.insert_turn(db, turn)
        delivery.dispatcher.deliver(TurnPending(turn, 0))
        await delivery.idle()
    assert [line["event"] for line in logs if line["log_level"] == "error"] == [
        "turn_delivery_failed",
        "turns_left_for_recovery",
    ]
    assert await delivery.statuses() == ["pending"]
    assert await delivery.dispatcher.recover() == 1
    await delivery.idle()
    assert await delivery.statuses() == ["answered"]


async def test_recovery_goes_on_after_a_fault(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECOVERY_SECONDS", 0.001)
    await delivery.restart()
    tries = 0

    async def pending(*_given: object) -> tuple[Turn, ...]:
        nonlocal tries
        tries += 1
        raise OSError("the disk is full")

    monkeypatch.setattr(store, "pending_turns", pending)
    with structlog.testing.capture_logs():
        task = asyncio.create_task(delivery.dispatcher.keep_recovering())

        async def tried() -> bool:
            return tries >= 3

        await until(tried)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
