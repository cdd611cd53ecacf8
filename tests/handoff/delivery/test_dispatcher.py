"""Delivery: in order, once, found again after a crash, and never over a human."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import structlog

from handoff.contract import BotMetadata, HandoffReason
from handoff.delivery import dispatcher as module
from handoff.delivery.dispatcher import Dispatcher
from handoff.delivery.rasa import BotUnavailable
from handoff.domain.cases import Case, CaseStatus
from handoff.domain.conversations import BotReply, Conversation, Message, SenderType, Turn, TurnStatus
from handoff.domain.ownership import OwnerType
from handoff.services.bot_replies import BotAnswer, store_answer
from handoff.services.case_steps import accept, resolve
from handoff.services.conversations import begin, receive_person_request
from handoff.services.events import BotTyping, Event, MessagesStored, TurnPending
from handoff.services.open_case import open_case
from handoff.store import case_events
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store.schema import turns
from tests.handoff.cast import (
    BEN,
    MAYA,
    Clock,
    House,
    ScriptedBot,
    echo,
    record,
    request,
    until,
    wants_human,
)
from tests.handoff.services.test_case_steps import SOLVED

SILENT = BotAnswer((), None)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between tries."""
    monkeypatch.setattr(module, "RETRY_SECONDS", (0.001,))


class Delivery:
    """A dispatcher on a house, fed as the hub feeds it."""

    def __init__(self, house: House, bot: ScriptedBot) -> None:
        self.house, self.bot = house, bot
        self.dispatcher = Dispatcher(house.context, bot)

    def tell(self, events: tuple[Event, ...]) -> None:
        self.house.published.extend(events)
        for event in events:
            if isinstance(event, TurnPending):
                self.dispatcher.deliver(event)

    async def idle(self) -> None:
        """Wait until nothing is being delivered."""
        async with asyncio.timeout(5):
            while tasks := list(self.dispatcher._tasks.values()):
                await asyncio.gather(*tasks)

    async def restart(self) -> None:
        """As after a crash: nobody knows anything, the database does."""
        await self.dispatcher.close()
        self.dispatcher = Dispatcher(self.house.context, self.bot)

    async def statuses(self) -> list[str]:
        async with self.house.db.read() as db:
            return [str(row.status) for row in (await db.execute(turns.select().order_by(turns.c.seq))).all()]

    async def case(self, conversation: Conversation) -> Case | None:
        async with self.house.db.read() as db:
            return await case_store.latest_case(db, conversation.id)

    async def texts(self, conversation: Conversation) -> list[tuple[str, str]]:
        return [(str(m.sender), m.notice or m.text) for m in await self.house.messages(conversation)]


@pytest.fixture
async def delivery(sqlite_house: House, bot: ScriptedBot) -> AsyncIterator[Delivery]:
    made = Delivery(sqlite_house, bot)
    object.__setattr__(sqlite_house.context, "publish", made.tell)
    yield made
    await made.dispatcher.close()


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
