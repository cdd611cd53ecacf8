"""Rasa's answers as handoff reads them, from what Rasa 3.6 gave."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from handoff.contract import BotMetadata, CustomerInfo
from handoff.contract_cards import OrderCard
from handoff.delivery import rasa as module
from handoff.delivery.rasa import BotUnavailable, RasaBot, answer_in_tracker, read_answer
from handoff.domain.conversations import BotReply, Button
from tests.handoff.cast import START, record

RECORD = record("m1").model_dump(mode="json")
ANSWER_OF_RASA: list[dict[str, Any]] = [
    {"recipient_id": "c1", "custom": {"turn": RECORD}},
    {"recipient_id": "c1", "text": "Here you are."},
    {
        "recipient_id": "c1",
        "text": "Did it work?",
        "buttons": [{"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}],
    },
    {"recipient_id": "c1", "image": "https://shop.example/kettle.png"},
]


def user(message_id: str, text: str = "hello") -> dict[str, Any]:
    return {"event": "user", "text": text, "metadata": {"message_id": message_id}, "input_channel": "turns"}


def said(text: str | None, **data: Any) -> dict[str, Any]:
    return {"event": "bot", "text": text, "data": {"buttons": None, "custom": None, "image": None, **data}}


LISTEN = {"event": "action", "name": "action_listen"}


def test_texts_buttons_and_the_record_are_read() -> None:
    answer = read_answer(ANSWER_OF_RASA)

    assert answer.replies == (
        BotReply("Here you are."),
        BotReply("Did it work?", (Button("Yes", "/affirm"), Button("No", "/deny"))),
        BotReply("https://shop.example/kettle.png"),
    )
    assert answer.record is not None
    assert answer.record.message_id == "m1"
    assert answer.is_complete
    assert not answer.asks_for_human


def test_the_name_of_a_response_is_read_from_the_channel_and_from_the_tracker_alike() -> None:
    named = {"text": "Two years.", "response": "utter_faq/guarantee"}
    in_tracker = {**said("Two years."), "metadata": {"utter_action": "utter_faq/guarantee"}}
    again = answer_in_tracker([user("m1"), in_tracker], "m1")

    assert again is not None
    assert read_answer([named]).replies == again.replies == (BotReply("Two years.", response="utter_faq/guarantee"),)


def test_an_answer_of_nothing_but_a_record_is_not_complete() -> None:
    assert not read_answer([{"custom": {"turn": RECORD}}]).is_complete
    assert not read_answer([]).is_complete


def test_a_record_of_another_version_is_left_out_and_its_words_are_not_logged() -> None:
    with structlog.testing.capture_logs() as logs:
        answer = read_answer([{"custom": {"turn": {**RECORD, "secret words": 1}}}, {"text": "Hello"}])

    assert answer.record is None
    assert answer.replies == (BotReply("Hello"),)
    assert logs[0]["event"] == "turn_record_refused"


def test_what_a_database_cannot_store_is_taken_out() -> None:
    assert read_answer([{"text": "a\x00b"}]).replies == (BotReply("ab"),)


CARD = {"kind": "order", "number": "LH-10001", "state": "shipped", "items": [{"product": "kettle", "quantity": 2}]}


def test_a_card_belongs_to_the_text_before_it_in_the_channel_and_in_the_tracker_alike() -> None:
    in_channel: list[dict[str, Any]] = [{"text": "It's on its way."}, {"custom": {"card": CARD}}]
    again = answer_in_tracker([user("m1"), said("It's on its way.", custom={"card": CARD})], "m1")

    assert again is not None
    assert read_answer(in_channel).replies == again.replies
    assert again.replies[0].card == OrderCard.model_validate(CARD)


@pytest.mark.parametrize("change", [{"link": "javascript:alert(1)"}, {"state": "lost"}, {"extra": 1}])
def test_a_card_that_is_not_understood_is_left_out_and_the_text_stands(change: dict[str, Any]) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = read_answer([{"text": "It's on its way."}, {"custom": {"card": {**CARD, **change}}}])

    assert answer.replies == (BotReply("It's on its way."),)
    assert logs[0]["event"] == "message_card_refused"


def test_buttons_that_come_by_themselves_belong_to_the_text_before() -> None:
    items: list[dict[str, Any]] = [{"text": "Which?"}, {"buttons": [{"title": "One", "payload": "/one"}]}]

    assert read_answer(items).replies == (BotReply("Which?", (Button("One", "/one"),)),)


def test_the_tracker_tells_what_was_answered_to_a_message() -> None:
    events = [
        LISTEN,
        user("m0"),
        said("before"),
        LISTEN,
        user("m1"),
        said(None, custom={"turn": RECORD}),
        said("Here you are."),
        said("Did it work?", buttons=[{"title": "Yes", "payload": "/affirm"}]),
        LISTEN,
        user("m2"),
        said("after"),
    ]
    answer = answer_in_tracker(events, "m1")

    assert answer is not None
    assert [reply.text for reply in answer.replies] == ["Here you are.", "Did it work?"]
    assert answer.replies[1].buttons == (Button("Yes", "/affirm"),)
    assert answer.record is not None
    assert answer_in_tracker(events, "unheard-of") is None


def test_what_was_rewound_was_never_answered() -> None:
    events = [user("m1"), said("half an ans"), {"event": "rewind"}]

    assert answer_in_tracker(events, "m1") is None
    again = answer_in_tracker([*events, user("m1"), said("the answer")], "m1")
    assert again is not None
    assert again.replies == (BotReply("the answer"),)


def test_a_message_that_was_processed_without_a_word_is_there_but_not_complete() -> None:
    answer = answer_in_tracker([user("m1"), LISTEN], "m1")

    assert answer is not None
    assert not answer.is_complete


@pytest.mark.parametrize("event", [{}, {"event": "user"}, {"event": "user", "metadata": None}, {"event": "slot"}])
def test_events_of_other_kinds_do_no_harm(event: dict[str, Any]) -> None:
    assert answer_in_tracker([event, user("m1"), said("x")], "m1") is not None


class FakeRasa:
    """Rasa's turn channel and HTTP interface, as far as handoff uses them."""

    def __init__(self) -> None:
        self.answer: Any = ANSWER_OF_RASA
        self.status = 200
        self.tracker: Any = {"events": [user("m1"), said("x")]}
        self.calls: list[tuple[str, str, Any]] = []
        self.frames: list[Any] = []
        self.authorization: list[str | None] = []
        self.hangs_up = False
        self.answers = True

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        self.calls.append((request.method, request.path_qs, body))
        if request.path == "/health":
            return web.json_response({})
        return web.json_response(self.tracker, status=self.status)

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        self.authorization.append(request.headers.get("Authorization"))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            frame = json.loads(message.data)
            self.frames.append(frame)
            if self.hangs_up:
                break
            if "number" in frame and self.answers:
                await socket.send_json({"number": frame["number"], "status": self.status, "body": self.answer})
        return socket


