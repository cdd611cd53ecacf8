"""The frustration score: anger is found, and a problem is not anger."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.encoder.encode import DEFAULT_DIRECTORY
from models.frustration.features import SurfaceReader
from models.frustration.score import DEFAULT_HEAD, FrustrationModel, Head
from models.frustration.train import calibrate, read_turns

prepared = pytest.mark.skipif(
    not (DEFAULT_DIRECTORY / "encoder.json").exists(), reason="the encoder is not prepared (make setup)"
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
]


@pytest.fixture(scope="module")
def model() -> FrustrationModel:
    return FrustrationModel.load()


@prepared
@pytest.mark.parametrize("text", CALM)
def test_a_problem_is_not_anger(model: FrustrationModel, text: str) -> None:
    assert model.score(text).score < 0.5


@prepared
@pytest.mark.parametrize("text", HOT)
def test_anger_is_found(model: FrustrationModel, text: str) -> None:
    felt = model.score(text)
    assert felt.score >= 0.7
    assert felt.scored_by == "model"


@prepared
def test_the_words_that_weighed_are_told(model: FrustrationModel) -> None:
    assert "ridiculous" in model.score("this is ridiculous and slow").words
    assert model.score("nobody ever gets back to me, I have had it").words


@prepared
def test_the_same_text_always_has_the_same_score(model: FrustrationModel) -> None:
    assert model.score("where is my parcel") == model.score("where is my parcel")


@prepared
@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_silence_is_calm(model: FrustrationModel, text: str) -> None:
    assert model.score(text).score == 0.0


@prepared
@pytest.mark.parametrize("text", ["a" * 20_000, "!" * 4000, "😡😡😡", "\x00\x01", "ÄÖÜ 漢字", "1 2 3"])
def test_odd_texts_have_a_score_between_0_and_1(model: FrustrationModel, text: str) -> None:
    assert 0.0 <= model.score(text).score <= 1.0


@prepared
@pytest.mark.parametrize("name", ["Emily", "Mohammed", "Oluwaseun", "Mei-Ling", "José", "Siobhán"])
def test_a_name_does_not_make_anger(model: FrustrationModel, name: str) -> None:
    plain = model.score("Hello, my parcel has not arrived.").score
    named = model.score(f"Hello, I am {name}, my parcel has not arrived.").score
    assert abs(named - plain) < 0.15
    assert named < 0.5


def test_without_the_head_vader_scores_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        model = FrustrationModel.load(tmp_path / "nowhere.json", None)
    assert "VADER alone scores" in caplog.text
    assert model.scored_by == "vader"
    angry, calm = model.score("this is terrible, I hate it"), model.score("thank you, lovely")
    assert angry.scored_by == "vader"
    assert angry.score > 0.7 > 0.3 > calm.score
    assert angry.words == ("terrible", "hate")


def test_without_the_encoder_vader_scores(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        model = FrustrationModel.load(DEFAULT_HEAD, tmp_path)
    assert model.scored_by == "vader"
    assert "cannot be loaded" in caplog.text


def test_a_head_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "head.json"
    path.write_text(json.dumps({"format": 99}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"train\.py"):
        Head.load(path)


def test_the_shipped_head_is_small() -> None:
    assert DEFAULT_HEAD.stat().st_size < 20_000


def test_codes_are_no_shouting() -> None:
    reader = SurfaceReader()
    names = ("LH-10002 please", "my order is LH-10010")
    assert [reader.read(text).values[3] for text in names] == [0.0, 0.0]
    assert reader.read("WHERE IS MY PARCEL").values[3] == 1.0


def test_the_calibration_finds_the_sigmoid_that_made_the_shares() -> None:
    logits = np.linspace(-4, 4, 60)
    shares = 1 / (1 + np.exp(-(0.7 * logits - 0.4)))
    assert calibrate(logits, shares) == pytest.approx((0.7, -0.4), abs=1e-4)


def test_enough_turns_are_written_and_none_twice() -> None:
    turns = read_turns()
    assert len(turns.texts) >= 400
    assert len(set(turns.texts)) == len(turns.texts)
    assert 0.2 < turns.held_out.mean() < 0.3


def test_no_training_library_is_imported_at_run_time() -> None:
    check = (
        "import sys, models.frustration.score; sys.exit(bool({'torch', 'sklearn', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
