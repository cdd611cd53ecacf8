"""The tracker store: nothing that was saved is lost, and a long conversation costs what a short one costs."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUtteranceReverted, UserUttered

ROOT = Path(__file__).resolve().parents[2]


def rewind(bot, conversation="c-1"):
    """What POST /conversations/{id}/tracker/events does with a rewind."""
    tracker = bot.wait(bot.agent.processor.fetch_tracker_with_initial_session(conversation))
    tracker.update(UserUtteranceReverted(), bot.agent.domain)
    bot.wait(bot.agent.tracker_store.save(tracker))


def state(tracker):
    """What a tracker says, apart from its events."""
    return {
        "slots": {name: value for name, value in tracker.current_slot_values().items() if value is not None},
        "form": tracker.active_loop_name,
        "action": tracker.latest_action_name,
        "message": tracker.latest_message.text,
        "bot": tracker.latest_bot_utterance.text,
    }


def test_a_restarted_bot_goes_on_where_it_was(make_bot):
    first = make_bot()
    first.say("cancel my order")
    first.say("LH-10005")
    before = state(first.tracker())
    second = make_bot()
    assert state(second.tracker()) == before
    assert second.say("found it cheaper") == ["Cancelled LH-10005."]


def test_slots_outlast_three_hundred_turns(make_bot):
    bot = make_bot()
    bot.say("my number is LH-10007")
    for _ in range(300):
        bot.say("hello")
    assert bot.tracker().get_slot("order_number") == "LH-10007"
    assert make_bot().tracker().get_slot("order_number") == "LH-10007"


def test_a_tracker_carries_a_bounded_number_of_events(bot):
    longest = 0
    for _ in range(60):
        bot.say("hello")
        longest = max(longest, len(bot.tracker().events))
    assert longest <= 60 + 10


def test_a_copied_and_a_replayed_tracker_say_the_same_after_a_cut(bot):
    bot.say("my number is LH-10007")
    for _ in range(40):
        bot.say("hello")
    bot.say("cancel my order")
    tracker = bot.tracker()
    copied = tracker.copy()
    assert state(copied) == state(tracker)
    replayed = tracker.copy()
    replayed._reset()
    replayed.replay_events()
    assert state(replayed) == state(tracker)


def test_a_form_that_goes_on_longer_than_the_window_stays_open(make_bot):
    bot = make_bot(working_events=40)
    bot.say("cancel my order")
    for _ in range(30):
        bot.say("no idea what that is, sorry")
    assert bot.tracker().active_loop_name == "cancel_form"
    assert bot.tracker().get_slot("requested_slot") == "order_number"
    assert len(bot.tracker().events) <= 60
    assert bot.say("LH-10005") == ["Why?"]
    assert bot.say("found it cheaper") == ["Cancelled LH-10005."]


def test_a_rewind_restores_the_state_before_the_last_message(bot):
    bot.say("hello")
    before = state(bot.tracker())
    bot.say("where is LH-10008")
    assert bot.tracker().get_slot("order_number") == "LH-10008"
    rewind(bot)
    assert state(bot.tracker()) == before
    assert bot.say("where is my parcel") == ["It is on its way."]


def test_a_rewind_inside_a_form_takes_back_one_answer_not_the_form(bot):
    bot.say("cancel my order")
    bot.say("LH-10005")
    before = state(bot.tracker())
    assert bot.say("found it cheaper") == ["Cancelled LH-10005."]
    rewind(bot)
    assert state(bot.tracker()) == before
    assert bot.say("found it cheaper") == ["Cancelled LH-10005."]


def test_a_rewind_of_the_first_message_leaves_a_fresh_conversation(bot):
    bot.say("cancel my order")
    rewind(bot)
    assert bot.tracker().active_loop_name is None
    assert bot.say("hello") == ["Hello."]


def test_two_rewinds_take_back_two_messages(bot):
    bot.say("hello")
    before = state(bot.tracker())
    bot.say("cancel my order")
    bot.say("LH-10005")
    rewind(bot)
    rewind(bot)
    assert state(bot.tracker()) == before


def test_a_rewind_is_remembered_by_a_restarted_bot(make_bot):
    bot = make_bot()
    bot.say("cancel my order")
    bot.say("LH-10005")
    rewind(bot)
    restarted = make_bot()
    assert state(restarted.tracker()) == state(bot.tracker())
    assert restarted.say("LH-10006") == ["Why?"]


def test_a_rewind_after_a_long_conversation_restores_slots_from_before_the_cut(make_bot):
    bot = make_bot()
    bot.say("my number is LH-10007")
    for _ in range(40):
        bot.say("hello")
    bot.say("it is LH-10008")
    rewind(bot)
    assert bot.tracker().get_slot("order_number") == "LH-10007"
    assert make_bot().tracker().get_slot("order_number") == "LH-10007"


def test_the_full_tracker_holds_every_event_and_the_state_of_today(bot):
    for number in range(40):
        bot.say("hello", message_id=f"n-{number}")
    bot.say("it is LH-10008", message_id="n-40")
    rewind(bot)
    full = bot.wait(bot.agent.processor.fetch_full_tracker_with_initial_session("c-1"))
    messages = [event for event in full.events if isinstance(event, UserUttered)]
    assert [event.metadata["message_id"] for event in messages] == [f"n-{number}" for number in range(41)]
    assert isinstance(full.events[-1], UserUtteranceReverted)
    assert full.get_slot("order_number") is None
    assert state(full) == state(bot.tracker())


def test_a_turn_that_failed_before_it_was_saved_never_happened(bot):
    bot.say("my number is LH-10007")
    before = state(bot.tracker())
    bot.tracker().update(SlotSet("order_number", "LH-99999"))
    assert state(bot.tracker()) == before


def test_reading_a_conversation_while_its_turn_runs_loses_nothing(bot):
    bot.say("hello")
    running = bot.tracker()
    running.update(SlotSet("order_number", "LH-10009"))
    assert bot.tracker().get_slot("order_number") is None
    bot.wait(bot.store.save(running))
    assert bot.tracker().get_slot("order_number") == "LH-10009"
    full = bot.wait(bot.store.retrieve_full_tracker("c-1"))
    assert len([event for event in full.events if isinstance(event, UserUttered)]) == 1


def test_conversations_beyond_the_live_ones_come_back_from_disk(make_bot):
    bot = make_bot(live_trackers=2)
    for number in range(5):
        bot.say(f"my number is LH-1000{number}", conversation=f"c-{number}")
    slots = [bot.tracker(f"c-{number}").get_slot("order_number") for number in range(5)]
    assert slots == [f"LH-1000{number}" for number in range(5)]
    assert sorted(bot.wait(bot.store.keys())) == [f"c-{number}" for number in range(5)]


def test_an_answer_of_the_action_server_in_another_format_is_still_refused(bot):
    from jsonschema import ValidationError
    from rasa.core.actions.action import RemoteAction

    action = RemoteAction("action_handoff", None)
    assert action._validate_action_result({"events": [], "responses": []}) is True
    with pytest.raises(ValidationError, match="action_handoff"):
        action._validate_action_result({"events": "none"})


def test_an_unknown_conversation_has_no_tracker(bot):
    assert bot.tracker("nobody") is None
    assert bot.wait(bot.store.exists("nobody")) is False


def test_another_model_gives_live_trackers_its_own_slots(bot):
    bot.say("my number is LH-10007")
    assert "order_number" in bot.tracker().slots
    bot.store.domain = None
    assert "order_number" not in bot.tracker().slots


def test_replacing_all_events_with_none_forgets_the_conversation(bot):
    from rasa.shared.core.trackers import DialogueStateTracker

    bot.say("my number is LH-10007")
    bot.wait(bot.store.save(DialogueStateTracker.from_dict("c-1", [], bot.agent.domain.slots)))
    assert bot.tracker() is None


def test_replacing_all_events_puts_others_in_their_place(bot):
    from rasa.shared.core.trackers import DialogueStateTracker

    bot.say("my number is LH-10007")
    events = [ActionExecuted("action_listen").as_dict(), SlotSet("order_number", "LH-10001").as_dict()]
    bot.wait(bot.store.save(DialogueStateTracker.from_dict("c-1", events, bot.agent.domain.slots)))
    assert len(bot.tracker().events) == 2
    assert bot.tracker().get_slot("order_number") == "LH-10001"


def test_an_event_broker_gets_each_event_once(make_bot, tmp_path):
    published = []
    bot = make_bot()

    class Broker:
        def publish(self, body, **_):
            published.append(body)

    bot.store.event_broker = Broker()
    bot.say("hello")
    bot.say("hello")
    stored = sqlite3.connect(tmp_path / "tracker.db").execute("SELECT data FROM events ORDER BY id").fetchall()
    assert [{**json.loads(data), "sender_id": "c-1"} for (data,) in stored] == published


def test_only_the_owner_can_read_what_customers_wrote(bot, tmp_path):
    bot.say("hello")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("tracker.db*")}
    assert set(modes) == {"tracker.db", "tracker.db-wal", "tracker.db-shm"}
    assert set(modes.values()) == {0o600}


def test_a_file_that_is_no_database_is_named_with_a_remedy(tmp_path):
    from rasa.shared.exceptions import ConnectionException

    from bot.tracker_store import LiveTrackerStore

    (tmp_path / "tracker.db").write_bytes(b"no database" * 100)
    with pytest.raises(ConnectionException, match="endpoints"):
        LiveTrackerStore(None, db=str(tmp_path / "tracker.db"))


WRITER = """
    import asyncio, sys
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker
    from bot.tracker_store import LiveTrackerStore

    async def main():
        domain = Domain.from_yaml("slots: {n: {type: any, mappings: [{type: custom}]}}")
        store = LiveTrackerStore(domain, db=sys.argv[1])
        number = 0
        while True:
            tracker = await store.get_or_create_tracker("c-1", append_action_listen=False)
            for event in (ActionExecuted("action_listen"), UserUttered(str(number)), SlotSet("n", number)):
                tracker.update(event)
            await store.save(tracker)
            print(number, flush=True)
            number += 1

    asyncio.run(main())
"""


def test_a_killed_process_keeps_every_save_that_it_acknowledged(tmp_path):
    from rasa.shared.core.domain import Domain

    from bot.tracker_store import LiveTrackerStore

    db = tmp_path / "tracker.db"
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(db)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    acknowledged = -1
    for line in process.stdout:
        acknowledged = int(line)
        if acknowledged == 150:
            process.send_signal(signal.SIGKILL)
            break
    acknowledged = max([acknowledged, *(int(line) for line in process.stdout if line.strip())])
    process.wait()
    process.stdout.close()

    import asyncio

    async def read():
        domain = Domain.from_yaml("slots: {n: {type: any, mappings: [{type: custom}]}}")
        store = LiveTrackerStore(domain, db=str(db))
        tracker, full = await store.retrieve("c-1"), await store.retrieve_full_tracker("c-1")
        store.close()
        return tracker, full

    tracker, full = asyncio.run(read())
    assert tracker.get_slot("n") in (acknowledged, acknowledged + 1)
    texts = [event.text for event in full.events if isinstance(event, UserUttered)]
    assert texts == [str(number) for number in range(len(texts))]
    assert len(texts) >= acknowledged + 1