METADATA = BotMetadata(
    message_id="m1", conversation_id="c1", owner_version=0, sent_at=START, customer=CustomerInfo(id="C-1001")
)


@pytest.fixture
def rasa() -> FakeRasa:
    return FakeRasa()


@pytest.fixture
async def rasa_bot(rasa: FakeRasa) -> AsyncIterator[RasaBot]:
    app = web.Application()
    app.router.add_get("/webhooks/turns/stream", rasa.stream)
    app.router.add_route("*", "/{path:.*}", rasa.handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url("/"))
        made = RasaBot(session, rasa_url=url, actions_url=url, token="r" * 40, secret="i" * 40)
        yield made
        await made.close()


async def test_a_turn_goes_through_the_turn_channel_with_its_metadata(rasa: FakeRasa, rasa_bot: RasaBot) -> None:
    answer = await rasa_bot.answer("hello", METADATA)
    (frame,) = rasa.frames

    assert frame["body"] == {"sender": "c1", "message": "hello", "metadata": METADATA.model_dump(mode="json")}
    assert answer == read_answer(ANSWER_OF_RASA)
    assert rasa.calls == []
    assert rasa.authorization == ["Bearer " + "i" * 40]


async def test_a_text_is_read_ahead_where_a_connection_is_open_and_nothing_comes_back(
    rasa: FakeRasa, rasa_bot: RasaBot
) -> None:
    await rasa_bot.read_ahead("c-1", "too early")
    await rasa_bot.answer("hello", METADATA)
    await rasa_bot.read_ahead("c-1", 'where is "it"?')
    await rasa_bot.answer("hello", METADATA)

    assert [frame["body"].get("read") for frame in rasa.frames] == [None, 'where is "it"?', None]
    assert rasa.frames[1] == {"body": {"read": 'where is "it"?', "sender": "c-1"}}


