"""``warmline score``: recorded conversations in, the same rows with what production would say out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from handoff.contract import Decision
from warmline import cli
from warmline.errors import ExitCode
from warmline.escalation import offline
from warmline.escalation.offline import Line, ScoredLine
from warmline.escalation.policy_file import usable_policy
from warmline.paths import PROJECT_ROOT
from warmline.score import WRITTEN
from warmline.settings import Settings

Write = Callable[..., Path]
HEADER = "conversation,turn,role,text\n"


class Scripted:
    """Stands in for the models: every line with an exclamation mark needs a person."""

    scored_by = "model"
    policy_version = "abc"

    def score(self, lines: Sequence[Line]) -> list[ScoredLine | None]:
        return [self._one(line.text) if line.role == "customer" else None for line in lines]

    def _one(self, text: str) -> ScoredLine:
        hot = "!" in text
        reasons = ("frustration: loud", "long_wait") if hot else ()
        return ScoredLine(0.9 if hot else 0.1, 0.2, 0.0, "now" if hot else "none", reasons, Decision())


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    policies: list[Path | None] = []

    def load(_settings: Settings, policy: Path | None = None) -> Scripted:
        policies.append(policy)
        usable_policy(policy or PROJECT_ROOT / "data" / "escalation.yml")
        return Scripted()

    monkeypatch.setattr(offline.OfflineScorer, "load", load)
    return policies


@pytest.fixture
def turns(tmp_path: Path) -> Write:
    def write(content: str) -> Path:
        path = tmp_path / "turns.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def score(source: Path, *more: str) -> tuple[int, Path]:
    output = source.with_name("scores.csv")
    return cli.main(["score", "--input", str(source), "--output", str(output), *more]), output


@pytest.mark.usefixtures("loaded")
def test_every_row_comes_back_and_the_customers_with_scores(turns: Write) -> None:
    source = turns(HEADER + 'a,1,customer,"hello, there"\na,2,bot,Hi\nb,1,customer,now!\nb,2,agent,Ana here\n')
    code, output = score(source)
    assert code == ExitCode.OK
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == WRITTEN
    assert rows[1:] == [
        ["a", "1", "customer", "hello, there", "0.1000", "0.2000", "none", ""],
        ["a", "2", "bot", "Hi", "", "", "", ""],
        ["b", "1", "customer", "now!", "0.9000", "0.2000", "now", "frustration: loud | long_wait"],
        ["b", "2", "agent", "Ana here", "", "", "", ""],
    ]


@pytest.mark.usefixtures("loaded")
def test_a_program_may_read_what_came_of_it(turns: Write, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = score(turns(HEADER + "a,1,customer,now!\nb,1,customer,hi\n"), "--json")
    told = json.loads(capsys.readouterr().out)
    assert code == ExitCode.OK
    assert (told["conversations"], told["customer_turns"], told["handoffs"], told["offers"]) == (2, 2, 1, 0)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a,1,boss,hi\n", "line 2: the role 'boss' is unknown"),
        ('a,1,customer,"hi\nthere"\na,2,boss,hi\n', "line 4: the role 'boss' is unknown"),
        (" ,1,customer,hi\n", "line 2: it names no conversation"),
        ("a,1,customer\n", "line 2: 3 fields"),
        ('a,1,customer,"hi\n', "line 2: unexpected end of data"),
    ],
)
def test_rows_that_do_not_fit_are_named(turns: Write, capsys: pytest.CaptureFixture[str], rows: str, said: str) -> None:
    code, output = score(turns(HEADER + rows))
    assert code == ExitCode.USAGE
    assert said in capsys.readouterr().err
    assert not output.exists()


@pytest.mark.usefixtures("loaded")
def test_a_log_in_which_conversations_stand_among_each_other_keeps_its_order(
    turns: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    source = turns(HEADER + "a,1,customer,hi\nb,1,customer,now!\na,2,bot,hello\na,3,customer,so!\n")
    code, output = score(source, "--json")
    assert code == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["conversations"] == 2
    with output.open(encoding="utf-8", newline="") as file:
        rows = [(row["conversation"], row["turn"], row["decision"]) for row in csv.DictReader(file)]
    assert rows == [("a", "1", "none"), ("b", "1", "now"), ("a", "2", ""), ("a", "3", "now")]


@pytest.mark.usefixtures("loaded")
def test_capitals_a_byte_order_mark_and_another_order_of_columns_do_not_matter(turns: Write) -> None:
    source = turns("\ufeffText,ROLE,Channel,Turn,Conversation\r\nnow!,Customer,web,1,a\r\nHi, BOT ,web,2,a\r\n")
    code, output = score(source)
    assert code == ExitCode.OK
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1:] == [
        ["a", "1", "Customer", "now!", "0.9000", "0.2000", "now", "frustration: loud | long_wait"],
        ["a", "2", " BOT ", "Hi", "", "", "", ""],
    ]


def test_where_the_result_cannot_be_written_is_told_before_anything_is_scored(
    turns: Write, loaded: list[Path | None], capsys: pytest.CaptureFixture[str]
) -> None:
    source = turns(HEADER + "a,1,customer,hi\n")
    for output in (source.parent / "nowhere" / "scores.csv", source.parent):
        assert cli.main(["score", "--input", str(source), "--output", str(output)]) == ExitCode.FAILED
    assert loaded == []
    assert capsys.readouterr().err.count("cannot be written") == 2


@pytest.mark.usefixtures("loaded")
def test_the_input_is_never_overwritten(turns: Write) -> None:
    source = turns(HEADER + "a,1,customer,hi\n")
    assert cli.main(["score", "--input", str(source), "--output", str(source)]) == ExitCode.USAGE
    assert source.read_text(encoding="utf-8") == HEADER + "a,1,customer,hi\n"


def test_another_policy_is_taken_and_a_broken_one_told_with_its_line(
    turns: Write, tmp_path: Path, loaded: list[Path | None], capsys: pytest.CaptureFixture[str]
) -> None:
    source, other = turns(HEADER + "a,1,customer,hi\n"), tmp_path / "other.yml"
    other.write_bytes((PROJECT_ROOT / "data" / "escalation.yml").read_bytes())
    assert score(source, "--policy", str(other))[0] == ExitCode.OK
    other.write_text("categories: [", encoding="utf-8")
    assert score(source, "--policy", str(other))[0] == ExitCode.FAILED
    assert loaded == [other, other]
    assert "line 1" in capsys.readouterr().err
