"""The frustration model: anger is found, a problem is not anger, and what was said before counts (P1)."""

from __future__ import annotations

import json
import logging
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER
from models.encoder.encode import TOKENIZER_FILE
from models.frustration.examples import NEEDS
from models.frustration.features import SURFACE_NAMES, SurfaceReader
from models.frustration.reading import LONGEST_TEXT, Said, plain
from models.frustration.score import (
    BESIDE_LETTERS,
    CARD_FILE,
    DEFAULT_DIRECTORY,
    EXPLAIN_FROM,
    FUNCTION_WORDS,
    KEPT_WORDS,
    MODEL_FILE,
    Card,
    FrustrationModel,
    FrustrationModelError,
)

prepared = pytest.mark.skipif(
    not (ENCODER / TOKENIZER_FILE).exists(), reason="the encoder is not prepared (make setup)"
)

CALM = [
    "My dryer is broken and I need a repair",
    "The parcel hasn't arrived yet",
    "I want to cancel order LH-10002",
    "I was charged twice",
    "the freezer is not cold",
    "it is not working anymore",
    "my hearing aid stopped working",
    "the courier left it in the rain",
    "Can you help me with my invoice?",
    "can I speak to somebody about my order please",
    "I am not angry, I just want to know where it is",
    "smoke comes out of the plug",
    "my solicitor will be in touch",
    "not bad at all",
    "thank you very much",
]
HOT = [
    "this is ridiculous, I have been waiting for two weeks and nobody answers",
    "I am so angry, this company is a joke",
    "your service is absolutely terrible",
    "STOP IGNORING ME!!!",
    "what the fuck is wrong with you people",
    "I'm sick and tired of your excuses",
    "you are completely useless",
    "this is outrageous, you lied to me",
    "With all due respect, this is the worst handled order I have ever had.",
    "Forgive me for being blunt, but your service is dreadful.",
    "I must say I am rather disappointed in how this has been handled.",
]
SARCASM = [
    ("oh brilliant, another three weeks", "oh brilliant, that works"),
    ("Great job, you broke it twice now", "great job, it works"),
    ("Oh great, another week of waiting. Fantastic service.", "Oh great, it came a week early. Fantastic service."),
    ("Thanks for nothing", "Thanks for everything"),
]
SHORT_ANSWERS = ("really?", "whatever", "again?", "great", "fine", "seriously?", "wow", "brilliant", "no", "typical")
TROUBLE = [
    [Said("customer", "you are useless"), Said("bot", "I'm sorry about that. What can I do?")],
    [Said("customer", "where is my parcel"), Said("bot", "You can find our opening hours here.")],
]
EASE = [[Said("bot", "Would you prefer morning or afternoon?")], [Said("bot", "Would Tuesday suit you?")]]
CALM_BELOW = 0.45
"""What ``data/escalation.yml`` takes for calm."""
TOLD = [
    ("person", "I'd like a person, please", "no need for a person, thanks"),
    ("person", "anybody alive in there?", "the delivery person was friendly"),
    ("legal", "my solicitor will be in touch", "I'm a solicitor and need a desk lamp"),
    ("regulator", "I'm going to report you to the ombudsman", "is there an ombudsman for furniture shops?"),
    ("security", "somebody logged in to my account and changed the address", "I forgot my password"),
    ("safety", "the plug gave me a shock", "shock absorbers for the washing machine"),
    ("self_harm", "I can't go on any more, I don't want to live", "I could kill for a coffee"),
    ("money", "you took 900 pounds twice and my rent bounces", "can I pay the 9 pounds by card?"),
    ("business_critical", "my insulin in the fridge is spoiling", "how cold does the fridge get?"),
    ("repeat_contact", "this is the third time I contact you", "third order this month, love it"),
    ("gives_up", "forget it, I'll go elsewhere", "I forgot the order number, one moment"),
]


@pytest.fixture(scope="module")
def model() -> FrustrationModel:
    return FrustrationModel.load()


