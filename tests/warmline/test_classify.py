"""``warmline classify``: anybody's examples in, labels and an honest scope decision out, clear words when it cannot."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from warmline import cli
from warmline.classify import COLUMNS

ROOT = Path(__file__).resolve().parents[2]

EXAMPLES = {
    "book_class": [
        "sign me up for the pottery evening",
        "I'd like a place in Thursday's glazing class",
        "can two of us join the wheel course",
        "reserve a spot on the beginners' day",
        "put my daughter down for the children's workshop",
        "is there still room on the raku weekend, I want in",
    ],
    "cancel_class": [
        "I can't make it to the pottery evening any more",
        "take me off the list for Thursday",
        "please cancel my place on the wheel course",
        "I'm ill, drop my booking for the beginners' day",
        "we won't come to the children's workshop after all",
        "call off my raku weekend",
    ],
    "collect_pieces": [
        "is my bowl out of the kiln yet",
        "when can I pick up my mugs",
        "have my pieces been fired",
        "can someone else collect my vase",
        "how long do you keep finished work on the shelf",
        "are the plates from last Saturday ready",
    ],
    "buy_clay": [
        "do you sell stoneware by the bag",
        "how much is ten kilos of porcelain",
        "I need more of the speckled clay",
        "which glazes can I buy from you",
        "what does a set of turning tools cost",
        "can you put two bags of terracotta aside for me",
    ],
    "opening": [
        "when is the studio open",
        "are you there on Sundays",
        "what time do you shut tonight",
        "is the studio closed over Easter",
        "how early can I come in the morning",
        "till when is open studio on Fridays",
    ],
}
KNOWN = {
    "please book me onto the glazing evening": "book_class",
    "I have to cancel the wheel course": "cancel_class",
    "has my teapot been fired yet?": "collect_pieces",
    "what is the price of a bag of stoneware clay": "buy_clay",
    "are you open on Saturday mornings": "opening",
}
UNKNOWN = ["who won the chess world championship", "my laptop shows a blue screen", "translate this letter into Latin"]


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def train(tmp_path: Path) -> Path:
    rows = [[text, intent] for intent, texts in EXAMPLES.items() for text in texts]
    return write(tmp_path / "train.csv", [["text", "intent"], *rows])


def run(train: Path, messages: Path, output: Path, *more: str) -> int:
    return cli.main(["classify", "--train", str(train), "--input", str(messages), "--output", str(output), *more])


def test_known_messages_get_their_intent_and_unknown_ones_are_not_accepted(train: Path, tmp_path: Path) -> None:
    messages = write(tmp_path / "in.csv", [["text"], *([text] for text in (*KNOWN, *UNKNOWN))])

    assert run(train, messages, tmp_path / "out.csv") == 0

    rows = rows_of(tmp_path / "out.csv")
    assert tuple(rows[0]) == COLUMNS == ("text", "intent", "confidence", "in_scope_score", "accepted")
    assert [row["text"] for row in rows] == [*KNOWN, *UNKNOWN]
    assert [row["intent"] for row in rows[: len(KNOWN)]] == list(KNOWN.values())
    assert [row["accepted"] for row in rows] == ["true"] * len(KNOWN) + ["false"] * len(UNKNOWN)
    assert all(0 <= float(row["confidence"]) <= 1 and 0 <= float(row["in_scope_score"]) <= 1 for row in rows)
    scores = [float(row["in_scope_score"]) for row in rows]
    assert min(scores[: len(KNOWN)]) > max(scores[len(KNOWN) :])


def test_the_report_says_what_was_learnt_and_how_long_it_took(train: Path, tmp_path: Path) -> None:
    with train.open("a", encoding="utf-8") as file:
        file.write("when is the studio open,opening\n,opening\nwhen is the studio open,buy_clay\n")
    messages = write(tmp_path / "in.csv", [["text"], ["are you open"], ["is my cup ready"]])

    assert run(train, messages, tmp_path / "out.csv", "--report", str(tmp_path / "r.json")) == 0

    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["training_seconds"] > 0
    assert report["milliseconds_per_message"] > 0
    assert (report["examples"], report["intents"], report["messages"]) == (31, 5, 2)
    assert (report["empty_rows"], report["repeated_rows"], report["contradictory_texts"]) == (1, 1, 1)


def test_texts_with_commas_quotes_and_line_breaks_come_back_unchanged(train: Path, tmp_path: Path) -> None:
    texts = ['my "big" bowl,\nis it fired?', "", "  spaces  ", "naïve café ☕", "=1+1"]
    rows = [["7", text, "x"] for text in texts]
    messages = write(tmp_path / "in.csv", [["ID", " Text ", "note"], *rows], encoding="utf-8-sig")

    assert run(train, messages, tmp_path / "out.csv") == 0

    assert [row["text"] for row in rows_of(tmp_path / "out.csv")] == texts


def test_no_messages_give_a_file_with_its_header_alone(train: Path, tmp_path: Path) -> None:
    assert run(train, write(tmp_path / "in.csv", [["text"]]), tmp_path / "out.csv") == 0

    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == ",".join(COLUMNS) + "\n"


def test_the_same_files_give_the_same_answers(train: Path, tmp_path: Path) -> None:
    messages = write(tmp_path / "in.csv", [["text"], *([text] for text in KNOWN)])
    run(train, messages, tmp_path / "one.csv")
    run(train, messages, tmp_path / "two.csv")

    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_examples_of_what_is_out_of_scope_are_refused_under_the_name_that_is_told(train: Path, tmp_path: Path) -> None:
    strange = ["who is the president", "my printer is jammed", "sing me a song", "what is the capital of Peru"]
    with train.open("a", encoding="utf-8") as file:
        file.writelines(f"{text},elsewhere\n" for text in strange)
    messages = write(tmp_path / "in.csv", [["text"], ["what is the capital of Chile"], ["is my vase fired"]])

    assert run(train, messages, tmp_path / "out.csv", "--out-of-scope-label", "elsewhere") == 0

    first, second = rows_of(tmp_path / "out.csv")
    assert (first["intent"], first["accepted"]) == ("elsewhere", "false")
    assert (second["intent"], second["accepted"]) == ("collect_pieces", "true")


def test_relative_paths_are_those_of_the_folder_it_is_called_in(train: Path, tmp_path: Path) -> None:
    write(tmp_path / "in.csv", [["text"], ["are you open"]])
    command = [sys.executable, "-m", "warmline", "classify", "--json"]
    files = ["--train", train.name, "--input", "in.csv", "--output", "out.csv"]

    done = subprocess.run(
        [*command, *files], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )

    said = json.loads(done.stdout)
    assert said["ok"] is True
    assert said["output"] == str(tmp_path / "out.csv")
    assert rows_of(tmp_path / "out.csv")[0]["intent"] == "opening"


@pytest.mark.parametrize(
    ("content", "complaint", "remedy"),
    [
        (b"", "is empty", "text,intent"),
        (b"text,intent\n", "no example", "at least two intents"),
        (b"text,intent\n ,a\nb, \n", "no example", "at least two intents"),
        (b"text,intent\nhello,greet\nhi,greet\n", "only the intent 'greet'", "at least two intents"),
        (b"text,label\nhello,greet\n", "has no column 'intent'", "text,intent"),
        (b"text;intent\nhello;greet\n", "parted by semicolons", "save it with commas"),
        (b"text\tintent\nhello\tgreet\n", "parted by tabs", "save it with commas"),
        (b"text,intent\n" + b"x" * 1_000_001 + b",a\n", "line 2: a text has more than 1,000,000", "shorten it"),
        ("text,intent\nhello,greet\n".encode("utf-16"), "is not UTF-8", "CSV UTF-8"),
        (b"text,intent,text\na,b,c\n", "more than one column 'text'", "text,intent"),
        (b"text,intent\nhello, you,greet\n", "line 2: 3 fields where the header has 2", "in quotes"),
        (b'text,intent\n"hello,greet\n', "line 2", "in quotes"),
        (b"text,intent\nhello,oos\nhi,out_of_scope\n", "every intent means out of scope", "add examples"),
        ("text,intent\nnaïve,a\n".encode("latin-1"), "is not UTF-8", "save it as UTF-8"),
    ],
)
def test_a_training_file_that_is_not_fit_is_refused_with_the_remedy(
    content: bytes, complaint: str, remedy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "train.csv").write_bytes(content)
    messages = write(tmp_path / "in.csv", [["text"], ["hello"]])

    assert run(tmp_path / "train.csv", messages, tmp_path / "out.csv") == 2

    said = capsys.readouterr().err
    assert complaint in said
    assert remedy in said
    assert not (tmp_path / "out.csv").exists()


def test_a_missing_file_and_a_missing_folder_are_named(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(train, tmp_path / "nowhere.csv", tmp_path / "out.csv", "--json") == 2
    assert "nowhere.csv does not exist" in json.loads(capsys.readouterr().out)["error"]

    messages = write(tmp_path / "in.csv", [["text"], ["are you open"]])
    assert run(train, messages, tmp_path / "no" / "out.csv") == 1
    assert "cannot be written" in capsys.readouterr().err


def test_the_files_that_are_read_are_never_written(
    train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = train.read_bytes()

    assert run(train, write(tmp_path / "in.csv", [["text"], ["hello"]]), train) == 2

    assert "would be overwritten" in capsys.readouterr().err
    assert train.read_bytes() == before
