"""A past of any length, made up from a seed: closed cases evenly over a thousand days, and open ones of today.

Rows are made as the tables have them, in lots, so that a million cases need no memory. What customers "wrote" is put
together from a few phrases: its length matters here, not its sense.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from handoff.contract import Category

DAYS: Final = 1000
LOT: Final = 5000
Row = tuple[Any, ...]
PHRASES: Final = (
    "where is my order",
    "it should have come on Monday",
    "the vacuum does not charge",
    "I was charged again",
    "how do I send it back",
    "the invoice has the wrong name",
    "it is about the kettle that I bought in spring",
    "could somebody please look into this",
)
CAUSES: Final = ("carrier_late", "product_fault", "double_charge", "not_understood", "misunderstanding")
DISPOSITIONS: Final = ("solved", "solved", "solved", "compensated", "explained", "declined")
REASONS: Final = ("explicit_request", "frustration", "repeat_contact", "repeated_fallback", "policy", "authority")

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "customers": ("id", "external_id", "name", "email", "tier", "verified", "created_at"),
    "conversations": (
        "id",
        "customer_id",
        "status",
        "owner_type",
        "owner_agent_id",
        "owner_version",
        "last_seq",
        "started_at",
        "last_activity_at",
    ),
    "messages": ("id", "conversation_id", "seq", "sender", "sender_id", "text", "buttons", "created_at"),
    "cases": (
        "id",
        "number",
        "conversation_id",
        "customer_id",
        "idempotency_key",
        "status",
        "category",
        "severity",
        "level",
        "priority",
        "reason",
        "problem",
        "topic",
        "contact_number",
        "context",
        "agent_id",
        "first_response_due",
        "next_update_due",
        "resolution_due",
        "opened_at",
        "queued_at",
        "rank_at",
        "accepted_at",
        "first_response_at",
        "resolved_at",
        "disposition",
        "root_cause",
        "outcome",
        "csat",
        "csat_agent_id",
        "version",
        "resolution_count",
        "last_agent_word_at",
    ),
    "case_events": ("case_id", "at", "step", "actor_type", "actor_id", "text", "data"),
    "resolutions": (
        "case_id",
        "number",
        "agent_id",
        "resolved_at",
        "disposition",
        "root_cause",
        "outcome",
        "csat",
        "rated_at",
    ),
    "promises": (
        "id",
        "case_id",
        "kind",
        "status",
        "category",
        "agent_id",
        "made_at",
        "due_at",
        "settled_at",
        "reason",
    ),
}
"""The columns that are filled, by table, in the order in which the tables must be."""


@dataclass(frozen=True)
class Size:
    """How much there is: closed cases over ``DAYS`` days, open ones of the last hours, and the agents who have them."""

    closed: int
    open: int
    agents: tuple[str, ...]


def lots(size: Size, now: datetime, seed: int) -> Iterator[dict[str, list[Row]]]:
    """The rows of every table, a lot of cases at a time."""
    random = Random(seed)
    for start in range(0, size.closed + size.open, LOT):
        rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
        for number in range(start, min(start + LOT, size.closed + size.open)):
            if number < size.closed:
                opened = now - timedelta(days=DAYS) + timedelta(days=DAYS - 0.2) * (number / size.closed)
                _closed(rows, random, number, opened, random.choice(size.agents))
            else:
                _open(rows, random, number, now - timedelta(minutes=random.uniform(0, 240)))
        yield rows


def _closed(rows: dict[str, list[Row]], random: Random, number: int, opened: datetime, agent: str) -> None:
    category, severity = random.choice(list(Category)), random.choice((1, 2, 3, 3, 3, 4, 4))
    accepted = opened + timedelta(seconds=random.expovariate(1 / 180))
    answered = accepted + timedelta(seconds=random.uniform(10, 120))
    resolved = answered + timedelta(minutes=random.expovariate(1 / 60))
    csat = random.choice((None, None, 5, 5, 4, 3, 1))
    disposition, cause = random.choice(DISPOSITIONS), random.choice(CAUSES)
    case, talk = _begin(rows, random, number, opened, status="closed", owner="bot", at=resolved)
    rows["cases"].append(
        (
            case,
            1001 + number,
            talk,
            f"customer-{number}",
            f"key-{number}",
            "closed",
            category,
            severity,
            1,
            30,
            random.choice(REASONS),
            "where your order is",
            "order_status",
            1,
            _CONTEXT,
            agent,
            opened + timedelta(minutes=10),
            answered + timedelta(hours=2),
            opened + timedelta(hours=24),
            opened,
            opened,
            opened - timedelta(minutes=15),
            accepted,
            answered,
            resolved,
            disposition,
            cause,
            "We sent it again.",
            csat,
            agent if csat else None,
            6,
            1,
            answered,
        )
    )
    for at, step, actor in ((opened, "opened", None), (accepted, "accepted", agent), (resolved, "resolved", agent)):
        rows["case_events"].append((case, at, step, "agent" if actor else "bot", actor, "", "{}"))
    rated = resolved + timedelta(minutes=5) if csat else None
    rows["resolutions"].append((case, 1, agent, resolved, disposition, cause, "We sent it again.", csat, rated))
    kept = "kept" if answered <= opened + timedelta(minutes=10) else "broken"
    rows["promises"].append(
        (
            f"promise-{number}",
            case,
            "first_response",
            kept,
            category,
            agent,
            opened,
            opened + timedelta(minutes=10),
            answered,
            "",
        )
    )


def _open(rows: dict[str, list[Row]], random: Random, number: int, opened: datetime) -> None:
    category, severity = random.choice(list(Category)), random.choice((1, 2, 3, 3, 3, 4, 4))
    case, talk = _begin(rows, random, number, opened, status="open", owner="queue", at=opened)
    points = {1: 100, 2: 60, 3: 30, 4: 10}[severity]
    rows["cases"].append(
        (
            case,
            1001 + number,
            talk,
            f"customer-{number}",
            f"key-{number}",
            "open",
            category,
            severity,
            1,
            points,
            random.choice(REASONS),
            "where your order is",
            "order_status",
            1,
            _CONTEXT,
            None,
            opened + timedelta(days=1),
            opened + timedelta(days=1),
            opened + timedelta(days=2),
            opened,
            opened,
            opened - timedelta(minutes=points / 2),
            *(None,) * 8,
            1,
            0,
            None,
        )
    )
    rows["case_events"].append((case, opened, "opened", "bot", None, "", "{}"))


_CONTEXT: Final = json.dumps({"kind": "functional", "reasons": [], "facts": {}, "attempts": [], "policy_version": ""})


def _begin(
    rows: dict[str, list[Row]], random: Random, number: int, opened: datetime, *, status: str, owner: str, at: datetime
) -> tuple[str, str]:
    case, talk, customer = f"case-{number}", f"talk-{number}", f"customer-{number}"
    began = opened - timedelta(minutes=4)
    tier = random.choice(("standard", "standard", "standard", "plus", "vip"))
    rows["customers"].append((customer, f"X-{number}", f"Customer {number}", None, tier, True, began))
    said = [
        ("customer", None, f"{random.choice(PHRASES)}, {random.choice(PHRASES)}"),
        ("bot", None, "Let me look into that for you. One moment, please."),
        ("customer", None, random.choice(PHRASES)),
        ("system", None, "I have passed this on to our team; they can see everything you have written here."),
    ]
    rows["conversations"].append((talk, customer, status, owner, None, 1, len(said), began, at))
    for seq, (sender, sender_id, text) in enumerate(said, start=1):
        moment = began + timedelta(seconds=30 * seq)
        rows["messages"].append((f"{talk}-{seq}", talk, seq, sender, sender_id, text, "[]", moment))
    return case, talk


def midday(now: datetime) -> datetime:
    """Noon (UTC) of a day, from which the past is counted: nights and closing times play no part."""
    return now.astimezone(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
