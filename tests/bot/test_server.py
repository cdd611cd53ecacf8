"""A real `rasa run` with the tracker store from endpoints.yml: its HTTP API, its turn channel, and kill -9."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import aiohttp
import pytest

from warmline.exchange import Answer, Exchange, ExchangeLost

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S = 180.0


class Server:
    """One Rasa process; ``start`` again after ``kill`` goes on with the same files."""

    def __init__(self, project, model, action_url):
        self._model = model
        self._project = project
        self._process = None
        stream = action_url.replace("/webhook", "/stream")
        endpoints = {
            "action_endpoint": {"url": action_url, "stream": stream, "enable_selective_domain": True},
            "tracker_store": {
                "type": "bot.tracker_store.LiveTrackerStore",
                "db": str(project / f"server-{uuid.uuid4().hex}.db"),
            },
        }
        (project / "endpoints.yml").write_text(json.dumps(endpoints), encoding="utf-8")
        (project / "credentials.yml").write_text("bot.turn_channel.TurnChannel:\nrest:\n", encoding="utf-8")

    def start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        command = [sys.executable, "-m", "rasa", "run", "--enable-api", "--auth-token", "secret"]
        command += ["-i", "127.0.0.1", "-p", str(self._port), "-m", self._model]
        self.log = (self._project / "server.log").open("a+", encoding="utf-8")
        self._process = subprocess.Popen(
            command,
            cwd=self._project,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "rasa ended while it started"
            try:
                if self.request("GET", "/status")["model_file"]:
                    return
            except (OSError, KeyError):
                time.sleep(0.2)
        raise AssertionError("rasa did not start in time")

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.log.close()

    def request(self, method, path, body=None):
        separator = "&" if "?" in path else "?"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}{path}{separator}token=secret",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")

    def put_model(self, model):
        self.request("PUT", "/model", {"model_file": model})

    def say(self, text, message_id):
        return [reply["text"] for reply in self.request("POST", "/webhooks/rest/webhook", turn(text, message_id))]

    def events(self, conversation="c-1"):
        return self.request("GET", f"/conversations/{conversation}/tracker?include_events=ALL")["events"]

    def message_ids(self, conversation="c-1"):
        return [event["metadata"]["message_id"] for event in self.events(conversation) if event["event"] == "user"]

    def talk(self, work):
        """Runs a test's coroutine with a connection to the turn channel: ``work(exchange, session)``."""

        async def main():
            async with aiohttp.ClientSession() as session:
                exchange = Exchange(self.stream_url)
                try:
                    return await asyncio.wait_for(work(exchange, session), 60)
                finally:
                    await exchange.close()

        return asyncio.run(main())

    @property
    def stream_url(self):
        return f"http://127.0.0.1:{self._port}/webhooks/turns/stream"

    @property
    def log_text(self):
        return (self._project / "server.log").read_text(encoding="utf-8")


def turn(text, message_id, conversation="c-1"):
    """What a channel takes."""
    return {"sender": conversation, "message": text, "metadata": {"message_id": message_id}}


@pytest.fixture(scope="module")
def running(project, model_path, action_url):
    server = Server(project, model_path, action_url[0])
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(running, actions):
    """The one server of these tests, with an action server of the test's own."""
    return running


def test_a_killed_server_goes_on_with_its_conversations_and_a_rewind_lets_a_message_be_sent_again(server):
    assert server.say("cancel my order", "m-1") == ["Which order?"]
    assert server.say("LH-10005", "m-2") == ["Why?"]

    server.kill()
    server.start()
    assert server.message_ids() == ["m-1", "m-2"]
    assert server.say("found it cheaper", "m-3") == ["Cancelled LH-10005."]

    after = server.request("POST", "/conversations/c-1/tracker/events", {"event": "rewind"})
    assert after["active_loop"]["name"] == "cancel_form"
    assert after["slots"]["order_number"] == "LH-10005"
    assert server.say("found it cheaper", "m-3") == ["Cancelled LH-10005."]
    assert server.message_ids() == ["m-1", "m-2", "m-3", "m-3"]

    for number in range(30):
        server.say("hello", f"m-{number + 10}")
    assert len(server.message_ids()) == 34
    assert len(server.request("GET", "/conversations/c-1/tracker?include_events=APPLIED")["events"]) > 60

    assert "Traceback" not in server.log_text
    assert "found it cheaper" not in server.log_text


DIALOGUE = (
    "hello",
    "cancel my order",
    "LH-10005",
    "found it cheaper",
    "which ways are there to pay?",
    "my number is LH-10007",
    "wher is my pacel",
    "it is annoying, where is my parcel",
    "a person please",
)
VARYING = {"timestamp", "input_channel", "message_id", "model_id", "assistant_id"}


def comparable(value):
    """Events without times, identifiers that Rasa makes, and the channel's name."""
    if isinstance(value, dict):
        return {name: comparable(item) for name, item in value.items() if name not in VARYING}
    return [comparable(item) for item in value] if isinstance(value, list) else value


