"""What the content team keeps for the desk: the shipped files, and how mistakes in others are told."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from handoff.desk_content import DeskContentError, LiveDeskContent, load_desk_content
from handoff.domain.conversations import MESSAGE_CHARACTERS
from tests.handoff.cast import POLICY
from warmline.paths import PROJECT_ROOT

DATA = PROJECT_ROOT / "data"


def test_the_shipped_responses_are_there_in_three_languages() -> None:
    content = load_desk_content(DATA, POLICY)
    languages = Counter(one.language for one in content.responses)

    assert languages["en"] >= 30
    assert languages["de"] == languages["es"] == 10
    english = {one.id: one.category for one in content.responses if one.language == "en"}
    assert all(english[one.id] == one.category for one in content.responses)
    assert all(len(one.text) < MESSAGE_CHARACTERS // 4 for one in content.responses)


@pytest.mark.parametrize(
    ("macro", "told"),
    [
        ("steps: [{reply: hello, note: no}]", "exactly one of"),
        ("steps: []", "at least 1 item"),
        ("steps: [{canned: nothing}]", "there is no canned response 'nothing' in English"),
        ("steps: [{reply: 'Dear {name}'}]", "holds 'name'; in braces may stand customer_name"),
        ("steps: [{escalate: {tried: a, next_step: b}}, {note: c}]", "make it the last step"),
        ("steps: [{transfer: {tried: a, next_step: b}}]", "transfer needs a category"),
        ("steps: [{escalate: {category: billing, tried: a, next_step: b}}]", "take the category away"),
        ("steps: [{resolve: {disposition: won, root_cause: ghosts, outcome: a}}]", "no disposition 'won'"),
        ("steps: [{resolve: {disposition: won, root_cause: ghosts, outcome: a}}]", "no root cause 'ghosts'"),
        ("step: [{note: c}]", "Extra inputs"),
        ("steps: [{note: c}], name: [", "mend the YAML there"),
    ],
)
def test_each_mistake_in_a_macro_is_told_with_its_mend(tmp_path: Path, macro: str, told: str) -> None:
    (tmp_path / "macros.yml").write_text(f"macros:\n  - {{name: one, title: One, about: One, {macro}}}\n")

    with pytest.raises(DeskContentError) as refused:
        load_desk_content(tmp_path, POLICY)

    assert told in str(refused.value)
    assert "macros.yml" in str(refused.value)


def test_a_response_that_stands_twice_and_a_strange_place_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "canned").mkdir()
    entry = "  - {id: bye, title: Bye, text: 'Bye {you}'}\n"
    (tmp_path / "canned" / "english.yml").write_text(f"language: en\ncanned:\n{entry}{entry}")

    with pytest.raises(DeskContentError, match="bye stands twice") as refused:
        load_desk_content(tmp_path, POLICY)

    assert "english.yml: bye holds 'you'" in str(refused.value)


def test_without_files_there_is_nothing_to_offer(tmp_path: Path) -> None:
    assert load_desk_content(tmp_path, POLICY).responses == ()


def test_a_file_that_is_edited_is_taken_over_and_a_broken_one_is_not(tmp_path: Path) -> None:
    shutil.copytree(DATA / "canned", tmp_path / "canned")
    now = 0.0
    live = LiveDeskContent(tmp_path, POLICY, lambda: now)
    before = live.now(POLICY)
    path = tmp_path / "canned" / "deutsch.yml"

    def edited(text: str) -> None:
        nonlocal now
        now += 2
        path.write_text(text)
        os.utime(path, (now, now))

    edited("language: de\ncanned: oh")
    assert live.now(POLICY) is before
    edited("language: de\ncanned: [{id: goodbye, title: Ende, text: Ade}]")
    assert [one.text for one in live.now(POLICY).responses if one.language == "de"] == ["Ade"]
