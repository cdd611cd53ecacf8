"""A changed answer is said without training; a file that is being edited never takes an answer away."""

import asyncio
import os

import pytest
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.answers import LOOK_EVERY_SECONDS, LiveAnswers, UnusableFileError, read_answers

HELLO = "responses:\n  utter_greet:\n  - text: Hello\n"


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def write(path, text, age=0):
    """Writes a file with a date of its own, because a test is quicker than some file systems' clocks."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(10**18 + age, 10**18 + age))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "responses" / "talk.yml"
    path.parent.mkdir()
    write(path, HELLO)
    return path


def test_a_changed_text_is_there_after_a_second_and_is_not_looked_for_before(file):
    clock = Clock()
    answers = LiveAnswers([file.parent], clock)
    assert answers.now()["utter_greet"] == [{"text": "Hello"}]
    write(file, HELLO.replace("Hello", "Good day"), age=1)
    assert answers.now()["utter_greet"] == [{"text": "Hello"}]
    clock.now += LOOK_EVERY_SECONDS
    assert answers.now()["utter_greet"] == [{"text": "Good day"}]


@pytest.mark.parametrize(
    "broken",
    [
        "responses:\n  utter_greet:\n  - text: [Good",
        "responses:\n  utter_greet:\n  - text: ''\n",
        "responses:\n  utter_greet: Good day\n",
        "responses:\n  utter_greet:\n",
        "- responses\n",
    ],
)
def test_a_file_that_is_broken_in_the_middle_of_an_edit_keeps_its_last_good_answer(file, caplog, broken):
    clock = Clock()
    answers = LiveAnswers([file.parent], clock)
    answers.now()
    write(file, broken, age=1)
    for _ in range(3):
        clock.now += LOOK_EVERY_SECONDS
        assert answers.now()["utter_greet"] == [{"text": "Hello"}]
    assert len([record for record in caplog.records if "its last good answers stay" in record.message]) == 1
    with pytest.raises(UnusableFileError):
        read_answers(file)
    write(file, HELLO.replace("Hello", "Good day"), age=2)
    clock.now += LOOK_EVERY_SECONDS
    assert answers.now()["utter_greet"] == [{"text": "Good day"}]


def test_an_answer_whose_file_is_gone_is_the_trained_one_again(file):
    domain = Domain.from_dict({"responses": {"utter_greet": [{"text": "Trained"}], "utter_bye": [{"text": "Bye"}]}})
    endpoint = EndpointConfig(type="bot.variants.UnrepeatedResponses", answers=[str(file.parent)])
    nlg = NaturalLanguageGenerator.create(endpoint, domain)
    clock = Clock()
    nlg._live = LiveAnswers([file.parent], clock)
    tracker = DialogueStateTracker.from_events("c-1", [])

    def say(name):
        return asyncio.run(nlg.generate(name, tracker, "rest"))["text"]

    assert (say("utter_greet"), say("utter_bye")) == ("Hello", "Bye")
    file.unlink()
    clock.now += LOOK_EVERY_SECONDS
    assert say("utter_greet") == "Trained"


def test_words_are_read_as_rasa_reads_them(file):
    file.write_text(
        "responses:\n  utter_ask:\n  - text: 10:30\n    buttons:\n    - title: Yes\n      payload: no\n"
        "    custom: {number: 3, share: 0.5, right: true, nothing: null}\n",
        encoding="utf-8",
    )
    assert read_answers(file)["utter_ask"] == [
        {
            "text": "10:30",
            "buttons": [{"title": "Yes", "payload": "no"}],
            "custom": {"number": 3, "share": 0.5, "right": True, "nothing": None},
        }
    ]


def test_what_ships_reads_the_same_as_in_rasa():
    from rasa.shared.utils.io import read_yaml_file

    from tests.bot.conftest import ROOT

    files = [*(ROOT / "data" / "responses").glob("*.yml"), *(ROOT / "data" / "faq").glob("*.yml")]
    assert len(files) > 8
    for path in files:
        assert read_answers(path) == read_yaml_file(path).get("responses", {})
