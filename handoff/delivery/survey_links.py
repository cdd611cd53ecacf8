"""The links of surveys in mails: each opens the survey of one resolution, is signed, and expires (P27)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt

ALGORITHM: Final = "HS256"
_AUDIENCE: Final = "warmline-survey"
"""Another one than that of the widget's tokens: neither passes for the other."""


class SurveyLinkInvalid(Exception):
    """A link is not one of ours."""


class SurveyLinkExpired(Exception):
    """A link was ours, and its days are over; ``case_id`` is the case that it was about."""

    def __init__(self, case_id: str) -> None:
        super().__init__(case_id)
        self.case_id = case_id


@dataclass(frozen=True, slots=True)
class SurveyLinks:
    """Makes and reads them. They open a survey and nothing else: who has one learns nothing of the conversation."""

    key: str
    public_url: str
    clock: Callable[[], datetime]

    def __repr__(self) -> str:
        """No key reaches a log."""
        return f"SurveyLinks({self.public_url!r})"

    def link(self, case_id: str, number: int, valid: timedelta) -> str:
        """The address of the survey of a case's resolution, which opens for ``valid`` from now on."""
        return f"{self.public_url}/survey/{self.token(case_id, number, valid)}"

    def token(self, case_id: str, number: int, valid: timedelta) -> str:
        """What stands at the end of the address."""
        expires = self.clock() + valid
        claims = {"sub": case_id, "number": number, "aud": _AUDIENCE, "exp": int(expires.timestamp())}
        return jwt.encode(claims, self.key, ALGORITHM)

    def read(self, token: str) -> tuple[str, int]:
        """The case and the number of its resolution; raises ``SurveyLinkInvalid`` or ``SurveyLinkExpired``."""
        try:
            claims = jwt.decode(
                token,
                self.key,
                [ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["sub", "exp", "number"], "verify_exp": False},
            )
            expires = datetime.fromtimestamp(int(claims["exp"]), UTC)
            case_id, number = str(claims["sub"]), int(claims["number"])
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError, UnicodeError) as error:
            raise SurveyLinkInvalid from error
        if expires <= self.clock():
            raise SurveyLinkExpired(case_id)
        return case_id, number
