"""What the turn channel understands, and has scored, before a text's turn comes."""

import asyncio
import json

from bot import turn_channel
from tests.bot.turn_cast import Model, run


def test_what_was_read_ahead_is_used_for_its_turn_and_once():
    async def work(rasa):
        await rasa.read("hello")
        for _ in range(2):
            await rasa.say("hello")
        assert [turn.parse_data for turn in rasa.turns] == [{"text": "hello", "by": "first"}, None]

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
