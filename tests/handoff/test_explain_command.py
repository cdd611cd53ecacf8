"""``warmline escalation explain`` and ``python -m handoff.explain``: why a conversation went to a person (P18)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from handoff import explain
from handoff.contract import Decision, HandoffReason, Reason
from handoff.domain.conversations import BotReply, Turn, TurnStatus
from handoff.services.bot_replies import BotAnswer, store_answer
from handoff.services.open_case import open_case
from tests.handoff.cast import Clock, decision, move_in, record, request
from tests.handoff.conftest import connect_sqlite
from warmline import cli
from warmline.settings import Settings

ANGRY = "no reply to\n\x1b[31mmaya.lind@web.de, useless!"
FRUSTRATED = Reason(
    signal="frustration", reason=HandoffReason.FRUSTRATION, value=0.71, threshold=0.5, evidence=("useless", "no reply")
)
IN_WORDS = Reason(
    signal="repeat_in_words",
    reason=HandoffReason.REPEAT_CONTACT,
    value=2.0,
    threshold=3.0,
    evidence=("in words: i called 07700 900123 already",),
)


@pytest.fixture
def conversation_id(settings_of_the_test: Settings, clock: Clock) -> str:
    """A conversation with an angry turn that was acknowledged, one that opened a case, and one to the agent."""

    async def fill() -> str:
        house = await move_in(connect_sqlite(Path(settings_of_the_test.database_url.partition("///")[2])), clock)
        conversation = await house.begin()
        said = await house.say(conversation, ANGRY)
        turn = Turn(said.id, conversation.id, said.seq, said.text, TurnStatus.PENDING, clock.now)
        decided = Decision(acknowledge=True, reasons=(FRUSTRATED, IN_WORDS), policy_version="p1")
        felt = record(said.id, frustration=0.71, decision=decided)
        assert await store_answer(house.context, turn, BotAnswer((BotReply("Sorry!"),), felt), owner_version=0)
        clock.move(seconds=30)
        wish = await house.say(conversation, "a person, please")
        wanted = record(wish.id, decision=decision())
        await open_case(house.context, request(conversation, wish).model_copy(update={"turns": (wanted,)}))
        clock.move(seconds=30)
        await house.say(conversation, "are you there?")
        await house.db.close()
        return conversation.id

    return asyncio.run(fill())


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    code = cli.main(["escalation", "explain", *arguments])
    said = capsys.readouterr()
    return code, json.loads(said.out) if "--json" in arguments else said.out, said.err


def test_every_customer_message_comes_with_what_was_decided_about_it(
    capsys: pytest.CaptureFixture[str], conversation_id: str
) -> None:
    assert explain.main([conversation_id]) == 0
    found = json.loads(capsys.readouterr().out)

    assert (found["conversation_id"], found["owner"]) == (conversation_id, "queue")
    assert [message["status"] for message in found["messages"]] == ["answered", "handed_off", None]
    assert [message["text"] for message in found["messages"]] == [ANGRY, "a person, please", "are you there?"]
    first, second, third = (message["record"] for message in found["messages"])
    assert first["decision"]["reasons"][0]["evidence"] == ["useless", "no reply"]
    assert (second["decision"]["action"], third) == ("now", None)
    (case,) = found["cases"]
    assert (case["reason"], case["message_id"]) == ("explicit_request", found["messages"][1]["message_id"])


def test_the_explanation_masks_personal_data_unless_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], conversation_id: str
) -> None:
    code, found, _ = told(capsys, "--json", conversation_id)
    open_code, shown, _ = told(capsys, "--json", "--text", conversation_id)

    assert (code, open_code, found["ok"]) == (0, 0, True)
    assert "maya.lind@web.de" not in json.dumps(found)
    assert "07700" not in json.dumps(found)
    assert shown["turns"][0]["text"] == ANGRY
    assert "07700 900123" in json.dumps(shown)


def test_a_turn_is_explained_with_words_signals_decision_and_policy(
    capsys: pytest.CaptureFixture[str], conversation_id: str
) -> None:
    _, found, _ = told(capsys, "--json", conversation_id)
    first = found["turns"][0]

    assert (first["turn"], first["frustration"], first["words"]) == (1, 0.71, ["useless", "no reply"])
    assert [(s["signal"], s["value"], s["threshold"], s["weight"]) for s in first["signals"]] == [
        ("frustration", 0.71, 0.5, 1.0),
        ("repeat_in_words", 2.0, 3.0, 1.0),
    ]
    assert (first["decision"]["action"], first["decision"]["acknowledge"]) == ("none", True)
    assert first["policy_version"] == "p1"


def test_the_table_reads_turn_by_turn_and_holds_nothing_that_a_terminal_obeys(
    capsys: pytest.CaptureFixture[str], conversation_id: str
) -> None:
    code, out, _ = told(capsys, conversation_id)

    assert code == 0
    assert "\x1b" not in out
    for part in ("useless", "frustration: 0.71", "none and acknowledge", "case WL-", "policy p1"):
        assert part in out, part
    assert "a person has the conversation" in out


def test_a_conversation_is_found_by_the_number_of_its_case(
    capsys: pytest.CaptureFixture[str], conversation_id: str
) -> None:
    _, found, _ = told(capsys, "--json", conversation_id)
    number = found["cases"][0]["number"]

    assert told(capsys, "--json", number.lower())[1]["conversation_id"] == conversation_id


@pytest.mark.usefixtures("conversation_id")
@pytest.mark.parametrize("wanted", ["WL-999999", "nowhere", "WL-"])
def test_a_conversation_that_is_not_there_is_a_wrong_argument(capsys: pytest.CaptureFixture[str], wanted: str) -> None:
    assert explain.main([wanted]) == 2
    assert "There is no such conversation" in capsys.readouterr().err or wanted.startswith("WL-9")
    code, _, err = told(capsys, wanted)
    assert (code, "give the id of a conversation" in err) == (2, True)


def test_a_database_that_cannot_be_read_has_an_exit_code_of_its_own(
    capsys: pytest.CaptureFixture[str], conversation_id: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    no_database = tmp_path / "notes.db"
    no_database.write_text("these are notes and no database, however long one looks at them " * 20)
    monkeypatch.setenv("WARMLINE_DATABASE_URL", f"sqlite+aiosqlite:///{no_database}")

    assert explain.main([conversation_id]) == 1
    assert "check WARMLINE_DATABASE_URL" in capsys.readouterr().err
    assert told(capsys, conversation_id)[0] == 1
