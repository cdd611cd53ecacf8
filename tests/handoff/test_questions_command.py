"""``python -m handoff.questions``, as the operator and the editor's tools call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handoff import questions
from handoff.domain.conversations import BotReply, Turn, TurnStatus
from handoff.services.bot_replies import BotAnswer, store_answer
from tests.handoff.cast import Clock, House, record
from tests.handoff.commands import check_failures, fill, run
from warmline.settings import Settings

ASKED = "do you paint\nplates \x1b[31mred?"


@pytest.fixture
def installation(settings_of_the_test: Settings, clock: Clock) -> None:
    """An installation whose database holds one question that fell back, with a trap for terminals in it."""

    async def happen(house: House) -> None:
        conversation = await house.begin()
        said = await house.say(conversation, ASKED)
        turn = Turn(said.id, conversation.id, said.seq, said.text, TurnStatus.PENDING, clock.now)
        lost = record(said.id, topic=None, intent="nlu_fallback", in_scope=False, confidence=0.2)
        answer = BotAnswer((BotReply("Sorry?"),), lost)
        assert await store_answer(house.context, turn, answer, owner_version=0)

    fill(settings_of_the_test, clock, happen)


@pytest.mark.usefixtures("installation")
def test_the_list_as_json_has_the_fields_that_the_editors_tools_read(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(questions.main, capsys, "--json")
    (question,) = json.loads(out)

    assert code == 0
    assert question.pop("message_id")
    assert question.pop("conversation_id")
    assert question == {
        "at": "2026-03-02T09:00:00+00:00",
        "text": ASKED,
        "why": ["fell_back"],
        "intent": "nlu_fallback",
        "topic": None,
        "confidence": 0.2,
        "frustration": 0.4,
    }


@pytest.mark.usefixtures("installation")
def test_the_list_for_reading_has_one_line_a_question_and_nothing_that_a_terminal_obeys(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(questions.main, capsys)
    head, row = out.splitlines()

    assert code == 0
    assert head.split("  ")[0] == "asked (UTC)"
    assert row.startswith("2026-03-02 09:00  fell back  nlu_fallback 0.20")
    assert "do you paint plates" in row
    assert "\x1b" not in out


@pytest.mark.usefixtures("installation")
def test_a_day_leaves_out_what_was_asked_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(run(questions.main, capsys, "--json", "--since", "2026-03-03")[1]) == []
    assert len(json.loads(run(questions.main, capsys, "--json", "--since", "2026-03-02", "--limit", "5")[1])) == 1
    assert "There are none" in run(questions.main, capsys, "--since", "2026-03-03")[1]


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (("--since", "yesterday"), "write it as 2026-03-31"),
        (("--limit", "0"), "write 1 or more"),
        (("--all",), "--all"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_mends_it(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], mend: str
) -> None:
    code, _, err = run(questions.main, capsys, *arguments)
    assert (code, mend in err) == (2, True)


@pytest.mark.usefixtures("installation")
def test_a_database_that_cannot_be_read_and_a_wrong_setting_have_exit_codes_of_their_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    check_failures(questions.main, capsys, monkeypatch, tmp_path)


def test_help_tells_what_why_means(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(questions.main, capsys, "--help")
    assert code == 0
    for word in ("fell_back", "unhelpful", "handed_over", "--since", "--limit", "--json", "exit codes"):
        assert word in out
