"""The audit log: who did and who saw what. Rows are only ever added."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handoff.domain.actors import Actor


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing done or seen: ``action`` is a verb of ours ("case.view"), ``data`` what somebody who checks needs."""

    at: datetime
    actor: Actor
    action: str
    object_type: str
    object_id: str | None
    data: dict[str, Any] = field(default_factory=dict)
