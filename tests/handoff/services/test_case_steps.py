"""What agents do with a case, and what nobody may."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from handoff.contract import Category
from handoff.domain.cases import Case, CaseStatus, Step
from handoff.domain.conversations import SenderType
from handoff.domain.errors import (
    AlreadyAccepted,
    BadValue,
    CaseClosed,
    HandoffError,
    LevelTooLow,
    NotFound,
    NotOwner,
    TopLevel,
    WrongState,
)
from handoff.domain.ownership import OwnerType
from handoff.domain.people import Agent
from handoff.services import reading
from handoff.services.case_steps import RESOLVED_PAYLOAD, accept, escalate, release, resolve, transfer
from handoff.services.case_talk import add_note, promise_next_update, send_agent_message
from handoff.services.events import CaseChanged, QueueMoved, TurnPending
from handoff.store import case_events
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store.schema import turns
from tests.handoff.cast import ANA, BEA, BEN, GRACE, IMANI, OMAR, PRIYA, START, WORDING, House

SOLVED = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "A new parcel is on its way"}
TRIED = {"tried": "Asked the carrier", "next_step": "Send a new one"}


async def test_the_first_to_accept_wins_and_the_customer_hears_the_name(house: House) -> None:
    """P19: one named owner."""
    conversation, case_id = await house.case()
    case = await accept(house.context, case_id, BEN)
    now, notice = await house.now(conversation), (await house.messages(conversation))[-1]

    assert (case.status, case.agent_id) == (CaseStatus.ACTIVE, BEN.id)
    assert (now.owner.type, now.owner.agent_id) == (OwnerType.AGENT, BEN.id)
    assert notice.notice == "case_assigned"
    assert BEN.name in notice.text
    assert await accept(house.context, case_id, BEN) == case, "accepting again changes nothing"
    with pytest.raises(AlreadyAccepted, match=BEN.name) as told:
        await accept(house.context, case_id, GRACE)
    assert told.value.data == {"agent_name": BEN.name}


async def test_of_two_who_accept_at_the_same_time_one_wins_and_the_other_is_told_by_name(house: House) -> None:
    for _ in range(4):
        conversation = await house.begin(None)
        case_id = await house.hand_over(conversation)
        won = await asyncio.gather(*(accept(house.context, case_id, a) for a in (BEN, BEA)), return_exceptions=True)
        losers = [found for found in won if isinstance(found, AlreadyAccepted)]
        winners = [found.agent_id for found in won if not isinstance(found, BaseException)]

        assert (len(losers), len(winners)) == (1, 1), won
        assert losers[0].data["agent_name"] == {BEN.id: BEN.name, BEA.id: BEA.name}[str(winners[0])]
        assert [m.notice for m in await house.messages(conversation)].count("case_assigned") == 1
        assert (await house.now(conversation)).owner.agent_id == winners[0]


async def test_steps_at_the_same_moment_never_fail_for_another_reason_than_the_case(house: House) -> None:
    """Conversation first, then case: on PostgreSQL the other order would deadlock."""
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    done = await asyncio.gather(
        *(
            send_agent_message(house.context, case_id, BEN, client_message_id=f"agent-{n:04d}", text="One moment")
            for n in range(5)
        ),
        *(add_note(house.context, case_id, GRACE, text=f"note {n}") for n in range(5)),
        *(house.say(conversation, f"hello {n}", f"client-{n:04d}") for n in range(5)),
        transfer(house.context, case_id, GRACE, category=Category.BILLING, **TRIED),
        return_exceptions=True,
    )
    refused = [found for found in done if isinstance(found, BaseException)]

    assert all(isinstance(found, HandoffError) for found in refused), refused
    seqs = [m.seq for m in await house.messages(conversation)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert sum(m.text.startswith("hello ") for m in await house.messages(conversation)) == 5


async def test_who_waits_for_a_case_sees_what_the_one_before_left(house: House) -> None:
    """Conversation and case are held and read in one statement, which must not show the case as it was before."""
    _, case_id = await house.case()
    seen: list[Case] = []

    async def look_later() -> None:
        async with house.context.db.write() as db:
            seen.append(await case_store.hold_case(db, case_id))

    async with house.context.db.write() as db:
        before = await case_store.hold_case(db, case_id)
        waiting = asyncio.create_task(look_later())
        await asyncio.sleep(0.05)
        assert not seen
        await case_store.save_case(db, before, replace(before, plan="We send another one.", version=before.version + 1))
    await waiting

    assert (seen[0].plan, seen[0].version) == ("We send another one.", before.version + 1)


async def test_somebody_of_a_lower_level_cannot_accept(house: House) -> None:
    """P17."""
    _, case_id = await house.case(level=3)
    with pytest.raises(LevelTooLow) as told:
        await accept(house.context, case_id, BEN)
    assert told.value.data == {"level": 3}
    assert (await accept(house.context, case_id, GRACE)).agent_id == GRACE.id


async def test_a_released_case_keeps_its_place(house: House) -> None:
    first, case_id = await house.case()
    house.clock.move(minutes=1)
    await house.hand_over(await house.begin(None))
    await accept(house.context, case_id, BEN)
    house.clock.move(minutes=5)
    case = await release(house.context, case_id, BEN, reason="End of shift")

    async with house.db.read() as db:
        assert await case_store.queue_position(db, case) == 1
    assert (case.agent_id, (await house.now(first)).owner.type) == (None, OwnerType.QUEUE)
    assert (await house.messages(first))[-1].notice == "returned_to_queue"


async def test_who_gives_a_case_back_after_hours_promises_nothing_before_the_morning(house: House) -> None:
    """P25: nobody is being found at half past eight in the evening, and an overdue word is promised anew (P23)."""
    await house.arrives(BEN)
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    house.clock.move(hours=11, minutes=30)
    case = await release(house.context, case_id, BEN, reason="End of shift")

    now, hours = house.clock(), house.context.policy.hours_of(case.category)
    morning = hours.next_opening(now)
    assert case.next_word_due == hours.after(now, timedelta(minutes=10)) > morning
    notice = (await house.messages(conversation))[-1]
    words = house.context.wording.to(None)
    assert notice.notice == "returned_to_queue"
    said, below = notice.text.split("\n\n")
    assert words.times.back(morning, now, hours.zone) in said
    assert words.times.back(morning, now, hours.zone) in below, "that nobody is there is said too"


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_a_case_that_went_up_is_not_said_to_be_in_somebodys_hands_already(language: str) -> None:
    """P25: it waits in the queue of its new level."""
    for said in WORDING.to(language).notices["case_escalated"]:
        assert "{position}" in said
        assert not any(word in said for word in ("taking over", "übernimmt", "se encarga"))


async def test_a_transfer_says_what_was_tried_and_what_comes_next(house: House) -> None:
    """P20."""
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    house.clock.move(minutes=3)
    house.published.clear()
    case = await transfer(house.context, case_id, BEN, category=Category.BILLING, **TRIED)
    async with house.db.read() as db:
        event = (await case_events.events_of(db, case_id))[-1]

    assert (case.category, case.status, case.agent_id) == (Category.BILLING, CaseStatus.OPEN, None)
    assert case.queued_at == START, "the wait so far counts"
    assert case.next_word_due > house.clock()
    assert event.data == {
        "from": "orders_delivery",
        "to": "billing",
        "wrong_category": False,
        "kind": "functional",
        **TRIED,
    }
    assert WORDING.queue(Category.BILLING) in (await house.messages(conversation))[-1].text
    assert CaseChanged(case_id, conversation.id, Category.ORDERS_DELIVERY) in house.published
    assert {e.category for e in house.published if isinstance(e, QueueMoved)} == {"billing", "orders_delivery"}
    with pytest.raises(NotFound):
        await accept(house.context, case_id, BEN)
    assert (await accept(house.context, case_id, ANA)).agent_id == ANA.id


async def test_a_case_cannot_be_moved_to_the_queue_it_is_in(house: House) -> None:
    _, case_id = await house.case()
    with pytest.raises(BadValue):
        await transfer(house.context, case_id, BEN, category=Category.ORDERS_DELIVERY, **TRIED)


async def test_a_case_goes_up_level_by_level_and_keeps_everything(house: House) -> None:
    """P17."""
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    case = await escalate(house.context, case_id, BEN, **TRIED)
    assert (case.level, case.status, case.context.facts) == (2, CaseStatus.OPEN, {"order_number": "LH-10001"})
    for level in (3, 4):
        assert (await escalate(house.context, case_id, OMAR, **TRIED)).level == level
    with pytest.raises(TopLevel):
        await escalate(house.context, case_id, OMAR, **TRIED)
    assert WORDING.levels[4] in (await house.messages(conversation))[-1].text


async def test_resolving_tells_outcome_and_cause_and_gives_the_bot_its_turn(house: House) -> None:
    """P26."""
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    house.published.clear()
    case = await resolve(house.context, case_id, BEN, **SOLVED)
    notice = (await house.messages(conversation))[-1]
    (pending,) = [e for e in house.published if isinstance(e, TurnPending)]

    assert (case.status, case.disposition, case.root_cause) == (CaseStatus.CLOSED, "solved", "carrier_late")
    assert (await house.now(conversation)).owner.is_bot
    assert "A new parcel is on its way." in notice.text
    assert WORDING.cause("carrier_late") in notice.text, "in the customer's words, not the desk's"
    assert pending.turn.payload.startswith(RESOLVED_PAYLOAD + "{")
    assert (pending.turn.seq, pending.owner_version) == (0, (await house.now(conversation)).owner.version)


@pytest.mark.parametrize("wrong", [{"disposition": "magic"}, {"root_cause": "the_moon"}])
async def test_a_disposition_or_root_cause_that_is_not_in_the_policy_is_refused(
    house: House, wrong: dict[str, str]
) -> None:
    _, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    with pytest.raises(BadValue) as told:
        await resolve(house.context, case_id, BEN, **{**SOLVED, **wrong})
    assert told.value.data == {"field": next(iter(wrong))}


async def test_only_the_owner_speaks_and_a_supervisor_may_act_but_not_speak(house: House) -> None:
    conversation, case_id = await house.case()
    with pytest.raises(WrongState):
        await send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="Hi")
    await accept(house.context, case_id, BEN)
    for agent in (BEA, GRACE):
        with pytest.raises(NotOwner):
            await send_agent_message(house.context, case_id, agent, client_message_id="agent-0001", text="Hi")
    with pytest.raises(NotOwner):
        await release(house.context, case_id, BEA, reason="mine")
    case, message = await send_agent_message(
        house.context, case_id, BEN, client_message_id="agent-0001", text="Hello Maya"
    )
    assert (message.sender, message.sender_name, case.first_response_at) == (SenderType.AGENT, BEN.name, START)
    again, same = await send_agent_message(
        house.context, case_id, BEN, client_message_id="agent-0001", text="Hello Maya"
    )
    assert (same.id, again.version) == (message.id, case.version)
    assert (await release(house.context, case_id, GRACE, reason="Ben is ill")).status is CaseStatus.OPEN
    assert (await house.now(conversation)).owner.type is OwnerType.QUEUE


async def test_notes_are_private(house: House) -> None:
    conversation, case_id = await house.case()
    before = await house.messages(conversation)
    await add_note(house.context, case_id, BEN, text="Customer is a lawyer")

    assert await house.messages(conversation) == before
    view = await reading.case_view(house.context, case_id, BEN)
    assert [e.text for e in view.history if e.step is Step.NOTE] == ["Customer is a lawyer"]


async def test_another_time_is_promised_and_told(house: House) -> None:
    """P23."""
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="Hello Maya")
    case = await promise_next_update(house.context, case_id, BEN, span=timedelta(minutes=45), reason="carrier")

    assert case.next_word_due == START + timedelta(minutes=45)
    assert "45 minutes" in (await house.messages(conversation))[-1].text


@pytest.mark.parametrize("agent", [ANA, IMANI], ids=["another queue", "editor"])
async def test_a_case_of_another_queue_does_not_exist(house: House, agent: Agent) -> None:
    _, case_id = await house.case()
    tries = [
        accept(house.context, case_id, agent),
        release(house.context, case_id, agent, reason="x"),
        transfer(house.context, case_id, agent, category=Category.PLAN, **TRIED),
        escalate(house.context, case_id, agent, **TRIED),
        resolve(house.context, case_id, agent, **SOLVED),
        add_note(house.context, case_id, agent, text="x"),
        promise_next_update(house.context, case_id, agent, span=timedelta(hours=1), reason="x"),
        send_agent_message(house.context, case_id, agent, client_message_id="agent-0001", text="x"),
        reading.case_view(house.context, case_id, agent),
        reading.transcript_after(house.context, case_id, agent, after=0),
    ]
    for one in tries:
        with pytest.raises(NotFound):
            await one
    assert await reading.case_rows(house.context, agent) == ()


async def test_a_closed_case_takes_no_more_steps(house: House) -> None:
    _, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, BEN, **SOLVED)
    for step in (
        accept(house.context, case_id, BEN),
        release(house.context, case_id, BEN, reason="x"),
        resolve(house.context, case_id, BEN, **SOLVED),
        send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="x"),
    ):
        with pytest.raises(CaseClosed):
            await step


async def test_the_desk_sees_who_waits_how_long_and_how_they_feel(house: House) -> None:
    """P32."""
    conversation, case_id = await house.case()
    house.clock.move(minutes=2)
    urgent = await house.hand_over(await house.begin(PRIYA), severity=1)
    await house.say(conversation, "anybody?")
    rows = await reading.case_rows(house.context, BEN)
    (orders, returns) = await reading.queue_rows(house.context, BEN)

    assert [row.case.id for row in rows] == [urgent, case_id]
    assert [row.position for row in rows] == [1, 2]
    assert (rows[1].unread, rows[1].frustration, rows[1].customer.verified) == (1, 0.4, True)
    assert (orders.waiting, orders.active, orders.oldest_opened_at) == (2, 0, START)
    assert (returns.waiting, returns.oldest_opened_at) == (0, None)


async def test_past_conversations_and_cases_are_at_hand(house: House) -> None:
    """P18, P21."""
    conversation, first = await house.case()
    await accept(house.context, first, BEN)
    await resolve(house.context, first, BEN, **SOLVED)
    second = await house.hand_over(conversation)
    view = await reading.case_view(house.context, second, BEN)

    assert [past.id for past in view.past_cases] == [first]
    assert view.past_conversations == ()
    assert view.transcript[-1].notice == "handoff_opened"


async def test_a_notice_and_its_step_stand_or_fall_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation, case_id = await house.case()
    before = await house.messages(conversation)
    house.published.clear()

    async def fails(*_given: object, **_named: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(store, "append_messages", fails)
    with pytest.raises(OSError, match="disk"):
        await accept(house.context, case_id, BEN)
    monkeypatch.undo()

    async with house.db.read() as db:
        assert (await case_store.get_case(db, case_id)).status is CaseStatus.OPEN
        assert len(await case_events.events_of(db, case_id)) == 1
        assert len((await db.execute(select(turns))).all()) == 1
    assert (await house.now(conversation)).owner.type is OwnerType.QUEUE
    assert await house.messages(conversation) == before
    assert house.published == []
