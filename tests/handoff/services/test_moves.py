"""A case moves to somebody by name, and everybody whom it concerns hears of it (P19, P20)."""

from __future__ import annotations

import asyncio

import pytest

from handoff.contract import Category
from handoff.domain.cases import Case, CaseStatus, Step
from handoff.domain.conversations import Conversation
from handoff.domain.errors import (
    AgentNotAvailable,
    AlreadyAccepted,
    BadValue,
    CannotMerge,
    CaseClosed,
    HandoffError,
    NotAllowed,
    NotOwner,
    NotRatable,
    NotReopenable,
    Reserved,
)
from handoff.domain.notifications import NotificationKind
from handoff.domain.ownership import OwnerType
from handoff.domain.presence import PresenceState
from handoff.services import offers, presence, reading
from handoff.services.absences import return_cases_of_absent
from handoff.services.after_case import reopen
from handoff.services.case_steps import accept, release, transfer
from handoff.services.case_talk import send_agent_message
from handoff.services.merging import merge
from handoff.services.moving import return_to_bot, take_over, transfer_to_agent
from handoff.services.offering import offer_waiting
from handoff.services.surveys import rate
from handoff.staff import deactivate_agent
from handoff.store import case_events
from handoff.store import cases as case_store
from tests.handoff.cast import ANA, BEA, BEN, GRACE, OMAR, PRIYA, House
from tests.handoff.services.test_after_case import notices, solved
from tests.handoff.services.test_case_steps import TRIED
from tests.handoff.services.test_offers import as_it_is, change, pending, steps, told, where_is_my_order_needs_repairs


async def owned(house: House) -> tuple[Conversation, str]:
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    return conversation, case_id


async def test_a_case_goes_to_a_named_colleague_who_accepts(house: House) -> None:
    """P20: with what was tried and what must happen next; P19: one named owner all the way."""
    conversation, case_id = await owned(house)
    await house.arrives(BEA)
    moved = await transfer_to_agent(house.context, case_id, BEN, to_agent=BEA.id, **TRIED)
    offer = await pending(house, case_id)
    async with house.db.read() as db:
        events = await case_events.events_of(db, case_id)

    assert (moved.status, moved.agent_id, moved.category) == (CaseStatus.OPEN, None, Category.ORDERS_DELIVERY)
    assert (await house.now(conversation)).owner.type is OwnerType.QUEUE
    assert offer is not None
    assert (offer.agent_id, offer.reserved) == (BEA.id, True)
    assert BEA.name in (await house.messages(conversation))[-1].text
    assert [event.step for event in events[-2:]] == [Step.TRANSFER, Step.OFFER]
    assert {key: events[-2].data[key] for key in ("tried", "next_step", "to_agent")} == {**TRIED, "to_agent": BEA.id}
    with pytest.raises(Reserved, match=BEA.name):
        await accept(house.context, case_id, BEN)
    assert (await offers.accept_offer(house.context, offer.id, BEA)).agent_id == BEA.id


async def test_a_case_that_came_to_the_wrong_queue_can_be_taken_in_the_right_one(house: House) -> None:
    """The skill belongs to the topic that the assistant read into it (P16); in its own queue it is needed again."""
    where_is_my_order_needs_repairs(house)
    _, case_id = await house.case()
    await accept(house.context, case_id, GRACE, override_reason="It is about a charge")
    moved = await transfer(house.context, case_id, GRACE, category=Category.BILLING, **TRIED)
    assert moved.skills == ()
    await house.arrives(ANA)
    assert await offer_waiting(house.context) == 1
    assert (await accept(house.context, case_id, ANA)).agent_id == ANA.id

    back = await transfer(house.context, case_id, ANA, category=Category.ORDERS_DELIVERY, **TRIED)
    assert back.skills == ("repairs",)
    named = await transfer_to_agent(house.context, case_id, GRACE, to_agent=ANA.id, category=Category.BILLING, **TRIED)
    assert named.skills == ()


async def test_a_waiting_case_that_is_offered_to_one_can_be_handed_to_another(house: House) -> None:
    _, case_id = await house.case()
    await house.arrives(BEN)
    await offer_waiting(house.context)
    await house.arrives(BEA)
    await transfer_to_agent(house.context, case_id, GRACE, to_agent=BEA.id, **TRIED)
    offer = await pending(house, case_id)
    assert offer is not None
    assert (offer.agent_id, offer.reserved) == (BEA.id, True)
    assert await steps(house, case_id) == [Step.OPEN, Step.OFFER, Step.TRANSFER, Step.OFFER_WITHDRAW, Step.OFFER]


