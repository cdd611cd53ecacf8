"""Who may speak to the customer: one owner at a time, with a version that grows at every change.

The version is what makes a late reply harmless: a message is written only under the version it was prepared under.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handoff.domain.cases import Step
from handoff.domain.errors import WrongState


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


FIRST_OWNER = Owner(OwnerType.BOT, 0)
"""Every conversation begins with the bot."""

OWNER_TRANSITIONS: Final[dict[tuple[OwnerType, Step], OwnerType]] = {
    (OwnerType.BOT, Step.OPEN): OwnerType.QUEUE,
    (OwnerType.BOT, Step.REOPEN_TO_QUEUE): OwnerType.QUEUE,
    (OwnerType.BOT, Step.REOPEN_TO_AGENT): OwnerType.AGENT,
    (OwnerType.QUEUE, Step.ACCEPT): OwnerType.AGENT,
    (OwnerType.AGENT, Step.TAKE_OVER): OwnerType.AGENT,
    (OwnerType.AGENT, Step.RELEASE): OwnerType.QUEUE,
    **{
        (owner, step): after
        for owner in (OwnerType.QUEUE, OwnerType.AGENT)
        for step, after in (
            (Step.TRANSFER, OwnerType.QUEUE),
            (Step.ESCALATE, OwnerType.QUEUE),
            (Step.RESOLVE, OwnerType.BOT),
            (Step.RETURN_TO_BOT, OwnerType.BOT),
            (Step.MERGE, OwnerType.BOT),
        )
    },
}
"""The whole state machine of ownership: by which step of a case its conversation goes from whom to whom."""
MOVES_OWNER: Final = frozenset(step for _, step in OWNER_TRANSITIONS)
"""The steps after which somebody else speaks; every other one leaves the owner who it is."""


def owner_after(owner: Owner, step: Step, agent_id: str | None) -> Owner:
    """The owner that a step of the case leads to; ``agent_id`` is who has the case after it.

    Raises ``WrongState`` for a step that cannot happen under this owner.
    """
    if step not in MOVES_OWNER:
        return owner
    after = OWNER_TRANSITIONS.get((owner.type, step))
    if after is None:
        raise WrongState(f"The conversation belongs to the {owner.type}; its case cannot be {step.replace('_', ' ')}.")
    return Owner(after, owner.version + 1, agent_id if after is OwnerType.AGENT else None)
