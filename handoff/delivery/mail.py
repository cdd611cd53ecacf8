"""Sends mails by SMTP, in a thread beside the event loop: plain text, and simple HTML made of the same text."""

from __future__ import annotations

import asyncio
import html
import re
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from typing import Final

from handoff.domain.email_address import EmailAddress, checked_email
from handoff.domain.outbox import SENT, Outcome, Verdict
from handoff.other_languages import direction
from warmline.settings import Settings

TIMEOUT_SECONDS: Final = 20.0
SUBJECT_CHARACTERS: Final = 200
_LINK: Final = re.compile(r"https?://[^\s<>\"']+")


class _NoInternationalMail(Exception):
    """An address needs what the mail server does not offer (RFC 6531)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. ``id`` is the same at every attempt: mail programs drop the second of two with one Message-ID.

    ``language`` is that of its text, for screen readers; None says nothing about it.
    """

    id: str
    to: str
    subject: str
    text: str
    at: datetime
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Mailer:
    """Connects to the mail server for each mail; a few at once."""

    host: str
    port: int
    tls: str
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))

    @classmethod
    def of(cls, settings: Settings) -> Mailer | None:
        """The mailer of an installation; None where no mail server is set."""
        if settings.smtp_host is None or settings.mail_from is None:
            return None
        password = settings.smtp_password.get_secret_value() if settings.smtp_password is not None else None
        return cls(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_tls,
            settings.mail_from,
            settings.smtp_user,
            password,
        )

    async def send(self, mail: Mail) -> Outcome:
        """One attempt; never raises for what a network or a mail server can do."""
        if not isinstance(checked_email(mail.to), EmailAddress) or mail.to != mail.to.strip():
            return Outcome(Verdict.REFUSED, "this is no e-mail address")
        message = self.message(mail)
        async with self.at_once:
            return await asyncio.to_thread(self._send, message, mail.to)

    def message(self, mail: Mail) -> EmailMessage:
        """The mail as it is sent. Nothing in it can become a header, markup or a request to another server."""
        name, address = parseaddr(self.sender)
        message = EmailMessage(policy=SMTP if mail.to.isascii() else SMTPUTF8)
        message["From"] = Address(name, addr_spec=address)
        message["To"] = mail.to
        message["Subject"] = " ".join(mail.subject.split())[:SUBJECT_CHARACTERS]
        message["Date"] = format_datetime(mail.at)
        message["Message-ID"] = f"<{mail.id}@{address.rpartition('@')[2]}>"
        # Out-of-office replies to it would only go round (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(as_html(mail.text, mail.language), subtype="html")
        if mail.language:
            # Last: what is set as content takes such headers away.
            message["Content-Language"] = mail.language
        return message

    def _send(self, message: EmailMessage, to: str) -> Outcome:
        try:
            with self._connect() as server:
                server.ehlo_or_helo_if_needed()
                if not to.isascii() and not server.has_extn("smtputf8"):
                    raise _NoInternationalMail
                server.send_message(message, to_addrs=[to])
        except _NoInternationalMail:
            return Outcome(Verdict.REFUSED, "the mail server takes no address with letters beyond ASCII (SMTPUTF8)")
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return _refused(code, said)
        except smtplib.SMTPAuthenticationError:
            return Outcome(Verdict.FAILED, "the mail server refused WARMLINE_SMTP_USER and WARMLINE_SMTP_PASSWORD")
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, error.smtp_error)
        except smtplib.SMTPException as error:
            return Outcome(Verdict.FAILED, f"{type(error).__name__}: {str(error)[:200]}")
        except OSError as error:
            return Outcome(Verdict.FAILED, f"no connection to the mail server: {str(error)[:200]}")
        return SENT

    def _connect(self) -> smtplib.SMTP:
        if self.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=self.context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            if self.tls == "starttls":
                server.starttls(context=self.context)
            if self.user is not None and self.password is not None:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def _refused(code: int, said: bytes | str) -> Outcome:
    """4xx is "later", 5xx is "never" (RFC 5321, 4.2.1)."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    told = "".join(c if c.isprintable() else " " for c in text)[:200]
    return Outcome(Verdict.REFUSED if code >= 500 else Verdict.FAILED, f"SMTP {code}: {told}")


def as_html(text: str, language: str | None = None) -> str:
    """Plain text as HTML: paragraphs, line breaks, links that can be pressed; everything else is shown as it is."""
    spoken = f' lang="{html.escape(language)}" dir="{direction(language)}"' if language else ""
    paragraphs = []
    for block in re.split(r"\n\s*\n", text.strip()):
        parts, end = [], 0
        for found in _LINK.finditer(block):
            link = html.escape(found[0])
            parts += [html.escape(block[end : found.start()]), f'<a href="{link}">{link}</a>']
            end = found.end()
        parts.append(html.escape(block[end:]))
        paragraphs.append(f"<p>{''.join(parts).replace(chr(10), '<br>' + chr(10))}</p>")
    return f"<!doctype html>\n<html{spoken}><body>\n" + "\n".join(paragraphs) + "\n</body></html>\n"
