"""The commands as an editor types them: what they print, what they refuse, and their exit codes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from warmline.cli import main
from warmline.content import commands_edit
from warmline.content.check import Checked
from warmline.content.sources import Sources
from warmline.paths import PROJECT_ROOT

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped content to change; the vectors of its sentences are kept between the tests."""
    monkeypatch.setenv("WARMLINE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("WARMLINE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("WARMLINE_RASA_PORT", "1")
    monkeypatch.setenv("WARMLINE_DATA", str(tmp_path / "data"))
    (tmp_path / "var").mkdir()
    kept = PROJECT_ROOT / "var" / "cache"
    kept.mkdir(parents=True, exist_ok=True)
    (tmp_path / "var" / "cache").symlink_to(kept)
    return Path(shutil.copytree(PROJECT_ROOT / "data", tmp_path / "data"))


@pytest.fixture
def run(data: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command with ``--json``; its exit code and what it printed."""

    def command(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["content", *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def test_an_example_with_a_customers_data_is_not_written(run: Run, data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*.yml")}
    code, told = run("add", "order_status", "where is it, call me on 07911 123456")

    assert (code, told["ok"]) == (1, False)
    assert "nothing was changed" in told["error"]
    assert "07911 123456" in told["error"]
    assert {path: path.read_bytes() for path in data.rglob("*.yml")} == before


def test_an_example_of_another_intent_is_not_written(run: Run) -> None:
    _, shown = run("list", "cancel_order")
    code, told = run("add", "order_status", shown["examples"][0]["text"])

    assert (code, told["ok"]) == (1, False)
    assert "stands under" in told["error"]


def test_an_answer_that_is_edited_says_where_it_stands(run: Run, data: Path) -> None:
    code, told = run("edit", "utter_thanks", "--answer", "You are very welcome.")

    assert code == 0
    (changed,) = told["changed"]
    line = Path(changed["file"]).read_text(encoding="utf-8").splitlines()[changed["line"] - 1]
    assert "You are very welcome." in line


def test_what_is_searched_is_found_by_its_words_and_by_its_meaning(run: Run) -> None:
    _, told = run("search", "has my parcel been posted yet")

    assert told["meaning"][0]["label"] == "order_status"
    assert told["meaning"][0]["similarity"] > 0.6
    _, told = run("search", "gift card")
    assert told["examples"]
    assert told["answers"]


def test_errors_and_warnings_are_counted_and_only_errors_fail(run: Run, data: Path) -> None:
    code, told = run("check")
    assert (code, told["ok"], told["errors"]) == (0, True, 0)
    assert all({"severity", "kind", "file", "line", "what", "mend"} == set(item) for item in told["findings"])

    (data / "nlu" / "plan.yml").write_text("nlu: [", encoding="utf-8")
    code, told = run("check", "--errors")
    assert (code, told["ok"]) == (1, False)
    assert {item["severity"] for item in told["findings"]} == {"error"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "order_state"), "no intent or FAQ order_state"),
        (("add", "order_state", "where is it"), "no intent order_state"),
        (("add", "faq/billing_tips", "can I tip"), "no FAQ faq/billing_tips"),
        (("add", "order_status", "where", "--answer", "There."), "has an answer already"),
        (("edit", "order_status", "--example", "where is my order"), "--example needs --to"),
        (("edit", "utter_nothing", "--answer", "x"), "no answer utter_nothing"),
        (("ignore",), "which group?"),
        (("ignore", "--undo", "never asked"), "is not ignored"),
    ],
)
def test_a_wrong_argument_is_told_with_exit_code_2(run: Run, words: tuple[str, ...], said: str) -> None:
    code, told = run(*words)

    assert (code, told["ok"]) == (2, False)
    assert said in told["error"]
    assert told["mend"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("evaluate",), "has changed since it was trained"),
        (("promote",), "has changed since it was trained"),
        (("rollback",), "no earlier model is known"),
        (("unanswered", "--input", "nowhere.json"), "nowhere.json cannot be read"),
    ],
)
def test_what_cannot_be_done_yet_is_told_with_exit_code_1(run: Run, words: tuple[str, ...], said: str) -> None:
    code, told = run(*words)

    assert (code, told["ok"]) == (1, False)
    assert said in told["error"]
    assert told["mend"]


def test_a_slip_in_a_name_is_answered_with_the_name_that_was_meant(run: Run) -> None:
    for words in (
        ["list", "faq/billing_price_dorp"],
        ["add", "faq/billing_price_dorp", "is it cheaper now"],
        ["edit", "faq/billing_price_dorp", "--remove", "price promise"],
        ["edit", "faq/billing_price_dorp", "--answer", "We do."],
    ):
        code, told = run(*words)
        assert (code, "billing_price_drop" in told["mend"]) == (2, True), told


def test_a_part_of_a_name_lists_what_has_it_and_an_answers_name_its_variants(run: Run) -> None:
    _, told = run("list", "Price drop")
    assert [entry["label"] for entry in told["entries"]] == ["faq/billing_price_drop"]
    _, told = run("list", "utter_greet")
    assert (told["name"], len(told["texts"])) == ("utter_greet", 2)
    _, told = run("list", "utter_")
    assert "utter_greet" in [answer["name"] for answer in told["answers"]]


def test_a_command_without_words_changes_and_finds_nothing(run: Run) -> None:
    for words in (["search", " "], ["add", "faq/billing_price_drop", " ", "-"]):
        code, told = run(*words)
        assert (code, "words" in told["error"] + told["mend"]) == (2, True), told


def test_a_file_that_cannot_be_read_is_named_by_whatever_needs_it(run: Run, data: Path) -> None:
    file = data / "faq" / "billing.yml"
    file.write_bytes(file.read_bytes().replace(b"price dropped", b"\xa3 dropped"))
    for words in (
        ["list", "faq/billing_price_drop"],
        ["add", "faq/billing_price_drop", "is it cheaper now"],
        ["add", "faq/billing_new_thing", "is it new", "--answer", "It is."],
        ["edit", "faq/billing_price_drop", "--answer", "We do."],
    ):
        code, told = run(*words)
        assert code == 1, told
        assert f"{file}:359: a letter here is not in UTF-8" in told["error"]


def test_an_answer_with_a_name_that_nothing_fills_in_is_not_written(run: Run, data: Path) -> None:
    file = data / "responses" / "conversation.yml"
    before = file.read_bytes()
    code, told = run("edit", "utter_greet", "--answer", "Hello {customer_nam}!")

    assert (code, file.read_bytes()) == (1, before)
    assert "customer_name" in told["mend"]


def test_what_is_written_is_taken_back_when_looking_at_it_is_broken_off(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = data / "responses" / "conversation.yml"
    before, looked = file.read_bytes(), []

    def check_twice(sources: Sources, *, desk: bool) -> Checked:
        looked.append(file.read_bytes())
        if len(looked) > 1:
            raise KeyboardInterrupt
        return Checked((), 0, 0, 0.0)

    monkeypatch.setattr(commands_edit, "check", check_twice)
    assert main(["content", "edit", "utter_thanks", "--answer", "Gladly."]) == 130
    assert looked[1] != before
    assert file.read_bytes() == before


@pytest.mark.parametrize("words", [["--since", "yesterday"], ["--limit", "0"], ["--limit", "many"]])
def test_a_day_or_number_that_is_none_is_a_wrong_argument(data: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["content", "unanswered", *words])
