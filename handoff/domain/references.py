"""A case's record in another system: a ticket, an issue, a deal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reference:
    """``id`` is the other system's own identifier; together with ``system`` it belongs to one case."""

    system: str
    id: str
    url: str | None
    created_at: datetime
