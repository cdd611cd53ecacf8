"""The board of those who lead: what is open, where, how old, how near its deadline, how the customer feels (P32)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handoff.contract import Category
from handoff.domain.board import Mood, Trend, by_mood
from handoff.domain.conversations import Conversation, TurnStatus
from handoff.domain.errors import NotAllowed
from handoff.domain.people import Agent, Role
from handoff.domain.presence import PresenceState
from handoff.services import case_steps, case_talk
from handoff.services.board import Board, board
from handoff.services.deadlines import DeadlineWatcher
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import people
from tests.handoff.cast import ANA, BEN, GRACE, OMAR, PRIYA, START, House, record

LIA = Agent("lia", "Lia Berg", "lia@larkfield.example", Role.AGENT, 3, frozenset({Category.ORDERS_DELIVERY}))


async def feels(house: House, conversation: Conversation, *turns: float) -> None:
    """The customer writes so many messages, each read with such a frustration."""
    for frustration in turns:
        house.clock.move(seconds=20)
        said = await house.say(conversation, f"message of {frustration}")
        async with house.db.write() as db:
            await store.finish_turn(
                db,
                said.id,
                TurnStatus.ANSWERED,
                now=house.clock(),
                record=record(said.id, frustration=frustration),
            )


async def seen_by(house: House, agent: Agent = GRACE) -> Board:
    """The board as it is now."""
    return await board(house.context, agent)


async def test_each_queue_says_how_many_wait_are_in_hand_and_since_when_the_oldest_waits(house: House) -> None:
    _, first = await house.case()
    house.clock.move(minutes=3)
    await house.hand_over(await house.begin(PRIYA))
    await house.arrives(BEN)
    await case_steps.accept(house.context, first, BEN)

    found = {queue.category: queue for queue in (await seen_by(house)).queues}

    assert set(found) == set(Category)
    orders = found[Category.ORDERS_DELIVERY]
    assert (orders.load.waiting, orders.load.active, orders.load.oldest_queued_at) == (1, 1, house.clock())
    assert (orders.open_now, orders.wait) == (True, None)
    assert (found[Category.BILLING].load.waiting, found[Category.BILLING].load.oldest_queued_at) == (0, None)


async def test_an_agent_is_shown_with_presence_cases_and_load_in_units_of_capacity(house: House) -> None:
    await house.arrives(BEN)
    _, case_id = await house.case(severity=1)
    await case_steps.accept(house.context, case_id, BEN)

    found = {one.candidate.agent.id: one for one in (await seen_by(house)).agents}

    ben, ana = found["ben"], found["ana"]
    assert (ben.candidate.state, ben.candidate.load, ben.cases, ben.since) == (PresenceState.ONLINE, 3, 1, START)
    assert (ana.candidate.state, ana.cases, ana.since) == (PresenceState.OFFLINE, 0, None)
    assert "imani" not in found


async def test_a_case_is_at_risk_once_its_warning_is_past_and_missed_once_its_target_is(house: House) -> None:
    _, case_id = await house.case()
    assert not (await seen_by(house)).at_risk

    async with house.db.read() as db:
        due = (await case_store.get_case(db, case_id)).targets.first_response_due
    house.clock.now = due - (due - START) / 4
    await DeadlineWatcher(house.context).look()
    near = await seen_by(house)
    house.clock.now = due
    house.clock.move(seconds=1)
    late = await seen_by(house)

    assert [(one.row.case.id, one.next and one.next.due_at) for one in near.at_risk] == [(case_id, due)]
    assert not near.missed
    assert [one.row.case.id for one in late.missed] == [case_id]
    assert not late.at_risk
    loads = {queue.category: queue.load for queue in late.queues}
    assert (loads[Category.ORDERS_DELIVERY].missed, loads[Category.ORDERS_DELIVERY].at_risk) == (1, 0)


async def test_the_mood_of_conversations_of_the_bot_is_seen_too_and_alerts_from_the_threshold_on(house: House) -> None:
    """P1, P32: the warning sign is seen before anybody asks for a person."""
    maya, priya = await house.begin(), await house.begin(PRIYA)
    await feels(house, maya, 0.1, 0.2)
    await feels(house, priya, 0.3, 0.6)

    live = (await seen_by(house)).live

    assert [one.conversation.customer_name for one in live] == ["Priya Shah", "Maya Lind"]
    assert [one.alert for one in live] == [True, False]
    assert [one.mood and one.mood.trend for one in live] == [Trend.RISING, Trend.RISING]
    assert live[0].last_words == "message of 0.6"
    assert (live[0].conversation.owner_type, live[0].conversation.case_id) == ("bot", None)


async def test_a_conversation_is_live_for_half_an_hour_after_its_last_message(house: House) -> None:
    await feels(house, await house.begin(), 0.9)
    house.clock.move(minutes=30)
    assert len((await seen_by(house)).live) == 1
    house.clock.move(seconds=1)
    assert not (await seen_by(house)).live


async def test_where_nobody_wrote_yet_there_is_nothing_to_see(house: House) -> None:
    await house.begin()
    assert not (await seen_by(house)).live


async def test_promises_are_shown_while_near_and_after_they_were_broken(house: House) -> None:
    """P23: silence is the worst answer, so it is seen coming."""
    await house.arrives(BEN)
    _, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    async with house.db.read() as db:
        due = (await case_store.get_case(db, case_id)).next_word_due
    assert not (await seen_by(house)).promises_near
    house.clock.now = due
    near = (await seen_by(house)).promises_near
    house.clock.move(minutes=1)
    await case_talk.send_agent_message(house.context, case_id, BEN, client_message_id="late-0001", text="Sorry!")
    found = await seen_by(house)

    assert [(row.case_number, row.agent_name, row.promise.due_at) for row in near] == [("WL-1001", BEN.name, due)]
    assert [(row.case_number, row.agent_name) for row in found.promises_broken] == [("WL-1001", BEN.name)]
    assert not found.promises_near


async def test_who_leads_a_queue_sees_their_queues_and_the_conversations_of_their_cases(house: House) -> None:
    async with house.db.write() as db:
        await people.save_agent(db, LIA, password_hash="none")
    _, case_id = await house.case()
    await feels(house, await house.begin(PRIYA), 0.8)

    found = await seen_by(house, LIA)

    assert [queue.category for queue in found.queues] == [Category.ORDERS_DELIVERY]
    assert [one.conversation.case_id for one in found.live] == [case_id]
    assert {one.candidate.agent.id for one in found.agents} == {"lia", "ben", "bea", "grace", "omar"}
    assert len((await seen_by(house, OMAR)).live) == 2


async def test_an_agent_who_leads_nothing_has_no_board(house: House) -> None:
    for agent in (ANA, replace(BEN, level=2)):
        with pytest.raises(NotAllowed):
            await board(house.context, agent)


def test_a_mood_tells_where_it_goes_and_only_its_last_turn_alerts() -> None:
    assert Mood((0.2, 0.7)).trend is Trend.RISING
    assert Mood((0.7, 0.2)).trend is Trend.FALLING
    assert Mood((0.7, 0.65)).trend is Trend.STEADY
    assert Mood((0.9,)).trend is Trend.STEADY
    assert (Mood((0.9, 0.3)).peak, Mood((0.9, 0.3)).alerts(0.6)) == (0.9, False)
    assert Mood((0.6,)).alerts(0.6)


def test_one_looks_at_the_most_frustrated_first_then_at_the_latest_and_last_at_those_not_read() -> None:
    later = START.replace(minute=1)
    rows = [("unread", None, later), ("calm", Mood((0.1,)), START), ("hot", Mood((0.8,)), START)]
    assert by_mood([*rows, ("hot later", Mood((0.8,)), later)]) == ["hot later", "hot", "calm", "unread"]
