"""What is no longer done anew for every message still comes out as Rasa has it."""

import copy
from pathlib import Path

import pytest
from rasa.core import processor
from rasa.core.actions.action import ActionExtractSlots
from rasa.core.policies import rule_policy
from rasa.engine.exceptions import GraphRunError
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet
from rasa.shared.core.slots import Slot

from bot import shortcuts
from bot.live_tracker import LiveTracker


def test_a_domain_is_known_as_empty_or_not(bot):
    assert Domain.empty().is_empty() is True
    assert bot.agent.domain.is_empty() is False
    assert bot.agent.domain.is_empty() is False


def test_events_are_found_by_their_name_and_unknown_ones_refused(bot):
    assert Event.resolve_by_type("slot") is SlotSet
    assert Event.resolve_by_type("slot") is SlotSet
    assert Event.resolve_by_type("topic") is None
    assert Event.resolve_by_type("no such event", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="no such event"):
        Event.resolve_by_type("no such event")


def test_a_failing_component_still_fails_the_run(bot, monkeypatch):
    runner = bot.agent.processor.graph_runner
    target = bot.agent.processor.model_metadata.nlu_target
    with pytest.raises(GraphRunError):
        shortcuts.run_graph(runner, {}, [target])


SLOTS = """
version: "3.1"
slots:
  number: {type: text, initial_value: "7", mappings: [{type: custom}]}
  many: {type: list, mappings: [{type: custom}]}
  sure: {type: bool, mappings: [{type: custom}]}
  size: {type: float, min_value: 0, max_value: 5, mappings: [{type: custom}]}
  kind: {type: categorical, values: [a, b], mappings: [{type: custom}]}
  picture: {type: any, mappings: [{type: custom}]}
"""


def test_copied_slots_are_what_python_would_have_copied_and_change_by_themselves(bot, monkeypatch):
    values = {"number": "8", "many": [1], "sure": True, "size": 2.5, "kind": "b", "picture": {"a": 1}}
    for slot in Domain.from_yaml(SLOTS).slots:
        if slot.name not in values:
            continue
        slot.value = values[slot.name]
        twin = copy.copy(slot)
        with monkeypatch.context() as without:
            without.delattr(Slot, "__copy__")
            pythons = copy.copy(slot)
        assert type(twin) is type(pythons) is type(slot)
        assert vars(twin) == vars(pythons) == vars(slot)
        assert twin.as_feature() == slot.as_feature()
        twin.value = None
        twin.reset()
        assert slot.value == values[slot.name]
        assert slot.has_been_set


class Heard(ActionExtractSlots):
    """Keeps the tracker that the validation would be sent."""

    def __init__(self, answer):
        super().__init__(None)
        self.answer = answer
        self.tracker = None

    async def _run_custom_action(self, _name, _channel, _nlg, tracker, _domain):
        self.tracker = tracker
        return list(self.answer)


@pytest.mark.parametrize("found", [[], [SlotSet("order_number", "LH-10001"), SlotSet("email", "a@b.example")]])
@pytest.mark.parametrize("answer", [[], [SlotSet("order_number", None), BotUttered("Which one?")]])
def test_the_validation_sees_and_gives_what_it_would_if_the_conversation_were_played_anew(bot, found, answer):
    """Also when a form is open, after a restart and after a message that was taken back."""
    for text in ("hello", "where is my parcel", "/restart", "cancel my order", "LH-10005"):
        bot.say(text)
    tracker, domain = bot.wait(bot.agent.tracker_store.retrieve("c-1")), bot.agent.domain
    assert isinstance(tracker, LiveTracker)
    before = [event.as_dict() for event in tracker.events]
    heard, plays_anew = Heard(answer), Heard(answer)
    events = [*found, BotUttered("hm")]
    given = bot.wait(heard._execute_validation_action(events, None, None, tracker, domain))
    played = shortcuts._validate_played_anew(plays_anew, events, None, None, tracker, domain)
    assert given == bot.wait(played)
    assert _state(heard.tracker) == _state(plays_anew.tracker)
    assert [event.as_dict() for event in tracker.events] == before, "the conversation itself is as it was"


def _state(tracker):
    return tracker.current_slot_values(), tracker.active_loop_name, tracker.latest_message, tracker.latest_action_name


@pytest.mark.parametrize("module", [processor, rule_policy])
def test_what_is_copied_for_debug_messages_only_is_not_copied(bot, module):
    """Both modules copy for nothing else; a new version of Rasa that does must be looked at."""
    lines = [line.strip() for line in Path(module.__file__).read_text("utf-8").splitlines() if "copy." in line]
    assert lines
    assert all(
        line.split("=")[0] in MESSAGE_FIELDS or line.startswith(CALLS) for line in lines if not line.startswith("#")
    ), lines
    seen = {"a": [1]}
    assert module.copy.deepcopy(seen) is seen
    assert module.copy.copy(seen) is not seen
    assert copy.deepcopy(seen) is not seen


MESSAGE_FIELDS = {"rasa_events", "parse_data_text", "parse_data_entities", "prediction_events"}
CALLS = ('"processor.slots.log", slot_values=', '"rule_policy.actions.find", current_states=')


def test_debug_messages_change_nothing_in_the_conversation(make_bot, tmp_path):
    """The copies protect events from whoever writes the messages: nobody who does changes them."""
    import structlog

    bot = make_bot()
    texts = ("hello", "cancel my order", "LH-10005", "found it cheaper")
    plain = [bot.say(text, conversation="c-1") for text in texts]
    with structlog.testing.capture_logs() as logs:
        logged = [bot.say(text, conversation="c-2") for text in texts]
    assert [line for line in logs if line["event"] == "processor.message.parse"]
    assert logged == plain
    assert _events(bot, "c-1") == _events(bot, "c-2")


def _events(bot, conversation):
    events = [event.as_dict() for event in bot.tracker(conversation).events]
    return [(event["event"], event.get("text"), event.get("name")) for event in events]
