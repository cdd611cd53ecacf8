"""What a monitoring system reads of this process, in Prometheus' format: numbers only, labels from fixed lists.

Messages, turns and statements are counted as they happen here; queues, waits, backlogs and lags are read from the
database at each scrape, so they are the same on every node.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category, HandoffReason
from handoff.domain.conversations import SenderType
from handoff.realtime.hub import Hub
from handoff.services.context import Context
from handoff.services.events import Event, MessagesStored, Publish, TurnPending
from handoff.store.database import Database
from handoff.store.schema import cases, outbox, turns

LATELY: Final = timedelta(hours=1)
A_DAY: Final = timedelta(days=1)
STATEMENT_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
OUTBOX_STATES: Final = ("pending", "dead")
STATUS_OPEN, STATUS_CLOSED = "open", "closed"


class Metrics:
    """The numbers of one process of handoff."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = self._counter("messages", "Messages stored by this process", "sender")
        for sender in SenderType:
            self._messages.labels(sender)
        self._turns = self._counter("turns", "Turns given to the bot by this process")
        self._statements = Histogram(
            "warmline_database_statement_seconds",
            "How long the database took for a statement",
            registry=self.registry,
            buckets=STATEMENT_SECONDS,
        )
        self._sockets = self._gauge("sockets", "WebSockets that are open on this process", "side")
        self._waiting = self._gauge("cases_waiting", "Cases that wait in a queue", "category")
        self._owned = self._gauge("cases_owned", "Cases that an agent has", "category")
        self._oldest = self._gauge("oldest_wait_seconds", "How long the oldest case of a queue waits", "category")
        self._handoffs = self._gauge("handoffs_last_day", "Cases opened within 24 hours", "reason")
        self._accepted = self._gauge("accepts_last_hour", "Cases accepted within the last hour")
        self._accept_wait = self._gauge("accept_wait_seconds", "Mean wait of those from opening to acceptance")
        self._pending = self._gauge("turns_pending", "Turns that the bot has not answered")
        self._outbox = self._gauge("outbox", "Deliveries to the outside that stand in the outbox", "status")
        self._outbox_lag = self._gauge("outbox_lag_seconds", "How long the oldest due delivery is overdue")
        self._deadline_lag = self._gauge("deadline_lag_seconds", "How long the oldest due deadline is overdue")

    def counting(self, publish: Publish) -> Publish:
        """The same publishing, with what is published counted."""

        def count(events: tuple[Event, ...]) -> None:
            for happened in events:
                if isinstance(happened, MessagesStored):
                    for message in happened.messages:
                        self._messages.labels(message.sender).inc()
                elif isinstance(happened, TurnPending):
                    self._turns.inc()
            publish(events)

        return count

    def time_statements(self, db: Database) -> None:
        """Measure every statement of this pool from now on."""

        def before(_conn: Any, _cursor: Any, _statement: Any, _parameters: Any, context: Any, _many: Any) -> None:
            context.began_at = time.perf_counter()

        def after(_conn: Any, _cursor: Any, _statement: Any, _parameters: Any, context: Any, _many: Any) -> None:
            self._statements.observe(time.perf_counter() - context.began_at)

        event.listen(db.engine.sync_engine, "before_cursor_execute", before)
        event.listen(db.engine.sync_engine, "after_cursor_execute", after)

    async def read(self, context: Context, hub: Hub) -> None:
        """Bring the gauges up to date."""
        now = context.clock()
        customers, agents = hub.open_sockets()
        self._sockets.labels("customer").set(customers)
        self._sockets.labels("agent").set(agents)
        async with context.db.read() as db:
            await self._read_queues(db, now)
            await self._read_lately(db, now)
            await self._read_backlogs(db, now)

    async def _read_queues(self, db: AsyncConnection, now: datetime) -> None:
        found = (
            await db.execute(
                select(cases.c.category, cases.c.status, func.count(), func.min(cases.c.queued_at))
                .where(cases.c.status != STATUS_CLOSED)
                .group_by(cases.c.category, cases.c.status)
            )
        ).all()
        for category in Category:
            own = [row for row in found if row[0] == category]
            waiting = [row for row in own if row[1] == STATUS_OPEN]
            self._waiting.labels(category).set(sum(row[2] for row in waiting))
            self._owned.labels(category).set(sum(row[2] for row in own) - sum(row[2] for row in waiting))
            oldest = [row[3] for row in waiting]
            self._oldest.labels(category).set((now - min(oldest)).total_seconds() if oldest else 0.0)

    async def _read_lately(self, db: AsyncConnection, now: datetime) -> None:
        opened = select(cases.c.reason, func.count()).where(cases.c.opened_at >= now - A_DAY).group_by(cases.c.reason)
        by_reason = {row[0]: row[1] for row in (await db.execute(opened)).all()}
        for reason in HandoffReason:
            self._handoffs.labels(reason).set(by_reason.get(reason, 0))
        # Those that waited for more than a day are left out: the index is that of the opening.
        accepted = select(cases.c.opened_at, cases.c.accepted_at).where(
            cases.c.opened_at >= now - A_DAY, cases.c.accepted_at >= now - LATELY
        )
        waits = [(row.accepted_at - row.opened_at).total_seconds() for row in (await db.execute(accepted)).all()]
        self._accepted.set(len(waits))
        self._accept_wait.set(sum(waits) / len(waits) if waits else 0.0)

    async def _read_backlogs(self, db: AsyncConnection, now: datetime) -> None:
        pending = select(func.count()).select_from(turns).where(turns.c.status == "pending")
        self._pending.set((await db.execute(pending)).scalar_one())
        states = select(outbox.c.status, func.count()).where(outbox.c.status.in_(OUTBOX_STATES))
        standing = {row[0]: row[1] for row in (await db.execute(states.group_by(outbox.c.status))).all()}
        for status in OUTBOX_STATES:
            self._outbox.labels(status).set(standing.get(status, 0))
        due = select(func.min(outbox.c.next_try_at)).where(outbox.c.status == "pending")
        self._outbox_lag.set(_overdue((await db.execute(due)).scalar_one(), now))
        deadline = select(func.min(cases.c.next_deadline_at)).where(cases.c.status != STATUS_CLOSED)
        self._deadline_lag.set(_overdue((await db.execute(deadline)).scalar_one(), now))

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"warmline_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"warmline_{name}", text, labels, registry=self.registry)


def _overdue(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment is not None else 0.0
