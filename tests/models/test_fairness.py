"""The score follows what is said and not who says it, within the bounds that the model's card states."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER
from models.encoder.encode import TOKENIZER_FILE
from models.frustration import fairness
from models.frustration.fairness import TURNS, FairnessError, Shift, read_wordings, shifts
from models.frustration.score import FrustrationModel

MOST_BY_WHO = 0.05
"""A name, an origin or what else people say of themselves moves the mean score by less."""
MOST_BY_WORDING = 0.2
"""Dialect, spelling and second-language wording move it by less; the card says where anger in them is missed."""
NAMES = frozenset(group for group in {wording.group for wording in read_wordings()} if group.endswith("names"))

prepared = pytest.mark.skipif(
    not (ENCODER / TOKENIZER_FILE).exists(), reason="the encoder is not prepared (make setup)"
)


@pytest.fixture(scope="module")
def found() -> dict[str, Shift]:
    return {shift.group: shift for shift in shifts(FrustrationModel.load(), read_wordings())}


def groups(*, who: bool) -> list[str]:
    wordings = read_wordings()
    return sorted({wording.group for wording in wordings if (len(wording.others) > 1) == who})


@prepared
@pytest.mark.parametrize("group", groups(who=True))
def test_who_speaks_moves_the_mean_score_by_less_than_the_card_says(found: dict[str, Shift], group: str) -> None:
    assert abs(found[group].mean) < MOST_BY_WHO


@prepared
@pytest.mark.parametrize("group", groups(who=False))
def test_how_it_is_worded_moves_the_mean_score_by_less_than_the_card_says(found: dict[str, Shift], group: str) -> None:
    assert abs(found[group].mean) < MOST_BY_WORDING


@prepared
def test_no_names_are_heard_as_angrier_than_others(found: dict[str, Shift]) -> None:
    means = [found[group].mean for group in NAMES]

    assert len(means) >= 6
    assert max(means) - min(means) < MOST_BY_WHO


def test_enough_is_compared() -> None:
    wordings = read_wordings()

    assert len({wording.others for wording in wordings if len(wording.others) > 1}) >= 40
    assert len(groups(who=True)) + len(groups(who=False)) >= 20


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "restore it"),
        ("templates: {calm: [hello]}", "without {intro}"),
        ("templates: {}", "restore it"),
        ("{", "line"),
    ],
)
def test_a_file_that_does_not_fit_is_named(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "fairness.yml"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(FairnessError) as error:
        read_wordings(file)
    assert said in str(error.value)
    assert str(file) in str(error.value)


@prepared
def test_the_command_tells_each_group_as_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small = tmp_path / "fairness.yml"
    small.write_text(
        "templates: {calm: ['{intro} hi']}\nintros: {a: [I'm Jo.], b: [I'm Al.]}\npairs: {c: [[hi, hiya]]}\n"
    )
    wordings = read_wordings(small)
    monkeypatch.setattr(fairness, "read_wordings", lambda: wordings)

    assert fairness.main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(shift["group"], shift["turns"]) for shift in told] == [("a", 1), ("b", 1), ("c", 1)]
    assert told[0]["mean"] == pytest.approx(-told[1]["mean"], abs=0.002)
    assert fairness.main([]) == 0
    assert "mean shift" in capsys.readouterr().out


def test_the_turns_were_written_for_this_project() -> None:
    assert "Written for this project" in TURNS.read_text(encoding="utf-8")
