"""The review over real cases (P28): which level the policy asks for, and what the command shows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from handoff import review as command
from handoff.contract import AuthorityKind, Category
from handoff.domain.people import Role
from handoff.domain.verdicts import Verdict
from handoff.services.authority import use_authority
from handoff.services.case_steps import accept, escalate, resolve
from handoff.services.review import needed_level, review_of
from handoff.services.verdicts import judge
from handoff.store import cases as case_store
from tests.handoff.cast import BEN, GRACE, POLICY, PRIYA, START, Clock, House
from tests.handoff.commands import check_failures, fill, run
from tests.handoff.services.test_authority import FakeShop, wanted
from tests.handoff.services.test_case_steps import SOLVED, TRIED
from warmline.settings import Settings

SINCE, UNTIL = START - timedelta(days=1), START + timedelta(days=1)


async def a_day(house: House) -> None:
    """Maya's case goes up for nothing and comes from a gap; Priya's needed no person."""
    _, first = await house.case()
    await accept(house.context, first, BEN)
    await escalate(house.context, first, BEN, **TRIED)
    await accept(house.context, first, GRACE)
    await resolve(
        house.context, first, GRACE, disposition="explained", root_cause="missing_content", outcome="We explained it"
    )
    second = await house.hand_over(await house.begin(PRIYA))
    await accept(house.context, second, BEN)
    await resolve(house.context, second, BEN, **SOLVED)
    await judge(house.context, second, BEN, verdict=Verdict.NOT_NEEDED)


async def test_the_review_reads_what_happened(house: House) -> None:
    await a_day(house)
    async with house.db.read() as db:
        found = await review_of(db, POLICY, since=SINCE, until=UNTIL)
        elsewhere = await review_of(db, POLICY, since=SINCE, until=UNTIL, categories=[Category.BILLING])

    assert found.resolutions == 2
    assert {(row.root_cause, row.count) for row in found.causes} == {("missing_content", 1), ("carrier_late", 1)}
    assert [(row.level, row.needed_level, len(row.cases)) for row in found.lower_level] == [(2, 1, 1)]
    assert [(row.judged, row.not_needed) for row in found.not_needed] == [(1, 1)]
    assert [(row.topic, row.count) for row in found.gaps] == [("order_status", 1)]
    assert elsewhere.resolutions == 0


async def test_a_risk_and_a_sum_ask_for_their_level(house: House) -> None:
    _, safe = await house.case()
    risky = await house.hand_over(await house.begin(PRIYA), signal="risk_legal")
    async with house.db.read() as db:
        plain, legal = await case_store.get_case(db, safe), await case_store.get_case(db, risky)

    assert needed_level(plain, {}, POLICY) == 1
    assert needed_level(legal, {}, POLICY) == POLICY.risks["legal"].level
    refund, credit = AuthorityKind.REFUND, AuthorityKind.CREDIT
    assert needed_level(plain, {refund: Decimal(150)}, POLICY) == 1
    assert needed_level(plain, {refund: Decimal("150.01"), credit: Decimal(1)}, POLICY) == 2
    without = POLICY.model_copy(update={"authority": {}})
    assert needed_level(replace(plain, level=3), {credit: Decimal(1)}, without) == 3, "what nobody knows is no saving"


async def test_sums_that_a_lower_level_may_not_decide_are_no_work_for_it(house: House) -> None:
    _, case_id = await house.case(level=2)
    lead = replace(GRACE, role=Role.AGENT, level=2, queues=BEN.queues)
    await accept(house.context, case_id, lead)
    for key, amount in (("one", "100.00"), ("two", "60.00")):
        use = wanted(house, case_id, amount=amount, key=key, agent_id=lead.id)
        await use_authority(house.context, FakeShop(), case_id, lead, use)
    await resolve(house.context, case_id, lead, **SOLVED)
    async with house.db.read() as db:
        found = await review_of(db, POLICY, since=SINCE, until=UNTIL)

    assert found.resolutions == 1
    assert found.lower_level == (), "£160 together is above the £150 of level 1, though neither refund is"


@pytest.fixture
def installation(settings_of_the_test: Settings, clock: Clock) -> None:
    """An installation in whose database that day happened."""
    fill(settings_of_the_test, clock, a_day)


@pytest.mark.usefixtures("installation")
def test_the_tables_name_each_question_and_the_cases(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(command.main, capsys, "--since", "2026-03-01", "--until", "2026-03-03")

    assert code == 0
    assert "2 resolutions from 2026-03-01" in out
    for title in ("Recurring causes", "lower level", "not needed", "Gaps in the content"):
        assert title in out
    assert "WL-1001" in out
    assert "+1" in out


@pytest.mark.usefixtures("installation")
def test_the_review_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(command.main, capsys, "--since", "2026-03-01", "--until", "2026-03-03", "--json")
    found = json.loads(out)

    assert code == 0
    assert set(found) == {"since", "until", "resolutions", "causes", "lower_level", "not_needed", "gaps"}
    assert {row["trend"] for row in found["causes"]} == {1}
    empty = run(command.main, capsys, "--since", "2026-02-01", "--until", "2026-02-02")[1]
    assert "Recurring causes: none" in empty


def test_a_time_that_ends_before_it_begins_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(command.main, capsys, "--since", "2026-03-03", "--until", "2026-03-01")
    assert (code, "must lie before" in err) == (2, True)


def test_what_cannot_be_read_has_exit_codes_of_its_own(
    settings_of_the_test: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: object,
) -> None:
    from pathlib import Path

    check_failures(command.main, capsys, monkeypatch, Path(str(tmp_path)))
