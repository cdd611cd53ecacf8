"""What an HTTP call takes and answers, for the machine-readable form of the APIs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from handoff.http import agent_schemas

SESSION: Final[tuple[dict[str, list[str]], ...]] = ({"session": []},)
TOKEN: Final[tuple[dict[str, list[str]], ...]] = ({"token": []},)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: what it takes, what it answers with by status, and the codes by which it can refuse.

    ``file`` is the media type of an answer that is no JSON, ``takes`` are the media types of a body that is none.
    """

    method: str
    path: str
    summary: str
    answers: dict[int, tuple[str, type[BaseModel] | None]]
    body: type[BaseModel] | None = None
    refusals: tuple[str, ...] = ()
    security: tuple[dict[str, list[str]], ...] = ()
    query: tuple[dict[str, Any], ...] = field(default=())
    file: str | None = None
    takes: tuple[str, ...] = ()


BODY = (
    "not_json",
    "unsupported_media_type",
    "body_too_large",
    "unknown_field",
    "missing_field",
    "wrong_type",
    "bad_value",
)
SIGNED_IN = ("not_signed_in", "origin_not_allowed", "not_allowed")
STEP = (*SIGNED_IN, *BODY, "csrf_failed", "not_found", "case_closed", "case_changed")
OPENS = ("token_missing", "token_invalid", "token_expired", "origin_not_allowed", "not_found")
AFTER = {
    "name": "after",
    "in": "query",
    "schema": {"type": "integer", "minimum": 0, "maximum": 999999999, "default": 0},
}


def step(
    path: str,
    summary: str,
    body: type[BaseModel],
    *refusals: str,
    answer: type[BaseModel] = agent_schemas.CaseAnswer,
) -> Operation:
    """A step of a case: refused as every step can be, and for ``refusals``."""
    answers: dict[int, tuple[str, type[BaseModel] | None]] = {200: ("The case as it is now.", answer)}
    return Operation("post", f"/cases/{{case_id}}/{path}", summary, answers, body, (*STEP, *refusals), SESSION)
