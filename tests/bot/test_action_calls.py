"""What travels to the action server, how it travels, and which of its answers are taken without a closer look."""

import json
import sqlite3
import time

import aiohttp
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.action_answers import _VALIDATOR, is_plainly_right
from bot.encoding import encoded_text, shared_encoder
from bot.scoring_ahead import score_ahead

SCORING = "action_validate_slot_mappings"


@pytest.fixture
def bodies(actions, monkeypatch):
    """The bodies of all action calls, as the action server receives them."""
    received = []
    respond = actions.respond
    monkeypatch.setattr(actions, "respond", lambda request: received.append(request) or respond(request))
    return received


def test_the_text_travels_to_the_scoring_with_the_vector_that_understood_it(bot, bodies):
    bot.say("cancel my order")
    (scoring,) = [body for body in bodies if body["next_action"] == SCORING][:1]
    assert scoring["encoded_text"] == encoded_text("cancel my order")
    assert scoring["encoded_text"]["encoder"] == shared_encoder(None).fingerprint
    assert len(scoring["encoded_text"]["vector"]) == 384 * 2 * 4 / 3


@pytest.mark.parametrize("text", ["my number is LH-10007", "wher is my pacel"])
def test_a_text_that_was_masked_or_mended_travels_without_a_vector(bot, bodies, text):
    bot.say(text)
    assert [body for body in bodies if "encoded_text" in body] == []


def test_no_vector_is_kept_or_sent_again(bot, bodies, tmp_path):
    bot.say("cancel my order")
    vector = encoded_text("cancel my order")["vector"]
    bodies.clear()
    bot.say("LH-10005")
    bot.say("found it cheaper")
    assert vector not in json.dumps(bodies)
    kept = [event.as_dict() for event in bot.tracker().events]
    assert vector not in json.dumps(kept)
    assert "encoded_text" not in json.dumps(kept)
    rows = sqlite3.connect(tmp_path / "tracker.db").execute("SELECT data FROM events").fetchall()
    assert not any(vector in data for (data,) in rows)


def test_only_the_latest_message_travels_with_its_ranking(bot, bodies):
    bot.say("hello")
    bot.say("which ways are there to pay?")
    tracker = bodies[-1]["tracker"]
    assert tracker["latest_message"]["intent_ranking"]
    assert tracker["latest_message"]["response_selector"]["faq"]["ranking"]
    messages = [event for event in tracker["events"] if event["event"] == "user"]
    assert [message["text"] for message in messages] == ["hello", "which ways are there to pay?"]
    assert all(set(message["parse_data"]) == {"text", "intent", "entities"} for message in messages)
    assert bot.tracker().latest_message.parse_data["intent_ranking"]


def test_all_calls_of_an_endpoint_share_a_session(bot):
    bot.say("hello")
    endpoint = bot.agent.action_endpoint

    async def session():
        async with endpoint.session() as open_session:
            return open_session

    first = bot.wait(session())
    bot.say("hello again")
    assert bot.wait(session()) is first
    assert not first.closed


def test_an_action_server_that_was_away_is_reached_again(bot, actions):
    bot.say("hello")
    actions.answers = False
    bot.say("hello")
    actions.answers = True
    assert bot.say("which ways are there to pay?") == ["By card or bank transfer."]


def test_scoring_gets_this_turn_and_the_one_before_and_other_actions_get_all(bot, bodies):
    for text in ("hello", "where is my parcel", "cancel my order", "LH-10005"):
        bot.say(text)
    bodies.clear()
    bot.say("found it cheaper, a person please")
    scoring = next(body for body in bodies if body["next_action"] == SCORING)["tracker"]
    other = next(body for body in bodies if body["next_action"] == "action_handoff")["tracker"]

    said = [event["text"] for event in scoring["events"] if event["event"] == "user"]
    assert said == ["LH-10005", "found it cheaper, a person please"]
    assert scoring["events"][0]["text"] == "LH-10005"
    assert "Why?" in [event["text"] for event in scoring["events"] if event["event"] == "bot"]
    everything = other["events"]
    assert next(event["text"] for event in everything if event["event"] == "user") == "hello"
    begin = everything.index(scoring["events"][0])
    until_now = [event["event"] for event in scoring["events"]].index("user", 1) + 1
    assert everything[begin : begin + until_now] == scoring["events"][:until_now]
    for same in ("sender_id", "active_loop", "latest_action_name", "latest_input_channel", "paused"):
        assert scoring[same] == bodies[0]["tracker"][same]
    assert scoring["slots"]["order_number"] == "LH-10005"
    assert scoring["active_loop"]["name"] == "cancel_form"
    assert len(bot.tracker().events) > len(scoring["events"])


