"""The mailer against a real mail server: addresses, encryption, passwords, and the form of a mail."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.delivery.links import ConversationLinks, LinkExpired, LinkInvalid
from handoff.delivery.mail import Mail, Mailer, as_html
from handoff.domain.outbox import Outcome, Verdict
from tests.handoff.cast import START, House
from tests.handoff.delivery.post_office import PASSWORD, USER, html_of, post_office, text_of

MAIL = Mail("event-1", "maya@mail.example", "Your case WL-1", "Hello", START)


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
