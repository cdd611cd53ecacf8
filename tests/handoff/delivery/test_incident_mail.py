"""The end of an incident reaches who had it and left an address, wherever they are now (P14, P23)."""

from __future__ import annotations

from dataclasses import replace

from handoff.services import incidents
from handoff.services.case_steps import accept, resolve
from handoff.services.conversations import begin
from handoff.services.incident_news import tell_next
from handoff.services.incident_watch import IncidentWatch
from handoff.services.meaning import Meaning
from tests.handoff.cast import BEN, GRACE, House
from tests.handoff.delivery.mail_room import room_of
from tests.handoff.delivery.post_office import text_of
from tests.handoff.services.test_incidents import CUSTOMER_0, SOLVED, SOMETHING, Subjects, noticed


async def test_the_end_of_an_incident_goes_by_mail_to_who_is_not_in_the_chat_and_to_nobody_else(house: House) -> None:
    house.context = replace(house.context, meaning=Meaning(Subjects))
    async with room_of(house) as room:
        incident, came = await noticed(house, IncidentWatch(house.context))
        await incidents.confirm(house.context, incident.id, GRACE, **SOMETHING)
        await tell_next(house.context)
        house.clock.move(minutes=30)
        await room.sender.send_due()
        before = len(room.office.mails)
        await incidents.resolve(house.context, incident.id, GRACE, resolution="The app works again.")
        for _ in range(2):
            await tell_next(house.context)
        room.seen[came[0][0].id] = house.clock()
        await room.five_minutes_later()

        ended = {mail["To"]: text_of(mail) for mail in room.office.mails[before:]}
        assert set(ended) == {f"c{who}@mail.example" for who in (1, 2, 3)}, "the first reads it in the chat"
        assert all("The app works again." in text for text in ended.values())
        assert len(room.office.mails) - before == 3, "each is told once"
        assert not any("/survey/" in text for text in ended.values()), "their own cases are not over by that"


async def test_the_end_goes_by_mail_to_who_has_begun_anew_and_left_again(house: House) -> None:
    house.context = replace(house.context, meaning=Meaning(Subjects))
    async with room_of(house) as room:
        incident, came = await noticed(house, IncidentWatch(house.context))
        await accept(house.context, came[0][1], BEN)
        await resolve(house.context, came[0][1], BEN, **SOLVED)
        anew = (await begin(house.context, identity=CUSTOMER_0, fresh=True)).conversation
        await incidents.confirm(house.context, incident.id, GRACE, **SOMETHING)
        await tell_next(house.context)
        house.clock.move(minutes=30)
        await room.sender.send_due()
        before = len(room.office.mails)
        await incidents.resolve(house.context, incident.id, GRACE, resolution="The app works again.")
        await tell_next(house.context)
        await room.five_minutes_later()

        (text,) = [text_of(mail) for mail in room.office.mails[before:] if mail["To"] == CUSTOMER_0.email]
        assert "The app works again." in text
        link = next(line for line in text.splitlines() if line.startswith("https://"))
        assert room.links.read(link.partition("#")[2]).conversation_id == anew.id
