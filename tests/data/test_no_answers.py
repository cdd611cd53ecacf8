"""The list of responses that customers are not asked to rate keeps step with the content."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from warmline.policy import load_policy

DATA = Path(__file__).resolve().parents[2] / "data"
POLICY = load_policy(DATA / "escalation.yml")
ANSWER_INTENTS = {"faq", "nlu_fallback"}


def parts(folder: str, key: str) -> list[Any]:
    """What stands under a key in all files of a folder."""
    return [YAML(typ="safe").load(path)[key] for path in sorted((DATA / folder).glob("*.yml"))]


NO_ANSWERS: list[str] = YAML(typ="safe").load(DATA / "wording" / "notices.yml")["no_answers"]
RESPONSES: set[str] = {name for part in (*parts("responses", "responses"), *parts("faq", "responses")) for name in part}


def is_answer(response: str) -> bool:
    return not any(fnmatchcase(response, pattern) for pattern in NO_ANSWERS)


def test_every_name_on_the_list_is_a_response() -> None:
    assert [name for name in NO_ANSWERS if "*" not in name and name not in RESPONSES] == []


def test_what_small_talk_is_answered_with_is_on_the_list() -> None:
    courtesies = set()
    for rules in parts("rules", "rules"):
        for rule in rules:
            steps = rule["steps"]
            intent = steps[0].get("intent")
            if intent and intent not in ANSWER_INTENTS and not POLICY.is_known(intent):
                courtesies |= {step["action"] for step in steps if str(step.get("action")).startswith("utter_")}
    assert "utter_greet" in courtesies
    assert sorted(filter(is_answer, courtesies)) == []


def test_answers_of_the_faq_and_outcomes_can_be_rated() -> None:
    for response in RESPONSES:
        if response.startswith(("utter_faq/", "utter_order_shipped", "utter_refund_done", "utter_default")):
            assert is_answer(response), response
