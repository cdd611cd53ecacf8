"""How a call is described for OpenAPI, and the refusals that many calls share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

SESSION: Final[tuple[dict[str, list[str]], ...]] = ({"session": []},)
BODY: Final = (
    "not_json",
    "unsupported_media_type",
    "body_too_large",
    "unknown_field",
    "missing_field",
    "wrong_type",
    "bad_value",
)
SIGNED_IN: Final = ("not_signed_in", "origin_not_allowed", "not_allowed")


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: what it takes, what it answers with by status, and the codes by which it can refuse."""

    method: str
    path: str
    summary: str
    answers: dict[int, tuple[str, type[BaseModel] | None]]
    body: type[BaseModel] | None = None
    refusals: tuple[str, ...] = ()
    security: tuple[dict[str, list[str]], ...] = ()
    query: tuple[dict[str, Any], ...] = field(default=())
