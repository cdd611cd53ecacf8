"""Waits are measured as they happen, told as a range, and each range is held against what came (P25, pain 10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from handoff.contract import Category
from handoff.domain.conversations import Conversation
from handoff.domain.wait_estimate import ENOUGH, WaitRange
from handoff.services import reading
from handoff.services.case_steps import accept, escalate, release, transfer
from handoff.services.waiting import note_shown
from handoff.store import people, waits
from handoff.store.schema import queue_waits, wait_estimates
from tests.handoff.cast import BEA, BEN, START, House

TRIED = {"tried": "Asked the carrier", "next_step": "Send a new one"}
QUEUE = Category.ORDERS_DELIVERY
WEEK = timedelta(weeks=1)
MANY = replace(BEN, capacity=1000)
"""Ben, with room for a whole morning."""


async def taken_after(house: House, minutes: float) -> Conversation:
    """A visitor's case that Ben takes so long after it came."""
    await house.arrives(BEN)
    conversation = await house.begin(None)
    case_id = await house.hand_over(conversation)
    house.clock.move(minutes=minutes)
    await house.arrives(BEN)
    await accept(house.context, case_id, MANY)
    return conversation


async def a_measured_morning(house: House) -> None:
    """Enough waits of six minutes each, one after the other, for a range to be told."""
    await house.arrives(BEN)
    for _ in range(ENOUGH):
        await taken_after(house, 6)
    house.clock.move(minutes=2)
    await house.arrives(BEN)


async def measured(house: House) -> list[tuple[int, int | None]]:
    async with house.db.read() as db:
        found = await db.execute(select(queue_waits.c.position, queue_waits.c.waited_seconds))
        return [(row.position, row.waited_seconds) for row in found.all()]


