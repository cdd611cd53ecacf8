"""The place in a queue follows what it depends on, and nothing else moves it."""

from __future__ import annotations

from datetime import datetime

from handoff.contract import Category
from handoff.domain.cases import Case
from handoff.domain.queue_order import rank_moment
from handoff.services.after_case import reopen
from handoff.services.case_steps import accept, escalate, release, resolve, transfer
from handoff.services.case_talk import add_note, send_agent_message
from handoff.services.triage import change_severity
from handoff.store import cases as case_store
from tests.handoff.cast import BEN, PRIYA, House

TRIED = {"tried": "Asked the carrier", "next_step": "Send a new one"}
SOLVED = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "A new parcel is on its way"}


def by_the_policy(house: House, case: Case) -> datetime:
    return rank_moment(case.queued_at, case.priority, case.next_word_due, house.context.weights())


async def stored(house: House, case_id: str) -> Case:
    async with house.db.read() as db:
        return await case_store.get_case(db, case_id)


async def test_a_new_case_is_placed_by_its_points_and_its_deadline(house: House) -> None:
    _, case_id = await house.case()
    case = await stored(house, case_id)

    assert case.rank_at == by_the_policy(house, case)
    assert case.rank_at < rank_moment(
        case.queued_at, case.priority, case.targets.resolution_due, house.context.weights()
    )


async def test_a_step_that_changes_severity_or_the_promise_places_the_case_anew(house: House) -> None:
    _, case_id = await house.case(severity=4)
    house.clock.move(minutes=20)
    places = [(await stored(house, case_id)).rank_at]
    await change_severity(house.context, case_id, BEN, severity=2, triage=None, reason="Worse than it looked")
    places.append((await stored(house, case_id)).rank_at)
    await escalate(house.context, case_id, BEN, **TRIED)
    places.append((await stored(house, case_id)).rank_at)
    await transfer(house.context, case_id, BEN, category=Category.BILLING, **TRIED)
    moved = await stored(house, case_id)

    assert places[1] < places[0], "worse is served sooner"
    assert moved.rank_at == by_the_policy(house, moved)
    assert len(set(places)) == 3


async def test_a_case_that_is_given_back_keeps_its_place_also_after_a_note(house: House) -> None:
    _, case_id = await house.case()
    before = (await stored(house, case_id)).rank_at
    await accept(house.context, case_id, BEN)
    house.clock.move(minutes=2)
    await send_agent_message(house.context, case_id, BEN, client_message_id="agent-00000001", text="I am on it")
    await release(house.context, case_id, BEN, reason="End of shift")
    await add_note(house.context, case_id, BEN, text="The carrier calls back at ten")

    assert (await stored(house, case_id)).rank_at == before


async def test_a_reopened_case_stands_before_all_that_wait(house: House) -> None:
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, BEN, **SOLVED)
    house.clock.move(hours=30)
    worst = await house.hand_over(await house.begin(PRIYA), severity=1)
    case, _ = await reopen(house.context, conversation.id, case_id, note="It did not work")

    async with house.db.read() as db:
        assert await case_store.queue_position(db, case) == 1
    assert case.rank_at < (await stored(house, worst)).rank_at
