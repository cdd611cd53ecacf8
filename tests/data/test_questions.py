"""The test set is large, knows everything the assistant does, and has nothing from the training in it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.data.question_set import (
    OUT_OF_SCOPE,
    TwoRequests,
    asked,
    known_labels,
    leaks,
    noisy,
    normalised,
    trained,
    two_requests,
)
from tests.data.test_content import SELF_SERVICE

KINDS_OF_NOISE = {
    "typos",
    "lowercase",
    "shouting",
    "several_sentences",
    "greeting_in_front",
    "abbreviations",
    "dropped_words",
    "dictated",
}


@pytest.fixture(scope="module")
def questions() -> dict[str, list[str]]:
    return asked()


@pytest.fixture(scope="module")
def rewritten() -> dict[str, dict[str, list[str]]]:
    return noisy()


@pytest.fixture(scope="module")
def messages() -> list[TwoRequests]:
    return two_requests()


@pytest.fixture(scope="module")
def examples() -> list[tuple[str, str]]:
    return trained()


def test_there_are_700_questions_in_scope_and_220_out_of_it(questions: dict[str, list[str]]) -> None:
    out_of_scope = len(questions[OUT_OF_SCOPE])
    assert sum(map(len, questions.values())) - out_of_scope >= 700
    assert out_of_scope >= 220


def test_every_intent_and_every_faq_is_asked_for_often_enough(questions: dict[str, list[str]]) -> None:
    def enough(label: str) -> int:
        if label.startswith("faq/"):
            return 3
        return 10 if label in SELF_SERVICE else 6

    assert set(questions) >= SELF_SERVICE
    assert {label: len(texts) for label, texts in questions.items() if len(texts) < enough(label)} == {}


def test_the_questions_are_about_all_that_the_assistant_knows_and_nothing_else(questions: dict[str, list[str]]) -> None:
    known, labels = known_labels(), set(questions)
    unknown, unasked = sorted(labels - known), sorted(known - labels)
    assert (unknown, unasked) == ([], []), f"not in domain.yml or data/faq: {unknown}; never asked for: {unasked}"


def test_no_question_stands_twice(questions: dict[str, list[str]]) -> None:
    counted = Counter(normalised(text) or text for texts in questions.values() for text in texts)
    assert [text for text, times in counted.items() if times > 1] == []


def test_no_question_is_nearly_a_training_example(
    questions: dict[str, list[str]], examples: list[tuple[str, str]]
) -> None:
    assert leaks([text for texts in questions.values() for text in texts], examples) == []


def test_no_noisy_question_and_no_double_request_is_nearly_a_training_example(
    rewritten: dict[str, dict[str, list[str]]],
    messages: list[TwoRequests],
    examples: list[tuple[str, str]],
) -> None:
    texts = [text for labels in rewritten.values() for found in labels.values() for text in found]
    assert leaks([*texts, *(message.text for message in messages)], examples) == []


@pytest.mark.parametrize(
    ("question", "leaked"),
    [
        ("WHERE is my parcel, please", True),  # the same words
        ("please where is my parcel", True),  # in another order
        ("could you tell me where my little brown parcel has got to", True),  # one word more in ten
        ("my parcel", False),  # in an example, yet few of its words
        ("where on earth is my parcel", False),
        ("where is my refund please", False),
        ("...", False),
    ],
)
def test_a_leak_is_found_by_its_words(question: str, leaked: bool) -> None:
    learned = [
        ("order_status", "where is my parcel please?"),
        ("order_status", "Could you tell me where my brown parcel has got to"),
    ]
    assert bool(leaks([question], learned)) is leaked


def test_there_are_250_noisy_questions_of_every_kind_of_noise(rewritten: dict[str, dict[str, list[str]]]) -> None:
    counted = {kind: sum(map(len, labels.values())) for kind, labels in rewritten.items()}
    assert set(counted) == KINDS_OF_NOISE
    assert sum(counted.values()) >= 250
    assert {kind: number for kind, number in counted.items() if number < 30} == {}


def test_everything_that_can_be_asked_is_also_asked_noisily(
    questions: dict[str, list[str]], rewritten: dict[str, dict[str, list[str]]]
) -> None:
    assert {label for labels in rewritten.values() for label in labels} == set(questions) - {OUT_OF_SCOPE}


def test_noise_is_what_its_kind_says(rewritten: dict[str, dict[str, list[str]]]) -> None:
    texts = {kind: [text for found in labels.values() for text in found] for kind, labels in rewritten.items()}
    everything = [text for found in texts.values() for text in found]
    assert len(everything) == len(set(everything)), "a noisy question stands twice"
    assert [text for text in texts["lowercase"] if text != text.lower() or re.search(r"[?!,;:'\"]", text)] == []
    assert [text for text in texts["shouting"] if text != text.upper()] == []
    assert [text for text in texts["dictated"] if text != text.lower()] == []
    assert [text for text in texts["several_sentences"] if len(re.findall(r"[.?!](?:\s|$)", text)) < 3] == []


def test_noise_changes_a_question(questions: dict[str, list[str]], rewritten: dict[str, dict[str, list[str]]]) -> None:
    clean = {text for texts in questions.values() for text in texts}
    assert [text for labels in rewritten.values() for found in labels.values() for text in found if text in clean] == []


def test_there_are_60_double_requests_and_60_that_only_look_like_it(messages: list[TwoRequests]) -> None:
    assert sum(message.second is not None for message in messages) >= 60
    assert sum(message.second is None for message in messages) >= 60
    counted = Counter(normalised(message.text) for message in messages)
    assert [text for text, times in counted.items() if times > 1] == []


def test_two_requests_are_a_different_known_pair_each_time(
    messages: list[TwoRequests], questions: dict[str, list[str]]
) -> None:
    requests = set(questions) - {OUT_OF_SCOPE}
    assert [message for message in messages if not {message.first, message.second} - {None} <= requests] == []
    pairs = Counter(frozenset({message.first, message.second}) for message in messages if message.second)
    assert [sorted(map(str, pair)) for pair, times in pairs.items() if len(pair) < 2 or times > 1] == []


def test_a_message_that_looks_like_two_requests_has_a_join(messages: list[TwoRequests]) -> None:
    join = re.compile(r"\b(?:and|but|or|so|yet|also|then)\b|[.?!,] ", re.IGNORECASE)
    assert [message.text for message in messages if not join.search(message.text)] == []
