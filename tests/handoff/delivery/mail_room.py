"""A house with a mail server, for the tests of what is mailed and when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from handoff.delivery.links import ConversationLinks
from handoff.delivery.mails import Mails
from handoff.delivery.sender import OutboxSender
from handoff.delivery.survey_links import SurveyLinks
from handoff.domain.conversations import Conversation
from handoff.domain.outbox import Channel, Delivery, Filter
from handoff.services import case_steps, case_talk
from handoff.store import outbox as store
from tests.handoff.cast import BEN, House
from tests.handoff.delivery.post_office import PostOffice, post_office


class Room:
    """A house with a mail server, and a sender whose eyes on the customer are the test's."""

    def __init__(self, house: House, office: PostOffice) -> None:
        self.house = house
        self.office = office
        self.seen: dict[str, datetime] = {}
        house.context = replace(house.context, mails=True)
        self.links = ConversationLinks("k" * 40, "https://support.example.com", house.clock, 14)
        surveys = SurveyLinks(self.links.key, self.links.public_url, house.clock)
        self.mails = Mails(house.context, office.mailer(), self.links, surveys, self.seen.get)
        self.sender = self.new_sender()
        self.said = 0

    def new_sender(self) -> OutboxSender:
        channels = {Channel.ANSWER_MAIL: self.mails.send_answer, Channel.STAFF_MAIL: self.mails.send_to_staff}
        return OutboxSender(self.house.context, channels)

    async def case_of_ben(self, **decided: Any) -> tuple[Conversation, str]:
        conversation, case_id = await self.house.case(**decided)
        await case_steps.accept(self.house.context, case_id, BEN)
        self.house.clock.move(seconds=1)
        return conversation, case_id

    async def ben_says(self, case_id: str, text: str) -> None:
        self.said += 1
        await case_talk.send_agent_message(
            self.house.context, case_id, BEN, client_message_id=f"agent-{self.said:04}", text=text
        )
        self.house.clock.move(seconds=1)

    async def five_minutes_later(self) -> int:
        self.house.clock.move(minutes=5)
        return await self.sender.send_due()

    async def deliveries(self) -> tuple[Delivery, ...]:
        async with self.house.db.read() as db:
            return await store.list_deliveries(db, Filter(status=None))


@asynccontextmanager
async def room_of(house: House) -> AsyncIterator[Room]:
    with post_office() as office:
        room = Room(house, office)
        yield room
        await room.sender.close()
