"""What the frustration model learns from is read whole, and a row that does not fit is named with its remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.frustration.examples import (
    ABUSE_SHARE,
    EMOTIONS,
    NEEDS,
    VERDICTS,
    ExamplesError,
    plain_requests,
    read_convabuse,
    read_goemotions,
    read_needs,
    read_turns,
    read_verdicts,
)
from models.frustration.reading import Said

TURNS = "kind,frustration,abuse,urgency,before,text\n"
NEEDED = "labels,before,text\n"


def folder_with(tmp_path: Path, content: str) -> Path:
    (tmp_path / "some.csv").write_text(content, encoding="utf-8")
    return tmp_path


def test_a_turn_is_read_with_its_grades_and_what_was_said_before(tmp_path: Path) -> None:
    row = "hot,4,2,,C: where is it || B: On its way.,liar\n"
    (turn,) = read_turns(folder_with(tmp_path, TURNS + row))["some"]

    assert turn.before == (Said("customer", "where is it"), Said("bot", "On its way."))
    assert (turn.frustration, turn.abuse, turn.urgency, turn.needs) == (1.0, ABUSE_SHARE[2], None, None)


def test_a_calm_problem_is_a_little_less_content_than_thanks(tmp_path: Path) -> None:
    rows = "neutral_problem,0,0,0,,it broke\nthanks,0,0,0,,thank you\n"
    problem, thanks = read_turns(folder_with(tmp_path, TURNS + rows))["some"]

    assert thanks.frustration == 0.0
    assert problem.frustration is not None
    assert 0.0 < problem.frustration < 0.25


@pytest.mark.parametrize(
    ("row", "remedy"),
    [
        ("x,5,0,0,,hi", "frustration is 0 to 4"),
        ("x,-1,0,0,,hi", "frustration is 0 to 4"),
        ("x,nan,0,0,,hi", "frustration is 0 to 4"),
        ("x,very,0,0,,hi", "'very' is no number"),
        ("x,,0,0,,hi", "'' is no number"),
        ("x,1,1.5,0,,hi", "abuse is 0, 1, 2, 3 or empty"),
        ("x,1,0,4,,hi", "urgency 0 to 3"),
        ("x,1,0,0,X: who,hi", "begins with none of C:, B:, A:"),
        ("x,1,0,0,,", "the text is empty"),
        ("x,1,0", "expected the columns kind,frustration,abuse,urgency,before,text"),
    ],
)
def test_a_turn_that_does_not_fit_is_named_with_line_and_remedy(tmp_path: Path, row: str, remedy: str) -> None:
    with pytest.raises(ExamplesError, match=r"some\.csv, line 3: ") as error:
        read_turns(folder_with(tmp_path, f"{TURNS}calm,0,0,0,,hello\n{row}\n"))
    assert remedy in str(error.value)


@pytest.mark.parametrize(
    ("row", "remedy"),
    [
        ("manager,,hi", "no such label: manager; choose of person, superior"),
        ("person,hello,hi", "begins with none of C:, B:, A:"),
        ("person,, ", "the text is empty"),
        ("person", "expected the columns labels,before,text"),
    ],
)
def test_a_need_that_does_not_fit_is_named_with_line_and_remedy(tmp_path: Path, row: str, remedy: str) -> None:
    with pytest.raises(ExamplesError, match=r"some\.csv, line 2: ") as error:
        read_needs(folder_with(tmp_path, f"{NEEDED}{row}\n"))
    assert remedy in str(error.value)


def test_a_turn_may_tell_several_needs_or_none(tmp_path: Path) -> None:
    rows = "person|superior,,get me your boss\n,,hello\n"
    both, none = read_needs(folder_with(tmp_path, NEEDED + rows))["some"]

    assert {name for name, value in zip(NEEDS, both.needs or (), strict=True) if value} == {"person", "superior"}
    assert none.needs == (0.0,) * len(NEEDS)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_bytes(TURNS.encode() + b"x,1,0,0,,\xff\xfe\n")

    with pytest.raises(ExamplesError, match="save it as UTF-8"):
        read_turns(tmp_path)


def test_a_folder_without_turns_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExamplesError, match=r"holds no \*\.csv"):
        read_turns(tmp_path / "nowhere")


def test_the_projects_own_turns_are_many_and_all_well() -> None:
    rows = [turn for some in (*read_turns().values(), *read_needs().values()) for turn in some]
    frustrated = [turn for turn in rows if (turn.frustration or 0.0) >= 0.5]

    assert len(rows) >= 10_000
    assert len(frustrated) >= 1_500
    assert sum(bool(turn.before) for turn in rows) >= 3_000


@pytest.mark.parametrize("need", NEEDS)
def test_every_need_is_told_by_many_turns(need: str) -> None:
    place = NEEDS.index(need)
    told = [turn for some in read_needs().values() for turn in some if turn.needs and turn.needs[place]]

    assert len(told) >= 60


def test_the_assistants_own_questions_tell_no_need_but_the_wish_for_a_person() -> None:
    question, wish = plain_requests(["where is it"], ["agent please"])

    assert question.needs == (0.0,) * len(NEEDS)
    assert question.frustration is None
    assert wish.needs is not None
    assert sum(wish.needs) == wish.needs[NEEDS.index("person")] == 1.0


def test_comments_are_frustrated_by_their_emotions(tmp_path: Path) -> None:
    file = tmp_path / "train.csv"
    file.write_text("id,text,labels\n1,grr,anger|joy\n2,hm,neutral\n", encoding="utf-8")
    angry, calm = read_goemotions(file)

    assert (angry.frustration, calm.frustration) == (1.0, 0.0)
    assert angry.emotions is not None
    assert {name for name, value in zip(EMOTIONS, angry.emotions, strict=True) if value} == {"anger", "joy"}


def test_what_people_say_to_bots_is_abusive_by_the_share_of_those_who_find_it_so(tmp_path: Path) -> None:
    file = tmp_path / "train.csv"
    file.write_text("prev_agent,prev_user,agent,user,severities\n,,How are you?,rubbish,1|0|-2|-1\n", encoding="utf-8")
    (said,) = read_convabuse(file)

    assert said.abuse == pytest.approx(2.5 / 4)
    assert said.before == (Said("bot", "How are you?"),)


@pytest.mark.parametrize("read", [read_goemotions, read_convabuse])
def test_a_public_file_with_other_columns_is_named(tmp_path: Path, read: Any) -> None:
    file = tmp_path / "train.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(ExamplesError, match="line 2: expected"):
        read(file)
    with pytest.raises(ExamplesError, match="cannot be read"):
        read(tmp_path / "nowhere.csv")


def turn(number: int, text: str, *, button: bool = False) -> dict[str, object]:
    lines = [{"role": "customer", "text": f"turn {number - 1}"}, {"role": "system", "text": "A notice"}]
    before = [*lines, {"role": "bot", "text": "Hm."}, {"role": "agent", "text": "Hello."}]
    return {"message_id": f"m{number}", "text": text, "before": before, "button": button, "after_handoff": False}


def verdict(**changed: object) -> dict[str, object]:
    return {
        "verdict": "needed",
        "reason": "frustration",
        "handed_over_at": "m2",
        "should_have_come_at": None,
        "turns": [turn(1, "again?"), turn(2, "enough"), turn(3, "hello?")],
        **changed,
    }


def exported(tmp_path: Path, *verdicts: dict[str, object]) -> Path:
    file = tmp_path / "labels.json"
    file.write_text(json.dumps({"verdicts": verdicts, "categories": [{"decided": "billing"}]}), encoding="utf-8")
    return file


def test_the_turn_that_handed_over_is_learnt_with_what_was_said_before_it(tmp_path: Path) -> None:
    (learnt,) = read_verdicts(exported(tmp_path, verdict()))

    assert (learnt.text, learnt.source, learnt.needs) == ("enough", VERDICTS, None)
    assert learnt.before == (Said("customer", "turn 1"), Said("bot", "Hm."), Said("agent", "Hello."))
    assert learnt.frustration is not None
    assert learnt.frustration >= 0.5


def test_the_turn_from_which_a_person_should_have_come_is_learnt_instead(tmp_path: Path) -> None:
    late = verdict(verdict="should_have_come_earlier", should_have_come_at="m1")

    assert [example.text for example in read_verdicts(exported(tmp_path, late))] == ["again?"]


def test_a_handoff_that_was_not_needed_teaches_calm(tmp_path: Path) -> None:
    (learnt,) = read_verdicts(exported(tmp_path, verdict(verdict="not_needed")))

    assert learnt.frustration is not None
    assert learnt.frustration < 0.25


@pytest.mark.parametrize(
    "changed",
    [
        {"reason": "explicit_request"},
        {"reason": "policy"},
        {"handed_over_at": None},
        {"handed_over_at": "m9"},
        {"turns": [turn(2, "Talk to a person", button=True)]},
    ],
)
def test_nothing_is_learnt_of_the_mood_where_the_verdict_does_not_tell_it(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    assert read_verdicts(exported(tmp_path, verdict(**changed))) == []


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"verdicts": [1]}', '{"verdicts": [{"verdict": "maybe"}]}', '{"verdicts": null}']
)
def test_a_file_that_is_no_export_of_verdicts_is_refused_with_the_command_that_writes_one(
    tmp_path: Path, content: str
) -> None:
    file = tmp_path / "labels.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(ExamplesError, match=r"python -m handoff\.labels --json"):
        read_verdicts(file)
