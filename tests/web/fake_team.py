"""What the stand-in of the agent API tells of: the staff, queues and forms, and how a case is told in short."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from .fake_customer import Json

QUEUES = [
    ("billing", "Billing"),
    ("orders_delivery", "Orders and delivery"),
    ("returns_refunds", "Returns and refunds"),
    ("technical", "Technical"),
    ("account_security", "Account and security"),
    ("plan", "Larkfield Care plan"),
    ("general", "General"),
]
ANA_QUEUES = ["billing", "general"]
ANA: Json = {
    "id": "ana",
    "name": "Ana Duarte",
    "email": "ana@larkfield.example",
    "role": "agent",
    "level": 1,
    "queues": ANA_QUEUES,
}
GRACE: Json = {
    "id": "grace",
    "name": "Grace Lindqvist",
    "email": "grace@larkfield.example",
    "role": "supervisor",
    "level": 3,
    "queues": [category for category, _ in QUEUES],
}
IMANI: Json = {
    "id": "imani",
    "name": "Imani Reyes",
    "email": "imani@larkfield.example",
    "role": "editor",
    "level": 1,
    "queues": [],
}
LEVELS = ["First line", "Specialist", "Lead", "Manager"]
SEVERITIES = [("Critical", "Somebody may be hurt."), ("High", "A good sum at stake."), ("Normal", "One is stuck."),
              ("Low", "A question.")]  # fmt: skip
QUESTIONS: list[Json] = [
    {"code": "customers", "question": "How many customers?", "risks": []},
    {"code": "money", "question": "Is money at stake?", "risks": []},
    {"code": "reputation", "question": "Is our reputation?", "risks": []},
    {"code": "legal", "question": "A legal risk?", "risks": [{"code": "legal", "label": "Legal"},
                                                              {"code": "regulator", "label": "Regulator"}]},
    {"code": "business_critical", "question": "Is it critical?", "risks": []},
    {"code": "safety", "question": "Could somebody be hurt?", "risks": [{"code": "safety", "label": "Safety"}]},
]  # fmt: skip
PASSWORD = "larkfield-demo"
DETAIL_ONLY = {
    "why", "customer", "summary", "reasons", "kind", "turns", "facts", "attempts", "history", "customer_history",
    "notes", "disposition", "root_cause", "outcome", "csat", "csat_comment", "messages", "last_seq", "private_of",
    "verdict", "handoff_message_id", "triage",
}  # fmt: skip


def ago(minutes: float) -> str:
    """A moment past, as the API writes it."""
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def refused(status: int, code: str, message: str, **data: Any) -> web.HTTPException:
    """The one error shape, as an exception that aiohttp answers with."""
    kinds: dict[int, type[web.HTTPException]] = {
        401: web.HTTPUnauthorized, 403: web.HTTPForbidden, 404: web.HTTPNotFound, 409: web.HTTPConflict,
        422: web.HTTPUnprocessableEntity,
    }  # fmt: skip
    body = json.dumps({"error": {"code": code, "message": message, "data": data}})
    return kinds[status](text=body, content_type="application/json")


def summary(case: Json) -> Json:
    """CaseSummary: the case without what only CaseDetail has."""
    return {key: value for key, value in case.items() if key not in DETAIL_ONLY}
