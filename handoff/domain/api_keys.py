"""Keys by which other systems take part: what each may do, in which queues, until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from handoff.contract import Category
from handoff.domain.actors import Actor
from handoff.domain.conversations import SenderType
from handoff.domain.errors import CategoryNotAllowed, KeyExpired, KeyRevoked, NotFound, ScopeMissing

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
"""A key bears the name of the system that holds it; cases, references and history name it."""
NAME_RULE: Final = "1 to 32 of a to z, 0 to 9, - and _, beginning with a letter or digit: zendesk"


class Scope(StrEnum):
    """One thing that a key may do."""

    CASES_READ = "cases:read"
    """Cases, their history without what was said, references, and the order in which they changed."""
    CASES_WRITE = "cases:write"
    """Open, note, change the severity, resolve, reopen, set references."""
    MESSAGES_READ = "messages:read"
    """What was said, and private notes."""
    MESSAGES_WRITE = "messages:write"
    """Write to the customer, or bring what the customer wrote elsewhere."""
    SURVEYS_WRITE = "surveys:write"
    """Bring how the customer rated a solution."""
    CUSTOMERS_READ = "customers:read"
    """Name, e-mail and identifier of a case's customer; without it they are left out."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. ``categories`` limits it to these queues; empty: all of them."""

    id: str
    name: str
    scopes: frozenset[Scope]
    categories: frozenset[Category]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """The system as who does a step."""
        return Actor(SenderType.SYSTEM, self.id, self.name)

    @property
    def visible(self) -> frozenset[Category]:
        """The queues whose cases it may know of."""
        return self.categories or frozenset(Category)

    def is_live(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def require_live(self, now: datetime) -> None:
        """Raise ``KeyRevoked`` or ``KeyExpired`` for a key that no longer opens anything."""
        if self.revoked_at is not None:
            raise KeyRevoked("This key was revoked. Ask an admin of Warmline for a new one.")
        if not self.is_live(now):
            raise KeyExpired("This key has expired. Ask an admin of Warmline for a new one.")

    def require(self, *scopes: Scope) -> None:
        """Raise ``ScopeMissing``, which names what is missing, unless the key has all of these."""
        missing = [scope for scope in scopes if scope not in self.scopes]
        if missing:
            raise ScopeMissing(
                f"The key {self.name} lacks the scope {', '.join(missing)}. An admin can make one that has it.",
                scopes=missing,
            )

    def require_category(self, category: Category) -> None:
        """Raise ``CategoryNotAllowed`` for a queue that the key is not for."""
        if category not in self.visible:
            raise CategoryNotAllowed(
                f"The key {self.name} is not for {category}; it may use {', '.join(sorted(self.visible))}.",
                categories=sorted(self.visible),
            )

    def require_to_see(self, category: Category) -> None:
        """Raise ``NotFound``, as if there were no such case, for one of a queue that the key is not for."""
        if category not in self.visible:
            raise NotFound("There is no such case.")
