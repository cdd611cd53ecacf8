"""The port to the company's systems, as far as agents change something there."""

from __future__ import annotations

from typing import Protocol

from handoff.contract import AuthorityDone, AuthorityOptions, AuthorityRequest
from handoff.domain.errors import ShopUnreachable


class ShopUncertain(Exception):
    """The shop was asked to change something and nobody knows whether it did; the same key is safe to ask again."""


class Shop(Protocol):
    """What handoff asks of the company's systems."""

    async def options(self, customer_id: str) -> AuthorityOptions:
        """What could be paid back or waived. Raises ``ShopUnreachable``."""

    async def use(self, wanted: AuthorityRequest) -> AuthorityDone:
        """Carry a decision out, once for its key. Raises ``ShopRefused``, ``ShopUnreachable`` or ``ShopUncertain``."""


def unreachable() -> ShopUnreachable:
    """What the agent is told when the shop surely did nothing."""
    return ShopUnreachable("The shop cannot be reached just now, and nothing was changed. Try again in a moment.")
