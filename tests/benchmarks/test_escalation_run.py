"""The escalation benchmark reads each public set as it is labelled, does without those that are away, and tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.escalation import __main__ as command
from benchmarks.escalation.betold import measure_calls, structure, until_last_said
from benchmarks.escalation.dialogues import read_dialogues
from benchmarks.escalation.listing import write_listing
from benchmarks.escalation.outcomes import Outcome
from benchmarks.escalation.report import Figure, Report
from benchmarks.escalation.run import measure, sections
from benchmarks.escalation.sets import Call, calls, comments, said_to_bots, support_dialogues, task_dialogues
from tests.benchmarks.escalation_cast import StandIn, write_dialogues
from warmline.errors import CommandError
from warmline.progress import Progress

THRESHOLD = 0.4


def put(data: Path, name: str, text: str) -> Path:
    path = data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.strip() + "\n", encoding="utf-8")
    return data


def put_support(data: Path) -> Path:
    return put(
        data,
        "twitter_support_frustration/turns_dev.csv",
        """
dialogue,role,text,rating_mean,rating_median
1,USER,where is it,0.667,1
1,SUPP,Sorry! ANGRY is only a word here,,
1,USER,I am ANGRY,3.333,3
2,USER,a calm question,0.333,0
2,USER,a link,,
3,USER,still ANGRY and awful,3.667,4
4,USER,thank you,0.0,0
5,USER,nobody rated this,,
""",
    )


def run(data: Path, only: str, own: Path | None = None) -> Report:
    report = Report()
    for section in sections(data, StandIn(), THRESHOLD, own or data / "own"):
        if only in section.name:
            measure(section, report, Progress(quiet=True))
    return report


def figure(report: Report, name: str) -> Figure:
    (found,) = [one for one in report.figures if one.name.startswith(name)]
    return found


def test_support_dialogues_are_read_in_order_and_those_that_nobody_rated_are_left_out(tmp_path: Path) -> None:
    first, *rest = support_dialogues(put_support(tmp_path))

    assert [turn.role for turn in first.turns] == ["customer", "agent", "customer"]
    assert first.hot == (2,)
    assert [one.id for one in rest] == ["2", "3", "4"]


def test_rated_turns_are_measured_by_turn_and_by_dialogue(tmp_path: Path) -> None:
    report = run(put_support(tmp_path), "Twitter")

    assert figure(report, "AUC").measured == 1.0
    assert figure(report, "AUC").met
    assert figure(report, "correlation").measured == pytest.approx(0.98, abs=0.02)
    assert figure(report, "by dialogue, F1 at the policy's 0.40").measured == 1.0
    assert "2 folds" in figure(report, "by dialogue, F1 at the best").name
    now = report.handoffs[0]
    assert (now.should, now.never, now.in_time, now.false_per_100) == (2, 2, 100.0, 0.0)


def test_a_turn_of_a_task_dialogue_goes_with_the_three_messages_before_it(tmp_path: Path) -> None:
    data = put(
        tmp_path,
        "uss_satisfaction/SGD.csv",
        """
