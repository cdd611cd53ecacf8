"""One error shape for every client: code, HTTP status, message, data."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import ValidationError

from handoff.contract import ErrorBody
from handoff.domain.errors import HandoffError

log = structlog.get_logger(__name__)

STATUS: Final[Mapping[str, int]] = {
    "not_json": 400,
    "token_missing": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "identity_invalid": 401,
    "key_missing": 401,
    "key_invalid": 401,
    "key_revoked": 401,
    "key_expired": 401,
    "not_signed_in": 401,
    "sign_in_failed": 401,
    "origin_not_allowed": 403,
    "csrf_failed": 403,
    "not_allowed": 403,
    "scope_missing": 403,
    "category_not_allowed": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "wrong_state": 409,
    "case_closed": 409,
    "case_changed": 409,
    "already_accepted": 409,
    "not_owner": 409,
    "top_level": 409,
    "level_too_low": 409,
    "not_eligible": 409,
    "offer_gone": 409,
    "reserved": 409,
    "agent_not_available": 409,
    "cannot_merge": 409,
    "over_authority": 409,
    "shop_refused": 409,
    "not_ratable": 409,
    "not_reopenable": 409,
    "case_stands": 409,
    "reference_taken": 409,
    "idempotency_key_reused": 409,
    "conversation_closed": 409,
    "button_not_available": 409,
    "attachment_gone": 409,
    "attachment_held": 409,
    "attachments_full": 409,
    "replay_running": 409,
    "body_too_large": 413,
    "attachment_too_large": 413,
    "unsupported_media_type": 415,
    "attachment_type": 415,
    "unknown_field": 422,
    "missing_field": 422,
    "wrong_type": 422,
    "bad_value": 422,
    "unknown_type": 422,
    "email_invalid": 422,
    "attachment_empty": 422,
    "attachment_infected": 422,
    "policy_broken": 422,
    "message_empty": 422,
    "message_too_long": 422,
    "too_many_requests": 429,
    "internal_error": 500,
    "shop_unreachable": 503,
}
"""Every code that a client can meet, with its HTTP status; the protocol pages list the same ones."""

_FRAMEWORK_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "unsupported_media_type"}
_PYDANTIC_CODES = {"extra_forbidden": "unknown_field", "missing": "missing_field"}


FIELD_CHARACTERS: Final = 100
"""How much of an unknown field's name is told back."""
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")


class ApiError(Exception):
    """A refusal at the edge, before any use case is called."""

    def __init__(self, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.body = ErrorBody(code=code, message=message, data=data)


def describe(error: Exception) -> ErrorBody:
    """What a client is told of an exception; what nobody foresaw becomes ``internal_error`` without details."""
    if isinstance(error, ApiError):
        return error.body
    if isinstance(error, HandoffError):
        return ErrorBody(code=error.code, message=error.message, data=error.data)
    if isinstance(error, ValidationError):
        return _describe_validation(error)
    if isinstance(error, web.HTTPException):
        code = _FRAMEWORK_CODES.get(error.status, "bad_value" if error.status < 500 else "internal_error")
        return ErrorBody(code=code, message=_FRAMEWORK_MESSAGES.get(code, error.reason))
    return ErrorBody(code="internal_error", message="Something went wrong on our side. Try again; nothing was lost.")


_FRAMEWORK_MESSAGES = {
    "not_found": "There is nothing at this path.",
    "method_not_allowed": "This path does not take this method.",
    "body_too_large": "The request is larger than 64 KiB.",
}


def _describe_validation(error: ValidationError) -> ErrorBody:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])[:FIELD_CHARACTERS] or "body"
    kind = first["type"]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, FieldRefused):
        return ErrorBody(code=cause.code, message=str(cause), data={"field": field, **cause.data})
    code = _PYDANTIC_CODES.get(kind) or ("wrong_type" if kind.endswith(("_type", "_parsing")) else "bad_value")
    wording = {
        "unknown_field": f"There is no field {field!r} here.",
        "missing_field": f"The field {field!r} is missing.",
    }
    return ErrorBody(code=code, message=wording.get(code, f"{field}: {first['msg']}."), data={"field": field})


class FieldRefused(ValueError):
    """Raised by a validator of a wire model that has a code of its own."""

    def __init__(self, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


def error_frame(error: Exception) -> dict[str, Any]:
    """The ``error`` object as both HTTP and WebSocket clients see it."""
    return describe(error).model_dump(mode="json")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every exception into the one shape."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = _respond(error)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except (ApiError, HandoffError, ValidationError) as error:
        return _respond(error)
    except ConnectionResetError:
        raise
    except Exception as error:
        log.exception("request_failed", method=request.method, path=request.path)
        return _respond(error)


def _respond(error: Exception) -> web.Response:
    body = describe(error)
    headers = {"Cache-Control": "no-store"}
    if "retry_after_seconds" in body.data:
        headers["Retry-After"] = str(body.data["retry_after_seconds"])
    return web.json_response({"error": body.model_dump(mode="json")}, status=STATUS[body.code], headers=headers)


def parse_json(raw: bytes | str) -> dict[str, Any]:
    """Read a JSON object; raises ``ApiError`` with ``not_json``."""
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        body = _DECODER.decode(text)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ApiError("not_json", "The body is not JSON in UTF-8.") from error
    if not isinstance(body, dict):
        raise ApiError("not_json", "The body must be a JSON object.")
    if "\\u" in text:
        _refuse_half_pairs(body)
    return body


def _refuse_half_pairs(body: dict[str, Any]) -> None:
    """JSON can spell half a surrogate pair, which is no text: it could be neither stored nor sent back."""
    for key, value in body.items():
        if _HALF_PAIR.search(key) or _HALF_PAIR.search(json.dumps(value, ensure_ascii=False)):
            field = _HALF_PAIR.sub("\ufffd", key)[:FIELD_CHARACTERS]
            raise ApiError("bad_value", f"{field}: the text holds half a surrogate pair.", field=field)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
