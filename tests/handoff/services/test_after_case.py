"""After the solution: the rating, and the way back (P26, P27)."""

from __future__ import annotations

import asyncio

import pytest

from handoff.domain.cases import CaseStatus, Step
from handoff.domain.conversations import Conversation, SenderType
from handoff.domain.errors import BadValue, ConversationClosed, NotFound, NotRatable, NotReopenable
from handoff.domain.notifications import NotificationKind
from handoff.domain.ownership import OwnerType
from handoff.services.after_case import reopen
from handoff.services.case_steps import accept, resolve
from handoff.services.case_talk import add_note, send_agent_message
from handoff.services.conversations import begin
from handoff.services.events import MessagesStored
from handoff.services.surveys import rate
from handoff.store import case_events, notifications
from handoff.store import conversations as store
from tests.handoff.cast import BEN, MAYA, PRIYA, WORDING, House
from tests.handoff.services.test_case_steps import SOLVED


async def solved(house: House) -> tuple[Conversation, str]:
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, BEN, **SOLVED)
    return conversation, case_id


async def notices(house: House, conversation: Conversation) -> list[str | None]:
    return [m.notice for m in await house.messages(conversation)]


async def test_a_rating_belongs_to_the_agent_of_that_resolution(house: House) -> None:
    conversation, case_id = await solved(house)
    case = await rate(house.context, conversation.id, case_id, csat=5, comment="Lovely")
    async with house.db.read() as db:
        event = (await case_events.events_of(db, case_id))[-1]

    assert (case.csat, case.csat_comment, case.csat_agent_id) == (5, "Lovely", BEN.id)
    assert (event.step, event.actor_name, event.data) == (Step.SURVEY, MAYA.name, {"csat": 5})
    assert (await notices(house, conversation))[-1] == "survey_thanks"


async def test_a_later_rating_replaces_it_without_another_notice(house: House) -> None:
    conversation, case_id = await solved(house)
    await rate(house.context, conversation.id, case_id, csat=5, comment=None)
    house.clock.move(hours=23)
    case = await rate(house.context, conversation.id, case_id, csat=1, comment="On reflection")

    assert case.csat == 1
    assert (await notices(house, conversation)).count("survey_sorry") == 0


async def test_an_unhappy_customer_is_answered_as_one(house: House) -> None:
    conversation, case_id = await solved(house)
    await rate(house.context, conversation.id, case_id, csat=2, comment=None)

    assert (await notices(house, conversation))[-1] == "survey_sorry"


async def test_a_case_is_rated_once_it_is_closed_and_for_a_day(house: House) -> None:
    conversation, case_id = await house.case()
    with pytest.raises(NotRatable):
        await rate(house.context, conversation.id, case_id, csat=5, comment=None)
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, BEN, **SOLVED)
    house.clock.move(hours=24)
    with pytest.raises(NotRatable):
        await rate(house.context, conversation.id, case_id, csat=5, comment=None)


async def test_nobody_rates_or_reopens_the_case_of_another(house: House) -> None:
    _, case_id = await solved(house)
    other = await house.begin(PRIYA)
    with pytest.raises(NotFound):
        await rate(house.context, other.id, case_id, csat=1, comment=None)
    with pytest.raises(NotFound):
        await reopen(house.context, other.id, case_id, note="")


async def test_a_reopened_case_goes_back_to_the_same_owner_if_they_are_there(house: House) -> None:
    conversation, case_id = await solved(house)
    await house.arrives(BEN)
    case, said = await reopen(
        house.context, conversation.id, case_id, note="Still nothing", client_message_id="client-0001"
    )

    assert (case.status, case.agent_id) == (CaseStatus.ACTIVE, BEN.id)
    assert (await house.now(conversation)).owner.agent_id == BEN.id
    assert said is not None
    assert (said.sender, said.text) == (SenderType.CUSTOMER, "Still nothing")
    assert (await notices(house, conversation))[-1] == "case_reopened"
    async with house.db.read() as db:
        (line,) = await notifications.notifications_of(db, BEN.id)
    assert (line.kind, line.case_id) == (NotificationKind.CASE_REOPENED, case_id)


