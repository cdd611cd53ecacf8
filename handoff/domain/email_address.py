"""E-mail addresses as customers write them: found in a message, and checked for what cannot be right.

The form is that of RFC 5321, 4.1.2 and 4.5.3.1 with the names of RFC 1123, 2.1, without quoted local parts and
addresses in brackets, which nobody types into a chat. Whether mail is read there is known only once it is sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ADDRESS_OCTETS: Final = 254
LOCAL_OCTETS: Final = 64
NAME_OCTETS: Final = 255
LABEL_OCTETS: Final = 63
_LOCAL: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_SPACED: Final = re.compile(r"(?<=\S)(?:\s+@\s*|@\s+)(?=[^\s@]+\.[^\s@]{2})")
_BLANK: Final = "\ue000"
"""Stands for white space around an @, so that the attempt stays one word and its fault is seen."""
_AROUND: Final = ".<>()[]{},;:\"'!?*`\u201c\u201d\u2018\u2019"


class EmailFault(StrEnum):
    """Why a text cannot be an e-mail address."""

    NO_AT = "no_at"
    TWO_AT = "two_at"
    SPACE = "space"
    LOCAL = "local"
    """What stands before the @ is missing or has characters that no mailbox has."""
    DOMAIN = "domain"
    """What stands after the @ is missing or has characters that no domain has."""
    ENDING = "ending"
    """The domain has no ending such as .com or .co.uk."""
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address that can be right, its domain in small letters."""

    address: str


@dataclass(frozen=True, slots=True)
class WrongEmail:
    """What looks like an address and cannot be one."""

    text: str
    fault: EmailFault


def checked_email(text: str) -> EmailAddress | WrongEmail:
    """The address that ``text`` is, or what is wrong with it."""
    text = text.strip()
    fault = _fault(text)
    if fault is not None:
        return WrongEmail(text, fault)
    local, _, domain = text.partition("@")
    return EmailAddress(f"{local}@{domain.lower()}")


def email_in(message: str) -> EmailAddress | WrongEmail | None:
    """The first address in a message that can be right, else the first attempt at one, else None.

    A name such as ``@larkfield`` is no attempt.
    """
    words = _SPACED.sub(f"{_BLANK}@", message).split()
    found = [checked_email(_bare(word)) for word in words if _is_attempt(word)]
    right = next((one for one in found if isinstance(one, EmailAddress)), None)
    return right or next(iter(found), None)


def _bare(word: str) -> str:
    return word.removeprefix("mailto:").strip(_AROUND).replace(_BLANK, " ")


def _is_attempt(word: str) -> bool:
    bare = _bare(word)
    return "@" in bare and not (bare.startswith("@") and "." not in bare)


def _fault(text: str) -> EmailFault | None:
    if "@" not in text:
        return EmailFault.NO_AT
    if re.search(r"\s", text):
        return EmailFault.SPACE
    if text.count("@") > 1:
        return EmailFault.TWO_AT
    local, _, domain = text.partition("@")
    if not _LOCAL.fullmatch(local):
        return EmailFault.LOCAL
    fault = _fault_of_domain(domain)
    if fault is not None:
        return fault
    if len(local.encode()) > LOCAL_OCTETS or len(text.encode()) > ADDRESS_OCTETS:
        return EmailFault.TOO_LONG
    return None


def _fault_of_domain(domain: str) -> EmailFault | None:
    """Domains outside ASCII are checked as they stand in the network (IDNA)."""
    try:
        name = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return EmailFault.DOMAIN
    labels = name.split(".")
    if len(name) > NAME_OCTETS or not all(_LABEL.fullmatch(one) and len(one) <= LABEL_OCTETS for one in labels):
        return EmailFault.DOMAIN
    if len(labels) < 2 or len(labels[-1]) < 2 or labels[-1].isdigit():
        return EmailFault.ENDING
    return None
