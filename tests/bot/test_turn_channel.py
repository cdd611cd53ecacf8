"""What the turn channel makes of frames, with a socket, a Rasa and models of the test's own; the real ones are in
test_server.py."""

import asyncio
import json
import socket
from types import SimpleNamespace

import aiohttp
import pytest
from sanic import Sanic
from websockets.exceptions import ConnectionClosedOK

from bot import turn_channel
from bot.turn_channel import Readings, TurnChannel, _Turns
from bot.turn_counts import TurnCounts


class Model:
    """Understands a text as itself, with its own name on it."""

    def __init__(self, name):
        self.name = name
        self.parsed = []
        self.fails = False

    async def parse_message(self, message):
        self.parsed.append(message.text)
        if self.fails:
            raise RuntimeError("no")
        return {"text": message.text, "by": self.name}


class Rasa:
    """One connection with a loaded model; ``turns`` are what Rasa was asked to handle.

    ``scored`` are the texts that the action server was told of, each with how many Rasa had understood by then.
    """

    def __init__(self):
        self.model = Model("first")
        self.turns = []
        self.sent = []
        self.scored = []
        self.cannot_tell = False
        self.gone = False
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.in_work = {}
        self.counts = TurnCounts()
        agent = SimpleNamespace
        self.readings = Readings(lambda: self.model and agent(processor=self.model))
        self.connection = self.connect()

    def connect(self):
        return _Turns(self, self.handle, self.readings, self.score, self.in_work, self.counts)

    async def score(self, sender, text):
        if self.cannot_tell:
            raise RuntimeError(text)
        self.scored.append((sender, text, len(self.model.parsed)))

    async def handle(self, message):
        self.turns.append(message)
        await self.goes_on.wait()
        await message.output_channel.send_text_message(message.sender_id, f"You said: {message.text}")
        if message.text == "fails":
            raise RuntimeError("half-way")

    async def send(self, text):
        if self.gone:
            raise ConnectionClosedOK(None, None)
        self.sent.append(json.loads(text))

    async def take(self, frame):
        await self.connection.take(frame if isinstance(frame, (str, bytes)) else json.dumps(frame))
        if self.goes_on.is_set():
            while self.in_work:
                await asyncio.wait(self.in_work)

    async def read(self, text, **sender):
        await self.take({"body": {"read": text, **sender}})

    async def say(self, text, number=1, message_id=None):
        metadata = {"a": 1} if message_id is None else {"message_id": message_id}
        await self.take({"number": number, "body": {"sender": "c-1", "message": text, "metadata": metadata}})


def run(work):
    """Runs a test's coroutine with a Rasa."""

    async def main():
        await work(Rasa())

    asyncio.run(main())


def test_what_was_read_ahead_is_used_for_its_turn_and_once():
    async def work(rasa):
        await rasa.read("hello")
        for _ in range(2):
            await rasa.say("hello")
        assert [turn.parse_data for turn in rasa.turns] == [{"text": "hello", "by": "first"}, None]

    run(work)


def test_turns_are_counted_and_nothing_of_what_was_said_is_told():
    async def work(rasa):
        await rasa.say("hello")
        await rasa.say("fails")
        page = rasa.counts.page(len(rasa.in_work), loaded=True)
        assert 'warmline_bot_turns_total{outcome="answered"} 1\n' in page
        assert 'warmline_bot_turns_total{outcome="failed"} 1\n' in page
        assert "warmline_bot_turn_seconds_count 2\n" in page
        assert "warmline_bot_turns_in_work 0\n" in page
        assert "hello" not in page

    run(work)


def test_another_text_or_model_does_not_get_it():
    async def work(rasa):
        await rasa.read("hello")
        await rasa.say("hello again")
        rasa.model = Model("second")
        await rasa.say("hello")
        await rasa.read("hello")
        await rasa.say("hello")
        assert [turn.parse_data for turn in rasa.turns] == [None, None, {"text": "hello", "by": "second"}]

    run(work)


def test_without_a_model_nothing_is_read_and_nothing_breaks():
    async def work(rasa):
        await rasa.read("hello")
        rasa.model = None
        await rasa.read("hello")
        await rasa.say("hello")
        assert rasa.turns[0].parse_data is None

    run(work)


def test_an_empty_text_is_not_read():
    async def work(rasa):
        await rasa.read("")
        assert rasa.model.parsed == []

    run(work)


def test_an_error_while_reading_ahead_loses_no_turn(caplog):
    async def work(rasa):
        rasa.model.fails = True
        await rasa.read("hello")
        await rasa.say("hello")
        assert rasa.turns[0].parse_data is None
        assert rasa.sent[0]["body"] == [{"recipient_id": "c-1", "text": "You said: hello"}]

    run(work)
    assert "a text could not be read ahead" in caplog.text