async def test_a_colleague_who_declines_leaves_the_case_in_the_queue_at_its_place(house: House) -> None:
    conversation, case_id = await owned(house)
    await house.arrives(BEA)
    before = await transfer_to_agent(house.context, case_id, BEN, to_agent=BEA.id, **TRIED)
    offer = await pending(house, case_id)
    assert offer is not None
    after = await offers.decline_offer(house.context, offer.id, BEA, reason="On a call")

    assert (after.status, after.rank_at, after.queued_at) == (CaseStatus.OPEN, before.rank_at, before.queued_at)
    assert (await notices(house, conversation))[-1] == "returned_to_queue"
    assert (await accept(house.context, case_id, BEN)).agent_id == BEN.id


async def test_who_was_named_and_does_not_come_leaves_a_promise_that_can_be_kept(house: House) -> None:
    """The offer outlasts the two minutes of a critical case: the next word is promised anew, at its place (P23)."""
    conversation, case_id = await house.case(severity=1)
    await house.arrives(BEA)
    before = await transfer_to_agent(house.context, case_id, GRACE, to_agent=BEA.id, **TRIED)
    house.clock.move(minutes=5)
    assert await offers.expire_offers(house.context) == 1

    after = await as_it_is(house, case_id)
    assert before.next_word_due < house.clock() < after.next_word_due
    assert after.rank_at == before.rank_at
    last = (await house.messages(conversation))[-1]
    assert last.notice == "returned_to_queue"
    assert house.context.wording.to(None).within(after.next_word_due - house.clock()) in last.text


async def test_a_supervisor_may_take_what_is_reserved_and_the_one_asked_is_told(house: House) -> None:
    _, case_id = await owned(house)
    await house.arrives(BEA)
    await transfer_to_agent(house.context, case_id, BEN, to_agent=BEA.id, **TRIED)
    assert (await accept(house.context, case_id, GRACE)).agent_id == GRACE.id
    assert await told(house, BEA) == [NotificationKind.OFFER_LOST]


@pytest.mark.parametrize("state", [PresenceState.AWAY, PresenceState.DO_NOT_DISTURB])
async def test_nobody_is_given_a_case_who_is_not_there(house: House, state: PresenceState) -> None:
    conversation, case_id = await owned(house)
    before = await house.messages(conversation)
    with pytest.raises(AgentNotAvailable, match="offline"):
        await transfer_to_agent(house.context, case_id, BEN, to_agent=BEA.id, **TRIED)
    await presence.choose_presence(house.context, BEA, state)
    with pytest.raises(AgentNotAvailable) as refused:
        await transfer_to_agent(house.context, case_id, BEN, to_agent=BEA.id, **TRIED)

    assert refused.value.data == {"agent_name": BEA.name, "obstacles": [state]}
    assert (await as_it_is(house, case_id)).agent_id == BEN.id
    assert await house.messages(conversation) == before


async def test_whoever_cannot_take_such_a_case_is_refused_with_the_reason(house: House) -> None:
    _, case_id = await owned(house)
    await house.arrives(ANA, BEA)
    with pytest.raises(AgentNotAvailable, match="does not serve its queue"):
        await transfer_to_agent(house.context, case_id, BEN, to_agent=ANA.id, **TRIED)
    with pytest.raises(BadValue, match="that is you"):
        await transfer_to_agent(house.context, case_id, BEN, to_agent=BEN.id, **TRIED)
    with pytest.raises(BadValue, match="no such colleague"):
        await transfer_to_agent(house.context, case_id, BEN, to_agent="nobody", **TRIED)
    with pytest.raises(NotOwner):
        await transfer_to_agent(house.context, case_id, BEA, to_agent=BEN.id, **TRIED)
    moved = await transfer_to_agent(house.context, case_id, BEN, to_agent=ANA.id, category=Category.BILLING, **TRIED)
    assert moved.category is Category.BILLING


async def test_a_lead_takes_over_and_customer_and_former_owner_are_told(house: House) -> None:
    conversation, case_id = await owned(house)
    with pytest.raises(NotAllowed):
        await take_over(house.context, case_id, BEA, reason="mine")
    case = await take_over(house.context, case_id, GRACE, reason="The customer asked for me")
    notice = (await house.messages(conversation))[-1]

    assert (case.status, case.agent_id) == (CaseStatus.ACTIVE, GRACE.id)
    assert (await house.now(conversation)).owner.agent_id == GRACE.id
    assert notice.notice == "case_taken_over"
    assert GRACE.name in notice.text
    assert BEN.name in notice.text
    assert await told(house, BEN) == [NotificationKind.CASE_TAKEN_OVER]
    with pytest.raises(NotOwner):
        await send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="Hi")
    with pytest.raises(AlreadyAccepted):
        await take_over(house.context, case_id, GRACE, reason="again")


