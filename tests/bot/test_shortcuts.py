"""What is no longer done anew for every message still comes out as Rasa has it."""

import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet

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