@prepared
@pytest.mark.parametrize("text", CALM)
def test_a_problem_is_not_anger(model: FrustrationModel, text: str) -> None:
    assert model.score(text).score < CALM_BELOW


@prepared
def test_problems_told_calmly_are_far_from_anger_on_average(model: FrustrationModel) -> None:
    assert sum(model.score(text).score for text in CALM) / len(CALM) < 0.25


@prepared
@pytest.mark.parametrize("text", HOT)
def test_anger_is_found_however_politely_it_is_put(model: FrustrationModel, text: str) -> None:
    felt = model.score(text)

    assert felt.score >= 0.65
    assert felt.scored_by == "model"


@prepared
@pytest.mark.parametrize(("meant", "sincere"), SARCASM)
def test_praise_that_is_not_meant_is_heard(model: FrustrationModel, meant: str, sincere: str) -> None:
    assert model.score(meant).score > model.score(sincere).score + 0.25


@prepared
def test_what_was_said_before_tells_how_a_short_answer_is_meant(model: FrustrationModel) -> None:
    shifts = [
        model.score(answer, trouble).score - model.score(answer, ease).score
        for answer in SHORT_ANSWERS
        for trouble, ease in zip(TROUBLE, EASE, strict=True)
    ]

    assert min(shifts) > 0.02
    assert sum(shifts) / len(shifts) > 0.08


@prepared
def test_abuse_is_more_than_anger(model: FrustrationModel) -> None:
    angry, abusive = (
        model.score(text) for text in ("I am very angry about the delay", "you stupid fucking idiots, drop dead")
    )

    assert min(angry.score, abusive.score) >= 0.5
    assert angry.abuse < 0.2 < 0.8 < abusive.abuse


@prepared
def test_what_cannot_wait_is_urgent_also_when_it_is_told_calmly(model: FrustrationModel) -> None:
    urgent = model.score("my insulin in the fridge is spoiling")

    assert urgent.urgency > 0.65 > model.score("which colours does the lamp come in?").urgency + 0.4
    assert urgent.score < 0.5


@prepared
@pytest.mark.parametrize(("need", "telling", "near_miss"), TOLD, ids=[f"{need}: {text}" for need, text, _ in TOLD])
def test_a_need_is_told_by_meaning_and_not_by_a_word(
    model: FrustrationModel, need: str, telling: str, near_miss: str
) -> None:
    assert model.score(telling).needs[need] >= 0.45 > model.score(near_miss).needs[need]


@prepared
def test_every_need_has_its_likelihood(model: FrustrationModel) -> None:
    needs = model.score("where is my parcel").needs

    assert tuple(needs) == NEEDS
    assert all(0.0 <= value <= 1.0 for value in needs.values())


@prepared
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("this is ridiculous and slow", "ridiculous"),
        ("STOP IGNORING ME!!!", "IGNORING"),
        ("your service is absolutely terrible", "terrible"),
        ("you are completely useless", "useless"),
    ],
)
def test_the_words_that_weighed_are_told(model: FrustrationModel, text: str, word: str) -> None:
    assert word in model.score(text).words


@prepared
def test_of_a_calm_turn_no_words_are_told(model: FrustrationModel) -> None:
    assert model.score("where is my parcel?").words == ()


@prepared
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.sampled_from(
            [
                "ridiculous",
                "nobody",
                "don't",
                "can't!",
                "fridge-freezer",
                "f***ing",
                "the",
                "I'm",
                "😡",
                "HATE",
                "Zürich",
            ]
        )
        | st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=8),
        max_size=60,
    )
)
@example(words=["0_00", "_the_", "what_a_joke"])
def test_the_words_that_weighed_are_whole_words_of_the_turn(model: FrustrationModel, words: list[str]) -> None:
    text = " ".join(["this is ridiculous, you lied!", *words])
    felt = model.score(text)
    written = re.findall(r"[\w'’*]+", plain(text))

    assert len(felt.words) <= KEPT_WORDS
    assert felt.words == () or felt.score >= EXPLAIN_FROM
    assert all(any(found.strip(BESIDE_LETTERS) == word for found in written) for word in felt.words)
    assert not FUNCTION_WORDS & {word.lower() for word in felt.words}


