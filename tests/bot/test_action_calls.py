"""What travels to the action server, how it travels, and which of its answers are taken without a closer look."""

import json
import sqlite3

import pytest
from rasa.core.actions.action import RemoteAction

from bot.action_answers import _VALIDATOR, is_plainly_right
from bot.encoding import encoded_text, shared_encoder

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
