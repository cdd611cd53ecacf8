"""Both systems are given the same content and the same things to say, and the stock Rasa scores nothing."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from benchmarks.dialogue import Dialogue, Utterance, load_dialogue
from benchmarks.stock_content import SCORING_ACTIONS, SCORING_SLOTS, stock_content, stock_domain, stories_of
from warmline.paths import PROJECT_ROOT


@pytest.fixture(scope="module")
def dialogue() -> Dialogue:
    return load_dialogue(PROJECT_ROOT / "data")


def read(text: str | Path) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_the_stock_domain_is_ours_without_the_scoring() -> None:
    ours = read(PROJECT_ROOT / "domain.yml")
    stock = stock_domain(ours)
    assert set(ours["slots"]) - set(stock["slots"]) == SCORING_SLOTS
    assert set(ours["actions"]) - set(stock["actions"]) == SCORING_ACTIONS
    assert {key: stock[key] for key in ("intents", "entities", "forms")} == {
        key: ours[key] for key in ("intents", "entities", "forms")
    }


def test_a_story_is_made_around_each_rule_that_a_response_answers_and_around_no_other() -> None:
    rules: list[dict[str, Any]] = [
        {"rule": "greet", "steps": [{"intent": "greet"}, {"action": "utter_greet"}]},
        {"rule": "faq", "steps": [{"intent": "faq"}, {"action": "utter_faq"}]},
        {"rule": "form", "steps": [{"intent": "order_status"}, {"action": "order_status_form"}]},
        {"rule": "stop", "steps": [{"intent": "stop"}, {"action": "action_stop"}, {"active_loop": None}]},
        {"rule": "inside", "condition": [{"active_loop": "x"}], "steps": [{"intent": "a"}, {"action": "utter_a"}]},
        {"rule": "help", "steps": [{"intent": "help_menu"}, {"action": "utter_help_menu"}]},
    ]
    stories = stories_of(rules)["stories"]
    assert [story["story"] for story in stories] == ["around greet", "around faq", "around help_menu"]
    assert stories[2]["steps"] == [
        {"intent": "greet"},
        {"action": "utter_greet"},
        {"intent": "faq"},
        {"action": "utter_faq"},
        {"intent": "help_menu"},
        {"action": "utter_help_menu"},
    ]


def test_the_shipped_content_gives_stories_and_a_fingerprint_that_follows_the_epochs() -> None:
    content = stock_content()
    assert len(read(content.stories)["stories"]) >= 5
    assert "epochs: 100" in content.config
    assert stock_content(epochs=3).fingerprint != content.fingerprint == stock_content().fingerprint


def test_no_question_is_put_twice_in_the_same_words(dialogue: Dialogue) -> None:
    said = [utterance.text for utterance in dialogue.stretch(0, 3 * len(dialogue)) if utterance.may_vary]
    once = [utterance.text for utterance in dialogue.stretch(0, len(dialogue)) if utterance.may_vary]
    assert len(set(said)) >= 2.9 * len(set(once))


def test_neighbours_in_the_dialogue_want_different_answers(dialogue: Dialogue) -> None:
    said = list(dialogue.stretch(0, 500))
    assert sum(one.answers == other.answers for one, other in itertools.pairwise(said)) <= 5
    assert all(utterance.answers for utterance in said)


def test_a_dialogue_that_is_over_begins_again_in_other_words() -> None:
    short = Dialogue((Utterance("hello", frozenset({"Hi"}), may_vary=False), Utterance("how", frozenset({"So"}))))
    assert [utterance.text for utterance in short.stretch(0, 4)] == ["hello", "how", "hello", "Hi, how"]
    with pytest.raises(ValueError, match="something to say"):
        Dialogue(())
