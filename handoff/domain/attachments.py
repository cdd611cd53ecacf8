"""Files that customers and agents send: which kinds are taken, told by their content, and under which name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ATTACHMENT_BYTES: Final = 5 * 1024 * 1024
"""The largest file, in bytes."""
ATTACHMENTS_PER_MESSAGE: Final = 5
CONVERSATION_BYTES: Final = 100 * 1024 * 1024
"""How much one conversation may hold in all, so that no visitor fills the disk."""
START_BYTES: Final = 32
"""How many of its first bytes tell what a file is."""
NAME_CHARACTERS: Final = 100
UNSENT_FOR: Final = timedelta(hours=24)
"""How long a file is kept that was uploaded and never sent."""
UNNAMED: Final = "file"


class MediaType(StrEnum):
    """The kinds of files that are taken."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    GIF = "image/gif"
    WEBP = "image/webp"
    PDF = "application/pdf"


class AttachmentStatus(StrEnum):
    """Whether a file may be read."""

    CLEAN = "clean"
    HELD = "held"
    """The scanner could not say; nobody can read it until it could."""
    INFECTED = "infected"
    """A later scan found something; the file is gone, what is left says that there was one."""


class Verdict(StrEnum):
    """What a scan says."""

    CLEAN = "clean"
    INFECTED = "infected"
    FAILED = "failed"


_ENDINGS: Final = {
    MediaType.PNG: (".png",),
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.GIF: (".gif",),
    MediaType.WEBP: (".webp",),
    MediaType.PDF: (".pdf",),
}
_PNG: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
"""Signature and the header chunk that must follow (PNG, third edition, 5.2 and 5.3)."""
_JPEG: Final = b"\xff\xd8\xff"
_GIF: Final = (b"GIF87a", b"GIF89a")
_WEBP: Final = (b"VP8 ", b"VP8L", b"VP8X")
_PDF: Final = re.compile(rb"%PDF-[12]\.\d")
_RESERVED: Final = re.compile(r'[<>:"|?*]')
"""What file systems of some readers refuse in a name."""
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows keeps for devices."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a conversation. ``size`` in bytes; ``agent_id`` who sent it, None for the customer.

    ``message_id`` is the message that carries it, None until one is sent with it.
    """

    id: str
    conversation_id: str
    name: str
    media_type: MediaType
    size: int
    sha256: str
    status: AttachmentStatus
    agent_id: str | None
    uploaded_at: datetime
    message_id: str | None = None


def kind_of(start: bytes) -> MediaType | None:
    """What a file is by its first bytes; None for what is not taken.

    Only the very first bytes count: a file that is two things at once is served as the one that it begins as, and
    browsers are told not to guess.
    """
    if start.startswith(_PNG):
        return MediaType.PNG
    if start.startswith(_JPEG):
        return MediaType.JPEG
    if start.startswith(_GIF):
        return MediaType.GIF
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP" and start[12:16] in _WEBP:
        return MediaType.WEBP
    return MediaType.PDF if _PDF.match(start) else None


def clean_name(given: str, kind: MediaType) -> str:
    """The name under which a file is shown and saved: no folders, nothing invisible, an ending that fits its content.

    Signs that turn the direction of writing are taken out: with them ``gpj.exe`` can read ``exe.jpg``.
    """
    text = unicodedata.normalize("NFC", given.encode("utf-8", errors="ignore").decode("utf-8"))
    text = re.split(r"[/\\]", text)[-1]
    text = "".join(" " if sign.isspace() else sign for sign in text if sign.isspace() or _is_visible(sign))
    text = " ".join(_RESERVED.sub("", text).split()).lstrip(". ")
    stem, dot, ending = text.rpartition(".")
    if dot and f".{ending.lower()}" in _ENDINGS[kind]:
        text, last = stem, f".{ending.lower()}"
    else:
        last = _ENDINGS[kind][0]
    text = text[: NAME_CHARACTERS - len(last)].strip(". ") or UNNAMED
    return f"{'_' if _DEVICES.match(text) else ''}{text}{last}"[-NAME_CHARACTERS:]


def _is_visible(sign: str) -> bool:
    """No control, no direction mark, no half of a pair, nothing that is not assigned or private."""
    return unicodedata.category(sign)[0] not in "CZ"


def in_words(attachments: Sequence[Attachment]) -> str:
    """What a message says that consists of files alone: their names, so that mails and summaries name them too."""
    return ", ".join(attachment.name for attachment in attachments)
