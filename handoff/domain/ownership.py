"""Who may speak to the customer: one owner at a time, with a version that grows at every change.

The version is what makes a late reply harmless: a message is written only under the version it was prepared under.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OwnerType(StrEnum):
    """The three that can own a conversation."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Owner:
    """The present owner. ``agent_id`` is set exactly when an agent owns."""

    type: OwnerType
    version: int
    agent_id: str | None = None

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an agent without identity, or an identity without an agent."""
        if (self.agent_id is not None) != (self.type is OwnerType.AGENT):
            raise ValueError(f"owner {self.type} with agent_id {self.agent_id!r}")

    @property
    def is_bot(self) -> bool:
        """Whether the bot may speak now."""
        return self.type is OwnerType.BOT

    def to_queue(self) -> Owner:
        """The owner after the conversation went (back) to a queue."""
        return Owner(OwnerType.QUEUE, self.version + 1)

    def to_agent(self, agent_id: str) -> Owner:
        """The owner after an agent took the conversation."""
        return Owner(OwnerType.AGENT, self.version + 1, agent_id)

    def to_bot(self) -> Owner:
        """The owner after the conversation came back to the bot."""
        return Owner(OwnerType.BOT, self.version + 1)


FIRST_OWNER = Owner(OwnerType.BOT, 0)
"""Every conversation begins with the bot."""
