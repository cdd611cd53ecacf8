"""What was said is not said again in the same words while there are others."""

import asyncio

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import read_endpoint_config

from bot.variants import UnrepeatedResponses, next_variant
from tests.bot.conftest import ROOT

DOMAIN = Domain.from_dict(
    {
        "responses": {
            "utter_sorry": [{"text": "Sorry."}, {"text": "I hear you."}, {"text": "I see, {name}."}],
            "utter_bye": [{"text": "Bye."}],
        }
    }
)


def generator():
    """As Rasa makes it from endpoints.yml."""
    return NaturalLanguageGenerator.create(read_endpoint_config(str(ROOT / "endpoints.yml"), "nlg"), DOMAIN)


def say(nlg, tracker, name):
    message = asyncio.run(nlg.generate(name, tracker, "rest", name="Maya"))
    text = message.pop("text")
    tracker.update(BotUttered(text, metadata={**message, "utter_action": name}))
    return text


def test_rasa_takes_the_generator_from_its_endpoints():
    assert isinstance(generator(), UnrepeatedResponses)


def test_an_apology_comes_back_only_when_all_others_were_said():
    nlg, tracker = generator(), DialogueStateTracker.from_events("c-1", [])
    said = [say(nlg, tracker, "utter_sorry") for _ in range(6)]
    assert set(said[:3]) == {"Sorry.", "I hear you.", "I see, Maya."}
    assert said[3:] == said[:3]


def test_a_message_that_is_sent_again_gets_the_same_words():
    nlg = generator()
    first, again = (DialogueStateTracker.from_events("c-7", []) for _ in range(2))
    assert say(nlg, first, "utter_sorry") == say(nlg, again, "utter_sorry")


def test_conversations_begin_differently():
    assert len({next_variant([], 3, f"c-{number}") for number in range(30)}) == 3


def test_a_response_without_variants_or_without_a_name_is_as_in_rasa():
    nlg, tracker = generator(), DialogueStateTracker.from_events("c-1", [])
    assert [say(nlg, tracker, "utter_bye") for _ in range(2)] == ["Bye.", "Bye."]
    assert asyncio.run(nlg.generate("utter_nothing", tracker, "rest")) is None
