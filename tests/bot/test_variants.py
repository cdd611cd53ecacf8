"""What was said is not said again in the same words while there are others."""

import asyncio

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import read_endpoint_config

from bot.unsaid import next_variant
from bot.variants import UnrepeatedResponses
from tests.bot.conftest import ROOT

DOMAIN = Domain.from_dict(
    {
        "responses": {
            "utter_sorry": [{"text": "Sorry."}, {"text": "I hear you."}, {"text": "I see, {name}."}],
            "utter_bye": [{"text": "Bye."}],
            "utter_offer": [
                {"text": "Shall a person help?"},
                {"text": "A person, at once?", "condition": [{"type": "slot", "name": "mood", "value": "worried"}]},
                {
                    "text": "A person about {problem}?",
                    "condition": [{"type": "slot", "name": "mood", "value": "worried"}],
                },
                {"text": "A person instead of me?", "condition": [{"type": "slot", "name": "mood", "value": "angry"}]},
            ],
            "utter_unknown": [{"text": "About {problem}."}],
            "utter_smile": [{"text": "Press { twice, {name} :-}"}],
            "utter_pair": [{"text": "Type {}, {name}, not {a b} or {c}."}],
        }
    }
)


def generator():
    """As Rasa makes it from endpoints.yml."""
    return NaturalLanguageGenerator.create(read_endpoint_config(str(ROOT / "endpoints.yml"), "nlg"), DOMAIN)


def say(nlg, tracker, name, **handed):
    message = asyncio.run(nlg.generate(name, tracker, "rest", **(handed or {"name": "Maya"})))
    text = message.pop("text")
    tracker.update(BotUttered(text, metadata={**message, "utter_action": name}))
    return text


def test_rasa_takes_the_generator_from_its_endpoints():
    assert isinstance(generator(), UnrepeatedResponses)


def test_an_apology_comes_back_only_when_all_others_were_said():
    nlg, tracker = generator(), DialogueStateTracker.from_events("c-1", [])
    said = [say(nlg, tracker, "utter_sorry") for _ in range(6)]
    assert set(said[:3]) == {"Sorry.", "I hear you.", "I see, Maya."}
    assert said[0] == "I see, Maya.", "what says most comes first"
    assert said[3:] == said[:3]


def test_a_brace_that_holds_no_word_is_said_as_it_stands_instead_of_silencing_the_answer():
    nlg, tracker = generator(), DialogueStateTracker.from_events("c-1", [])
    assert say(nlg, tracker, "utter_smile") == "Press { twice, Maya :-}"
    assert say(nlg, tracker, "utter_pair") == "Type {}, Maya, not {a b} or {c}."


def test_a_message_that_is_sent_again_gets_the_same_words():
    nlg = generator()
    first, again = (DialogueStateTracker.from_events("c-7", []) for _ in range(2))
    assert say(nlg, first, "utter_sorry") == say(nlg, again, "utter_sorry")


def test_conversations_begin_differently():
    assert len({next_variant([], dict.fromkeys(range(3), 0), f"c-{number}") for number in range(30)}) == 3


def test_a_response_without_variants_or_without_a_name_is_as_in_rasa():
    nlg, tracker = generator(), DialogueStateTracker.from_events("c-1", [])
    assert [say(nlg, tracker, "utter_bye") for _ in range(2)] == ["Bye.", "Bye."]
    assert asyncio.run(nlg.generate("utter_nothing", tracker, "rest")) is None


def test_a_variant_that_names_what_is_not_known_is_not_said():
    nlg, tracker = generator(), DialogueStateTracker.from_events("c-1", [])
    said = [say(nlg, tracker, "utter_offer", mood="worried", problem=nothing) for nothing in (None, "", None)]
    assert set(said) == {"A person, at once?"}


def test_a_variant_that_names_what_is_known_goes_before_the_others():
    nlg, tracker = generator(), DialogueStateTracker.from_events("c-1", [])
    said = [say(nlg, tracker, "utter_offer", mood="worried", problem="your refund") for _ in range(2)]
    assert said == ["A person about your refund?", "A person, at once?"]


def test_what_an_action_hands_over_decides_which_variants_fit():
    nlg = generator()
    for mood, text in (("angry", "A person instead of me?"), (None, "Shall a person help?")):
        assert say(nlg, DialogueStateTracker.from_events("c-1", []), "utter_offer", mood=mood) == text


def test_a_wording_of_one_mood_does_not_count_as_said_in_another():
    nlg, tracker = generator(), DialogueStateTracker.from_events("c-1", [])
    moods = ("angry", "worried", "worried", "worried")
    said = [say(nlg, tracker, "utter_offer", mood=mood, problem="it") for mood in moods]
    assert said == ["A person instead of me?", "A person about it?", "A person, at once?", "A person about it?"]


def test_a_response_that_names_nothing_known_is_said_all_the_same():
    nlg, tracker = generator(), DialogueStateTracker.from_events("c-1", [])
    assert say(nlg, tracker, "utter_unknown", problem="") == "About ."
