"""What is no longer done anew for every message still comes out as Rasa has it."""

import copy
from pathlib import Path

import pytest
from rasa.core import processor
from rasa.core.policies import rule_policy
from rasa.engine.exceptions import GraphRunError
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.slots import Slot

from bot import shortcuts


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
        shortcuts._run_graph(runner, {}, [target])


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
