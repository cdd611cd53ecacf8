"""``python -m handoff.labels``: the agents' verdicts and corrections, for training and for reading."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handoff import labels
from handoff.contract import Category
from handoff.domain.verdicts import Verdict
from handoff.services.case_steps import accept, transfer
from handoff.services.verdicts import judge
from tests.handoff.cast import BEN, Clock, House
from tests.handoff.commands import check_failures, fill, run
from tests.handoff.services.test_case_steps import TRIED
from warmline.settings import Settings

SAID = "give me\na person \x1b[31mnow"


@pytest.fixture
def judged(settings_of_the_test: Settings, clock: Clock) -> None:
    """One case, judged and corrected, with a trap for terminals in it."""

    async def happen(house: House) -> None:
        conversation = await house.begin()
        said = await house.say(conversation, SAID)
        case_id = await house.hand_over(conversation, said)
        await accept(house.context, case_id, BEN)
        await judge(house.context, case_id, BEN, verdict=Verdict.NOT_NEEDED, note="A tracking link")
        await transfer(house.context, case_id, BEN, category=Category.BILLING, wrong_category=True, **TRIED)

    fill(settings_of_the_test, clock, happen)


@pytest.mark.usefixtures("judged")
def test_labels_as_json_have_the_fields_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(labels.main, capsys, "--json")
    content = json.loads(out)
    (verdict,), (category,) = content["verdicts"], content["categories"]
    (turn,) = verdict.pop("turns")

    assert code == 0
    assert {name: verdict[name] for name in ("verdict", "note", "judged_by", "judged_at", "reason", "category")} == {
        "verdict": "not_needed",
        "note": "A tracking link",
        "judged_by": "ben",
        "judged_at": "2026-03-02T09:00:00+00:00",
        "reason": "explicit_request",
        "category": "orders_delivery",
    }
    assert set(verdict) == {
        "case_id", "case_number", "conversation_id", "verdict", "note", "judged_by", "judged_at", "reason", "category",
        "policy_version", "handed_over_at", "should_have_come_at",
    }  # fmt: skip
    assert turn == {
        "message_id": verdict["handed_over_at"],
        "seq": 1,
        "at": "2026-03-02T09:00:00+00:00",
        "text": SAID,
        "before": [],
        "after_handoff": False,
        "button": False,
        "frustration": 0.4,
        "scored_by": "model",
        "decision": "none",
    }
    assert category["words"] == [SAID]
    assert (category["decided"], category["corrected"], category["topic"]) == (
        "orders_delivery", "billing", "order_status",
    )  # fmt: skip


@pytest.mark.usefixtures("judged")
def test_labels_for_reading_have_a_line_each_and_nothing_that_a_terminal_obeys(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(labels.main, capsys)
    head, verdict, category = out.splitlines()

    assert (code, head) == (0, "1 verdicts, 1 corrected categories")
    assert verdict == "2026-03-02 09:00  WL-1001    not needed                 give me a person  [31mnow"
    assert "orders_delivery -> billing" in category
    assert "\x1b" not in out


@pytest.mark.usefixtures("judged")
def test_a_day_leaves_out_the_labels_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(run(labels.main, capsys, "--json", "--since", "2026-03-03")[1]) == {
        "verdicts": [], "categories": [],
    }  # fmt: skip
    assert "There are none" in run(labels.main, capsys, "--since", "2026-03-03")[1]
    assert len(json.loads(run(labels.main, capsys, "--json", "--since", "2026-03-02")[1])["verdicts"]) == 1


@pytest.mark.parametrize(("arguments", "mend"), [(("--since", "monday"), "write it as 2026-03-31"), (("-x",), "-x")])
def test_a_wrong_argument_is_refused_with_what_mends_it(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], mend: str
) -> None:
    code, _, err = run(labels.main, capsys, *arguments)
    assert (code, mend in err) == (2, True)


@pytest.mark.usefixtures("settings_of_the_test")
def test_failures_have_exit_codes_of_their_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    check_failures(labels.main, capsys, monkeypatch, tmp_path)


def test_help_tells_what_comes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(labels.main, capsys, "--help")
    assert code == 0
    for word in ("not_needed", "should_have_come_earlier", "categories", "--since", "--json", "exit codes"):
        assert word in out
