"""``warmline escalation replay``: from the installation's database to tables, JSON and a page (P10, P31, P33)."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from handoff.contract import Decision, TurnRecord, TurnScene
from handoff.domain.conversations import BotReply, Turn, TurnStatus
from handoff.domain.verdicts import Verdict
from handoff.services.bot_replies import BotAnswer, store_answer
from handoff.services.case_steps import accept
from handoff.services.open_case import open_case
from handoff.services.verdicts import judge
from handoff.store.cases import latest_case
from tests.handoff.cast import BEN, Clock, House, decision, record, request
from tests.handoff.commands import fill
from warmline import cli
from warmline.paths import PROJECT_ROOT
from warmline.settings import Settings

TRIED = "tried.yml"
HERS = "<script>alert(1)</script> maya.lind@web.de, this is a joke"
STAFFING = """\
time_zone: Europe/London
cases_per_hour: 0.25
shifts:
  - {agents: 1, weekly: {monday-friday: 09:00-17:00, saturday-sunday: closed}}
holidays: {2026-03-03: A day off}
"""


@pytest.fixture(autouse=True)
def tried(settings_of_the_test: Settings) -> None:
    """The shipped policy with the one threshold that these tests are about."""
    shipped = (PROJECT_ROOT / "data" / "escalation.yml").read_text(encoding="utf-8")
    changed = re.sub(r"offer_at_once: [\d.]+", "offer_at_once: 0.9", shipped, count=1)
    (Path(os.environ["WARMLINE_VAR"]) / TRIED).write_text(changed, encoding="utf-8")


@pytest.fixture
def filled(settings_of_the_test: Settings, clock: Clock) -> None:
    """What :func:`two_conversations` says."""
    fill(settings_of_the_test, clock, two_conversations)


async def two_conversations(house: House) -> None:
    """An angry turn that the policy of then let pass, then a case that nobody needed; and a calm conversation."""
    clock = house.clock
    conversation = await house.begin()
    clock.move(minutes=1)
    said = await house.say(conversation, HERS)
    felt = record(
        said.id,
        frustration=0.95,
        decision=Decision(policy_version="then"),
        scene=TurnScene(named="order_status", words=("joke",), contact_days=7),
    )
    await answered(house, said.id, conversation.id, said.seq, HERS, felt)
    clock.move(minutes=1)
    wish = await house.say(conversation, "get me a person")
    wanted = record(wish.id, decision=decision(), scene=TurnScene(contact_days=7))
    await open_case(house.context, request(conversation, wish).model_copy(update={"turns": (wanted,)}))
    clock.move(minutes=1)
    (case,) = await cases_of(house, conversation.id)
    await accept(house.context, case, BEN)
    await judge(house.context, case, BEN, verdict=Verdict.NOT_NEEDED)
    clock.move(days=1)
    other = await house.begin(None)
    calm = await house.say(other, "hello")
    await answered(house, calm.id, other.id, calm.seq, "hello", record(calm.id, topic=None, frustration=0.1))


async def answered(house: House, message: str, conversation: str, seq: int, text: str, made: TurnRecord) -> None:
    turn = Turn(message, conversation, seq, text, TurnStatus.PENDING, house.clock.now)
    house.clock.move(seconds=1)
    assert await store_answer(house.context, turn, BotAnswer((BotReply("I see."),), made), owner_version=0)


async def cases_of(house: House, conversation: str) -> list[str]:
    async with house.db.read() as db:
        case = await latest_case(db, conversation)
    assert case is not None
    return [case.id]


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    policy = str(Path(os.environ["WARMLINE_VAR"]) / TRIED)
    try:
        code = cli.main(["escalation", "replay", "--policy", policy, "--since", "2026-03-01", *arguments])
    except SystemExit as ended:
        code = int(str(ended.code))
    said = capsys.readouterr()
    return code, json.loads(said.out) if "--json" in arguments and code == 0 else said.out, said.err


@pytest.mark.usefixtures("filled")
def test_programs_get_the_whole_replay(capsys: pytest.CaptureFixture[str]) -> None:
    code, found, _ = told(capsys, "--json")

    assert (code, found["conversations"], found["turns"], found["days"]) == (0, 2, 3, 2)
    assert found["decided_under"]["then"] == 1
    assert found["handoffs"] == {"as_decided": 1, "other": 0, "not_known": 1}
    assert (found["judged"], found["false"]) == (1, {"as_decided": 1, "other": 0, "not_known": 1})
    (change,) = found["changed"]
    assert (change["turn"], change["from"], change["to"], change["exact"]) == (1, "none", "offer", True)
    why = r"frustration: 0\.95 against [\d.]+(, weight [\d.]+)? \(as decided: no such signal\); joke"
    assert re.match(why, change["why"][0])
    assert "maya.lind" not in change["text"]
    assert found["incomplete"] == 1, "the calm turn was recorded without its scene"


@pytest.mark.usefixtures("filled")
def test_days_choose_what_is_replayed_and_words_are_shown_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    _, found, _ = told(capsys, "--json", "--until", "2026-03-02", "--text")

    assert (found["conversations"], found["changed"][0]["text"]) == (1, HERS)
    assert told(capsys, "--json", "--since", "2026-03-04")[1]["conversations"] == 0


@pytest.mark.usefixtures("filled")
def test_people_get_tables(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys)
    assert (code, "replaying" in err) == (0, True)
    for part in ("What would be different", "handed over", "carries on", "offers a person", "not needed: not known"):
        assert part in out
    assert "first turn at which the two policies differ" in " ".join(out.split())


@pytest.mark.usefixtures("filled")
def test_the_staff_of_the_desk_take_cases_in_their_business_hours(capsys: pytest.CaptureFixture[str]) -> None:
    """Ana, Ben and Bea are agents; four cases an hour each."""
    _, found, _ = told(capsys, "--json")

    assert found["staffing"] == "the staff of the desk and the business hours"
    assert max(hour["capacity"] for hour in found["hours"]) == 12


@pytest.mark.usefixtures("filled")
def test_a_staffing_file_says_who_is_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """On the second of the two days nobody is there."""
    file = tmp_path / "staffing.yml"
    file.write_text(STAFFING)
    _, found, _ = told(capsys, "--json", "--staffing", str(file))

    assert (found["staffing"], found["zone"]) == ("staffing.yml", "Europe/London")
    assert [found["hours"][hour]["capacity"] for hour in (8, 9, 16, 17)] == [0, 0.125, 0.125, 0]


@pytest.mark.usefixtures("filled")
def test_the_page_loads_nothing_and_runs_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "replay.html"
    code, out, _ = told(capsys, "--report", str(page), "--text")
    html = page.read_text(encoding="utf-8")

    assert (code, str(page) in " ".join(out.split())) == (0, True)
    assert "default-src 'none'" in html
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert not re.findall(r"(?:src|href)=", html)
    for part in ("Handoffs against staffing", "carries on → offers a person", "WL-1001: the agent said not needed"):
        assert part in html


@pytest.mark.usefixtures("settings_of_the_test")
@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (("--policy", "nowhere.yml"), "there is no file"),
        (("--since", "monday"), "write it as 2026-03-31"),
        (("--staffing", "nowhere.yml"), "cannot be read"),
        (("--report", "nowhere/at/all.html"), "cannot be written"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_mends_it(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], mend: str
) -> None:
    code, _, err = told(capsys, *arguments)
    assert (code, mend in " ".join(err.split())) == (2, True)


@pytest.mark.usefixtures("settings_of_the_test")
@pytest.mark.parametrize(
    ("content", "mend"),
    [
        ("shifts: []", "time_zone"),
        ("[", "is no YAML"),
        (STAFFING.replace("09:00-17:00", "nine to five"), "is no time span"),
    ],
)
def test_a_staffing_file_that_cannot_be_meant_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, mend: str
) -> None:
    file = tmp_path / "staffing.yml"
    file.write_text(content)
    code, _, err = told(capsys, "--staffing", str(file))
    assert (code, mend in " ".join(err.split())) == (2, True)


@pytest.mark.usefixtures("settings_of_the_test")
def test_a_database_or_a_policy_that_cannot_be_used_ends_with_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "other.yml"
    broken.write_text("signals: none")
    assert told(capsys, "--policy", str(broken))[0] == 1
    staffing, notes = tmp_path / "staffing.yml", tmp_path / "notes.db"
    staffing.write_text(STAFFING)
    notes.write_text("these are notes and no database, however long one looks at them " * 20)
    monkeypatch.setenv("WARMLINE_DATABASE_URL", f"sqlite+aiosqlite:///{notes}")
    code, _, err = told(capsys, "--staffing", str(staffing))
    assert (code, "the conversations cannot be read" in " ".join(err.split())) == (1, True)
    code, _, err = told(capsys)
    assert (code, "the staff cannot be read" in " ".join(err.split())) == (1, True)
