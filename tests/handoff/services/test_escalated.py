"""What goes up is told to those up there, and each move says which kind of escalation it is (P13, P24)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from handoff.contract import Category, EscalationKind
from handoff.domain.cases import CaseEvent, Step
from handoff.domain.notifications import NotificationKind
from handoff.services.case_steps import accept, escalate, transfer
from handoff.services.deadlines import DeadlineWatcher
from handoff.store import case_events, notifications, people
from tests.handoff.cast import ANA, BEA, BEN, GRACE, OMAR, House
from tests.handoff.services.test_case_steps import TRIED
from tests.handoff.services.test_offers import told
from warmline.paths import PROJECT_ROOT

SPECIALIST = replace(BEN, id="sven", name="Sven Dahl", email="sven@larkfield.example", level=2)


@pytest.fixture(autouse=True)
async def _staff(house: House) -> None:
    async with house.db.write() as db:
        await people.save_agent(db, SPECIALIST, password_hash="none")


async def rows(house: House, case_id: str, step: Step) -> list[CaseEvent]:
    async with house.db.read() as db:
        return [event for event in await case_events.events_of(db, case_id) if event.step is step]


async def test_who_is_of_the_new_level_and_who_leads_hear_that_a_case_came_up_and_why(house: House) -> None:
    _, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await escalate(house.context, case_id, BEN, **TRIED)

    for agent in (SPECIALIST, GRACE, OMAR):
        assert await told(house, agent) == [NotificationKind.CASE_ESCALATED]
    for agent in (ANA, BEA, BEN):
        assert await told(house, agent) == []
    async with house.db.read() as db:
        (line,) = await notifications.notifications_of(db, SPECIALIST.id)
    assert line.case_id == case_id
    assert TRIED["next_step"] in line.text


async def test_a_lead_who_moves_a_case_up_is_not_told_of_it(house: House) -> None:
    _, case_id = await house.case()
    await escalate(house.context, case_id, GRACE, **TRIED)
    assert await told(house, GRACE) == []
    assert await told(house, SPECIALIST) == [NotificationKind.CASE_ESCALATED]


async def test_of_a_case_that_goes_up_by_itself_the_leads_hear_once(house: House) -> None:
    """They are told of the deadline; what always rings is not heard."""
    _, case_id = await house.case()
    house.clock.move(minutes=11)
    await DeadlineWatcher(house.context).look()

    assert await told(house, GRACE) == [NotificationKind.PROMISE_BROKEN]
    assert await told(house, SPECIALIST) == [NotificationKind.CASE_ESCALATED]
    (row,) = await rows(house, case_id, Step.ESCALATE)
    assert row.data["kind"] == EscalationKind.AUTOMATIC


async def test_every_move_says_of_which_kind_it_is(house: House) -> None:
    _, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await escalate(house.context, case_id, BEN, **TRIED)
    await transfer(house.context, case_id, GRACE, category=Category.BILLING, **TRIED)

    (opened,) = await rows(house, case_id, Step.OPEN)
    (up,) = await rows(house, case_id, Step.ESCALATE)
    (across,) = await rows(house, case_id, Step.TRANSFER)
    assert [row.data["kind"] for row in (opened, up, across)] == ["functional", "hierarchical", "functional"]


def test_every_kind_of_notification_is_sent_by_something() -> None:
    """One that can be switched at the desk and never comes would be a promise to the staff."""
    house = PROJECT_ROOT / "handoff"
    sources = [path.read_text() for part in ("services", "delivery") for path in (house / part).rglob("*.py")]
    sent = {name for source in sources for name in re.findall(r"NotificationKind\.([A-Z_]+)", source)}
    assert sent == {kind.name for kind in NotificationKind}
