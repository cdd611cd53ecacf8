"""Training conversations: which of the customer's turns a person should have, and what was said before each."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.frustration.conversations import read_conversations
from models.frustration.examples import ExamplesError
from models.frustration.reading import Said

GOOD = """
conversations:
- id: kettle
  turns:
  - customer: "my kettle leaks"
  - bot: "Which order is it?"
  - customer: "for the third time: LH-1"
    take_over: true
  - bot: "Which order is it?"
  - customer: "unbelievable"
- id: calm
  turns:
  - customer: "thanks"
"""


def written(folder: Path, content: str) -> Path:
    (folder / "own.yml").write_text(content, encoding="utf-8")
    return folder


def test_from_the_marked_turn_on_a_person_should_have_it(tmp_path: Path) -> None:
    kettle, calm = read_conversations(written(tmp_path, GOOD))["own"]
    assert [turn.take_over for turn in kettle] == [0.0, 1.0, 1.0]
    assert [turn.take_over for turn in calm] == [0.0]


def test_each_turn_has_what_was_said_before_it_and_nothing_later(tmp_path: Path) -> None:
    kettle, _ = read_conversations(written(tmp_path, GOOD))["own"]
    assert kettle[0].before == ()
    assert kettle[1].before == (Said("customer", "my kettle leaks"), Said("bot", "Which order is it?"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- a\n- b\n", "no list `conversations:`"),
        ("conversations: [\n", "no list `conversations:`"),
        ("conversations:\n- id: odd\n  turns:\n  - boss: hello\n", "conversation odd"),
        ("conversations:\n- id: bare\n", "conversation bare"),
    ],
)
def test_a_file_that_cannot_be_meant_is_named(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(ExamplesError, match=said):
        read_conversations(written(tmp_path, content))


def test_the_projects_own_conversations_show_both_sides() -> None:
    turns = [turn for file in read_conversations().values() for conversation in file for turn in conversation]
    assert len(turns) > 3000
    assert 0.1 < sum(turn.take_over or 0.0 for turn in turns) / len(turns) < 0.5
