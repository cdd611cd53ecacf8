"""A customer who is not in the chat is asked by mail how it went (P27)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from handoff.delivery.links import ConversationLinks
from handoff.delivery.mail import Mail
from handoff.delivery.mails import Mails
from handoff.delivery.survey_links import SurveyLinks
from handoff.domain.outbox import Channel, Delivery, Outcome, Verdict
from handoff.services.after_case import reopen
from tests.handoff.cast import House
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
    delivery = Delivery("d", Channel.ANSWER_MAIL, "e", "case.answered", payload, now, now, case_id=case_id)
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
