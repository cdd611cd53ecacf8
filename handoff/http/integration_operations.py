"""The integration API for its machine-readable form: calls, answers, refusals."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from handoff.http import integration_wire as wire
from handoff.http.operations import AFTER, BODY, Operation

_KEY: Final[tuple[dict[str, list[str]], ...]] = ({"key": []},)
_ANY: Final = ("key_missing", "key_invalid", "key_revoked", "key_expired", "too_many_requests")
_SCOPED: Final = (*_ANY, "scope_missing")
_ONE: Final = (*_SCOPED, "not_found")


def _read(
    path: str, summary: str, answer: type[BaseModel], *refusals: str, query: tuple[dict[str, Any], ...] = ()
) -> Operation:
    return Operation("get", path, summary, {200: (f"{summary}.", answer)}, None, refusals, _KEY, query)


def _step(path: str, summary: str, body: type[BaseModel], *refusals: str) -> Operation:
    answers: dict[int, tuple[str, type[BaseModel] | None]] = {200: ("The case as it is now.", wire.OutsideCaseAnswer)}
    return Operation(
        "post", f"/cases/{{case_id}}/{path}", summary, answers, body, (*_ONE, *BODY, "case_changed", *refusals), _KEY
    )


def _parameter(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


OPERATIONS: Final = (
    _read("/key", "What the key may do", wire.KeyInfoAnswer, *_ANY),
    Operation(
        "post",
        "/cases",
        "Open a case",
        {200: ("It stood already.", wire.OpenedAnswer), 201: ("Opened.", wire.OpenedAnswer)},
        wire.OpenRequest,
        (
            *_ONE,
            *BODY,
            "category_not_allowed",
            "case_stands",
            "reference_taken",
            "idempotency_key_reused",
            "message_empty",
            "message_too_long",
        ),
        _KEY,
    ),
    _read(
        "/changes",
        "Cases that changed",
        wire.ChangesAnswer,
        *_SCOPED,
        "bad_value",
        query=(
            _parameter("cursor", type="string", pattern=r"^[0-9]{1,18}-[0-9]{1,9}$"),
            _parameter("limit", type="integer", minimum=1, maximum=200, default=50),
        ),
    ),
    _read(
        "/references",
        "The case of a record elsewhere",
        wire.OutsideCaseAnswer,
        *_ONE,
        "bad_value",
        query=(
            _parameter("system", type="string", minLength=1, maxLength=128),
            {**_parameter("id", type="string", minLength=1, maxLength=128), "required": True},
        ),
    ),
    _read("/cases/{case_id}", "A case", wire.OutsideCaseAnswer, *_ONE),
    _read("/cases/{case_id}/messages", "What was said", wire.OutsideMessagesAnswer, *_ONE, "bad_value", query=(AFTER,)),
    _read("/cases/{case_id}/history", "Every step", wire.HistoryAnswer, *_ONE),
    Operation(
        "post",
        "/cases/{case_id}/messages",
        "Write, or bring what the customer wrote",
        {200: ("Stored.", wire.SaidAnswer)},
        wire.MessageRequest,
        (
            *_ONE,
            *BODY,
            "case_changed",
            "case_closed",
            "not_owner",
            "conversation_closed",
            "message_empty",
            "message_too_long",
        ),
        _KEY,
    ),
    _step("notes", "Keep a private note", wire.OutsideNoteRequest),
    _step("severity", "Change the severity", wire.OutsideSeverityRequest, "case_closed"),
    _step("resolve", "Close", wire.OutsideResolveRequest, "case_closed"),
    _step("reopen", "Open again", wire.OutsideReopenRequest, "not_reopenable", "conversation_closed"),
    Operation(
        "post",
        "/cases/{case_id}/survey",
        "Bring a rating",
        {200: ("The case as it is now.", wire.OutsideCaseAnswer)},
        wire.OutsideSurveyRequest,
        (*_ONE, *BODY, "not_ratable", "not_reopenable", "conversation_closed"),
        _KEY,
    ),
    _step("references", "Tie to a record elsewhere", wire.ReferenceRequest, "reference_taken"),
)