dialogue,turn,role,text,rating_mean
0,0,USER,a table please,3.0
0,1,SYSTEM,where,
0,2,USER,in town,3.0
0,3,SYSTEM,where,
0,4,USER,cross: IN TOWN,2.667
0,5,USER,OVERALL,2.0
1,0,USER,hello,2.75
""",
    )

    turns = task_dialogues(data)

    assert [turn.text for turn in turns if turn.positive] == ["cross: IN TOWN"]
    assert [turn.text for turn in turns[2].before] == ["where", "in town", "where"]
    assert (len(turns), turns[3].before) == (4, ())
    assert figure(run(data, "SGD"), "AUC").measured == 1.0


def test_a_comment_counts_as_hot_for_any_of_the_five_emotions(tmp_path: Path) -> None:
    data = put(
        tmp_path,
        "goemotions/test.csv",
        "id,text,labels\na,hm,neutral\nb,ANGRY,anger|joy\nc,bah,disgust\nd,oh no,sadness",
    )

    assert [turn.positive for turn in comments(data)] == [False, True, True, False]
    assert figure(run(data, "GoEmotions"), "AUC").measured == 0.75


def test_abuse_is_measured_after_what_was_said_and_gaps_are_left_out(tmp_path: Path) -> None:
    data = put(
        tmp_path,
        "convabuse/valid.csv",
        "prev_agent,prev_user,agent,user,abusive_majority\n_,hi,Go on.,rude words,1\n_,_,_,hello,0",
    )

    rude, hello = said_to_bots(data)

    assert [(turn.role, turn.text) for turn in rude.before] == [("customer", "hi"), ("bot", "Go on.")]
    assert hello.before == ()
    assert figure(run(data, "convabuse"), "AUC").measured == 1.0


def test_negative_tweets_are_parted_from_the_rest_beside_vader(tmp_path: Path) -> None:
    data = put(
        tmp_path,
        "airline_sentiment/Tweets.csv",
        'airline_sentiment,text\nnegative,"ANGRY, you lost my bag"\nneutral,which gate\npositive,great flight',
    )

    found = figure(run(data, "airline"), "AUC")

    assert (found.measured, found.vader) == (1.0, 1.0)


def some_calls() -> list[Call]:
    """Calls of one content whose order alone tells whether they fail."""
    ask, yes, no = ("nlg", "ask_date"), ("nlu", "confirm"), ("nlu", "negate")
    return [Call((ask, yes, ask, no) if fails else (ask, no, ask, yes), (), fails) for fails in [True, False] * 10]


def test_a_head_on_structure_sees_the_order_that_a_bag_of_intents_does_not() -> None:
    figures = measure_calls(some_calls())

    assert figures.head == 1.0
    assert figures.bag_of_intents < 0.8
    assert figures.majority == 0.0
    assert figures.always == pytest.approx(2 / 3)


def test_structure_counts_repeats_and_where_each_intent_stood_last() -> None:
    found = structure(Call((("nlg", "ask"), ("nlg", "ask"), ("nlu", "negate"), ("nlg", "ask")), ("date",), True))

    assert (found["nlg ask"], found["asked again"], found["longest run"], found["steps"]) == (3, 2, 2, 4)
    assert (found["last at nlu negate"], found["1 from the end nlg ask"], found["entity date"]) == (0.75, 1, 1)
    assert found["nlg ask > nlu negate"] == 1


def test_what_the_bot_says_after_the_caller_fell_silent_can_be_left_out() -> None:
    call = Call((("nlg", "ask"), ("nlu", "yes"), ("nlg", "ask"), ("nlg", "ask")), (), True)

    assert until_last_said(call).steps == call.steps[:2]


def test_calls_are_read_and_a_line_that_is_none_is_told_with_its_number(tmp_path: Path) -> None:
    good = {"LUHF": "luhf", "utterances_annotations": [{"caller_name": "nlu", "intent": "hi", "entities": []}]}
    data = put(tmp_path, "betold/valid.jsonl", json.dumps(good) + '\n{"LUHF": "luhf"}')

    with pytest.raises(CommandError, match="line 2"):
        calls(data)

    put(tmp_path, "betold/valid.jsonl", json.dumps(good))
    assert calls(data) == [Call((("nlu", "hi"),), (), True)]


def test_authored_test_dialogues_are_held_against_the_targets_and_development_ones_are_not(tmp_path: Path) -> None:
    report = run(tmp_path, "authored", write_dialogues(tmp_path / "own"))

    assert {one.set for one in report.figures} == {"authored dialogues, test"}
    assert figure(report, "found at the turn or one after (now)").measured == 100.0
    assert [one.met for one in report.figures] == [True] * 6
    development = next(one for one in report.handoffs if one.set.endswith("development"))
    assert (development.missed, development.false_per_100) == (100.0, 100.0)
    assert [one.why for one in report.triggers] == ["safety", "frustration"]


def test_only_dialogues_of_the_development_part_are_ever_listed(tmp_path: Path) -> None:
    dialogues = read_dialogues(write_dialogues(tmp_path / "own"))
    outcomes = [Outcome.of(one, StandIn()) for one in dialogues]

    with pytest.raises(ValueError, match="development"):
        write_listing(tmp_path / "list.txt", outcomes)

    assert write_listing(tmp_path / "list.txt", [one for one in outcomes if one.dialogue.part == "development"]) == 2
    listed = (tmp_path / "list.txt").read_text(encoding="utf-8")
    assert "# toaster-smokes (safety): missed" in listed
    assert ">> customer: the toaster smokes" in listed
    assert "[now, frustration 0.90, abuse 0.00] a word" in listed


def test_a_set_that_is_away_is_left_out_and_said(tmp_path: Path) -> None:
    report = run(tmp_path, "")

    assert report.figures == []
    assert len(report.notes) == 8
    assert all("is left out" in note and "is not there" in note for note in report.notes)


def test_the_command_prints_what_was_measured_and_writes_it_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    arguments = ["--data", str(put_support(tmp_path)), "--only", "support", "--json", str(out)]

    assert command.main(arguments, lambda settings: StandIn()) == 0

    assert "Twitter support turns" in capsys.readouterr().out
    content = json.loads(out.read_text(encoding="utf-8"))
    assert content["version"] == 1
    assert content["notes"] == ["A stand-in scored."]
    assert {"set", "name", "measured", "vader", "known", "limit", "met"} <= content["figures"][0].keys()
    assert [one["counted"] for one in content["dialogues"]] == ["now", "now or offer"]


def test_words_that_no_part_has_are_refused_with_the_parts_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--only", "nonsense"], lambda settings: StandIn()) == 1

    assert "Twitter support turns" in capsys.readouterr().err
