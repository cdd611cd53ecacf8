"""What the turn channel makes of frames, with a socket, a Rasa and models of the test's own; the real ones are in
test_server.py."""

import asyncio
import json
import socket
from types import SimpleNamespace

import aiohttp
import pytest
from sanic import Sanic

from bot.turn_channel import TurnChannel
from tests.bot.turn_cast import run


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
