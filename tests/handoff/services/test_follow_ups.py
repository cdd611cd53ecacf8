"""Following up (P27): told once, on the day, to whoever had the case; what came of it is written down."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event

from handoff.domain.cases import CaseStatus, Step
from handoff.domain.errors import BadValue, WrongState
from handoff.domain.notifications import Notification, NotificationKind
from handoff.domain.resolutions import FollowUpResult
from handoff.services.after_case import reopen
from handoff.services.case_steps import accept, resolve
from handoff.services.conversations import begin
from handoff.services.follow_ups import follow_up, follow_ups, tell_due
from handoff.store import case_events, notifications, people
from tests.handoff.cast import ANA, BEN, GRACE, MAYA, OMAR, PRIYA, House
from tests.handoff.services.test_case_steps import SOLVED
from tests.handoff.services.test_resolutions import rows, solved

DAY = date(2026, 3, 5)
MORNING = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


async def told(house: House, agent_id: str) -> list[Notification]:
    async with house.db.read() as db:
        found = await notifications.notifications_of(db, agent_id)
    return [one for one in found if one.kind is NotificationKind.FOLLOW_UP_DUE]


async def test_the_owner_is_told_on_the_day_and_once(house: House) -> None:
    _, case_id = await solved(house, follow_up_on=DAY)
    house.clock.now = datetime(2026, 3, 4, 23, 0, tzinfo=UTC)
    assert await tell_due(house.context) == 0
    house.clock.now = MORNING
    assert [await tell_due(house.context) for _ in range(2)] == [1, 0]
    (line,) = await told(house, BEN.id)

    assert line.case_id == case_id
    assert not await told(house, GRACE.id)


async def test_nobody_is_told_before_the_queue_is_there(house: House) -> None:
    await solved(house, follow_up_on=DAY)
    hours = house.context.policy.hours_of("orders_delivery")
    house.clock.now = datetime(2026, 3, 5, 0, 30, tzinfo=UTC)
    assert not hours.is_open(house.clock.now)
    assert await tell_due(house.context) == 0
    opening = hours.next_opening(house.clock.now)
    assert opening is not None
    house.clock.now = opening
    assert await tell_due(house.context) == 1


async def test_of_several_nodes_one_tells_it(house: House) -> None:
    for _ in range(2):
        await solved(house, follow_up_on=DAY)
    house.clock.now = MORNING
    assert sum(await asyncio.gather(*(tell_due(house.context) for _ in range(4)))) == 2
    lines = await told(house, BEN.id)
    assert len(lines) == len({line.case_id for line in lines}) == 2


async def test_the_leads_are_told_when_the_owner_is_gone(house: House) -> None:
    await solved(house, follow_up_on=DAY)
    async with house.db.write() as db:
        await people.deactivate(db, BEN.id)
    house.clock.now = MORNING
    await tell_due(house.context)

    assert [len(await told(house, lead.id)) for lead in (GRACE, OMAR, BEN)] == [1, 1, 0]


async def test_a_case_that_was_reopened_needs_no_follow_up(house: House) -> None:
    conversation, case_id = await solved(house, follow_up_on=DAY)
    await reopen(house.context, conversation.id, case_id, note="no")
    house.clock.now = MORNING

    assert await tell_due(house.context) == 0
    assert await follow_ups(house.context, GRACE) == ()


async def test_the_list_shows_what_is_due_and_what_comes_to_those_who_may_see_it(house: House) -> None:
    _, case_id = await solved(house, follow_up_on=DAY)
    (before,) = await follow_ups(house.context, BEN)
    house.clock.now = MORNING
    (after,) = await follow_ups(house.context, GRACE)

    assert (before.case.id, before.due, after.due, after.agent_name) == (case_id, False, True, BEN.name)
    assert await follow_ups(house.context, ANA) == (), "she serves other queues"


async def test_that_it_worked_ends_the_follow_up(house: House) -> None:
    _, case_id = await solved(house, follow_up_on=DAY)
    house.clock.now = MORNING
    case = await follow_up(house.context, case_id, BEN, result=FollowUpResult.WORKED, note="All well")
    async with house.db.read() as db:
        event = (await case_events.events_of(db, case_id))[-1]
    (row,) = await rows(house, case_id)

    assert (case.status, case.follow_up_on, row.followed_up_at) == (CaseStatus.CLOSED, None, MORNING)
    assert (event.step, event.text, event.data) == (Step.FOLLOW_UP, "All well", {"result": "worked", "resolution": 1})
    assert await follow_ups(house.context, BEN) == ()
    with pytest.raises(WrongState, match="no follow-up"):
        await follow_up(house.context, case_id, BEN, result=FollowUpResult.WORKED, note="")


async def test_that_it_did_not_work_opens_the_case_again_with_the_same_owner(house: House) -> None:
    conversation, case_id = await solved(house, follow_up_on=DAY)
    house.clock.now = MORNING
    await house.arrives(BEN)
    case = await follow_up(house.context, case_id, BEN, result=FollowUpResult.DID_NOT_WORK, note="No parcel")
    (row,) = await rows(house, case_id)

    assert (case.status, case.agent_id) == (CaseStatus.ACTIVE, BEN.id)
    assert (await house.now(conversation)).owner.agent_id == BEN.id
    assert (row.followed_up_at, row.reopened_at) == (MORNING, MORNING)


async def test_of_an_ended_conversation_the_leads_hear_that_it_did_not_work(house: House) -> None:
    _, case_id = await solved(house, follow_up_on=DAY)
    await begin(house.context, identity=MAYA, fresh=True)
    case = await follow_up(house.context, case_id, BEN, result=FollowUpResult.DID_NOT_WORK, note="No parcel")

    assert case.status is CaseStatus.CLOSED
    assert await told(house, GRACE.id) == [], "nothing is to be asked today"
    async with house.db.read() as db:
        (line,) = await notifications.notifications_of(db, GRACE.id)
    assert line.kind is NotificationKind.FOLLOW_UP_FAILED
    assert "did not work" in line.text


async def test_who_was_not_reached_is_asked_again_on_another_day(house: House) -> None:
    _, case_id = await solved(house, follow_up_on=DAY)
    house.clock.now = MORNING
    await tell_due(house.context)
    with pytest.raises(BadValue, match="Another day"):
        await follow_up(house.context, case_id, BEN, result=FollowUpResult.WORKED, note="", again_on=date(2026, 3, 9))
    with pytest.raises(BadValue, match="2026-03-06"):
        await follow_up(house.context, case_id, BEN, result=FollowUpResult.NOT_REACHED, note="", again_on=DAY)
    case = await follow_up(
        house.context, case_id, BEN, result=FollowUpResult.NOT_REACHED, note="", again_on=date(2026, 3, 9)
    )
    house.clock.move(days=4)

    assert case.follow_up_on == date(2026, 3, 9)
    assert await tell_due(house.context) == 1
    assert len(await told(house, BEN.id)) == 2


async def test_the_list_asks_the_database_as_often_for_many_as_for_one(house: House) -> None:
    asked: list[str] = []
    await solved(house, follow_up_on=DAY)
    event.listen(house.db.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert len(await follow_ups(house.context, GRACE)) == 1
    for_one = len(asked)
    for _ in range(3):
        conversation = (await begin(house.context, identity=PRIYA, fresh=True)).conversation
        case_id = await house.hand_over(conversation)
        await accept(house.context, case_id, BEN)
        await resolve(house.context, case_id, BEN, **SOLVED, follow_up_on=DAY)
    asked.clear()

    assert len(await follow_ups(house.context, GRACE)) == 4
    assert len(asked) == for_one
