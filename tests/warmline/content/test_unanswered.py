"""Questions that went wrong reach the editor masked and grouped, and what was decided about them stays decided."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from warmline.content.corpus import read_corpus
from warmline.content.editing import add_examples
from warmline.content.sources import Sources
from warmline.content.unanswered import (
    Group,
    Ignored,
    Question,
    as_examples,
    ask_handoff,
    choose,
    cluster,
    group,
    parse_questions,
    read_file,
)
from warmline.errors import CommandError
from warmline.settings import Settings

EXPORT = Path(__file__).parent / "questions.json"


@pytest.fixture
def shipped(sources: Sources) -> Sources:
    """The shipped content, with a cache of its own."""
    return Sources.of(Settings())


@pytest.fixture
def ignored(tmp_path: Path) -> Ignored:
    return Ignored(Settings(var_dir=tmp_path / "var"))


def test_what_is_asked_most_stands_first_in_one_group_whatever_its_wording(shipped: Sources) -> None:
    groups = group(read_file(EXPORT), shipped, ())

    assert groups[0].times == 4
    assert len(groups[0].questions) == 3  # one was asked twice, in other letters
    assert all("carpet cleaner" in text for text in groups[0].questions)
    assert groups[0].why == {"fell_back": 3, "handed_over": 2}
    assert sum(item.times for item in groups) == 6


def test_a_group_names_the_nearest_intent_and_how_near_it_is(shipped: Sources) -> None:
    (courier,) = [item for item in group(read_file(EXPORT), shipped, ()) if "courier" in item.questions[0]]

    assert courier.nearest in read_corpus(shipped.data_dir).entries
    assert 0.3 < courier.similarity < 1.0
    assert courier.nearest_example


def test_nothing_personal_reaches_the_editor(shipped: Sources) -> None:
    shown = json.dumps([item.questions for item in group(read_file(EXPORT), shipped, ())])

    assert not [text for text in ("07911", "Anna", "Kovac", "20671") if text in shown]
    assert "<telephone number>" in shown


def test_an_ignored_question_stays_away_whatever_group_it_would_come_in(shipped: Sources, ignored: Ignored) -> None:
    questions = read_file(EXPORT)
    first = group(questions, shipped, ignored.texts())[0]
    ignored.add(first.questions[:1])

    again = group(questions, shipped, ignored.texts())
    assert first.id not in {item.id for item in again}
    assert not [text for item in again for text in item.questions if text == first.questions[0]]
    alike = Question(text=f"{first.questions[0]} please")
    assert not [text for item in group([alike], shipped, ignored.texts()) for text in item.questions]

    assert ignored.remove([first.questions[0]]) == 1
    assert group(questions, shipped, ignored.texts())[0] == first


def test_nothing_that_a_terminal_would_obey_is_left_in_a_question(sources: Sources) -> None:
    (found,) = group([Question(text="is it\x1b[2J\n there\u202e")], sources, ())

    assert found.questions == ("is it [2J there",)


def test_without_handoffs_questions_nothing_is_left_unanswered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARMLINE_VAR", str(tmp_path))

    assert ask_handoff(Settings.load(), "2026-11-01", 10) == []
    with pytest.raises(CommandError, match="the questions cannot be read from"):
        ask_handoff(Settings.load(), "yesterday", 10)


def test_what_became_an_example_is_not_asked_again(sources: Sources) -> None:
    questions = [Question(text="my number is 07911 123456, did the van break down", why=("fell_back",))]
    (found,) = group(questions, sources, ())
    add_examples(sources.data_dir, "order_status", as_examples(found, "order_status")).write()

    assert group(questions, sources, ()) == ()


def test_data_are_marked_in_the_examples_of_an_intent_and_plain_in_those_of_an_faq() -> None:
    found = Group("abc123", ("where is LH-10234",), 1, {}, {}, "order_status", "where is it", 0.9)

    assert as_examples(found, "order_status") == ["where is [LH-10234](order_number)"]
    assert as_examples(found, "faq/billing_methods") == ["where is LH-10234"]


def test_a_group_is_chosen_by_the_beginning_of_its_id() -> None:
    groups = [Group(name, ("a",), 1, {}, {}, "x", "y", 0.5) for name in ("ab12cd", "ab99ff")]

    assert choose(groups, "AB9").id == "ab99ff"
    for wrong, said in (("ab", "the beginning of 2 groups"), ("zz", "no group zz")):
        with pytest.raises(CommandError, match=said):
            choose(groups, wrong)


def test_each_question_is_in_one_group_and_near_to_its_middle() -> None:
    random = np.random.default_rng(7)
    rows = random.normal(size=(60, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    groups = cluster(rows, 0.8)

    assert sorted(row for members in groups for row in members) == list(range(60))
    assert all(rows[row] @ rows[members[0]] >= 0.8 - 1e-6 for members in groups for row in members)
    assert cluster(rows[:0]) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("{}", "valid array"), ('[{"why": []}]', "0.text: Field required"), ("no JSON", "Invalid JSON")],
)
def test_an_export_of_another_form_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        parse_questions(text)
    assert '{"text": "..."' in refused.value.mend


def test_a_damaged_list_of_ignored_questions_is_said(ignored: Ignored) -> None:
    ignored.add(["what is a good name for a goldfish"])
    ignored.file.write_text("[", encoding="utf-8")

    with pytest.raises(CommandError, match="is damaged"):
        ignored.texts()


def test_an_answer_that_was_rated_unhelpful_is_listed_though_its_question_is_an_example(sources: Sources) -> None:
    def asked(topic: str, *why: str) -> Question:
        return Question(text="Do you take cheques?", why=why, at="2026-11-20T09:12:00Z", topic=topic)

    (found,) = group([asked("faq/billing_methods", "unhelpful")] * 2, sources, ())

    assert (found.times, found.answered) == (2, {"faq/billing_methods": 2})
    # An editor who has added it where it belongs need not see it again: the assistant did not know it then.
    assert group([asked("faq/billing_invoice", "unhelpful")], sources, ()) == ()
    assert group([Question(text="do you take cheques", why=("fell_back",))], sources, ()) == ()
    assert group([asked("faq/billing_methods", "unhelpful")], sources, ("do you take cheques",)) == ()
