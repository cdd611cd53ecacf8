"""Mails, to a real mail server: what they hold, when they go, and to whom (P24)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from handoff.delivery.mail import Mail, Mailer
from handoff.domain.cases import WaitingFor
from handoff.domain.notifications import NotificationKind
from handoff.domain.outbox import DeliveryStatus, Filter, Outcome
from handoff.services import after_case, case_steps, case_talk, milestones, moving
from handoff.services.events import AgentsNotified
from handoff.services.notifications import notify
from handoff.store import outbox as store
from handoff.store import schema
from tests.handoff.cast import BEN, GRACE, MAYA, OMAR, START, House
from tests.handoff.delivery.mail_room import room_of
from tests.handoff.delivery.post_office import text_of

MAIL = Mail("event-1", "maya@mail.example", "Your case WL-1", "Hello", START)


async def test_what_an_agent_writes_goes_by_mail_to_who_is_not_in_the_chat(house: House) -> None:
    async with room_of(house) as room:
        conversation, case_id = await room.case_of_ben()
        await room.ben_says(case_id, "The parcel is at the depot.")
        assert await room.sender.send_due() == 0, "not before they had time to read it in the chat"
        await room.five_minutes_later()

        (mail,) = room.office.mails
        text = text_of(mail)
        assert mail["To"] == MAYA.email
        assert mail["From"] == "Larkfield Home <support@larkfield.example>"
        assert "Maya Lind" in text
        assert "where your order LH-10001 is" in text
        assert "Ben Okafor wrote:\nThe parcel is at the depot." in text
        link = next(line for line in text.splitlines() if line.startswith("https://"))
        assert room.links.read(link.partition("#")[2]).conversation_id == conversation.id


async def test_several_words_in_a_row_become_one_mail(house: House) -> None:
    async with room_of(house) as room:
        _, case_id = await room.case_of_ben()
        for text in ("First.", "Second.", "Third."):
            await room.ben_says(case_id, text)
        await room.five_minutes_later()
        await room.ben_says(case_id, "Fourth.")
        await room.five_minutes_later()

        one, two = (text_of(mail) for mail in room.office.mails)
        assert one.index("First.") < one.index("Second.") < one.index("Third.")
        assert "Fourth." not in one
        assert "Third." not in two
        assert "Fourth." in two


async def test_who_reads_it_in_the_chat_gets_no_mail(house: House) -> None:
    async with room_of(house) as room:
        conversation, case_id = await room.case_of_ben()
        await room.ben_says(case_id, "Here.")
        room.seen[conversation.id] = house.clock()
        await room.five_minutes_later()

        assert room.office.mails == []
        assert [one.status for one in await room.deliveries()] == [DeliveryStatus.NOT_NEEDED]


async def test_only_what_came_after_they_left_is_in_the_mail(house: House) -> None:
    async with room_of(house) as room:
        conversation, case_id = await room.case_of_ben()
        await room.ben_says(case_id, "Seen.")
        room.seen[conversation.id] = house.clock()
        house.clock.move(seconds=5)
        await room.ben_says(case_id, "Unseen.")
        await room.five_minutes_later()

        (mail,) = room.office.mails
        assert "Unseen." in text_of(mail)
        assert "\nSeen." not in text_of(mail)


async def test_who_answered_has_read_it(house: House) -> None:
    async with room_of(house) as room:
        conversation, case_id = await room.case_of_ben()
        await room.ben_says(case_id, "Which colour?")
        await house.say(conversation, "Blue")
        await room.five_minutes_later()

        assert room.office.mails == []


async def test_how_the_case_was_solved_goes_by_mail_with_its_cause(house: House) -> None:
    async with room_of(house) as room:
        _, case_id = await room.case_of_ben()
        await case_steps.resolve(
            house.context, case_id, BEN, disposition="solved", root_cause="carrier_late", outcome="It comes tomorrow"
        )
        await room.five_minutes_later()

        (mail,) = room.office.mails
        assert "It comes tomorrow." in text_of(mail)


async def test_what_is_needed_planned_promised_and_reopened_goes_by_mail_to_who_left_the_chat(house: House) -> None:
    """Pain 11: whoever was told that they need not wait here hears all that they would have read here."""
    async with room_of(house) as room:
        conversation, case_id = await room.case_of_ben()
        await room.ben_says(case_id, "Hello")
        await room.five_minutes_later()
        context, hour = house.context, timedelta(hours=1)
        number, carrier = "the number on the label", "the carrier's answer"
        for step in (
            milestones.tell_plan(context, case_id, BEN, plan="I ask the carrier"),
            milestones.wait(context, case_id, BEN, waiting_for=WaitingFor.CUSTOMER, what=number),
            milestones.wait(context, case_id, BEN, waiting_for=WaitingFor.THIRD_PARTY, what=carrier),
            milestones.resume(context, case_id, BEN, reason="It came"),
            case_talk.promise_next_update(context, case_id, BEN, span=hour, reason="It takes longer"),
            moving.return_to_bot(context, case_id, BEN, line="The parcel comes on Monday", reason="Solved itself"),
            after_case.reopen(context, conversation.id, case_id, note=""),
        ):
            await step
            await room.five_minutes_later()

        told = [text_of(mail) for mail in room.office.mails[1:]]
        said = [
            "I ask the carrier.",
            number,
            carrier,
            "Ben Okafor",
            "Ben Okafor",
            "The parcel comes on Monday.",
            "Orders and delivery",
        ]
        assert len(told) == len(said), "each by a mail of its own"
        for text, words in zip(told, said, strict=True):
            assert words in text


async def test_the_address_given_in_the_conversation_comes_before_the_websites(house: House) -> None:
    async with room_of(house) as room:
        conversation, case_id = await room.case_of_ben()
        async with house.db.write() as db:
            await db.execute(
                update(schema.conversations)
                .where(schema.conversations.c.id == conversation.id)
                .values(contact_email="maya@elsewhere.example")
            )
        await room.ben_says(case_id, "Hello")
        await room.five_minutes_later()

        assert [mail["To"] for mail in room.office.mails] == ["maya@elsewhere.example"]


async def test_a_visitor_without_an_address_gets_no_mail_and_none_is_queued(house: House) -> None:
    async with room_of(house) as room:
        case_id = await house.hand_over(await house.begin(None))
        await case_steps.accept(house.context, case_id, BEN)
        await room.ben_says(case_id, "Hello")

        assert await room.deliveries() == ()


async def test_without_a_mail_server_nothing_is_queued(house: House) -> None:
    _, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    await case_talk.send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="Hello")
    async with house.db.read() as db:
        assert await store.list_deliveries(db, Filter(status=None)) == ()


async def test_a_mail_that_is_repeated_after_a_crash_says_the_same_under_the_same_id(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with room_of(house) as room:
        _, case_id = await room.case_of_ben()
        await room.ben_says(case_id, "First.")
        real = Mailer.send

        async def sent_and_died(mailer: Mailer, mail: Mail) -> Outcome:
            await real(mailer, mail)
            raise asyncio.CancelledError

        monkeypatch.setattr(Mailer, "send", sent_and_died)
        with pytest.raises(asyncio.CancelledError):
            await room.five_minutes_later()
        monkeypatch.setattr(Mailer, "send", real)
        await room.ben_says(case_id, "Second.")
        house.clock.move(minutes=6)
        await room.new_sender().send_due()

        first, *others = room.office.mails
        again = next(mail for mail in others if mail["Message-ID"] == first["Message-ID"])
        other = next(mail for mail in others if mail["Message-ID"] != first["Message-ID"])
        assert "Second." not in text_of(again)
        assert ("First." in text_of(other), "Second." in text_of(other)) == (False, True)


async def test_an_address_that_does_not_exist_is_given_up_and_the_owner_told(house: House) -> None:
    async with room_of(house) as room:
        room.office.unknown = frozenset({str(MAYA.email)})
        _, case_id = await room.case_of_ben()
        await room.ben_says(case_id, "Hello")
        await room.five_minutes_later()

        (dead,) = await room.deliveries()
        assert (dead.status, dead.error) == (DeliveryStatus.DEAD, "SMTP 550: no such box")
        told = [n for e in house.published if isinstance(e, AgentsNotified) for n in e.notifications]
        assert {(n.agent_id, n.kind) for n in told} == {
            (agent.id, NotificationKind.DELIVERY_FAILED) for agent in (BEN, GRACE, OMAR)
        }
        assert await room.five_minutes_later() == 0, "that mail does not arrive is not told by mail"


async def test_a_busy_mail_server_is_tried_again(house: House) -> None:
    async with room_of(house) as room:
        room.office.busy = True
        _, case_id = await room.case_of_ben()
        await room.ben_says(case_id, "Hello")
        await room.five_minutes_later()
        (waiting,) = await room.deliveries()
        assert (waiting.status, waiting.error) == (DeliveryStatus.PENDING, "SMTP 451: too many just now")

        room.office.busy = False
        await room.five_minutes_later()
        assert len(room.office.mails) == 1


async def test_leads_get_missed_deadlines_by_mail_and_nobody_what_the_policy_does_not_list(house: House) -> None:
    async with room_of(house) as room:
        _, case_id = await house.case()
        async with house.db.write() as db:
            await notify(
                room.house.context, db, [GRACE.id], NotificationKind.DEADLINE_MISSED, values={"deadline": "the answer"}
            )
            await notify(room.house.context, db, [GRACE.id], NotificationKind.OFFER_LOST, values={"agent": "Ben"})
        await room.sender.send_due()

        (mail,) = room.office.mails
        assert mail["To"] == GRACE.email
        assert "the answer was missed" in mail["Subject"]
        assert "https://support.example.com/desk" in text_of(mail)
        assert case_id
