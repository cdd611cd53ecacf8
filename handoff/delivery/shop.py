"""The way to the company's systems: the action server, which alone reaches them, asked over HTTP with the secret."""

from __future__ import annotations

from typing import Final

import aiohttp
from pydantic import ValidationError

from handoff.contract import AuthorityDone, AuthorityOptions, AuthorityRequest
from handoff.domain.errors import ShopRefused
from handoff.services.shop import ShopUncertain, unreachable

PATH: Final = "/shop/authority"
SECONDS: Final = 12.0
"""The action server tries a change twice, 4 seconds each."""
REFUSED, UNREACHABLE = 409, 503


class HttpShop:
    """The shop behind the action server at ``actions_url``."""

    def __init__(self, session: aiohttp.ClientSession, *, actions_url: str, secret: str) -> None:
        self._session = session
        self._url = f"{actions_url}{PATH}"
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._timeout = aiohttp.ClientTimeout(total=SECONDS)

    async def options(self, customer_id: str) -> AuthorityOptions:
        """See the protocol."""
        try:
            async with self._session.get(
                self._url, params={"customer_id": customer_id}, headers=self._headers, timeout=self._timeout
            ) as answer:
                answer.raise_for_status()
                return AuthorityOptions.model_validate_json(await answer.read())
        except (aiohttp.ClientError, TimeoutError, ValidationError) as error:
            raise unreachable() from error

    async def use(self, wanted: AuthorityRequest) -> AuthorityDone:
        """See the protocol."""
        headers = {**self._headers, "Content-Type": "application/json"}
        try:
            async with self._session.post(
                self._url, data=wanted.model_dump_json(), headers=headers, timeout=self._timeout
            ) as answer:
                if answer.status == REFUSED:
                    reason = str((await answer.json()).get("code", ""))
                    raise ShopRefused(
                        f"The shop does not allow it: {reason.replace('_', ' ')}. Nothing was changed.", reason=reason
                    )
                if answer.status == UNREACHABLE:
                    raise unreachable()
                answer.raise_for_status()
                return AuthorityDone.model_validate_json(await answer.read())
        except aiohttp.ClientConnectorError as error:
            raise unreachable() from error
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # The request left, and no answer that could be read came back: it may have been done.
            raise ShopUncertain(type(error).__name__) from error
