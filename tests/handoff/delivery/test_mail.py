"""Mails, to a real mail server: what they hold, when they go, and to whom (P24)."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from handoff.delivery.links import ConversationLinks, LinkExpired, LinkInvalid
from handoff.delivery.mail import Mail, Mailer, as_html
from handoff.delivery.mails import Mails
from handoff.delivery.sender import OutboxSender
from handoff.domain.conversations import Conversation
from handoff.domain.notifications import NotificationKind
from handoff.domain.outbox import Channel, Delivery, DeliveryStatus, Filter, Outcome, Verdict
from handoff.services import case_steps, case_talk
from handoff.services.events import AgentsNotified
from handoff.services.notifications import notify
from handoff.store import outbox as store
from handoff.store import schema
from tests.handoff.cast import BEN, GRACE, MAYA, OMAR, START, House
from tests.handoff.delivery.post_office import PASSWORD, USER, PostOffice, html_of, post_office, text_of

MAIL = Mail("event-1", "maya@mail.example", "Your case WL-1", "Hello", START)


class Room:
    """A house with a mail server, and a sender whose eyes on the customer are the test's."""

    def __init__(self, house: House, office: PostOffice) -> None:
        self.house = house
        self.office = office
        self.seen: dict[str, datetime] = {}
        house.context = replace(house.context, mails=True)
        self.links = ConversationLinks("k" * 40, "https://support.example.com", house.clock, 14)
        self.mails = Mails(house.context, office.mailer(), self.links, self.seen.get)
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


@pytest.mark.parametrize("to", ["", "maya", "maya@", "a@b", "maya@mail.example\nBcc: x@y.example", "<m@mail.example>"])
async def test_what_is_no_address_is_told_without_asking_the_server(to: str) -> None:
    outcome = await Mailer("127.0.0.1", 9, "none", "support@larkfield.example").send(replace(MAIL, to=to))

    assert outcome == Outcome(Verdict.REFUSED, "this is no e-mail address")


async def test_an_address_with_letters_beyond_ascii_is_written_to_where_the_server_can() -> None:
    with post_office() as office:
        outcome = await office.mailer().send(replace(MAIL, to="müller@mail.example"))

        assert outcome.verdict is Verdict.SENT
        assert [mail["To"] for mail in office.mails] == ["müller@mail.example"]
    with post_office(utf8=False) as office:
        outcome = await office.mailer().send(replace(MAIL, to="müller@mail.example"))

        assert outcome.verdict is Verdict.REFUSED
        assert "SMTPUTF8" in str(outcome.error)


async def test_where_the_server_offers_no_encryption_nothing_is_sent_in_the_clear() -> None:
    with post_office() as office:
        outcome = await office.mailer(tls="starttls").send(MAIL)

        assert outcome.verdict is Verdict.FAILED
        assert "STARTTLS" in str(outcome.error)
        assert office.mails == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of a mail server on this machine, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    made, key = folder / "cert.pem", folder / "key.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    new = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        *names,
        "-out",
        str(made),
        "-keyout",
        str(key),
    ]
    subprocess.run([openssl, *new], check=True, capture_output=True)
    return made, key


async def test_an_encrypted_mail_reaches_only_the_server_whose_certificate_is_right(
    certificate: tuple[Path, Path],
) -> None:
    made, key = certificate
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(made, key)
    with post_office(tls=server) as office:
        trusting = ssl.create_default_context(cafile=str(made))
        right = await office.mailer(tls="starttls", context=trusting).send(MAIL)
        unknown = await office.mailer(tls="starttls").send(MAIL)

        assert right.verdict is Verdict.SENT
        assert unknown.verdict is Verdict.FAILED
        assert "CERTIFICATE_VERIFY_FAILED" in str(unknown.error)
        assert len(office.mails) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_a_wrong_password_is_told_by_the_names_of_its_settings() -> None:
    with post_office(sign_in=True) as office:
        wrong = await office.mailer(user=USER, password="another").send(MAIL)
        right = await office.mailer(user=USER, password=PASSWORD).send(MAIL)

        assert "WARMLINE_SMTP_PASSWORD" in str(wrong.error)
        assert wrong.verdict is Verdict.FAILED
        assert right.verdict is Verdict.SENT
        assert len(office.mails) == 1
        assert PASSWORD not in repr(office.mailer(user=USER, password=PASSWORD))


async def test_nobody_at_the_mail_servers_port_is_tried_again() -> None:
    outcome = await Mailer("127.0.0.1", 9, "none", "support@larkfield.example").send(MAIL)

    assert outcome.verdict is Verdict.FAILED
    assert "no connection to the mail server" in str(outcome.error)


async def test_what_people_write_becomes_neither_header_nor_markup() -> None:
    with post_office() as office:
        text = '<script>alert(1)</script>\n.\nBcc: all@mail.example\n\nMüller 🎈 https://example.com/?a=1&b="x'
        await office.mailer().send(replace(MAIL, subject="Hi\r\nBcc: all@mail.example", text=text))

        (mail,) = office.mails
        assert mail["Bcc"] is None
        assert mail["Subject"] == "Hi Bcc: all@mail.example"
        assert text_of(mail).strip() == text
        assert "<script>" not in html_of(mail)
        assert '<a href="https://example.com/?a=1&amp;b=">' in html_of(mail)


@given(st.text(max_size=200))
def test_html_made_of_any_text_holds_no_markup_but_ours(text: str) -> None:
    inside = as_html(text).removeprefix("<!doctype html>\n<html><body>\n").removesuffix("\n</body></html>\n")
    for ours in ("<p>", "</p>", "<br>", "</a>"):
        inside = inside.replace(ours, "")
    while '<a href="http' in inside:
        before, _, rest = inside.partition('<a href="http')
        inside = before + rest.partition('">')[2]

    assert "<" not in inside


def test_a_link_opens_one_conversation_until_it_expires(house: House) -> None:
    links = ConversationLinks("k" * 40, "https://x.example", house.clock, 14)
    token = links.link("conversation-1").partition("/c#")[2]

    assert links.read(token).conversation_id == "conversation-1"
    house.clock.move(days=14)
    with pytest.raises(LinkExpired):
        links.read(token)


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjIiwiZXhwIjo5OTk5OTk5OTk5fQ."])
def test_a_forged_link_opens_nothing(forged: str, house: House) -> None:
    links = ConversationLinks("k" * 40, "https://x.example", house.clock, 14)
    other = ConversationLinks("o" * 40, "https://x.example", house.clock, 14)

    for token in (forged, other.token("conversation-1"), links.token("c")[:-2]):
        with pytest.raises(LinkInvalid):
            links.read(token)
    assert timedelta(days=14).days == links.days
