"""The action server is told of a text with what its turn will say was said before, or not at all."""

import asyncio
from types import SimpleNamespace

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Restarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import scoring_ahead
from bot.scoring_ahead import said_since, score_ahead
from bot.tracker_store import LiveTrackerStore

TALK = [UserUttered("hello"), BotUttered("Hello."), ActionExecuted("action_listen")]


@pytest.fixture
def store(tmp_path):
    store = LiveTrackerStore(Domain.empty(), db=str(tmp_path / "tracker.db"))
    yield store
    store.close()


@pytest.fixture
def told(monkeypatch):
    """What the action server was told."""
    told = []

    async def tell(endpoint, body):
        told.append((endpoint, body))

    monkeypatch.setattr(scoring_ahead, "tell_actions", tell)
    return told


def agent_over(store):
    return SimpleNamespace(tracker_store=FailSafeTrackerStore(store), action_endpoint="endpoint")


async def talk(store, *turns):
    """A conversation in which so much was said and saved."""
    await store.save(DialogueStateTracker.from_events("c-1", list(turns[0])))
    for events in turns[1:]:
        tracker = await store.retrieve("c-1")
        for event in events:
            tracker.update(event)
        await store.save(tracker)
    return await store.retrieve("c-1")


def test_a_text_goes_with_the_customers_last_message_and_what_was_said_to_it(store, told):
    turn = [UserUttered("where is it"), SlotSet("a", 1), BotUttered(None, {"custom": {}}), BotUttered("On its way.")]

    async def work():
        await talk(store, TALK, turn)
        await score_ahead(agent_over(store), "c-1", " still nothing ")

    asyncio.run(work())
    events = [{"event": "user", "text": "where is it"}, {"event": "bot", "text": "On its way."}]
    assert told == [("endpoint", {"score": "still nothing", "events": events})]


def test_the_first_text_of_a_conversation_goes_alone(store, told):
    asyncio.run(score_ahead(agent_over(store), "c-1", "hello"))
    assert told == [("endpoint", {"score": "hello", "events": []})]


@pytest.mark.parametrize("text", ["", "  ", "/affirm", ' /EXTERNAL_case_resolved{"outcome": "x"}'])
def test_what_is_not_scored_is_not_told(store, told, text):
    asyncio.run(score_ahead(agent_over(store), "c-1", text))
    assert told == []


def test_while_the_turn_before_is_in_work_nothing_is_told(store, told):
    async def work():
        tracker = await talk(store, TALK)
        tracker.update(UserUttered("where is it"))
        await score_ahead(agent_over(store), "c-1", "still nothing")

    asyncio.run(work())
    assert told == []


@pytest.mark.parametrize("agent", [None, agent_over(InMemoryTrackerStore(Domain.empty()))])
def test_without_a_model_or_live_trackers_nothing_is_told(told, agent):
    asyncio.run(score_ahead(agent, "c-1", "hello"))
    assert told == []


def test_what_was_said_before_a_restart_does_not_count():
    tracker = DialogueStateTracker.from_events("c-1", [])
    tracker.events.extend(
        [UserUttered("hello"), Restarted(), BotUttered("Once more."), ActionExecuted("action_listen")]
    )
    assert said_since(tracker) == [{"event": "bot", "text": "Once more."}]
