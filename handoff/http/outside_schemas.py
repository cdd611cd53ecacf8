"""Requests and answers about webhooks, the outbox and notifications, as closed models, and their calls for OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, Field

from handoff.contract import WireModel
from handoff.domain.notifications import NotificationKind
from handoff.domain.outbox import Channel, DeliveryStatus, EventName, WebhookFormat
from handoff.http.errors import FieldRefused
from handoff.http.operations import BODY, SESSION, SIGNED_IN, Operation
from handoff.http.wire import PlainText, Wire
from handoff.services.webhooks import SECRET_CHARACTERS, TO_CHOOSE


def _name(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise FieldRefused("bad_value", "The name must be a line of text that can be read.")
    return value.strip()


def _to_choose(value: EventName) -> EventName:
    if value not in TO_CHOOSE:
        raise FieldRefused("bad_value", f"An event is one of {', '.join(TO_CHOOSE)}.")
    return value


WebhookEvent = Annotated[EventName, Field(strict=False), AfterValidator(_to_choose)]


class WebhookRequest(Wire):
    """Register an address; without ``secret`` one is made."""

    name: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_name)]
    url: PlainText
    format: Annotated[WebhookFormat, Field(strict=False)] = WebhookFormat.WARMLINE
    events: Annotated[list[WebhookEvent], Field(min_length=1, max_length=len(TO_CHOOSE))]
    secret: Annotated[str, Field(min_length=SECRET_CHARACTERS, max_length=128, pattern="^[!-~]+$")] | None = None


class Webhook(WireModel):
    """A webhook without its secret."""

    id: str
    name: str
    url: str
    format: WebhookFormat
    events: list[EventName]
    created_at: AwareDatetime


class WebhooksAnswer(WireModel):
    """``GET /webhooks``."""

    webhooks: list[Webhook]


class WebhookAnswer(WireModel):
    """``POST /webhooks``: the one time that the secret is shown."""

    webhook: Webhook
    secret: str


class WebhookTried(WireModel):
    """``POST /webhooks/{webhook_id}/test``."""

    delivered: bool
    error: str | None


class Delivery(WireModel):
    """What stands in the outbox, without its content."""

    id: str
    channel: Channel
    webhook_id: str | None
    event: str
    event_id: str
    case_id: str | None
    status: DeliveryStatus
    attempts: int
    created_at: AwareDatetime
    next_try_at: AwareDatetime | None
    sent_at: AwareDatetime | None
    error: str | None


class OutboxAnswer(WireModel):
    """``GET /outbox``."""

    deliveries: list[Delivery]


class Counted(WireModel):
    """How many were changed."""

    count: int


class Notification(WireModel):
    """A line for a member of staff."""

    id: str
    kind: NotificationKind
    case_id: str | None
    text: str
    data: dict[str, Any]
    created_at: AwareDatetime
    read_at: AwareDatetime | None


class NotificationsAnswer(WireModel):
    """``GET /notifications``."""

    notifications: list[Notification]
    unread: int


def _limit(most: int, usual: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": usual}
    return {"name": "limit", "in": "query", "schema": schema}


_CHANGES: Final = (*SIGNED_IN, "csrf_failed")
_STATUS: Final = {
    "name": "status",
    "in": "query",
    "schema": {"type": "string", "enum": [str(status) for status in DeliveryStatus], "default": "dead"},
}
_UNREAD: Final = {"name": "unread", "in": "query", "schema": {"type": "string", "enum": ["true", "false"]}}

OUTSIDE: Final = (
    Operation("get", "/webhooks", "The webhooks", {200: ("Webhooks.", WebhooksAnswer)}, None, SIGNED_IN, SESSION),
    Operation(
        "post",
        "/webhooks",
        "Register a webhook",
        {201: ("Registered.", WebhookAnswer)},
        WebhookRequest,
        (*_CHANGES, *BODY),
        SESSION,
    ),
    Operation(
        "delete",
        "/webhooks/{webhook_id}",
        "Remove a webhook",
        {204: ("Removed.", None)},
        None,
        (*_CHANGES, "not_found"),
        SESSION,
    ),
    Operation(
        "post",
        "/webhooks/{webhook_id}/test",
        "Send a test",
        {200: ("How it went.", WebhookTried)},
        None,
        (*_CHANGES, "not_found"),
        SESSION,
    ),
    Operation(
        "get",
        "/outbox",
        "Deliveries",
        {200: ("Deliveries, newest first.", OutboxAnswer)},
        None,
        (*SIGNED_IN, "bad_value"),
        SESSION,
        (_STATUS, _limit(500, 50)),
    ),
    Operation("post", "/outbox/resend", "Send all again", {200: ("How many.", Counted)}, None, _CHANGES, SESSION),
    Operation(
        "post",
        "/outbox/{delivery_id}/resend",
        "Send again",
        {200: ("How many.", Counted)},
        None,
        (*_CHANGES, "not_found"),
        SESSION,
    ),
    Operation(
        "get",
        "/notifications",
        "What one was told",
        {200: ("Newest first.", NotificationsAnswer)},
        None,
        (*SIGNED_IN, "bad_value"),
        SESSION,
        (_UNREAD, _limit(100, 50)),
    ),
    Operation(
        "post",
        "/notifications/read",
        "Mark all as read",
        {200: ("How many.", Counted)},
        None,
        _CHANGES,
        SESSION,
    ),
    Operation(
        "post",
        "/notifications/{notification_id}/read",
        "Mark one as read",
        {200: ("How many.", Counted)},
        None,
        (*_CHANGES, "not_found"),
        SESSION,
    ),
)
