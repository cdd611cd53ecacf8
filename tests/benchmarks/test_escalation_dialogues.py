"""The project's own dialogues are read, and what cannot be meant is told with file and id."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.escalation.dialogues import NEVER, TRIGGERS, DialogueError, read_dialogues
from benchmarks.escalation.scoring import Turn
from benchmarks.escalation.sets import MissingSetError
from tests.benchmarks.escalation_cast import DIALOGUES, write_dialogues

ONE = """
conversations:
- id: kettle-leaks
  part: test
  why: frustration
  turns:
  - customer: "my kettle leaks"
  - bot: "Sorry to hear that."
  - customer: "the third one!"
    take_over: true
"""


def test_a_dialogue_is_read_with_the_turn_from_which_a_person_should_have_it(tmp_path: Path) -> None:
    (one,) = read_dialogues(write_dialogues(tmp_path, ONE))

    assert (one.id, one.part, one.why, one.take_over) == ("kettle-leaks", "test", "frustration", (2,))
    assert one.turns[1] == Turn("bot", "Sorry to hear that.")


def test_the_files_of_a_folder_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    write_dialogues(tmp_path, DIALOGUES)
    (tmp_path / "first.yml").write_text(ONE.replace("kettle-leaks", "kettle-drips"), encoding="utf-8")

    assert [one.id for one in read_dialogues(tmp_path)][:2] == ["kettle-drips", "kettle-leaks"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("part: test", "part: validation", "kettle-leaks: part is 'validation'; choose one of development, test"),
        ("why: frustration", "why: anger", "kettle-leaks: why is 'anger'"),
        ("why: frustration", "why: never", "no turn must have take_over"),
        ("    take_over: true\n", "", "exactly one turn, the first from which a person should take over"),
        ('that."\n', 'that."\n    take_over: true\n', "turn 2: take_over is true, and stands at a customer's turn"),
        ("take_over: true", "take_over: maybe", "turn 3: take_over is true"),
        ('leaks"\n', 'leaks"\n    take_over: true\n', "exactly one turn"),
        ('- customer: "my kettle', '- bot: "my kettle', "the customer begins"),
        ("- bot:", "- robot:", "turn 2: write one of customer, bot, agent"),
        ('"the third one!"', "3", "turn 3: what the customer says is no text"),
        ('"the third one!"', '" "', "turn 3: what the customer says is no text"),
        ("  part: test\n", "", "it must have id, part, turns, why and nothing else"),
        ("  part: test\n", "  part: test\n  note: x\n", "it must have id, part, turns, why and nothing else"),
        ("- id: kettle-leaks\n  part", "- part", "conversation 1: it has no id"),
        ("conversations:", "dialogues:", "no list `conversations:`"),
        ("conversations:", "conversations: [", "no YAML"),
    ],
)
def test_a_dialogue_that_cannot_be_meant_is_refused_with_its_file_and_id(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in ONE

    with pytest.raises(DialogueError) as refused:
        read_dialogues(write_dialogues(tmp_path, ONE.replace(old, new, 1)))

    assert told in str(refused.value)
    assert "some.yml" in str(refused.value)


def test_two_dialogues_may_not_have_one_id(tmp_path: Path) -> None:
    write_dialogues(tmp_path, ONE)
    (tmp_path / "other.yml").write_text(ONE, encoding="utf-8")

    with pytest.raises(DialogueError, match=r"some\.yml, kettle-leaks: the id is taken already, in other\.yml"):
        read_dialogues(tmp_path)


def test_a_folder_without_dialogues_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(MissingSetError, match=r"\*\.yml"):
        read_dialogues(tmp_path)


def test_the_projects_own_dialogues_hold_every_trigger_and_many_that_need_nobody() -> None:
    dialogues = read_dialogues()

    assert len(dialogues) >= 300
    assert sum(one.why == NEVER for one in dialogues) >= 120
    for part in ("development", "test"):
        assert {one.why for one in dialogues if one.part == part} == {*TRIGGERS, NEVER}