async def test_reading_ahead_raises_nothing_when_rasa_went_away(rasa: FakeRasa, rasa_bot: RasaBot) -> None:
    rasa.hangs_up = True
    with pytest.raises(BotUnavailable):
        await rasa_bot.answer("hello", METADATA)
    await rasa_bot.read_ahead("c-1", "hello")


async def test_a_turn_that_rasa_dies_over_is_told_at_once_and_the_next_one_gets_through(
    rasa: FakeRasa, rasa_bot: RasaBot
) -> None:
    rasa.hangs_up = True
    with pytest.raises(BotUnavailable, match="the connection ended"):
        await rasa_bot.answer("hello", METADATA)
    rasa.hangs_up = False
    assert (await rasa_bot.answer("hello", METADATA)).is_complete


async def test_a_turn_without_an_answer_is_lost_after_a_while(
    rasa: FakeRasa, rasa_bot: RasaBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REPLY_SECONDS", 0.05)
    rasa.answers = False
    with pytest.raises(BotUnavailable, match="TimeoutError"):
        await rasa_bot.answer("hello", METADATA)


async def test_a_turn_that_rasa_still_has_in_work_is_waited_for_before_its_tracker_is_asked(
    rasa: FakeRasa, rasa_bot: RasaBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REPLY_SECONDS", 0.05)
    rasa.answers = False
    with pytest.raises(BotUnavailable, match="TimeoutError"):
        await rasa_bot.recorded_answer("c1", "m1")
    assert rasa.calls == []

    rasa.answers = True
    assert await rasa_bot.recorded_answer("c1", "m1") is not None
    assert [frame["body"] for frame in rasa.frames] == [{"await": "m1", "sender": "c1"}] * 2


async def test_tracker_and_rewind_carry_the_token(rasa: FakeRasa, rasa_bot: RasaBot) -> None:
    assert await rasa_bot.recorded_answer("c1", "m1") is not None
    await rasa_bot.rewind("c1")
    (_, read, _), (_, rewound, event) = rasa.calls

    assert read.startswith("/conversations/c1/tracker?")
    assert "token=" + "r" * 40 in read
    assert "token=" in rewound
    assert event == {"event": "rewind"}


@pytest.mark.parametrize(
    ("status", "answer"), [(500, []), (404, []), (200, "<html>"), (200, {"not": "a list"}), (503, "down"), (200, None)]
)
async def test_whatever_is_no_answer_counts_as_none(
    rasa: FakeRasa, rasa_bot: RasaBot, status: int, answer: Any
) -> None:
    rasa.status, rasa.answer = status, answer
    with pytest.raises(BotUnavailable):
        await rasa_bot.answer("hello", METADATA)


@pytest.mark.parametrize("tracker", [[], None, {"events": None}, {"version": "3.6"}])
async def test_a_tracker_that_cannot_be_read_is_not_taken_for_an_empty_one(
    rasa: FakeRasa, rasa_bot: RasaBot, tracker: Any
) -> None:
    rasa.tracker = tracker
    with pytest.raises(BotUnavailable):
        await rasa_bot.recorded_answer("c1", "m1")


async def test_a_bot_that_does_not_listen_is_not_ready(rasa_bot: RasaBot, rasa: FakeRasa) -> None:
    assert await rasa_bot.is_ready()
    rasa.status = 500
    assert not await rasa_bot.is_ready()
    async with aiohttp.ClientSession() as session:
        gone = RasaBot(session, rasa_url="http://127.0.0.1:9", actions_url="http://127.0.0.1:9", token="t", secret="i")
        assert not await gone.is_ready()
        with pytest.raises(BotUnavailable):
            await gone.answer("hello", METADATA)


def test_a_lost_answer_is_noticed_before_the_customer_gives_up() -> None:
    assert 0 < module.REPLY_SECONDS < 45