async def ranges(house: House) -> list[tuple[int, int, bool | None]]:
    query = select(wait_estimates).order_by(wait_estimates.c.made_at)
    async with house.db.read() as db:
        return [(row.low_seconds // 60, row.high_seconds // 60, row.hit) for row in (await db.execute(query)).all()]


async def test_a_wait_is_measured_from_the_coming_to_the_taking_with_its_place(house: House) -> None:
    _, case_id = await house.case()
    house.clock.move(minutes=1)
    other = await house.hand_over(await house.begin(None))
    house.clock.move(minutes=4)
    await accept(house.context, case_id, MANY)

    assert sorted(await measured(house), key=str) == [(1, 300), (2, None)]
    await accept(house.context, other, BEA)
    assert sorted(await measured(house)) == [(1, 300), (2, 240)]


async def test_a_case_that_moves_on_was_no_whole_wait_and_waits_anew_where_it_goes(house: House) -> None:
    _, case_id = await house.case()
    house.clock.move(minutes=7)
    await transfer(house.context, case_id, BEN, category=Category.BILLING, **TRIED)

    assert await measured(house) == [(1, None)]
    async with house.db.read() as db:
        assert [row.category for row in (await db.execute(select(queue_waits))).all()] == ["billing"]


async def test_a_released_case_waits_a_second_time_and_a_higher_level_is_another_wait(house: House) -> None:
    _, case_id = await house.case()
    await accept(house.context, case_id, MANY)
    await release(house.context, case_id, BEN, reason="End of shift")
    house.clock.move(minutes=3)
    await escalate(house.context, case_id, BEN, **TRIED)

    assert sorted(await measured(house), key=str) == [(1, 0), (1, None)]


async def test_with_nothing_measured_no_range_is_told(house: House) -> None:
    await house.arrives(BEN)
    conversation, _ = await house.case()

    assert (await reading.customer_state(house.context, conversation.id)).wait is None
    assert "minutes" not in (await house.messages(conversation))[-1].text.partition("\n\n")[2]
    assert await ranges(house) == []


async def test_the_opening_tells_place_and_range_and_the_taking_settles_it(house: House) -> None:
    await a_measured_morning(house)
    conversation, case_id = await house.case()
    notice = (await house.messages(conversation))[-1]
    state = await reading.customer_state(house.context, conversation.id)

    assert notice.notice == "handoff_opened"
    assert "number 1" in notice.text
    assert "5 to 6 minutes" in notice.text
    assert (state.position, state.wait) == (1, WaitRange(5, 6))
    assert await ranges(house) == [(5, 6, None)]
    house.clock.move(minutes=6)
    await accept(house.context, case_id, MANY)
    assert [hit for _, _, hit in await ranges(house)] == [True]
    assert (await reading.customer_state(house.context, conversation.id)).wait is None


async def test_a_range_that_did_not_hold_counts_as_missed(house: House) -> None:
    await a_measured_morning(house)
    for minutes in (6, 30):
        await taken_after(house, minutes)
        house.clock.move(minutes=2)

    assert sorted(str(hit) for _, _, hit in await ranges(house)) == ["False", "True"]


async def test_a_case_that_moves_before_its_range_has_run_out_says_nothing_and_afterwards_it_was_missed(
    house: House,
) -> None:
    await a_measured_morning(house)
    early = await house.hand_over(await house.begin(None))
    await transfer(house.context, early, BEN, category=Category.RETURNS_REFUNDS, **TRIED)
    assert await ranges(house) == []

    late = await house.hand_over(await house.begin(None))
    house.clock.move(minutes=25)
    await transfer(house.context, late, BEN, category=Category.RETURNS_REFUNDS, **TRIED)
    assert [hit for _, _, hit in await ranges(house)] == [False]


async def test_a_range_that_changes_much_is_told_anew_once(house: House) -> None:
    await a_measured_morning(house)
    conversation, _ = await house.case()
    house.clock.move(minutes=12)
    await house.arrives(BEN)
    for _ in range(2):
        await note_shown(house.context, await reading.customer_state(house.context, conversation.id))

    assert len(await ranges(house)) == 2, "the first has run out, and the second stands"


async def test_outside_the_hours_of_the_queue_no_range_is_told(house: House) -> None:
    await a_measured_morning(house)
    house.clock.move(hours=13)
    conversation, _ = await house.case()

    assert (await reading.customer_state(house.context, conversation.id)).wait is None


async def test_while_nobody_is_at_a_desk_no_range_is_shown(house: House) -> None:
    await a_measured_morning(house)
    conversation, _ = await house.case()
    await house.leaves(BEN)
    house.clock.move(minutes=1)

    assert (await reading.customer_state(house.context, conversation.id)).wait is None


async def test_a_week_later_the_same_hour_counts_and_the_hour_before_it_does_not(house: House) -> None:
    await a_measured_morning(house)
    async with house.db.read() as db:
        spans = [(START + WEEK - WEEK, START + timedelta(minutes=30))]
        found = await waits.waits_within(db, QUEUE, spans)
        latest = await waits.latest_waits(db, QUEUE, since=START, limit=3)

    assert sorted(one.began_at - START for one in found) == [timedelta(minutes=6 * number) for number in range(6)]
    assert [one.began_at for one in latest] == sorted((one.began_at for one in latest), reverse=True)
    assert len(latest) == 3


async def test_a_case_that_moves_to_another_queue_is_told_its_place_and_range_there(house: House) -> None:
    await a_measured_morning(house)
    conversation, case_id = await house.case(category=Category.RETURNS_REFUNDS)
    before = len(await ranges(house))
    await transfer(house.context, case_id, BEN, category=QUEUE, **TRIED)
    notice = (await house.messages(conversation))[-1]

    assert notice.notice == "case_transferred"
    assert "number 1" in notice.text
    assert "5 to 6 minutes" in notice.text.partition("\n\n")[2]
    assert len(await ranges(house)) == before + 1, "what was told is held against what comes (P25)"


async def test_a_case_that_goes_a_level_up_is_told_its_place_and_range_there(house: House) -> None:
    await a_measured_morning(house)
    specialist = replace(BEA, level=2)
    async with house.db.write() as db:
        await people.save_agent(db, specialist, password_hash="none")
    await house.arrives(specialist)
    conversation, case_id = await house.case()
    await accept(house.context, case_id, MANY)
    await escalate(house.context, case_id, BEN, **TRIED)
    notice = (await house.messages(conversation))[-1]

    assert notice.notice == "case_escalated"
    assert "number 1" in notice.text
    assert "5 to 6 minutes" in notice.text.partition("\n\n")[2]


async def test_where_nobody_of_that_level_is_there_it_is_said_at_the_first_move_and_not_at_each(house: House) -> None:
    await house.arrives(BEN)
    conversation, case_id = await house.case()
    for _ in range(2):
        await escalate(house.context, case_id, BEN, **TRIED)
    first, second = [m.text for m in await house.messages(conversation) if m.notice == "case_escalated"]

    assert "\n\n" in first, "nobody of level 2 is at a desk (P16)"
    assert "\n\n" not in second
