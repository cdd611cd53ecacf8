"""``warmline content proposals``: a solved case becomes content, checked, with everything else left as it was."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from handoff.domain.proposals import Proposal, ProposalContent, ProposalKind, ProposalStatus
from handoff.store import proposals
from handoff.store.migrate import upgrade
from tests.handoff.cast import START, Clock, move_in
from tests.handoff.conftest import connect_sqlite
from warmline.cli import main
from warmline.paths import PROJECT_ROOT

Run = Callable[..., tuple[int, dict[str, Any]]]
FAQ = Proposal(
    "faq-proposal",
    "",
    "ben",
    ProposalKind.FAQ,
    ProposalStatus.PROPOSED,
    ProposalContent(("do you engrave toasters",), "No, <name>, we don't engrave.", None, "nlu_fallback"),
    START,
)
EXAMPLES = Proposal(
    "examples-proposal",
    "",
    None,
    ProposalKind.EXAMPLES,
    ProposalStatus.SUGGESTED,
    ProposalContent(("any sign of my LH-10234 yet, the driveway is empty", "<name> wonders"), "", "order_status"),
    START,
)


WAYS = (
    "can you engrave my name on a kettle",
    "is engraving possible on the toaster",
    "I want a date engraved on the coffee machine",
    "engraving for a wedding present, do you offer that",
    "do you put initials on appliances",
    "could the lid be engraved with a few words",
    "how much for an engraved mixer",
)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two proposals from one case."""
    path = tmp_path_factory.mktemp("proposals") / "handoff.db"

    async def fill() -> None:
        await upgrade(f"sqlite+aiosqlite:///{path}")
        db = connect_sqlite(path)
        house = await move_in(db, Clock())
        _, case_id = await house.case()
        async with db.write() as connection:
            for one in (FAQ, EXAMPLES):
                await proposals.add_proposal(
                    connection,
                    Proposal(one.id, case_id, one.agent_id, one.kind, one.status, one.content, one.created_at),
                )
        await db.close()

    asyncio.run(fill())
    return path


@pytest.fixture
def data(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped content and of that database."""
    monkeypatch.setenv("WARMLINE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("WARMLINE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("WARMLINE_RASA_PORT", "1")
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(filled, tmp_path / "var" / "handoff.db")
    kept = PROJECT_ROOT / "var" / "cache"
    kept.mkdir(parents=True, exist_ok=True)
    (tmp_path / "var" / "cache").symlink_to(kept)
    return Path(shutil.copytree(PROJECT_ROOT / "data", tmp_path / "data"))


@pytest.fixture
def run(data: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command with ``--json``; its exit code and what it printed."""

    def command(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["content", *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def test_the_list_shows_what_an_agent_proposed_before_what_came_by_itself(run: Run) -> None:
    code, told = run("proposals")

    assert code == 0
    assert [one["id"] for one in told["proposals"]] == ["faq-proposal", "examples-proposal"]
    assert told["proposals"][0]["case_number"] == "WL-1001"


def test_an_accepted_faq_stands_in_the_content_and_the_check_is_clean(run: Run, data: Path) -> None:
    before = (data / "faq" / "general.yml").read_text(encoding="utf-8")
    _, refused = run("proposals", "accept", "faq", "--as", "faq/general_engraving")
    accept = ("proposals", "accept", "faq", "--as", "faq/general_engraving", "--answer", "We don't engrave, sorry.")
    _, few = run(*accept)
    code, told = run(*accept, "--example", *WAYS)
    after = (data / "faq" / "general.yml").read_text(encoding="utf-8")
    _, checked = run("check", "--errors")

    assert "at least 8" in few["mend"], "one customer's words are too few to learn from"
    assert "<name>" in refused["error"], "what was said to one customer is not said to all"
    assert (code, told["ok"]) == (0, True), told
    assert "do you engrave toasters" in after
    assert "We don't engrave, sorry." in after
    assert [line for line in before.splitlines() if line not in after.splitlines()] == [], "nothing else was touched"
    assert checked["errors"] == 0
    _, left = run("proposals", "--status", "accepted")
    assert [(one["id"], one["label"], one["effect"]["asked"]) for one in left["proposals"]] == [
        ("faq-proposal", "faq/general_engraving", 0)
    ]
    code, again = run("proposals", "accept", "faq", "--as", "faq/general_engraving")
    assert (code, "no proposal faq" in again["error"]) == (2, True)


def test_examples_join_their_intent_with_their_data_marked(run: Run, data: Path) -> None:
    code, _ = run("proposals", "accept", "examples", "--as", "order_status", "--only", "1")
    text = "".join(path.read_text(encoding="utf-8") for path in (data / "nlu").glob("*.yml"))

    assert code == 0
    assert "- any sign of my [LH-10234](order_number) yet, the driveway is empty" in text
    assert "<name> wonders" not in text


def test_what_is_ignored_is_gone_from_the_list(run: Run) -> None:
    assert run("proposals", "ignore", "examples")[0] == 0
    assert [one["id"] for one in run("proposals")[1]["proposals"]] == ["faq-proposal"]
    assert run("proposals", "show", "examples")[1]["proposals"][0]["status"] == "ignored"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("accept",), "which proposal"),
        (("show", "nothing"), "there is no proposal nothing"),
        (("accept", "faq"), "under which intent or FAQ"),
        (("accept", "examples", "--as", "no_such_intent"), "there is no intent no_such_intent"),
        (("accept", "examples", "--as", "order_status", "--only", "3"), "has 2 examples"),
        (("accept", "examples", "--as", "order_status", "--answer", "x"), "is there already"),
        (("accept", "examples", "--as", "faq/general_new"), "needs an answer"),
    ],
)
def test_a_wrong_word_is_refused_with_what_mends_it(run: Run, words: tuple[str, ...], told: str) -> None:
    code, said = run("proposals", *words)
    assert (code, said["ok"]) == (2, False)
    assert told in said["error"]