@prepared
def test_the_same_turn_always_has_the_same_score(model: FrustrationModel) -> None:
    before = [Said("bot", "Hello!")]

    assert model.score("where is my parcel", before) == model.score("where is my parcel", before)


@prepared
@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_silence_is_calm(model: FrustrationModel, text: str) -> None:
    assert model.score(text).score == 0.0


@prepared
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(), max_size=200)
    | st.sampled_from(
        ["a" * 20_000, "!" * LONGEST_TEXT, "😡😡😡", "\x00\x01\x1b[2J", "\ud83d half", "漢字 ÄÖÜ", "1 2 3"]
    )
)
def test_whatever_is_written_has_a_score_between_0_and_1(model: FrustrationModel, text: str) -> None:
    felt = model.score(text, [Said("customer", text), Said("bot", text)])

    assert all(0.0 <= value <= 1.0 for value in (felt.score, felt.abuse, felt.urgency, *felt.needs.values()))
    assert not any(math.isnan(value) for value in felt.needs.values())


def test_without_the_model_vader_scores_and_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        model = FrustrationModel.load(tmp_path)
    angry, calm = model.score("this is terrible, I hate it"), model.score("thank you, lovely")

    assert "VADER alone scores" in caplog.text
    assert "warmline train-frustration" in model.why_not
    assert (model.scored_by, model.version, angry.scored_by) == ("vader", "vader", "vader")
    assert angry.score > 0.7 > 0.3 > calm.score
    assert angry.words == ("terrible", "hate")
    assert not angry.needs


def test_without_the_encoders_tokenizer_vader_scores(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        model = FrustrationModel.load(tokenizer=tmp_path / TOKENIZER_FILE)

    assert model.scored_by == "vader"
    assert "cannot be loaded" in caplog.text


def copied(to: Path) -> Path:
    for name in (MODEL_FILE, CARD_FILE):
        shutil.copy(DEFAULT_DIRECTORY / name, to / name)
    return to


@pytest.mark.parametrize(
    "change", [{"format": 99}, {"tasks": ["frustration"]}, {"surface_names": list(SURFACE_NAMES[:-1])}]
)
def test_a_model_of_another_version_is_refused_with_the_command_that_makes_one(
    tmp_path: Path, change: dict[str, object]
) -> None:
    card = copied(tmp_path) / CARD_FILE
    card.write_text(json.dumps({**json.loads(card.read_text(encoding="utf-8")), **change}), encoding="utf-8")

    with pytest.raises(FrustrationModelError, match="another version: run `warmline train-frustration`"):
        Card.load(tmp_path)


def test_a_graph_that_is_not_the_cards_is_refused(tmp_path: Path) -> None:
    with (copied(tmp_path) / MODEL_FILE).open("ab") as graph:
        graph.write(b"x")

    with pytest.raises(FrustrationModelError, match="damaged"):
        Card.load(tmp_path)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null"])
def test_a_card_that_cannot_be_read_is_refused(tmp_path: Path, content: str) -> None:
    (copied(tmp_path) / CARD_FILE).write_text(content, encoding="utf-8")

    with pytest.raises(FrustrationModelError, match="cannot be read"):
        Card.load(tmp_path)


def test_codes_are_no_shouting() -> None:
    reader = SurfaceReader()
    names = ("LH-10002 please", "my order is LH-10010")

    assert [reader.read(text).values[3] for text in names] == [0.0, 0.0]
    assert reader.read("WHERE IS MY PARCEL").values[3] == 1.0


def test_no_training_library_is_imported_at_run_time() -> None:
    check = (
        "import sys, models.frustration.score as score; score.FrustrationModel.load().score('where is my parcel');"
        "sys.exit(bool({'torch', 'sklearn', 'transformers', 'onnx'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
