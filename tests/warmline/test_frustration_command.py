"""``warmline train-frustration`` says what it needs before it begins, and then what has become better or worse."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from warmline import cli, frustration
from warmline.doctor import Health
from warmline.doctor_checks import frustration as examine
from warmline.errors import CommandError, ExitCode
from warmline.frustration import Compared, compare, figures_in_service, plain_questions, train_frustration
from warmline.paths import PROJECT_ROOT
from warmline.progress import Progress
from warmline.settings import Settings

DATA = PROJECT_ROOT / "data"


def ask_for(out: Path, **changed: Any) -> object:
    given: dict[str, Any] = {"goemotions": None, "convabuse": None, "feedback": None, "twice": False, **changed}
    return train_frustration(data_dir=DATA, out=out, progress=Progress(quiet=True), **given)


@pytest.mark.parametrize(
    ("name", "where"), [("goemotions", "google-research/google-research"), ("convabuse", "amandacurry/convabuse")]
)
def test_a_folder_without_the_public_file_is_named_with_where_to_fetch_it(
    tmp_path: Path, name: str, where: str
) -> None:
    with pytest.raises(CommandError, match=r"has no train\.csv") as error:
        ask_for(tmp_path, **{name: tmp_path})
    assert where in error.value.mend
    assert error.value.code is ExitCode.USAGE


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_learnt(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(CommandError, match="cannot be written"):
        ask_for(tmp_path / "file" / "model")


def test_without_the_training_libraries_the_command_that_installs_them_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frustration, "find_spec", lambda name: None if name == "torch" else name)

    with pytest.raises(CommandError, match="training needs torch") as error:
        ask_for(tmp_path)
    assert error.value.mend == "python3 -m warmline.bootstrap --dev setup"


def test_a_file_that_is_no_export_of_verdicts_is_refused_before_anything_is_learnt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    labels = tmp_path / "labels.json"
    labels.write_text("[]", encoding="utf-8")
    command = ["train-frustration", "--json", "--with-feedback", str(labels), "--out", str(tmp_path / "out")]

    assert cli.main(command) == ExitCode.FAILED
    told = json.loads(capsys.readouterr().out)
    assert str(labels) in told["error"]
    assert "handoff.labels --json" in told["mend"]
    assert not (tmp_path / "out").exists()


def test_the_assistants_questions_that_may_tell_a_need_are_not_taken_for_plain_requests() -> None:
    questions = plain_questions(DATA)

    assert len(questions.plain) > 1000
    assert "I want to talk to a person" in questions.person
    assert not set(questions.plain) & set(questions.person)
    assert not [text for text in questions.plain if "hacked" in text.lower() or text.lower() == "thank you"]


@pytest.mark.parametrize(
    ("name", "now", "before", "verdict"),
    [
        ("frustration: AUC", 0.90, 0.88, "better"),
        ("frustration: AUC", 0.90, 0.903, "same"),
        ("frustration: AUC", 0.80, 0.88, "worse"),
        ("frustration: calm turns at 0.5 or above", 0.02, 0.04, "better"),
        ("frustration: calm turns at 0.5 or above", 0.05, 0.02, "worse"),
        ("person: AUC", 0.9, None, "new"),
    ],
)
def test_each_figure_is_compared_with_that_of_the_model_in_service(
    name: str, now: float, before: float | None, verdict: str
) -> None:
    known = {} if before is None else {name: before}

    assert compare({name: now}, known) == (Compared(name, now, before, verdict),)


def test_the_card_of_the_model_in_service_has_the_figures_to_compare_with() -> None:
    figures = figures_in_service()

    assert figures["frustration: AUC"] > 0.85
    assert len(figures) >= 30


def test_doctor_says_that_the_model_scores(settings: Settings) -> None:
    (finding,) = examine(settings)

    assert (finding.part, finding.health) == ("frustration model", Health.WELL)


def test_doctor_says_that_the_word_list_scores_alone_and_what_mends_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from models.frustration import score

    broken = score.FrustrationModel.load(tmp_path)
    monkeypatch.setattr(score.FrustrationModel, "load", lambda: broken)
    (finding,) = examine(settings)

    assert finding.health is Health.BROKEN
    assert "VADER" in finding.what
    assert "warmline train-frustration" in finding.mend


def test_help_is_given_without_a_training_library(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(SystemExit) as ended:
        cli.main(["train-frustration", "--help"])
    assert ended.value.code == 0
    assert "--with-feedback" in capsys.readouterr().out


def test_heads_only_with_what_only_the_whole_training_uses_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train-frustration", "--json", "--heads-only", "--twice", "--out", str(tmp_path / "out")]
    assert cli.main(command) == ExitCode.USAGE
    assert "leave out --goemotions, --convabuse and --twice" in json.loads(capsys.readouterr().out)["mend"]
    assert not (tmp_path / "out").exists()


def test_heads_only_refuses_a_file_that_is_no_export_of_verdicts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn")
    labels = tmp_path / "labels.json"
    labels.write_text("[]", encoding="utf-8")
    command = ["train-frustration", "--json", "--heads-only", "--with-feedback", str(labels)]
    assert cli.main([*command, "--out", str(tmp_path / "out")]) == ExitCode.FAILED
    assert "handoff.labels --json" in json.loads(capsys.readouterr().out)["mend"]
    assert not (tmp_path / "out").exists()
