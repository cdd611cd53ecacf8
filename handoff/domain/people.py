"""The customer in the widget and the agent at the desk, with what each may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from handoff.contract import Category, CustomerInfo, Tier


class Role(StrEnum):
    """What a member of staff is signed in for."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    ADMIN = "admin"


LEAD_LEVEL: Final = 3
"""Who is of this level or above, or sees all queues, leads (P17)."""
SEES_ALL_QUEUES = frozenset({Role.SUPERVISOR, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Customer:
    """An end user. ``external_id`` is the website's own identifier, only when the website vouched for it."""

    id: str
    external_id: str | None
    name: str | None
    email: str | None
    tier: Tier
    verified: bool
    created_at: datetime

    def info(self) -> CustomerInfo:
        """What the bot is told of this customer."""
        return CustomerInfo(
            id=self.external_id or self.id,
            name=self.name,
            email=self.email,
            tier=self.tier,
            verified=self.verified,
        )


@dataclass(frozen=True, slots=True)
class Agent:
    """A member of staff. ``level`` counts from 1 (first line); ``queues`` are the categories they serve.

    ``capacity`` is how many units of work they have at once (see ``Case.weight``); ``languages`` are BCP 47 tags, none:
    whatever is spoken here; ``skills`` are those of the policy.
    """

    id: str
    name: str
    email: str
    role: Role
    level: int
    queues: frozenset[Category]
    capacity: int = 6
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()

    @property
    def sees_all(self) -> bool:
        """Whether every queue is visible to them."""
        return self.role in SEES_ALL_QUEUES

    @property
    def works_cases(self) -> bool:
        """Whether the role deals with cases at all; editors do not."""
        return self.role is not Role.EDITOR

    def leads(self, category: Category) -> bool:
        """Whether they lead this queue."""
        return self.works_cases and (self.sees_all or (self.level >= LEAD_LEVEL and category in self.queues))

    def visible_queues(self) -> tuple[Category, ...]:
        """The queues whose cases they may see, in the fixed order of categories."""
        return _visible_queues(self.role, self.queues)


@lru_cache(maxsize=256)
def _visible_queues(role: Role, queues: frozenset[Category]) -> tuple[Category, ...]:
    """Remembered, because every desk is asked at every change of every case."""
    if role is Role.EDITOR:
        return ()
    return tuple(c for c in Category if role in SEES_ALL_QUEUES or c in queues)
