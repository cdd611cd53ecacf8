"""Whom the hub hands on to what is not its own to do, and who stands in until they are connected."""

from __future__ import annotations

from typing import Protocol

from handoff.services.events import TurnPending


class Delivery(Protocol):
    """What takes turns to the bot (handoff/delivery)."""

    def deliver(self, event: TurnPending) -> None:
        """Take a turn that was stored."""

    async def expect(self, conversation_id: str, text: str) -> None:
        """A text is about to be stored, and may become a turn."""

    def owner_may_have_changed(self, conversation_id: str) -> None:
        """Something other than a message happened in this conversation."""


class Offering(Protocol):
    """What offers waiting cases to agents (realtime/keeper.py)."""

    def wake(self) -> None:
        """Somebody may have become free, or a case waits: look now."""


class NobodyOffers:
    """Before offering is connected, cases wait in their queues."""

    def wake(self) -> None:
        """See :class:`Offering`."""


class NobodyDelivers:
    """Before delivery is connected, pending turns wait in the database for its recovery."""

    def deliver(self, event: TurnPending) -> None:
        """See :class:`Delivery`."""

    async def expect(self, conversation_id: str, text: str) -> None:
        """See :class:`Delivery`."""

    def owner_may_have_changed(self, conversation_id: str) -> None:
        """See :class:`Delivery`."""