@pytest.mark.parametrize("move", ["release", "take_over", "return_to_bot", "merge"])
async def test_whoever_moves_a_case_may_say_what_was_tried_and_what_comes_next(house: House, move: str) -> None:
    """P20: who has it next does not begin from nothing."""
    _, case_id = await owned(house)
    context, into = house.context, await house.hand_over(await house.begin(None))
    if move == "release":
        await release(context, case_id, BEN, reason="End of shift", **TRIED)
    elif move == "take_over":
        await take_over(context, case_id, GRACE, reason="A second look", **TRIED)
    elif move == "return_to_bot":
        await return_to_bot(context, case_id, BEN, line="Go on here", reason="", **TRIED)
    else:
        await merge(context, case_id, BEN, into=into, reason="the same", **TRIED)
    for one in (case_id, into) if move == "merge" else (case_id,):
        async with house.db.read() as db:
            row = (await case_events.events_of(db, one))[-1]
        assert {key: row.data[key] for key in TRIED} == TRIED


async def test_a_reopened_case_says_what_did_not_work(house: House) -> None:
    conversation, case_id = await solved(house)
    before = await as_it_is(house, case_id)
    await reopen(house.context, conversation.id, case_id, note="It broke again")
    async with house.db.read() as db:
        row = (await case_events.events_of(db, case_id))[-1]
    assert (row.data["tried"], row.text) == (before.outcome, "It broke again")


async def test_a_case_goes_back_to_the_bot_with_a_line_for_the_customer(house: House) -> None:
    """Pain 5: an easy way back; pain 6: nothing is replayed."""
    conversation, case_id = await owned(house)
    await house.say(conversation, "ah, I found it")
    with pytest.raises(NotOwner):
        await return_to_bot(house.context, case_id, BEA, line="x", reason="")
    case = await return_to_bot(house.context, case_id, BEN, line="Glad you found it", reason="Solved itself")
    notice = (await house.messages(conversation))[-1]

    assert (case.status, case.disposition) == (CaseStatus.CLOSED, None)
    assert (await house.now(conversation)).owner.is_bot
    assert notice.notice == "returned_to_bot"
    assert notice.text.startswith("Glad you found it.")
    with pytest.raises(NotRatable):
        await rate(house.context, conversation.id, case_id, csat=5, comment=None)
    reopened, _ = await reopen(house.context, conversation.id, case_id, note="")
    assert reopened.status is CaseStatus.OPEN


async def two_cases(house: House) -> tuple[tuple[Conversation, str], tuple[Conversation, str]]:
    """Maya's, and one of a visitor who says to be her."""
    known = await owned(house)
    stranger = await house.begin(None)
    await house.say(stranger, "It's me again, from my phone")
    return known, (stranger, await house.hand_over(stranger))


async def test_a_duplicate_goes_on_in_the_other_case_with_all_that_was_said(house: House) -> None:
    """Pain 15."""
    (conversation, into), (stranger, duplicate) = await two_cases(house)
    said = await house.messages(stranger)
    kept = await merge(house.context, duplicate, BEN, into=into, reason="Same parcel")
    merged = await as_it_is(house, duplicate)
    view = await reading.case_view(house.context, into, BEN)

    assert (kept.id, kept.status, kept.agent_id) == (into, CaseStatus.ACTIVE, BEN.id)
    assert (merged.status, merged.merged_into) == (CaseStatus.CLOSED, into)
    assert (await house.now(stranger)).owner.is_bot
    (seen,) = view.merged
    assert seen.transcript[: len(said)] == said
    assert seen.transcript[-1].notice == "case_merged"
    assert kept.number in seen.transcript[-1].text
    assert (await notices(house, conversation))[-1] == "case_merged_here"
    assert (await steps(house, into))[-1] is Step.MERGED_IN
    assert (await steps(house, duplicate))[-1] is Step.MERGE
    with pytest.raises(NotReopenable):
        await reopen(house.context, stranger.id, duplicate, note="")
    with pytest.raises(CaseClosed):
        await merge(house.context, duplicate, BEN, into=into, reason="again")


async def test_cases_of_two_customers_are_never_merged_nor_one_into_a_closed_one(house: House) -> None:
    (_, first), (_, duplicate) = await two_cases(house)
    other = await house.hand_over(await house.begin(PRIYA))
    with pytest.raises(CannotMerge, match="two different customers"):
        await merge(house.context, other, GRACE, into=first, reason="x")
    with pytest.raises(BadValue):
        await merge(house.context, first, BEN, into=first, reason="x")
    with pytest.raises(NotOwner):
        await merge(house.context, first, BEA, into=duplicate, reason="x")
    await return_to_bot(house.context, first, BEN, line="x", reason="")
    with pytest.raises(CannotMerge, match="closed"):
        await merge(house.context, duplicate, BEN, into=first, reason="x")


