"""The bot reads a text while it is stored, and never one that the customer writes to a human."""

from __future__ import annotations

import asyncio

import pytest

from handoff.delivery import reading_ahead as module
from handoff.delivery.dispatcher import Dispatcher, _Waiting
from handoff.delivery.reading_ahead import ReadingAhead
from handoff.domain.conversations import Button
from handoff.services.bot_replies import BotAnswer, BotReply
from handoff.services.case_steps import accept, resolve
from handoff.services.events import TurnPending
from tests.handoff.cast import BEN, GRACE, PRIYA, House, ScriptedBot, until, wants_human
from tests.handoff.service import Customer, Desk, Service
from tests.handoff.services.test_case_steps import SOLVED, TRIED


async def settled(service: Service) -> None:
    """Wait until no turn is in work."""
    delivery = service.parts.hub._delivery
    assert isinstance(delivery, Dispatcher)

    async def idle() -> bool:
        return not delivery._queues

    await until(idle)


async def say(service: Service, customer: Customer, text: str) -> None:
    """The customer writes, and whatever follows is done."""
    assert (await customer.say(text)).status == 200
    await settled(service)


async def test_a_text_is_read_ahead_once_the_bot_is_known_to_own(service: Service) -> None:
    maya = await service.customer()
    await say(service, maya, "hello")
    assert service.bot.read == []
    await say(service, maya, "where is my order?")
    assert service.bot.read == ["where is my order?"]
    assert service.bot.texts() == ["hello", "where is my order?"]


async def test_over_the_stream_too(service: Service) -> None:
    maya = await service.customer()
    await say(service, maya, "hello")
    stream = await maya.stream()
    await stream.send(type="message", client_message_id="abcdefgh-9", text="and where is it?")
    await stream.until("accepted")
    await settled(service)
    assert service.bot.read == ["and where is it?"]


async def test_what_is_read_ahead_is_what_comes_as_the_turn(service: Service) -> None:
    """Customers cannot name an intent here either."""
    maya = await service.customer()
    await say(service, maya, "hello")
    await say(service, maya, " / /talk_to_person ")
    assert service.bot.read == ["talk_to_person"] == service.bot.texts()[1:]


async def test_buttons_and_the_wish_for_a_person_are_not_read_ahead(service: Service) -> None:
    offer = BotReply("Shall I?", (Button("Yes", "/affirm"), Button("No", "/deny")))
    service.bot.answers = [BotAnswer((offer,), None), BotAnswer((offer,), None)]
    maya = await service.customer()
    await say(service, maya, "cancel it")
    body = {"client_message_id": "abcdefgh-2", "button": {"seq": 2, "index": 0}}
    assert (await maya.call("POST", "/messages", json=body)).status == 200
    await settled(service)
    assert (
        await maya.call("POST", "/messages", json={"client_message_id": "abcdefgh-3", "person": True})
    ).status == 200
    await settled(service)
    assert service.bot.read == []


async def test_nothing_is_read_ahead_while_a_turn_of_the_conversation_is_in_work(service: Service) -> None:
    """It might be the turn that hands over."""
    maya, priya = await service.customer(), await service.customer(PRIYA)
    await say(service, maya, "hello")
    await say(service, priya, "hello")
    service.bot.gates["a long story"] = asyncio.Event()
    await maya.say("a long story")
    await service.bot.was_asked(3)
    service.bot.read.clear()

    await maya.say("and another")
    await priya.say("not held up by Maya")
    assert service.bot.read == ["not held up by Maya"]
    service.bot.gates["a long story"].set()
    await settled(service)
    assert service.bot.texts()[-1] == "and another"


