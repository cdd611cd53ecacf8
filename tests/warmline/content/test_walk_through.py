"""The page for content editors is followed to the letter: each of its commands, in order, on a copy of the content."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warmline.content.models import write_model
from warmline.content.corpus import read_corpus
from warmline.paths import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "for-content-editors.md"
LEARNING = PROJECT_ROOT / "docs" / "learning-from-cases.md"
EXPORT = Path(__file__).parent / "questions.json"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
KEY = "faq/general_hire_devices"
FIRST, SECOND = "f946c4", "1de04b"
"""The groups that the page names. Which ids they have here hangs on the content."""
ABOUT = {FIRST: "carpet cleaner", SECOND: "goldfish"}
READS_QUESTIONS = ("unanswered", "accept", "ignore")


def commands() -> list[list[str]]:
    return [
        shlex.split(line) for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")) for line in block.splitlines()
    ]


class Editor:
    """Somebody at a terminal, with an installation of their own."""

    def __init__(self, folder: Path) -> None:
        self.data = Path(shutil.copytree(PROJECT_ROOT / "data", folder / "data"))
        self.models, self.var = folder / "models", folder / "var"
        examples = {"order_status": ["where is it", "has it gone"], "greet": ["hello", "good morning"]}
        self.old = write_model(self.models / "warmline-old.tar.gz", examples, age=1)
        cache = PROJECT_ROOT / "var" / "cache"
        if cache.is_dir():
            shutil.copytree(cache, self.var / "cache")

    def runs(self, *words: str) -> subprocess.CompletedProcess[str]:
        settings = {"VAR": self.var, "DATA": self.data, "MODELS": self.models}
        environment = {**os.environ, **{f"WARMLINE_{name}": str(path) for name, path in settings.items()}}
        environment["WARMLINE_RASA_PORT"] = "1"  # nobody serves there
        return subprocess.run(
            [sys.executable, "-m", *words], cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True
        )

    def group_about(self, word: str) -> str:
        listed = self.runs("warmline", "content", "unanswered", "--input", str(EXPORT), "--json")
        groups = json.loads(listed.stdout)["groups"]
        return str(next(item["id"] for item in groups if word in item["questions"][0]))


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    return Editor(tmp_path_factory.mktemp("editor"))


def test_every_command_of_the_page_does_what_the_page_says(editor: Editor) -> None:
    said: dict[str, str] = {}
    for words in commands():
        assert words[:2] == ["warmline", "content"], words
        given = [editor.group_about(ABOUT[word]) if word in ABOUT else word for word in words]
        if words[2] in READS_QUESTIONS:
            given += ["--input", str(EXPORT)]  # in the place of handoff's database
        done = editor.runs(*given)
        assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}"
        said[words[2]] = done.stdout

    assert "carpet cleaners" in said["unanswered"]
    assert "07911" not in said["unanswered"]
    assert "write the answer" in said["accept"]
    assert KEY in said["search"]
    assert "return" in said["list"]
    assert re.search(r"\b0 errors", said["check"])
    assert "Next: `warmline content evaluate`" in said["train"]
    assert "got better" in said["evaluate"]
    assert (editor.var / "evaluation.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "the bot begins with it when it starts" in said["promote"]
    assert "warmline-old.tar.gz" in said["rollback"]
    corpus = read_corpus(editor.data)
    assert len(corpus.by_label[KEY]) >= 8
    assert corpus.answer_of[f"utter_{KEY}"].texts[0].startswith("We don't hire out devices.")


def test_the_page_walks_through_every_command() -> None:
    text = subprocess.run(
        [sys.executable, "-m", "warmline", "content", "--help"], cwd=PROJECT_ROOT, capture_output=True, text=True
    ).stdout
    names = set(re.findall(r"^    ([a-z]+)(?: |$)", text, re.MULTILINE))

    assert len(names) == 13
    assert names == {words[2] for words in commands()} | {"proposals"}
    assert "warmline content proposals" in LEARNING.read_text(encoding="utf-8")
