"""What the self-service actions work with, wired once when the action server starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from actions.content import Choices, Guides
from actions.shop.port import Shop


@dataclass(frozen=True)
class Services:
    """``refund_limit`` is the most the assistant pays back for one order without a person, in pounds."""

    shop: Shop
    now: Callable[[], datetime]
    refund_limit: Decimal
    guides: Guides
    choices: Choices

    def today(self) -> date:
        """The current day."""
        return self.now().date()

    async def aclose(self) -> None:
        """Closes the connections to the shop."""
        await self.shop.aclose()
