"""A customer who is not in the chat is asked by mail how it went (P27)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.delivery.links import ConversationLinks
from handoff.delivery.mail import Mail
from handoff.delivery.mails import Mails
from handoff.delivery.survey_links import SurveyLinks
from handoff.domain import outbox
from handoff.domain.actors import SYSTEM
from handoff.domain.cases import Case, CaseStatus, WaitingFor
from handoff.domain.conversations import Conversation
from handoff.domain.outbox import Delivery, Outcome, Verdict
from handoff.domain.resolutions import Channel, Survey
from handoff.services.after_case import can_rate, reopen
from handoff.services.case_steps import accept, resolve_in
from handoff.services.case_talk import send_agent_message
from handoff.services.deadlines import DeadlineWatcher
from handoff.services.milestones import wait
from handoff.services.surveys import answer_survey
from handoff.store.cases import get_case
from handoff.store.conversations import get_conversation
from tests.handoff.cast import BEN, House
from tests.handoff.delivery.mail_room import room_of
from tests.handoff.delivery.post_office import text_of
from tests.handoff.services.test_case_steps import SOLVED
from tests.handoff.services.test_resolutions import solved

URL = "https://help.example"


@dataclass
class Postbox:
    """Takes mails."""

    mails: list[Mail] = field(default_factory=list)

    async def send(self, mail: Mail) -> Outcome:
        self.mails.append(mail)
        return Outcome(Verdict.SENT)


def mails_of(house: House, postbox: Any) -> Mails:
    key = "k" * 40
    return Mails(
        house.context,
        postbox,
        ConversationLinks(key, URL, house.clock, 7),
        SurveyLinks(key, URL, house.clock),
        lambda _conversation: None,
    )


async def deliver(house: House, mails: Mails, conversation_id: str, case_id: str) -> None:
    now = house.clock()
    payload = {"conversation_id": conversation_id, "after": 0}
    delivery = Delivery("d", outbox.Channel.ANSWER_MAIL, "e", "case.answered", payload, now, now, case_id=case_id)
    outcome = await mails.send_answer(replace(delivery, payload={**payload, "last": 99}))
    assert outcome.verdict is Verdict.SENT


async def test_with_the_solution_goes_the_link_of_its_survey(house: House) -> None:
    conversation, case_id = await solved(house)
    postbox = Postbox()
    mails = mails_of(house, postbox)
    await deliver(house, mails, conversation.id, case_id)
    (mail,) = postbox.mails
    (address,) = [line for line in mail.text.splitlines() if "/survey/" in line]

    assert "A new parcel is on its way." in mail.text
    assert mails.surveys.read(address.removeprefix(f"{URL}/survey/")) == (case_id, 1)


async def test_a_case_that_is_open_again_is_not_asked_about(house: House) -> None:
    conversation, case_id = await solved(house)
    await reopen(house.context, conversation.id, case_id, note="no")
    postbox = Postbox()
    await deliver(house, mails_of(house, postbox), conversation.id, case_id)

    assert "/survey/" not in postbox.mails[0].text


async def gone_quiet(house: House) -> tuple[Conversation, str]:
    """A case that was closed because its customer never answered."""
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="Which label?")
    await wait(house.context, case_id, BEN, waiting_for=WaitingFor.CUSTOMER, what="the number on the label")
    watcher = DeadlineWatcher(house.context)
    house.clock.move(hours=25)
    await watcher.look()
    house.clock.move(hours=50)
    await watcher.look()
    return conversation, case_id


async def test_a_customer_who_went_quiet_is_asked_once_by_mail_whether_it_is_solved(house: House) -> None:
    async with room_of(house) as room:
        _, case_id = await gone_quiet(house)
        await room.five_minutes_later()
        await room.five_minutes_later()
        asked = [text_of(mail) for mail in room.office.mails if "/survey/" in text_of(mail)]

        (text,) = asked
        (address,) = [line for line in text.splitlines() if "/survey/" in line]
        of_case = room.mails.surveys.read(address.partition("/survey/")[2])
        assert of_case == (case_id, 1), "the answer belongs to this closing (P27)"
        rated = await answer_survey(house.context, case_id, Survey(2, solved=False), Channel.EMAIL, number=of_case[1])
        assert (rated.id, rated.status) == (case_id, CaseStatus.OPEN), "it did not work: open again, Ben is not there"


async def test_who_was_in_the_chat_when_the_quiet_case_was_closed_is_asked_there_and_not_by_mail(house: House) -> None:
    async with room_of(house) as room:
        conversation, case_id = await gone_quiet(house)
        room.seen[conversation.id] = house.clock()
        await room.five_minutes_later()
        async with house.db.read() as db:
            case = await get_case(db, case_id)

        assert room.office.mails == []
        assert can_rate(case, house.clock()), "the widget shows the survey"


async def test_the_reminder_reaches_who_is_not_in_the_chat(house: House) -> None:
    async with room_of(house) as room:
        conversation, case_id = await room.case_of_ben()
        await room.ben_says(case_id, "Which label?")
        await wait(house.context, case_id, BEN, waiting_for=WaitingFor.CUSTOMER, what="the number on the label")
        room.seen[conversation.id] = house.clock()
        house.clock.move(hours=25)
        await room.sender.send_due()
        await DeadlineWatcher(house.context).look()
        await room.five_minutes_later()

        (mail,) = room.office.mails
        assert "Ben Okafor" in text_of(mail)
        assert "/survey/" not in text_of(mail)


async def test_a_case_that_another_system_solved_asks_its_customer_too(house: House) -> None:
    async with room_of(house) as room:
        _, case_id = await house.case()
        async with house.db.write() as db:
            case = await case_to_write(db, case_id)
            await resolve_in(house.context, db, case, SYSTEM, "The depot", house.clock(), **SOLVED)
        await room.five_minutes_later()

        (mail,) = room.office.mails
        assert "/survey/" in text_of(mail)


async def case_to_write(db: AsyncConnection, case_id: str) -> Case:
    case = await get_case(db, case_id)
    await get_conversation(db, case.conversation_id, for_change=True)
    return await get_case(db, case_id)