def test_the_first_turn_is_scored_with_all_there_is(bot, bodies):
    bot.say("a person please")
    scoring, handoff = (body["tracker"] for body in bodies)
    assert [event for event in scoring["events"] if event not in handoff["events"]] == []
    assert "session_started_metadata" in [event.get("name") for event in scoring["events"]]
    assert scoring["latest_message"]["text"] == "a person please"


@pytest.fixture
def stream_url(action_url):
    return action_url[0].replace("/webhook", "/stream")


@pytest.fixture(params=["http", "stream"])
def endpoint(request, action_url, stream_url):
    """The action endpoint with and without a stream."""
    from bot.action_calls import call_actions_cheaply

    call_actions_cheaply()
    stream = {"stream": stream_url} if request.param == "stream" else {}
    return EndpointConfig(url=action_url[0], **stream)


def run_action(bot, endpoint, name="action_handoff"):
    """As Rasa runs an action of the action server."""
    tracker = DialogueStateTracker.from_events("c-1", [], bot.agent.domain.slots)
    action = RemoteAction(name, endpoint)
    generator = TemplatedNaturalLanguageGenerator({})
    return bot.wait(action.run(CollectingOutputChannel(), generator, tracker, bot.agent.domain))


def test_the_action_server_is_told_what_the_scoring_of_the_turn_will_have(make_bot, actions, bodies, stream_url):
    streaming = make_bot(stream=stream_url)
    texts = ("hello", "where is my parcel", "cancel my order", "LH-10005", "found it cheaper")
    for text in texts:
        streaming.wait(score_ahead(streaming.agent, "c-1", text))
        streaming.say(text)
    called = [body["tracker"]["events"] for body in bodies if body["next_action"] == SCORING]
    had = [[(e["event"], e["text"]) for e in events if e["event"] in ("user", "bot")] for events in called]
    told = [([(e["event"], e["text"]) for e in body["events"]], body["score"]) for body in actions.told]
    assert told[0] == ([("user", "hello"), ("bot", "Hello.")], texts[1]), (
        "there was no connection before the first call"
    )
    assert [text for _, text in told] == list(texts[1:])
    assert all([*before, ("user", text)] in had for before, text in told)


def test_nothing_is_told_where_calls_go_by_http(bot, actions):
    bot.say("hello")
    bot.wait(score_ahead(bot.agent, "c-1", "where is my parcel"))
    bot.say("where is my parcel")
    assert actions.told == []


def test_a_conversation_goes_the_same_way_through_the_stream(make_bot, actions, stream_url):
    texts = ("hello", "cancel my order", "LH-10005", "found it cheaper", "a person please")
    bot = make_bot()
    by_http = [bot.say(text, conversation="c-1") for text in texts]
    assert actions.streamed == 0
    calls, actions.calls = actions.calls, []
    streaming = make_bot(stream=stream_url)
    assert [streaming.say(text, conversation="c-2") for text in texts] == by_http
    assert actions.streamed == len(actions.calls) > len(texts)
    assert [name for name, _ in actions.calls] == [name for name, _ in calls[-len(actions.calls) :]]


def test_calls_take_the_way_that_the_endpoint_names(bot, endpoint, actions):
    actions.refuses = (200, {"events": [{"event": "slot", "name": "reason", "value": "x"}], "responses": []})
    assert [event.value for event in run_action(bot, endpoint)] == ["x"]
    assert actions.streamed == (1 if "stream" in endpoint.kwargs else 0)


def test_the_stream_is_asked_with_the_headers_of_the_endpoint(bot, stream_url):
    from aiohttp import web

    seen = []

    async def stream(request):
        seen.append(request.headers.get("Authorization"))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            answer = {"number": message.json()["number"], "status": 200, "body": {"events": [], "responses": []}}
            await socket.send_json(answer)
        return socket

    async def serve():
        app = web.Application()
        app.router.add_get("/stream", stream)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, site._server.sockets[0].getsockname()[1]

    runner, port = bot.wait(serve())
    endpoint = EndpointConfig(
        url="http://127.0.0.1:9/webhook",
        headers={"Authorization": "Bearer s"},
        stream=f"http://127.0.0.1:{port}/stream",
    )
    assert run_action(bot, endpoint) == []
    assert run_action(bot, endpoint) == []
    assert seen == ["Bearer s"]
    bot.wait(runner.cleanup())