async def test_without_the_owner_it_waits_in_its_queue_where_it_was(house: House) -> None:
    conversation, case_id = await solved(house)
    house.clock.move(hours=1)
    await house.hand_over(await house.begin(PRIYA), severity=4)
    case, said = await reopen(house.context, conversation.id, case_id, note="", client_message_id="client-0001")

    assert (case.status, case.agent_id) == (CaseStatus.OPEN, None)
    assert (await house.now(conversation)).owner.type is OwnerType.QUEUE
    assert said is not None
    assert said.text == WORDING.labels["reopen_request"]
    assert (await notices(house, conversation))[-1] == "case_reopened_queue"
    assert case.next_word_due > house.clock()


async def test_news_that_waited_for_the_bot_are_not_told_once_it_is_open_again(house: House) -> None:
    conversation, case_id = await solved(house)
    await reopen(house.context, conversation.id, case_id, note="")
    async with house.db.read() as db:
        assert not await store.pending_turns(db, conversation.id)


async def test_reopening_twice_reopens_once(house: House) -> None:
    conversation, case_id = await solved(house)
    done = await asyncio.gather(
        *(
            reopen(house.context, conversation.id, case_id, note="", client_message_id=f"client-000{n % 2}")
            for n in range(4)
        )
    )

    assert {case.status for case, _ in done} == {CaseStatus.OPEN}
    assert (await notices(house, conversation)).count("case_reopened_queue") == 1
    async with house.db.read() as db:
        steps = [event.step for event in await case_events.events_of(db, case_id)]
    assert steps.count(Step.REOPEN_TO_QUEUE) == 1


async def test_the_words_of_a_second_tab_are_kept(house: House) -> None:
    conversation, case_id = await solved(house)
    await reopen(house.context, conversation.id, case_id, note="Still broken", client_message_id="client-0001")
    house.published.clear()
    _, said = await reopen(house.context, conversation.id, case_id, note="And hot", client_message_id="client-0002")

    assert said is not None
    assert [m.text for m in await house.messages(conversation)][-1] == "And hot"
    assert house.published == [MessagesStored(conversation.id, (said,))]


async def test_a_late_repeat_of_the_wish_does_not_reopen_what_was_solved_since(house: House) -> None:
    conversation, case_id = await solved(house)
    _, first = await reopen(house.context, conversation.id, case_id, note="Again", client_message_id="client-0001")
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, BEN, **SOLVED)
    case, again = await reopen(house.context, conversation.id, case_id, note="Again", client_message_id="client-0001")

    assert case.status is CaseStatus.CLOSED
    assert again == first


async def test_an_agents_identifier_is_not_the_customers(house: House) -> None:
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="Hello")
    await resolve(house.context, case_id, BEN, **SOLVED)
    with pytest.raises(BadValue):
        await reopen(house.context, conversation.id, case_id, note="", client_message_id="agent-0001")


async def test_only_the_latest_case_of_a_conversation_is_reopened(house: House) -> None:
    conversation, first = await solved(house)
    house.clock.move(minutes=1)
    second = await house.hand_over(conversation)
    await accept(house.context, second, BEN)
    await resolve(house.context, second, BEN, **SOLVED)
    with pytest.raises(NotReopenable):
        await reopen(house.context, conversation.id, first, note="")
    assert (await reopen(house.context, conversation.id, second, note=""))[0].status is CaseStatus.OPEN


async def test_no_case_is_reopened_in_a_conversation_that_was_ended(house: House) -> None:
    conversation, case_id = await solved(house)
    await begin(house.context, identity=MAYA, fresh=True)
    with pytest.raises(ConversationClosed):
        await reopen(house.context, conversation.id, case_id, note="", client_message_id="client-0001")


async def test_rating_reopening_and_noting_at_once_do_not_hold_each_other_up(house: House) -> None:
    for number in range(3):
        conversation = await house.begin(None)
        case_id = await house.hand_over(conversation)
        await accept(house.context, case_id, BEN)
        await resolve(house.context, case_id, BEN, **SOLVED)
        done = await asyncio.gather(
            rate(house.context, conversation.id, case_id, csat=4, comment=None),
            reopen(house.context, conversation.id, case_id, note="x", client_message_id=f"client-{number:04d}"),
            add_note(house.context, case_id, BEN, text="note"),
            return_exceptions=True,
        )
        failed = [found for found in done if isinstance(found, BaseException)]
        assert all(isinstance(found, NotRatable) for found in failed), failed