def test_only_so_many_texts_are_kept(monkeypatch):
    monkeypatch.setattr(turn_channel, "KEPT_READINGS", 2)

    async def work(rasa):
        for text in ("one", "two", "three"):
            await rasa.read(text)
        for text in ("one", "two", "three"):
            await rasa.say(text)
        assert [turn.parse_data is None for turn in rasa.turns] == [True, False, False]

    run(work)


def test_nothing_is_read_ahead_while_a_turn_is_in_work_even_on_another_connection():
    async def work(rasa):
        rasa.goes_on.clear()
        await rasa.say("hello")
        await rasa.read("where is it?")
        other = rasa.connect()
        await other.take(json.dumps({"body": {"read": "where is it?"}}))
        assert rasa.model.parsed == []
        rasa.goes_on.set()
        await asyncio.wait(rasa.in_work)
        await rasa.read("where is it?")
        assert rasa.model.parsed == ["where is it?"]

    run(work)


def test_a_text_that_is_read_ahead_is_scored_ahead_before_it_is_understood_and_once():
    async def work(rasa):
        await rasa.read("hello", sender="c-1")
        await rasa.say("hello")
        assert rasa.scored == [("c-1", "hello", 0)]
        assert len(rasa.turns) == 1

    run(work)


def test_a_text_that_was_not_read_ahead_is_scored_ahead_when_its_turn_comes_and_none_is_in_work():
    async def work(rasa):
        await rasa.say("hello")
        await rasa.read("thanks")  # by whom is not known, so neither is what was said before
        rasa.goes_on.clear()
        await rasa.say("where is it?")
        await rasa.say("a turn is in work", 2)
        await rasa.read("and when?", sender="c-2")
        assert [told[:2] for told in rasa.scored] == [("c-1", "hello"), ("c-1", "where is it?")]
        rasa.goes_on.set()
        while rasa.in_work:
            await asyncio.wait(rasa.in_work)

    run(work)


def test_where_nothing_can_be_scored_ahead_the_turn_is_answered_all_the_same(caplog):
    async def work(rasa):
        rasa.cannot_tell = True
        await rasa.read("secret words", sender="c-1")
        await rasa.say("secret words")
        await rasa.say("more secret words")
        assert [turn.parse_data is None for turn in rasa.turns] == [False, True]
        assert [answer["status"] for answer in rasa.sent] == [200, 200]

    run(work)
    assert "a text could not be scored ahead" in caplog.text
    assert "secret" not in caplog.text


def test_who_comes_back_is_told_when_a_turn_of_an_earlier_connection_is_over():
    async def work(rasa):
        rasa.goes_on.clear()
        await rasa.say("yes", message_id="m-1")
        back = rasa.connect()
        for number, (sender, awaited) in enumerate((("c-1", "m-1"), ("c-1", "m-2"), ("c-2", "m-1"))):
            await back.take(json.dumps({"number": number, "body": {"await": awaited, "sender": sender}}))
        while len(rasa.sent) < 2:  # noqa: ASYNC110 (two turns that nobody has in work)
            await asyncio.sleep(0)
        assert sorted(answer["number"] for answer in rasa.sent) == [1, 2]
        rasa.goes_on.set()
        while len(rasa.sent) < 4:  # noqa: ASYNC110 (the turn's answer, and that it is over)
            await asyncio.sleep(0)
        assert [answer["body"] for answer in rasa.sent[3:]] == [None]
        assert rasa.sent[3]["number"] == 0
        assert [turn.text for turn in rasa.turns] == ["yes"]
        assert rasa.in_work == {}

    run(work)


def test_a_turn_is_in_work_from_the_moment_it_came_even_while_the_scoring_is_told_of_it():
    async def work(rasa):
        told, goes_on = asyncio.Event(), asyncio.Event()

        async def score(sender, text):
            told.set()
            await goes_on.wait()

        rasa.score = score
        rasa.connection = rasa.connect()
        taking = asyncio.create_task(rasa.say("yes", message_id="m-1"))
        await told.wait()
        await rasa.connect().take(json.dumps({"number": 9, "body": {"await": "m-1", "sender": "c-1"}}))
        goes_on.set()
        await taking
        while len(rasa.sent) < 2:  # noqa: ASYNC110 (the turn's answer, and that it is over)
            await asyncio.sleep(0)
        assert [answer["number"] for answer in rasa.sent] == [1, 9]

    run(work)


def test_turns_of_a_conversation_come_to_rasa_in_their_order_read_ahead_or_not():
    async def work(rasa):
        await rasa.read("second", sender="c-1")
        rasa.goes_on.clear()
        for number, text in enumerate(("first", "second", "third")):
            await rasa.say(text, number)
        rasa.goes_on.set()
        while rasa.in_work:
            await asyncio.wait(rasa.in_work)
        assert [turn.text for turn in rasa.turns] == ["first", "second", "third"]

    run(work)


