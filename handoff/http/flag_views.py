"""How a flag looks on the wire."""

from __future__ import annotations

from typing import Any

from handoff.domain.supervising import Flag


def flag_view(flag: Flag | None) -> dict[str, Any] | None:
    """A flag that stands; null where none does."""
    if flag is None:
        return None
    return {"why": flag.reason, "by": flag.agent_name, "since": flag.flagged_at.isoformat()}
