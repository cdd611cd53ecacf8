"""A real mail server on this machine, which keeps what it gets and answers as it is told."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from handoff.delivery.mail import Mailer

USER, PASSWORD = "support", "a password of the mail server"


@dataclass
class PostOffice:
    """What came, and which addresses there are none of."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
    busy: bool = False

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient or not."""
        if self.busy:
            return "451 too many just now"
        if address in self.unknown:
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep a mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def mailer(self, **changes: Any) -> Mailer:
        """Sends by this office."""
        given = {"tls": "none", "sender": "Larkfield Home <support@larkfield.example>", **changes}
        return Mailer("127.0.0.1", self.port, **given)


def _knows(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


class AnyPort(Controller):
    """Listens where the system finds room."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def post_office(*, sign_in: bool = False, tls: ssl.SSLContext | None = None, utf8: bool = True) -> Iterator[PostOffice]:
    """Open it; with ``sign_in`` it takes nothing of whom it does not know."""
    office = PostOffice()
    options: dict[str, Any] = (
        {"authenticator": _knows, "auth_require_tls": False, "auth_required": True} if sign_in else {}
    )
    options["enable_SMTPUTF8"] = utf8
    if tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    controller = AnyPort(office, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        office.port = controller.port
        yield office
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    """Its plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    """Its HTML."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())