def test_only_a_program_that_carries_the_secret_can_speak_to_rasa_and_no_web_page():
    async def handle(message):
        await message.output_channel.send_text_message(message.sender_id, "Hello.")

    async def work():
        app = Sanic("turns")
        app.ctx.agent = None
        channel = TurnChannel.from_credentials({"secret": "s" * 40})
        app.blueprint(channel.blueprint(handle), url_prefix="/webhooks/turns")
        listening = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks/turns/stream"
        server = await app.create_server(sock=listening, return_asyncio_server=True)
        await server.startup()
        await server.start_serving()
        ours = {"Authorization": "Bearer " + "s" * 40}
        async with aiohttp.ClientSession() as session:
            for origin in ("https://evil.example", "http://127.0.0.1:8080", "null"):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await session.ws_connect(url, origin=origin, headers=ours)
                assert refused.value.status == 403
            for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "s" * 40}, {"X-Secret": "s" * 40}):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await session.ws_connect(url, headers=headers)
                assert refused.value.status == 401
            async with session.ws_connect(url, headers=ours) as connection:
                await connection.send_json({"number": 1, "body": {"sender": "c-1", "message": "hello"}})
                answer = await connection.receive_json(timeout=5)
            async with session.get(url.replace("stream", "metrics")) as page:
                assert page.content_type == "text/plain"
                assert 'warmline_bot_turns_total{outcome="answered"} 1\n' in await page.text()
            async with session.get(url.replace("stream", "health")) as health:
                assert (health.status, await health.json()) == (503, {"status": "no model"})
            async with session.get(url.replace("stream", "metrics"), headers={"Origin": "null"}) as refused_page:
                assert refused_page.status == 403
        await server.close()
        return answer

    answer = {"number": 1, "status": 200, "body": [{"recipient_id": "c-1", "text": "Hello."}]}
    assert asyncio.run(work()) == answer


def test_without_a_secret_in_the_credentials_rasa_is_as_anyones():
    for credentials in (None, {}, {"secret": None}):
        assert TurnChannel.from_credentials(credentials)._may_send(SimpleNamespace(headers={}))


def test_a_turn_comes_to_rasa_as_through_its_own_channels():
    async def work(rasa):
        await rasa.say("hello", number=7)
        (turn,) = rasa.turns
        assert (turn.text, turn.sender_id, turn.metadata, turn.input_channel) == ("hello", "c-1", {"a": 1}, "turns")
        assert rasa.sent == [{"number": 7, "status": 200, "body": [{"recipient_id": "c-1", "text": "You said: hello"}]}]

    run(work)


def test_a_turn_that_fails_half_way_is_answered_with_what_was_said_until_then():
    async def work(rasa):
        await rasa.say("fails")
        assert rasa.sent[0]["status"] == 200
        assert [reply["text"] for reply in rasa.sent[0]["body"]] == ["You said: fails"]

    run(work)


def test_a_turn_whose_connection_ended_is_finished_all_the_same(caplog):
    async def work(rasa):
        rasa.goes_on.clear()
        await rasa.say("hello")
        rasa.gone = True
        rasa.goes_on.set()
        await asyncio.wait(rasa.in_work)
        assert len(rasa.turns) == 1

    run(work)
    assert [record for record in caplog.records if record.name == "asyncio"] == []


NO_FRAMES = (
    "secret words {",
    b"\xff",
    "[]",
    "7",
    "null",
    "{}",
    '{"body": 7}',
    '{"body": {"read": {"secret": 1}}}',
    '{"body": {"read": "secret words", "sender": 7}}',
)
NO_TURNS = (
    None,
    7,
    [],
    "secret words",
    {"read": "secret words"},
    {"sender": "c-1"},
    {"message": "secret words"},
    {"sender": 7, "message": "secret words"},
    {"sender": "c-1", "message": {"secret": "words"}},
    {"sender": "c-1", "message": "secret words", "metadata": "none"},
    {"await": "secret"},
    {"await": 7, "sender": "c-1"},
    ["await"],
)


@pytest.mark.parametrize("frame", NO_FRAMES)
def test_a_frame_that_nobody_understands_does_no_harm(frame, caplog):
    async def work(rasa):
        await rasa.take(frame)
        assert (rasa.sent, rasa.turns, rasa.model.parsed) == ([], [], [])
        await rasa.say("hello")
        assert len(rasa.sent) == 1

    run(work)
    assert "was not understood" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("body", NO_TURNS)
def test_a_question_that_is_no_turn_is_refused_not_left_waiting(body, caplog):
    async def work(rasa):
        await rasa.take({"number": 3, "body": body})
        assert rasa.sent == [{"number": 3, "status": 422, "body": {"error": "this is no turn"}}]
        assert rasa.turns == []

    run(work)
    assert "secret" not in caplog.text
