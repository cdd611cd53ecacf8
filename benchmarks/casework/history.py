"""Months of casework made up from a seed and written straight into the tables, for pictures, tests and measurements.

Conversations come and go with the hour and the weekday; some are handed over, offered, answered, passed up, promised an
update, solved, rated, reopened. What is written is what the use cases would have written, as far as the figures look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final

from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category, HandoffReason
from handoff.store.database import Database
from handoff.store.schema import (
    agents,
    answer_ratings,
    case_events,
    case_verdicts,
    cases,
    contacts,
    conversations,
    customers,
    messages,
    offers,
    promises,
    resolutions,
    turns,
    wait_estimates,
)

IN_ORDER: Final = (
    customers,
    conversations,
    contacts,
    messages,
    turns,
    answer_ratings,
    cases,
    case_events,
    case_verdicts,
    offers,
    promises,
    wait_estimates,
    resolutions,
)
ROWS_AT_ONCE: Final = 5000
LATELY: Final = 60
WEEKDAYS: Final = (1.25, 1.1, 1.0, 1.0, 0.95, 0.5, 0.35)
CAUSES: Final = (
    ("carrier_late", 9),
    ("refund_late", 6),
    ("product_fault", 5),
    ("double_charge", 4),
    ("product_damaged", 4),
    ("not_understood", 3),
    ("no_authority", 3),
    ("wrong_address", 2),
    ("misunderstanding", 2),
    ("locked_out", 1),
)
REASONS: Final = (
    (HandoffReason.EXPLICIT_REQUEST, 8),
    (HandoffReason.FRUSTRATION, 6),
    (HandoffReason.AUTHORITY, 5),
    (HandoffReason.REPEAT_CONTACT, 3),
    (HandoffReason.REPEATED_FALLBACK, 3),
    (HandoffReason.POLICY, 2),
    (HandoffReason.LOW_CONFIDENCE, 1),
)
CONTEXT: Final[dict[str, Any]] = {"kind": "functional", "reasons": [], "attempts": [], "policy_version": "history"}


@dataclass
class History:
    """Writes days of casework of these agents; the same seed writes the same."""

    seed: int
    agent_ids: Sequence[str]
    handed_over: float = 0.3
    """The share of conversations that come to a person."""
    improving: float = 0.0
    """How much quicker answers become from the first day to the last, as a share."""
    number: int = 100_000
    rows: defaultdict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    made: int = 0
    known: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    async def write(self, db: Database, first: date, days: int, conversations_a_day: int) -> int:
        """Write the days from ``first`` on; returns how many cases there are among them."""
        async with db.read() as connection:
            highest = (await connection.execute(select(func.max(cases.c.number)))).scalar_one()
        self.number = max(self.number, highest or 0)
        begun = self.number
        for place in range(days):
            day = first + timedelta(days=place)
            quicker = 1 - self.improving * place / max(1, days - 1)
            for _ in range(self._about(conversations_a_day * WEEKDAYS[day.weekday()])):
                self._conversation(day, quicker)
            async with db.write() as connection:
                await self._flush(connection)
        return self.number - begun

    async def _flush(self, connection: AsyncConnection) -> None:
        for table in IN_ORDER:
            rows = self.rows.pop(table.name, [])
            for start in range(0, len(rows), ROWS_AT_ONCE):
                await connection.execute(insert(table), rows[start : start + ROWS_AT_ONCE])

    def _add(self, table: Table, **values: Any) -> None:
        self.rows[table.name].append(values)

    def _id(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-{self.seed}-{self.made}"

    def _about(self, mean: float) -> int:
        return max(0, round(self._random.gauss(mean, mean**0.5)))

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _one_of(self, weighted: Sequence[tuple[Any, int]]) -> Any:
        return self._random.choices([one for one, _ in weighted], [weight for _, weight in weighted])[0]

    def _minutes(self, median: float, spread: float = 0.8) -> timedelta:
        return timedelta(minutes=median * self._random.lognormvariate(0, spread))

    def _conversation(self, day: date, quicker: float) -> None:
        hour = min(21.9, max(7.0, self._random.gauss(13.5, 3.2)))
        began = datetime.combine(day, time(), UTC) + timedelta(hours=hour)
        talk, first, category = self._id("talk"), self._id("message"), self._random.choice(list(Category))
        customer = self._customer(began)
        self._add(
            conversations,
            id=talk,
            customer_id=customer,
            status="closed",
            owner_type="bot",
            owner_agent_id=None,
            owner_version=1,
            last_seq=2,
            page=None,
            language=None,
            contact_email=None,
            started_at=began,
            last_activity_at=began,
        )
        self._say(talk, 1, "customer", "Where is my order LH-10001?", began, first)
        self._add(
            turns,
            message_id=first,
            conversation_id=talk,
            seq=1,
            payload="Where is my order LH-10001?",
            status="answered",
            record=None,
            frustration=None,
            created_at=began,
            answered_at=began + timedelta(seconds=1),
        )
        self._add(
            contacts,
            conversation_id=talk,
            topic="order_status",
            customer_id=customer,
            category=category,
            at=began,
        )
        answer = self._id("message")
        self._say(talk, 2, "bot", "It left our warehouse.", began + timedelta(seconds=1), answer)
        if self._chance(0.15):
            self._add(
                answer_ratings,
                message_id=answer,
                conversation_id=talk,
                turn_message_id=first,
                rating="helpful" if self._chance(0.7) else "unhelpful",
                rated_at=began + timedelta(minutes=1),
            )
        if self._chance(self.handed_over):
            self._case(talk, customer, category, began + timedelta(minutes=3), quicker)

    def _customer(self, at: datetime) -> str:
        """A new one, or one of the last who came."""
        if self.known and self._chance(0.12):
            return self._random.choice(self.known[-LATELY:])
        made = self._id("customer")
        self._add(
            customers,
            id=made,
            external_id=None,
            name=None,
            email=None,
            tier=self._one_of((("standard", 8), ("plus", 2), ("vip", 1))),
            verified=False,
            created_at=at,
        )
        self.known = [*self.known[-LATELY:], made]
        return made

    def _say(self, talk: str, seq: int, sender: str, text: str, at: datetime, message_id: str) -> None:
        self._add(
            messages,
            id=message_id,
            conversation_id=talk,
            seq=seq,
            sender=sender,
            sender_id=None,
            sender_name=None,
            text=text,
            buttons=[],
            notice=None,
            client_message_id=None,
            answers_turn=None,
            created_at=at,
        )

    def _case(self, talk: str, customer: str, category: Category, opened: datetime, quicker: float) -> None:
        self.number += 1
        case_id, agent = self._id("case"), self._random.choice(list(self.agent_ids))
        leaves = self._chance(0.04)
        severity = self._one_of(((1, 1), (2, 3), (3, 6), (4, 3)))
        due = {1: 10, 2: 30, 3: 60, 4: 240}[severity]
        accepted = opened + self._minutes(due * 0.3) * quicker
        answered = accepted + self._minutes(3) * quicker
        resolved = answered + self._minutes(due * 4, 1.1) * quicker
        level = 2 if self._chance(0.12) else 1
        steps: list[tuple[datetime, str, str | None]] = [(opened, "opened", None), (accepted, "accepted", agent)]
        if level == 2:
            steps += [(answered + (resolved - answered) / 3, "escalated", agent)]
            agent = self._random.choice(list(self.agent_ids))
            steps += [(answered + (resolved - answered) / 2, "accepted", agent)]
        steps.append((resolved, "resolved", agent))
        cause = self._one_of(CAUSES)
        reopened = resolved + self._minutes(300) if self._chance(0.05) else None
        rated = self._rating(resolved - opened, due)
        self._add(
            cases,
            id=case_id,
            number=self.number,
            conversation_id=talk,
            customer_id=customer,
            idempotency_key=case_id,
            status="closed",
            category=category,
            severity=severity,
            level=level,
            priority=0,
            reason=self._one_of(REASONS),
            problem="where your order LH-10001 is",
            topic="order_status",
            contact_number=self._one_of(((1, 8), (2, 2), (3, 1))),
            context={**CONTEXT, "facts": {"order_number": "LH-10001"}},
            agent_id=agent,
            first_response_due=opened + timedelta(minutes=due),
            next_update_due=answered + timedelta(minutes=due * 2),
            resolution_due=opened + timedelta(minutes=due * 16),
            opened_at=opened,
            queued_at=opened,
            rank_at=opened,
            accepted_at=accepted,
            first_response_at=None if leaves else answered,
            resolved_at=resolved,
            disposition="no_response" if leaves else "solved",
            root_cause=cause,
            outcome="It is on its way.",
            version=len(steps),
        )
        for at, step, who in steps:
            self._add(
                case_events,
                case_id=case_id,
                at=at,
                step=step,
                actor_type="agent" if who else "bot",
                actor_id=who,
                actor_name=None,
                text="",
                data={},
            )
        if leaves:
            return
        text = "Which order is it about?" if self._chance(0.12) else "I have your order here and look into it."
        self._say(talk, 3, "agent", text, answered, self._id("message"))
        self._around(case_id, category, agent, opened, accepted, answered, due)
        self._add(
            resolutions,
            case_id=case_id,
            number=1,
            agent_id=agent,
            resolved_at=resolved,
            disposition="solved",
            root_cause=cause,
            outcome="It is on its way.",
            csat=rated,
            nps=min(10, rated * 2 + self._random.choice((-1, 0, 0))) if rated and self._chance(0.7) else None,
            rated_at=resolved + timedelta(minutes=5) if rated else None,
            rated_by="customer" if rated else None,
            reopened_at=reopened,
        )

    def _rating(self, took: timedelta, due: int) -> int | None:
        if not self._chance(0.45):
            return None
        late = took > timedelta(minutes=due * 8)
        return int(self._one_of(((1, 3), (2, 3), (3, 3), (4, 3), (5, 2)) if late else ((2, 1), (3, 1), (4, 6), (5, 9))))

    def _around(
        self,
        case_id: str,
        category: Category,
        agent: str,
        opened: datetime,
        accepted: datetime,
        answered: datetime,
        due: int,
    ) -> None:
        if self._chance(0.25):
            verdict = self._one_of((("needed", 7), ("not_needed", 2), ("should_have_come_earlier", 2)))
            self._add(
                case_verdicts,
                case_id=case_id,
                verdict=verdict,
                message_id=None,
                note="",
                agent_id=agent,
                judged_at=answered,
            )
        declined = self._chance(0.1)
        self._add(
            offers,
            id=self._id("offer"),
            case_id=case_id,
            agent_id=self._random.choice(list(self.agent_ids)) if declined else agent,
            status="declined" if declined else "accepted",
            offered_at=accepted - timedelta(seconds=20),
            expires_at=accepted + timedelta(seconds=40),
            answered_at=accepted,
            reason="",
        )
        kept = self._chance(0.93)
        self._add(
            promises,
            id=self._id("promise"),
            case_id=case_id,
            kind="next_word",
            status="kept" if kept else "broken",
            category=category,
            agent_id=agent,
            made_at=answered,
            due_at=answered + timedelta(minutes=due * 2),
            settled_at=answered + timedelta(minutes=due * (1.5 if kept else 2)),
            reason="",
        )
        waited = round((accepted - opened).total_seconds())
        low, high = round(due * 60 * 0.1), round(due * 60 * 0.7)
        self._add(
            wait_estimates,
            id=self._id("estimate"),
            case_id=case_id,
            category=category,
            made_at=opened,
            position=1,
            low_seconds=low,
            high_seconds=high,
            waited_seconds=waited,
            hit=low <= waited <= high,
        )


async def staff_ids(db: Database) -> tuple[str, ...]:
    """The agents that stand in the database."""
    async with db.read() as connection:
        return tuple((await connection.execute(select(agents.c.id).order_by(agents.c.id))).scalars())
