"""Customers' tokens, and identities that the website signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt

from handoff.contract import Tier
from handoff.http.errors import ApiError
from handoff.services.conversations import Identity

ALGORITHM: Final = "HS256"
TOKEN_LIFE: Final = timedelta(days=7)
IDENTITY_LIFE: Final = timedelta(hours=1)
CLOCK_SKEW: Final = timedelta(seconds=60)
"""How far a website's clock may be off."""
_AUDIENCE: Final = "warmline-customer"


class CustomerTokens:
    """Makes and reads the token that opens one conversation."""

    def __init__(self, key: str, clock: Callable[[], datetime]) -> None:
        self._key = key
        self._clock = clock

    def issue(self, conversation_id: str, *, until: datetime | None = None) -> tuple[str, datetime]:
        """A new token and when it expires, at ``until`` at the latest."""
        expires = self._clock() + TOKEN_LIFE
        if until is not None:
            expires = min(expires, until)
        claims = {"sub": conversation_id, "aud": _AUDIENCE, "exp": int(expires.timestamp())}
        return jwt.encode(claims, self._key, ALGORITHM), expires.replace(microsecond=0)

    def read(self, token: str) -> str:
        """The conversation that a token opens; raises ``ApiError`` with ``token_invalid`` or ``token_expired``."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                [ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["sub", "exp"], "verify_exp": False},
            )
            expires = datetime.fromtimestamp(int(claims["exp"]), UTC)
        except (jwt.InvalidTokenError, ValueError, OverflowError, OSError, UnicodeError) as error:
            raise ApiError("token_invalid", "This token is not one of ours. Begin again.") from error
        if expires <= self._clock():
            raise ApiError("token_expired", "This token has expired. Begin again.")
        return str(claims["sub"])


class SiteIdentities:
    """Reads the identity that a website signs for its customer."""

    def __init__(self, key: str, clock: Callable[[], datetime]) -> None:
        self._key = key
        self._clock = clock

    def read(self, identity: str) -> Identity:
        """The customer for whom the website vouches; raises ``ApiError`` with ``identity_invalid`` and why."""
        try:
            claims = jwt.decode(
                identity,
                self._key,
                [ALGORITHM],
                options={
                    "require": ["sub", "iat", "exp"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_aud": False,
                },
            )
            issued = datetime.fromtimestamp(int(claims["iat"]), UTC)
            expires = datetime.fromtimestamp(int(claims["exp"]), UTC)
            tier = Tier(claims.get("tier", Tier.STANDARD))
        except jwt.MissingRequiredClaimError as error:
            raise _refuse(f"the claim {error.claim} is missing") from error
        except (jwt.InvalidTokenError, UnicodeError) as error:
            raise _refuse("the signature or form is wrong; sign it with HS256 and the key site_identity") from error
        except (ValueError, TypeError, OverflowError, OSError) as error:
            raise _refuse("iat, exp or tier is not a valid value") from error
        now = self._clock()
        if expires <= now - CLOCK_SKEW:
            raise _refuse("it has expired; sign a new one")
        if issued > now + CLOCK_SKEW:
            raise _refuse("it was issued in the future; set the website's clock")
        if expires - issued > IDENTITY_LIFE:
            raise _refuse("it lives longer than an hour; shorten exp")
        external_id, name, email = claims["sub"], claims.get("name"), claims.get("email")
        for claim, value, longest in (("sub", external_id, 128), ("name", name, 120), ("email", email, 254)):
            if value is not None and not (isinstance(value, str) and 0 < len(value) <= longest and _is_text(value)):
                raise _refuse(f"{claim} must be a text of 1 to {longest} characters")
        return Identity(external_id, name, email, tier)

    def sign(self, identity: Identity) -> str:
        """Sign as a website would; the demo shop does."""
        now = self._clock()
        claims = {
            "sub": identity.external_id,
            "name": identity.name,
            "email": identity.email,
            "tier": identity.tier,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=15)).timestamp()),
        }
        return jwt.encode({k: v for k, v in claims.items() if v is not None}, self._key, ALGORITHM)


def _is_text(value: str) -> bool:
    return not any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in value)


def _refuse(why: str) -> ApiError:
    return ApiError("identity_invalid", f"The signed identity cannot be accepted: {why}.", why=why)
