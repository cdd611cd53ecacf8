"""What doctor looks at beyond this machine's processes: the shop, the mail server, the scanner, the folder of files."""

from __future__ import annotations

import os
import shlex
import shutil
import smtplib
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Final

from warmline.doctor import Finding, broken, well
from warmline.settings import Settings

SECONDS: Final = 5.0


def shop(settings: Settings) -> Iterator[Finding]:
    """Whether the company's own systems answer. Any answer counts: what they say is the action server's business."""
    if settings.shop_url is None:
        return
    try:
        with urllib.request.urlopen(settings.shop_url, timeout=SECONDS):  # noqa: S310 (settings take http and https)
            pass
    except urllib.error.HTTPError:
        pass
    except (OSError, ValueError) as error:
        yield broken(
            "shop",
            f"{settings.shop_url} does not answer: {_said(error)}",
            "the assistant can look nothing up, and hands over instead",
            "start it, or set WARMLINE_SHOP_URL right",
        )
        return
    yield well("shop", f"{settings.shop_url} answers")


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether the mail server greets, encrypts as it is set, and takes the sign-in. Nothing is sent."""
    if settings.smtp_host is None:
        return
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with _greeted(settings) as server:
            if settings.smtp_tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user is not None and settings.smtp_password is not None:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except smtplib.SMTPAuthenticationError:
        what, mend = f"{where} refuses the sign-in", "set WARMLINE_SMTP_USER and WARMLINE_SMTP_PASSWORD right"
    except (smtplib.SMTPException, OSError) as error:
        what = f"{where} cannot be used: {_said(error)}"
        mend = "start it, or set WARMLINE_SMTP_HOST, WARMLINE_SMTP_PORT and WARMLINE_SMTP_TLS right"
    else:
        yield well("mail", f"{where} takes our mails")
        return
    yield broken("mail", what, "mails wait in the outbox until they are given up", mend)


def _greeted(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host or "", settings.smtp_port
    if settings.smtp_tls == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=SECONDS)


def files(settings: Settings) -> Iterator[Finding]:
    """Whether files of customers and agents can be kept, and looked through."""
    folder = next(path for path in (settings.attachments_dir, *settings.attachments_dir.parents) if path.exists())
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        yield well("attachments", f"{settings.attachments_dir} can be written")
    else:
        why = "no customer or agent can send a file"
        mend = f"give its rights to who runs Warmline, or set WARMLINE_ATTACHMENTS_DIR: chown {folder}"
        yield broken("attachments", f"{folder} cannot be written", why, mend)
    if settings.attachment_scan is None:
        return
    command = shlex.split(settings.attachment_scan)[0]
    if shutil.which(command):
        yield well("scanner", f"{command} is there")
    else:
        why = "every file is refused, because none can be looked through"
        yield broken(
            "scanner", f"there is no command {command}", why, "install it, or set WARMLINE_ATTACHMENT_SCAN right"
        )


def _said(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return "no such host" if isinstance(reason, socket.gaierror) else f"{reason}".partition("\n")[0]