async def test_two_merges_the_other_way_round_end_with_one_open_case(house: House) -> None:
    """On PostgreSQL the two would wait for each other for ever if each locked its own conversation first."""
    (_, first), (_, second) = await two_cases(house)
    done = await asyncio.gather(
        merge(house.context, first, GRACE, into=second, reason="x"),
        merge(house.context, second, GRACE, into=first, reason="x"),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Case) for one in done) == 1, done
    assert all(isinstance(one, Case | HandoffError) for one in done), done
    assert {(await as_it_is(house, one)).status for one in (first, second)} > {CaseStatus.CLOSED}


async def test_a_reopened_case_goes_to_the_front_of_its_queue_when_its_owner_is_away(house: House) -> None:
    """P26."""
    conversation, case_id = await solved(house)
    await presence.choose_presence(house.context, BEN, PresenceState.AWAY)
    urgent = await house.hand_over(await house.begin(PRIYA), severity=1)
    case, _ = await reopen(house.context, conversation.id, case_id, note="")
    async with house.db.read() as db:
        positions = [await case_store.queue_position(db, await as_it_is(house, one)) for one in (case_id, urgent)]

    assert (case.agent_id, positions) == (None, [1, 2])
    assert (await notices(house, conversation))[-1] == "case_reopened_queue"


async def test_the_case_of_an_owner_who_stays_offline_goes_back_when_the_customer_waits_for_a_word(
    house: House,
) -> None:
    """Pain 13."""
    await house.arrives(BEN)
    conversation, case_id = await owned(house)
    before = await as_it_is(house, case_id)
    await send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="One moment")
    await house.leaves(BEN)
    house.clock.move(minutes=11)
    assert await return_cases_of_absent(house.context) == 0, "the customer has the last word to give"
    await house.say(conversation, "hello?")
    assert sum(await asyncio.gather(*(return_cases_of_absent(house.context) for _ in range(3)))) == 1
    after = await as_it_is(house, case_id)

    assert (after.status, after.agent_id, after.rank_at) == (CaseStatus.OPEN, None, before.rank_at)
    assert after.next_word_due > house.clock()
    assert (await notices(house, conversation))[-1] == "returned_to_queue"
    assert await told(house, GRACE) == [NotificationKind.OWNER_OFFLINE]
    assert BEN.id not in {offer.agent_id for offer in [await pending(house, case_id)] if offer}


async def test_an_owner_who_is_away_or_was_gone_for_a_moment_keeps_the_case(house: House) -> None:
    await house.arrives(BEN)
    conversation, case_id = await owned(house)
    await house.say(conversation, "hello?")
    await house.leaves(BEN)
    house.clock.move(minutes=9)
    assert await return_cases_of_absent(house.context) == 0
    await house.arrives(BEN)
    await presence.choose_presence(house.context, BEN, PresenceState.AWAY)
    for _ in range(20):
        house.clock.move(minutes=1)
        await house.arrives(BEN)
        assert await return_cases_of_absent(house.context) == 0
    assert (await as_it_is(house, case_id)).agent_id == BEN.id


async def test_who_went_home_in_the_evening_has_not_gone_missing(house: House) -> None:
    house.clock.move(hours=10, minutes=55)
    await house.arrives(BEN)
    conversation, case_id = await owned(house)
    await house.leaves(BEN)
    house.clock.move(minutes=30)
    await house.say(conversation, "hello?")
    assert await return_cases_of_absent(house.context) == 0
    house.clock.move(hours=11, minutes=36)
    assert await return_cases_of_absent(house.context) == 0, "open for a minute"
    house.clock.move(minutes=10)
    assert await return_cases_of_absent(house.context) == 1
    assert (await as_it_is(house, case_id)).agent_id is None


async def test_the_cases_of_somebody_who_left_the_team_go_back_to_their_queues(house: House) -> None:
    _, case_id = await owned(house)
    await deactivate_agent(house.db, BEN.email)
    assert await return_cases_of_absent(house.context) == 1
    await house.arrives(BEN, BEA)
    assert await offer_waiting(house.context) == 1
    offer = await pending(house, case_id)
    assert offer is not None
    assert offer.agent_id == BEA.id, "who was deactivated is offered nothing"


async def test_who_leaves_the_team_with_an_offer_to_answer_holds_nothing_up(house: House) -> None:
    await change(house, BEN)
    _, case_id = await house.case()
    await house.arrives(BEN)
    await offer_waiting(house.context)
    await deactivate_agent(house.db, BEN.email)
    house.clock.move(seconds=45)
    assert await offers.expire_offers(house.context) == 1
    await house.arrives(BEA)
    assert await offer_waiting(house.context) == 1
    await accept(house.context, case_id, BEA)
    await release(house.context, case_id, OMAR, reason="x")