async def test_no_word_to_a_human_is_read_whatever_happens_to_the_case(service: Service) -> None:
    maya = await service.customer()
    await say(service, maya, "hello")
    service.bot.answers = [wants_human("m", "One moment.")]
    await say(service, maya, "I have had it")  # the bot hands over
    service.bot.read.clear()
    ben, grace = await service.agent(BEN), await service.agent(GRACE)
    state = (await maya.call("GET", "/conversation")).body["state"]
    assert state["owner"]["type"] == "queue"
    case = f"/cases/{state['case']['id']}"
    steps: tuple[tuple[Desk, str, dict[str, str]], ...] = (
        (ben, f"{case}/accept", {}),
        (ben, f"{case}/messages", {"client_message_id": "abcdefgh-b", "text": "Hello, I am Ben"}),
        (ben, f"{case}/notes", {"text": "writes a lot"}),
        (ben, f"{case}/transfer", {"category": "returns_refunds", **TRIED}),
        (ben, f"{case}/accept", {}),
        (ben, f"{case}/escalate", TRIED),
        (grace, f"{case}/accept", {}),
    )

    await say(service, maya, "private: before anybody took it")
    for desk, path, body in steps:
        answer = await desk.post(path, body)
        assert answer.status in (200, 201), (path, answer.body)
        await say(service, maya, f"private: after {path}")
    assert service.bot.read == []

    solved = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "Sent again"}
    assert (await grace.post(f"{case}/resolve", solved)).status == 200
    await settled(service)
    await say(service, maya, "thanks")
    assert service.bot.read == ["thanks"]  # the bot owns again, and said how it ended

    reopened = {"client_message_id": "abcdefgh-r", "case_id": state["case"]["id"], "note": "Still broken"}
    assert (await maya.call("POST", "/reopen", json=reopened)).status == 200
    await say(service, maya, "private: after the case was reopened")
    assert service.bot.read == ["thanks"]
    assert not [text for text in service.bot.texts() if text.startswith("private")]


async def test_a_conversation_that_went_to_a_human_because_the_bot_was_away_is_not_read(service: Service) -> None:
    maya = await service.customer()
    await say(service, maya, "hello")
    await service.case(maya)
    await settled(service)
    service.bot.read.clear()
    await say(service, maya, "private")
    assert service.bot.read == []


@pytest.mark.parametrize("found_by_recovery", [False, True])
async def test_a_turn_that_is_told_late_does_not_make_the_bot_the_owner(
    sqlite_house: House, bot: ScriptedBot, found_by_recovery: bool
) -> None:
    """It was stored while the bot owned, and a case was opened before delivery heard of it."""
    house = sqlite_house
    dispatcher = Dispatcher(house.context, bot)
    conversation = await house.begin()
    await house.say(conversation, "hello")
    (late,) = [event for event in house.published if isinstance(event, TurnPending)]
    await house.hand_over(conversation)
    if found_by_recovery:
        dispatcher._enqueue(_Waiting(late.turn, None, may_have_been_sent=True))
    dispatcher.deliver(late)
    await asyncio.gather(*dispatcher._tasks.values())

    await dispatcher.expect(conversation.id, "private")
    assert bot.read == []
    await dispatcher.close()


async def test_after_a_case_the_bot_reads_again_only_once_it_was_told(sqlite_house: House, bot: ScriptedBot) -> None:
    house = sqlite_house
    dispatcher = Dispatcher(house.context, bot)
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await dispatcher.expect(conversation.id, "private")
    assert bot.read == []
    await resolve(house.context, case_id, BEN, **SOLVED)
    dispatcher.deliver(next(event for event in reversed(house.published) if isinstance(event, TurnPending)))
    await asyncio.gather(*dispatcher._tasks.values())
    await dispatcher.expect(conversation.id, "thanks")
    assert bot.read == ["thanks"]
    dispatcher.owner_may_have_changed(conversation.id)
    await dispatcher.expect(conversation.id, "private")
    assert bot.read == ["thanks"]
    await dispatcher.close()


async def test_only_recent_conversations_are_remembered(bot: ScriptedBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_CONVERSATIONS", 2)
    reading = ReadingAhead(bot)
    for conversation_id in ("a", "b", "a", "c"):
        reading.is_with_bot(conversation_id)
    for conversation_id in ("a", "b", "c"):
        await reading.read(conversation_id, conversation_id)
    assert bot.read == ["a", "c"]
