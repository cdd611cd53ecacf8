"""The benchmark of understanding computes its figures rightly, and does without the public sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.understanding import __main__ as command
from benchmarks.understanding.measure import Figures, measure
from benchmarks.understanding.sets import EvaluationSet, Target, own_sets, public_sets

TRAIN = tuple(
    (text, intent)
    for intent, texts in {
        "parcel": ("where is my parcel", "has my delivery left", "track my package", "the parcel is late"),
        "password": ("I forgot my password", "reset my login", "cannot sign in", "new password please"),
        "refund": ("I want my money back", "refund me", "when do I get the refund", "pay back what I paid"),
        "hours": ("when are you open", "opening hours", "are you there on Sunday", "till when can I call"),
        "oos": ("who won the match", "tell me a joke"),
    }.items()
    for text in texts
)


def test_figures_are_shares_of_what_was_asked() -> None:
    test = (("where has my parcel got to", "parcel"), ("please reset my password", "password"), ("hours", "refund"))
    figures = measure(EvaluationSet("toy", TRAIN, test, ("what is the capital of Peru",)))

    assert figures.accuracy == pytest.approx(100 * 2 / 3)
    assert figures.accepted_right <= figures.accuracy
    assert figures.refused == 100.0
    assert figures.auroc == 1.0
    assert (figures.examples, figures.intents, figures.tested) == (18, 5, 3)


def test_a_target_is_missed_below_its_figure_and_where_there_is_nothing_to_measure() -> None:
    targets = (Target("accuracy", 90.0, ""), Target("auroc", 0.9, ""))
    figures = Figures("toy", 1, 1, 1, 90.0, 80.0, 0.0, None, None, 1.0, 1.0, targets)

    assert figures.missed() == (targets[1],)


def test_without_the_public_sets_it_says_so_and_measures_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = EvaluationSet("own questions.yml", TRAIN, (("is my parcel here", "parcel"),), ("sing a song",))
    monkeypatch.setattr(command, "own_sets", lambda: iter([own]))

    assert command.main(["--data", str(tmp_path / "nowhere"), "--json", str(tmp_path / "out.json")]) == 0

    said = capsys.readouterr()
    assert "nowhere is not there: the public sets are left out" in said.err
    assert "own questions.yml" in said.out
    assert [one["name"] for one in json.loads((tmp_path / "out.json").read_text())["sets"]] == ["own questions.yml"]


def test_the_projects_own_content_is_read_without_annotations() -> None:
    own = next(own_sets())

    assert not [text for text, _ in own.train if "](" in text]
    assert {"order_status", "nlu_fallback"} <= {label for _, label in own.train}
    assert any(label.startswith("faq/") for _, label in own.train)
    assert own.unknown
    assert own.masks


def test_a_set_whose_files_are_missing_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "hwu64"
    folder.mkdir()
    rows = "train,set an alarm,alarm\ntrain_10,set an alarm,alarm\ntest,wake me,alarm\n"
    (folder / "hwu64.csv").write_text(f"split,text,intent\n{rows}")

    assert [one.name for one in public_sets(tmp_path)] == ["HWU64, full", "HWU64, 10 an intent"]
