"""The links in mails: each leads back into one conversation, is signed, and expires."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt

ALGORITHM: Final = "HS256"
_AUDIENCE: Final = "warmline-link"
"""Another one than that of the widget's tokens: neither passes for the other."""


class LinkInvalid(Exception):
    """A link is not one of ours."""


class LinkExpired(Exception):
    """A link was ours, and its days are over."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link opens, and until when."""

    conversation_id: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class ConversationLinks:
    """Makes and reads them. The token stands behind the ``#``: it reaches no server's log and no other website."""

    key: str
    public_url: str
    clock: Callable[[], datetime]
    days: int

    def __repr__(self) -> str:
        """No key reaches a log."""
        return f"ConversationLinks({self.public_url!r})"

    def link(self, conversation_id: str, language: str | None = None) -> str:
        """The address that opens a conversation; the page behind it is in ``language``, a primary subtag."""
        said = f"?language={language}" if language else ""
        return f"{self.public_url}/c{said}#{self.token(conversation_id)}"

    def token(self, conversation_id: str) -> str:
        """What stands behind the ``#``."""
        expires = self.clock() + timedelta(days=self.days)
        claims = {"sub": conversation_id, "aud": _AUDIENCE, "exp": int(expires.timestamp())}
        return jwt.encode(claims, self.key, ALGORITHM)

    def read(self, token: str) -> Link:
        """What a link opens; raises ``LinkInvalid`` or ``LinkExpired``."""
        try:
            claims = jwt.decode(
                token,
                self.key,
                [ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["sub", "exp"], "verify_exp": False},
            )
            expires = datetime.fromtimestamp(int(claims["exp"]), UTC)
        except (jwt.InvalidTokenError, ValueError, OverflowError, OSError, UnicodeError) as error:
            raise LinkInvalid from error
        if expires <= self.clock():
            raise LinkExpired
        return Link(str(claims["sub"]), expires)
