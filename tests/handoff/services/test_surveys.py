"""Surveys after a case (P27): one rating a resolution, low ones told to the leads, "it did not work" acted upon."""

from __future__ import annotations

import asyncio

import pytest

from handoff.domain.cases import CaseStatus
from handoff.domain.conversations import SenderType
from handoff.domain.errors import NotRatable
from handoff.domain.notifications import Notification, NotificationKind
from handoff.domain.resolutions import Channel, Survey
from handoff.services.after_case import reopen
from handoff.services.case_steps import accept, resolve
from handoff.services.conversations import begin
from handoff.services.surveys import answer_survey, rate
from handoff.store import notifications
from tests.handoff.cast import BEN, GRACE, MAYA, OMAR, House
from tests.handoff.services.test_case_steps import SOLVED
from tests.handoff.services.test_resolutions import rows, solved


async def told(house: House, agent_id: str) -> list[Notification]:
    async with house.db.read() as db:
        found = await notifications.notifications_of(db, agent_id)
    return [one for one in found if one.kind is NotificationKind.LOW_RATING]


async def test_a_rating_stands_with_the_resolution_and_its_owner(house: House) -> None:
    conversation, case_id = await solved(house)
    house.clock.move(minutes=5)
    case = await rate(house.context, conversation.id, case_id, csat=5, comment="Lovely", nps=9)
    (row,) = await rows(house, case_id)

    assert (row.csat, row.nps, row.comment, row.rated_at, row.rated_by, row.agent_id) == (
        5,
        9,
        "Lovely",
        house.clock(),
        Channel.WIDGET,
        BEN.id,
    )
    assert (case.csat, case.nps, case.csat_agent_id) == (5, 9, BEN.id)


async def test_a_rating_survives_reopening_and_the_next_resolution_has_its_own(house: House) -> None:
    """Pain 20 of the field: rates are wrong where one rating overwrites another, or follows the case to a new owner."""
    conversation, case_id = await solved(house)
    await rate(house.context, conversation.id, case_id, csat=2, comment=None)
    await reopen(house.context, conversation.id, case_id, note="no")
    await accept(house.context, case_id, GRACE)
    await resolve(house.context, case_id, GRACE, **SOLVED)
    await rate(house.context, conversation.id, case_id, csat=5, comment=None)
    first, second = await rows(house, case_id)

    assert (first.csat, first.agent_id) == (2, BEN.id)
    assert (second.csat, second.agent_id) == (5, GRACE.id)


async def test_the_first_of_two_questions_can_be_changed_without_losing_the_second(house: House) -> None:
    conversation, case_id = await solved(house)
    await rate(house.context, conversation.id, case_id, csat=3, comment="Slow", nps=6)
    house.clock.move(hours=2)
    await rate(house.context, conversation.id, case_id, csat=4, comment=None)
    (row,) = await rows(house, case_id)

    assert (row.csat, row.nps, row.comment) == (4, 6, "Slow")


async def test_a_low_rating_goes_to_the_leads_as_the_customer_is_promised(house: House) -> None:
    """The notice survey_sorry says that a team lead will look: that is true, once a resolution (P24, P27)."""
    conversation, case_id = await solved(house)
    await rate(house.context, conversation.id, case_id, csat=2, comment="Hm")
    await rate(house.context, conversation.id, case_id, csat=1, comment="Worse")
    notice = [m.notice for m in await house.messages(conversation) if m.sender is SenderType.SYSTEM][-1]

    assert notice == "survey_sorry"
    for lead in (GRACE, OMAR):
        (line,) = await told(house, lead.id)
        assert line.case_id == case_id
        assert "rated 2 of 5" in line.text
        assert "Hm" not in str(line.data), "what customers wrote is not carried around"
    assert not await told(house, BEN.id)


async def test_a_rating_that_turns_low_is_told_then(house: House) -> None:
    conversation, case_id = await solved(house)
    await rate(house.context, conversation.id, case_id, csat=3, comment=None)
    assert not await told(house, GRACE.id)
    await rate(house.context, conversation.id, case_id, csat=1, comment=None)
    assert len(await told(house, GRACE.id)) == 1


async def test_it_did_not_work_in_a_survey_opens_the_case_again_with_the_same_owner(house: House) -> None:
    conversation, case_id = await solved(house)
    house.present.add(BEN.id)
    answers = [Survey(1, 0, "It broke again", solved=False)] * 2
    first = await answer_survey(house.context, case_id, answers[0], Channel.EMAIL)
    with pytest.raises(NotRatable):
        await answer_survey(house.context, case_id, answers[1], Channel.EMAIL)
    lines = [m.text for m in await house.messages(conversation) if m.sender is SenderType.CUSTOMER]
    (row,) = await rows(house, case_id)

    assert (first.status, first.agent_id) == (CaseStatus.ACTIVE, BEN.id)
    assert lines.count("It broke again") == 1
    assert (row.csat, row.rated_by, row.reopened_at) == (1, Channel.EMAIL, house.clock())


async def test_by_mail_a_case_is_rated_for_as_long_as_the_link_opens(house: House) -> None:
    conversation, case_id = await solved(house)
    house.clock.move(days=6)
    with pytest.raises(NotRatable, match="24 hours"):
        await rate(house.context, conversation.id, case_id, csat=5, comment=None)
    await answer_survey(house.context, case_id, Survey(4), Channel.EMAIL)
    house.clock.move(hours=23)
    case = await answer_survey(house.context, case_id, Survey(5), Channel.API)
    assert case.csat == 5


async def test_a_rating_can_be_changed_for_a_day_and_no_longer(house: House) -> None:
    _, case_id = await solved(house)
    await answer_survey(house.context, case_id, Survey(4), Channel.EMAIL)
    house.clock.move(hours=12)
    await answer_survey(house.context, case_id, Survey(3), Channel.EMAIL)
    house.clock.move(hours=12)
    with pytest.raises(NotRatable, match="more than a day ago"):
        await answer_survey(house.context, case_id, Survey(1), Channel.EMAIL)


async def test_a_rating_of_a_conversation_that_was_ended_counts_without_a_word_in_it(house: House) -> None:
    conversation, case_id = await solved(house)
    await begin(house.context, identity=MAYA, fresh=True)
    before = len(await house.messages(conversation))
    case = await answer_survey(house.context, case_id, Survey(1, solved=False), Channel.EMAIL)

    assert case.status is CaseStatus.CLOSED
    assert len(await house.messages(conversation)) == before
    assert len(await told(house, GRACE.id)) == 1, "a lead hears of what nobody can reopen"


async def test_the_resolution_of_an_old_link_cannot_be_rated_any_more(house: House) -> None:
    conversation, case_id = await solved(house)
    await reopen(house.context, conversation.id, case_id, note="no")
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, BEN, **SOLVED)
    with pytest.raises(NotRatable, match="latest"):
        await answer_survey(house.context, case_id, Survey(5), Channel.EMAIL, number=1)


async def test_two_ratings_at_the_same_moment_are_one_and_tell_the_leads_once(house: House) -> None:
    conversation, case_id = await solved(house)
    await asyncio.gather(
        *(rate(house.context, conversation.id, case_id, csat=stars, comment=None) for stars in (1, 2, 1))
    )
    assert len(await told(house, GRACE.id)) == 1
