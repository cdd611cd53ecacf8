"""A fixed cast of cases for the desk's tests."""

from __future__ import annotations

from typing import Any

from .fake_customer import Json, later
from .fake_team import ago

_TURNS = [
    ("Why was I charged 12.99 this month?", "explain_charge", 0.21, "none"),
    ("That does not answer my question. I did not order anything.", "explain_charge", 0.48, "none"),
    ("This is the third time I ask. It is ridiculous!", "complain", 0.79, "offer"),
    ("Just give me a person, now.", "talk_to_person", 0.86, "now"),
]


def turn(text: str, seq: int, intent: str, frustration: float, action: str) -> Json:
    """A TurnRecord with its place in the conversation."""
    return {
        "seq": seq, "at": ago(30 - seq), "message_id": f"m{seq}", "intent": intent, "confidence": 0.91, "topic": intent,
        "in_scope": True, "entities": {}, "frustration": frustration, "trend": 0.2, "peak": frustration,
        "scored_by": "model",
        "decision": {"action": action, "reason": "frustration" if action != "none" else None, "kind": None,
                     "category": "billing", "severity": 2, "level": 1, "acknowledge": False, "contact_number": 1,
                     "reasons": [], "policy_version": "1"},
    }  # fmt: skip


def _transcript() -> tuple[list[Json], list[Json]]:
    messages: list[Json] = []
    turns: list[Json] = []

    def say(kind: str, name: str | None, text: str, notice: str | None = None, record: Json | None = None) -> None:
        messages.append(
            {
                "seq": len(messages) + 1,
                "id": f"m{len(messages) + 1}",
                "sender": {"type": kind, "name": name},
                "text": text,
                "buttons": [],
                "notice": notice,
                "client_message_id": None,
                "created_at": ago(30 - len(messages)),
                "can_rate": kind == "bot",
                "rating": None,
                "turn": record,
            }
        )

    answers = [
        "The charge of £12.99 on 1 March is your Larkfield Care plan.",
        "I am sorry that this was not clear. Your plan renews on the first of each month.",
        "I can hear that this is frustrating. Would you like to talk to a person?",
    ]
    for index, (text, intent, frustration, action) in enumerate(_TURNS):
        record = turn(text, len(messages) + 1, intent, frustration, action)
        turns.append(record)
        say("customer", None, text, record=record)
        if index < len(answers):
            say("bot", "Larkfield assistant", answers[index])
    say("system", "Larkfield Home", "I have passed your question about a charge to our Billing team (case WL-1001). "
        "You hear from us within 15 minutes.", "handoff_opened")  # fmt: skip
    return messages, turns


def desk_case(number: int = 1001, customer: str = "Maya Lind", **changes: Any) -> Json:
    """A CaseDetail: a charge that nobody explained, waiting in Billing."""
    messages, turns = _transcript()
    case: Json = {
        "id": f"case-{number}", "number": f"WL-{number}", "status": "open", "category": "billing", "queue": "Billing",
        "severity": 2, "level": 1, "priority": 62.0, "reason": "frustration",
        "reason_text": "Frustration rose over four turns and the customer asked for a person",
        "problem": "an unexpected charge of £12.99", "customer_name": customer, "customer_tier": "standard",
        "verified": True, "contact_number": 3, "owner_type": "queue", "agent": None, "opened_at": ago(6.4),
        "accepted_at": None, "first_response_due": later(9), "next_update_due": later(9), "resolution_due": later(240),
        "frustration": 0.86, "peak_frustration": 0.86, "unread": 0, "position": 1, "version": 1,
        "customer": {"id": "C-1001", "name": customer, "email": "maya@example.org", "tier": "standard",
                     "verified": True, "first_seen_at": ago(60 * 24 * 40)},
        "why": "Third contact in 7 days about a charge; frustration rose from 0.2 to 0.9 (“ridiculous”, “third time”).",
        "summary": f"{customer} asks why £12.99 was charged on 1 March. The bot explained the plan's renewal twice. "
        "The customer says that no plan was ordered. Third contact about this in seven days.",
        "reasons": [
            {"signal": "frustration", "reason": "frustration", "value": 0.86, "threshold": 0.7, "weight": 0.6,
             "evidence": ["ridiculous", "third time", "does not answer my question"]},
            {"signal": "explicit_request", "reason": "explicit_request", "value": 1.0, "threshold": 1.0, "weight": 0.3,
             "evidence": ["Just give me a person, now."]},
            {"signal": "contacts_in_window", "reason": "repeat_contact", "value": 3.0, "threshold": 3.0, "weight": 0.1,
             "evidence": ["2 earlier contacts about explain_charge in 7 days"]},
        ],
        "kind": "priority", "turns": turns,
        "triage": {"customers": 1, "money": True, "amount": 12.99, "reputation": False, "legal": ["regulator"],
                   "business_critical": False, "safety": []},
        "facts": {"order_number": "LH-10003", "invoice_number": "INV-2026-0003", "amount": "£12.99"},
        "attempts": [{"action": "action_explain_charge", "outcome": "explained the plan's renewal", "at": ago(28)},
                     {"action": "faq/billing_renewal", "outcome": "answered", "at": ago(26)}],
        "history": [{"at": ago(6.4), "kind": "opened", "actor_type": "bot", "actor_name": "Larkfield assistant",
                     "text": "Opened for Billing", "data": {}}],
        "customer_history": {
            "conversations": [{"id": "c-0", "started_at": ago(60 * 24 * 3), "topics": ["explain_charge"]}],
            "cases": [{"id": "case-9", "number": "WL-0987", "category": "billing", "status": "closed",
                       "opened_at": ago(60 * 24 * 20), "outcome": "Refunded a doubled charge"}],
        },
        "notes": [], "verdict": None, "handoff_message_id": "m7",
        "disposition": None, "root_cause": None, "outcome": None, "csat": None, "csat_comment": None,
        "messages": messages, "last_seq": len(messages),
    }  # fmt: skip
    return {**case, **changes}
