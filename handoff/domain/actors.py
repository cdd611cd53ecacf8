"""Who does a step of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from handoff.domain.conversations import SenderType
from handoff.domain.people import Agent, Customer


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did a step, for the history and the audit log."""

    type: SenderType
    id: str | None
    name: str | None

    @classmethod
    def of_agent(cls, agent: Agent) -> Actor:
        """An agent as actor."""
        return cls(SenderType.AGENT, agent.id, agent.name)

    @classmethod
    def of_customer(cls, customer: Customer) -> Actor:
        """A customer as actor."""
        return cls(SenderType.CUSTOMER, customer.id, customer.name)


BOT: Final = Actor(SenderType.BOT, None, None)
SYSTEM: Final = Actor(SenderType.SYSTEM, None, None)
"""Warmline itself: what a clock or a rule does."""