def test_a_rejection_lets_another_policy_decide_either_way(bot, endpoint, actions):
    from rasa.core.actions.action import ActionExecutionRejection

    actions.refuses = (400, {"error": "not now", "action_name": "action_handoff"})
    with pytest.raises(ActionExecutionRejection) as rejected:
        run_action(bot, endpoint)
    assert (rejected.value.action_name, rejected.value.message) == ("action_handoff", "not now")


@pytest.mark.parametrize("status", [404, 422, 500])
def test_a_refusal_fails_the_action_with_its_status_either_way(bot, endpoint, actions, status):
    actions.refuses = (status, {"error": "no", "action_name": "action_handoff"})
    with pytest.raises(RasaException, match="Failed to execute custom action 'action_handoff'") as failed:
        run_action(bot, endpoint)
    assert isinstance(failed.value.__cause__, ClientResponseError)
    assert failed.value.__cause__.status == status
    assert json.loads(failed.value.__cause__.text) == {"error": "no", "action_name": "action_handoff"}


@pytest.mark.parametrize("stream", [{}, {"stream": "http://127.0.0.1:9/stream"}])
def test_an_action_server_that_nobody_can_reach_fails_the_action_either_way(bot, stream):
    with pytest.raises(RasaException, match="Couldn't connect to the server"):
        run_action(bot, EndpointConfig(url="http://127.0.0.1:9/webhook", **stream))


def test_a_call_that_takes_too_long_is_given_up_and_the_next_one_is_answered(bot, endpoint, actions):
    bot_tracker = {"sender_id": "c-1", "latest_message": {"text": "slowly"}, "slots": {}}
    call = {"next_action": "action_handoff", "tracker": bot_tracker}
    RemoteAction("action_handoff", endpoint)._action_call_format(
        DialogueStateTracker.from_events("c-1", []), bot.agent.domain
    )
    actions.delays["slowly"] = 0.5
    if "stream" in endpoint.kwargs:
        begun = time.monotonic()
        with pytest.raises(aiohttp.ServerTimeoutError):
            bot.wait(endpoint.request(json=call, method="post", timeout=0.1, compress=False))
        assert time.monotonic() - begun < 0.4
    actions.delays.clear()
    answer = bot.wait(endpoint.request(json=call, method="post", timeout=5, compress=False))
    assert answer["events"][0]["event"] == "active_loop"


PLAIN = (
    {},
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": None, "timestamp": None}], "responses": [{"text": "hi"}]},
    {"events": [{"event": "active_loop", "name": None}, {"event": "followup", "name": "b", "timestamp": 1.5}]},
)
MALFORMED = (
    [],
    {"events": None},
    {"events": "none"},
    {"events": [{"name": "a", "value": 1}]},
    {"events": [{"event": "slot", "name": "a"}]},
    {"events": [{"event": "slot", "name": 1, "value": 1}]},
    {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": "now"}]},
    {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": True}]},
    {"events": [{"event": "slot", "name": "a", "value": 1, "metadata": []}]},
    {"events": [{"event": "no such event"}]},
    {"events": [{"event": ["slot"]}]},
    {"events": ["slot"]},
    {"responses": ["hi"]},
    {"responses": None},
)
UNCOMMON = (
    {"events": [{"event": "action", "name": "a", "policy": None, "confidence": 1.0}]},
    {"events": [{"event": "user", "text": "hi", "parse_data": {"text": "hi", "entities": []}}]},
)


@pytest.mark.parametrize("answer", PLAIN)
def test_a_common_answer_is_taken_without_the_schema_which_would_take_it(answer):
    assert is_plainly_right(answer)
    _VALIDATOR.validate(answer)


@pytest.mark.parametrize("answer", MALFORMED)
def test_a_malformed_answer_is_refused_with_the_reason(bot, answer):
    from jsonschema import ValidationError

    with pytest.raises(ValidationError, match="answer of the action server to 'action_x'"):
        RemoteAction("action_x", None)._validate_action_result(answer)


@pytest.mark.parametrize("answer", UNCOMMON)
def test_an_uncommon_answer_is_left_to_the_schema(bot, answer):
    assert not is_plainly_right(answer)
    assert RemoteAction("action_x", None)._validate_action_result(answer) is True