def test_turns_are_answered_and_remembered_as_through_the_rest_channel_read_ahead_or_not(server, actions):
    by_rest = [
        server.request("POST", "/webhooks/rest/webhook", turn(text, f"m-{number}", "rest"))
        for number, text in enumerate(DIALOGUE)
    ]
    assert by_rest[1][0]["text"] == "Which order?"

    async def dialogue(exchange, session, conversation, ahead):
        answers = []
        for number, text in enumerate(DIALOGUE):
            if ahead:
                await exchange.tell(json.dumps({"read": text, "sender": conversation}))
            answers.append(await exchange.ask(session, json.dumps(turn(text, f"m-{number}", conversation))))
        return answers

    for conversation, ahead in (("plain", False), ("ahead", True)):
        answers = server.talk(lambda *given, c=conversation, a=ahead: dialogue(*given, c, a))
        expected = [[{**reply, "recipient_id": conversation} for reply in replies] for replies in by_rest]
        assert answers == [Answer(200, replies) for replies in expected]
        events = comparable(server.events(conversation))
        assert events == comparable(server.events("rest"))
    assert actions.streamed > 2 * len(DIALOGUE)
    users = [event for event in server.events("ahead") if event["event"] == "user"]
    assert [event["input_channel"] for event in users] == ["turns"] * len(DIALOGUE)
    assert users[4]["parse_data"]["response_selector"]["faq"]["ranking"]


def test_conversations_are_answered_side_by_side_and_each_in_order(server, actions):
    actions.delays["a slow one, hello"] = 0.7

    async def work(exchange, session):
        answered = []

        async def ask(text, message_id, conversation):
            answer = await exchange.ask(session, json.dumps(turn(text, message_id, conversation)))
            answered.append(message_id)
            return answer

        texts = ("a slow one, hello", "hello", "thanks", "where is my parcel")
        slow = [ask(text, f"s-{number}", "slow") for number, text in enumerate(texts)]
        answers = await asyncio.gather(*slow, ask("hello", "q-1", "quick"), ask("hello", "q-2", "quick too"))
        return answered, [answer.body for answer in answers]

    answered, bodies = server.talk(work)
    assert set(answered[:2]) == {"q-1", "q-2"}
    assert answered[2:] == [f"s-{number}" for number in range(4)]
    assert server.message_ids("slow") == [f"s-{number}" for number in range(4)]
    assert [reply["text"] for reply in bodies[2]] == ["You are welcome."]


def test_frames_that_are_no_turns_do_no_harm(server, actions):
    async def work(_exchange, session):
        async with session.ws_connect(server.stream_url) as socket:
            for frame in ("secret words {", "[]", "null", '{"body": {"read": ["secret"]}}', '{"body": "secret"}'):
                await socket.send_str(frame)
            await socket.send_bytes(b"\xff\x00")
            await socket.send_json({"number": 1, "body": {"sender": "odd", "message": ["secret"]}})
            assert await socket.receive_json() == {"number": 1, "status": 422, "body": {"error": "this is no turn"}}
            await socket.send_json({"number": 2, "body": turn("hello", "m-1", "odd")})
            return await socket.receive_json()

    assert server.talk(work)["body"] == [{"recipient_id": "odd", "text": "Hello.", "response": "utter_greet"}]
    assert server.message_ids("odd") == ["m-1"]
    assert "secret" not in server.log_text


def test_a_connection_that_ends_during_a_turn_leaves_the_turn_in_the_tracker(server, actions):
    actions.delays["hello slowly"] = 0.5

    async def work(exchange, session):
        asking = asyncio.create_task(exchange.ask(session, json.dumps(turn("hello slowly", "m-1", "gone"))))
        while "hello slowly" not in actions.begun:  # noqa: ASYNC110 (the action server runs in another thread)
            await asyncio.sleep(0.01)
        await exchange.close()
        with pytest.raises(ExchangeLost):
            await asking
        again = await exchange.ask(session, json.dumps(turn("thanks", "m-2", "gone")))  # waits for the one before
        return [reply["text"] for reply in again.body]

    assert server.talk(work) == ["You are welcome."]
    assert server.message_ids("gone") == ["m-1", "m-2"]
    assert next(event["text"] for event in server.events("gone") if event["event"] == "bot") == "Hello."
    assert "Traceback" not in server.log_text


def test_a_model_that_is_loaded_anew_reads_for_itself(server, model_path, actions):
    async def work(exchange, session):
        await exchange.ask(session, json.dumps(turn("hello", "m-1", "anew")))
        await exchange.tell(json.dumps({"read": "where is my parcel"}))
        url = server.stream_url.replace("/webhooks/turns/stream", "/model?token=secret")
        async with session.put(url, json={"model_file": model_path}) as answer:
            assert answer.status == 204
        return (await exchange.ask(session, json.dumps(turn("where is my parcel", "m-2", "anew")))).body

    assert [reply["text"] for reply in server.talk(work)] == ["It is on its way."]
