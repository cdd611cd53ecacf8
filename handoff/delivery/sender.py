"""Sends what stands in the outbox: claimed by compare-and-set, tried again with back-off, given up in the end.

What is sent and not yet marked when the process dies is sent again by the next one: at least once, never lost.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.errors import NotFound
from handoff.domain.notifications import NotificationKind
from handoff.domain.outbox import Channel, Delivery, DeliveryStatus, Outcome, RetryPolicy, Verdict
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.notifications import notify
from handoff.services.rounds import Rounds
from handoff.store import cases, people, webhooks
from handoff.store import outbox as store

log = structlog.get_logger(__name__)

Send = Callable[[Delivery], Awaitable[Outcome]]
"""One attempt of one channel."""

CLAIM: Final = timedelta(minutes=2)
"""How long a delivery is one process's; longer than any attempt may take."""
CLOSE_SECONDS: Final = 5.0
"""How long a process that stops waits for what is on its way."""
LOOK_SECONDS: Final = 1.0
AT_ONCE: Final = 32
AT_ONCE_TO_ONE: Final = 4
"""From so many on its way to one webhook on, no more of its are taken: one that hangs holds up nobody else's."""
KEPT: Final = timedelta(days=30)
"""How long it can be looked up what was sent."""
CLEAR_EVERY: Final = timedelta(hours=1)


class OutboxSender:
    """The loop of one process; several may run on one database."""

    def __init__(self, context: Context, channels: Mapping[Channel, Send], retry: RetryPolicy | None = None) -> None:
        self._context = context
        self._channels = channels
        self._retry = retry or RetryPolicy()
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: Counter[str] = Counter()
        self._rounds = Rounds("outbox_failed", every=LOOK_SECONDS)
        self._giving_up = asyncio.Lock()
        self._cleared_at = context.clock() - CLEAR_EVERY

    async def keep_sending(self) -> None:
        """Look for what is due, until closed."""
        await self._rounds.keep(self._look)

    async def close(self) -> None:
        """Start nothing more, and let what is on its way arrive; the next process tries again what takes longer."""
        self._rounds.close()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def send_due(self) -> int:
        """Send all that is due now, and wait for it; returns how many attempts were made."""
        made = 0
        while taken := await self._look():
            made += taken
            await asyncio.gather(*self._tasks)
        return made

    async def _look(self) -> int:
        context = self._context.current()
        now = context.clock()
        if now - self._cleared_at >= CLEAR_EVERY:
            self._cleared_at = now
            async with context.db.write() as db:
                await store.clear_finished(db, now - KEPT)
        free = AT_ONCE - len(self._tasks)
        if free <= 0:
            return 0
        async with context.db.read() as db:
            if not await store.is_anything_due(db, now):
                return 0
        busy = [target for target, count in self._busy.items() if count >= AT_ONCE_TO_ONE]
        async with context.db.write() as db:
            found = await store.claim_due(
                db, claim=context.new_id(), now=now, until=now + CLAIM, limit=min(free, AT_ONCE_TO_ONE), busy=busy
            )
        for delivery in found:
            target = delivery.webhook_id or delivery.channel
            self._busy[target] += 1
            task = asyncio.create_task(self._deliver(delivery, target), name=f"deliver {delivery.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if found:
            self._rounds.wake()
        return len(found)

    async def _deliver(self, delivery: Delivery, target: str) -> None:
        try:
            outcome = await self._attempt(delivery)
            await self._write_down(delivery, outcome)
        except Exception:
            # The claim runs out, and it is tried again.
            log.exception("delivery_not_marked", delivery=delivery.id)
        finally:
            self._busy[target] -= 1
            if not self._busy[target]:
                del self._busy[target]
            self._rounds.wake()

    async def _attempt(self, delivery: Delivery) -> Outcome:
        send = self._channels.get(delivery.channel)
        if send is None:
            return Outcome(Verdict.REFUSED, "no mail server is set (WARMLINE_SMTP_HOST)")
        try:
            return await send(delivery)
        except Exception as error:
            log.exception("delivery_failed", delivery=delivery.id, channel=delivery.channel)
            return Outcome(Verdict.FAILED, type(error).__name__)

    async def _write_down(self, delivery: Delivery, outcome: Outcome) -> None:
        context = self._context.current()
        now = context.clock()
        if outcome.verdict is Verdict.SENT:
            marked = replace(delivery, status=DeliveryStatus.SENT, sent_at=now, error=None)
        elif outcome.verdict is Verdict.NOT_NEEDED:
            marked = replace(delivery, status=DeliveryStatus.NOT_NEEDED, error=outcome.error)
        else:
            again = self._retry.after(delivery, outcome, now, context.random)
            if again is not None:
                marked = replace(delivery, next_try_at=again, error=outcome.error)
            else:
                marked = replace(delivery, status=DeliveryStatus.DEAD, next_try_at=now, error=outcome.error)
        events: tuple[Event, ...] = ()
        # One after the other: which mail was given up first has no row of its own to hold.
        alone = self._giving_up if marked.status is DeliveryStatus.DEAD else nullcontext()
        async with alone, context.db.write() as db:
            if await store.save_result(db, marked) and marked.status is DeliveryStatus.DEAD:
                events = await _tell_of_failure(context, db, marked)
        if marked.status is DeliveryStatus.DEAD:
            log.warning("delivery_given_up", delivery=delivery.id, channel=delivery.channel, attempts=delivery.attempts)
        context.publish(events)


async def _tell_of_failure(context: Context, db: AsyncConnection, delivery: Delivery) -> tuple[Event, ...]:
    """Supervisors are told once, until something arrives there again; an owner, whenever their customer got nothing."""
    told: list[str] = []
    if await store.is_first_failure(db, delivery):
        told += [agent.id for agent in await people.active_agents(db) if agent.sees_all]
    case = None
    if delivery.case_id is not None and delivery.channel is Channel.ANSWER_MAIL:
        with suppress(NotFound):
            case = await cases.get_case(db, delivery.case_id)
        if case is not None and case.agent_id is not None:
            told.append(case.agent_id)
    to = "e-mail"
    if delivery.webhook_id is not None:
        to = (await webhooks.get_webhook(db, delivery.webhook_id)).name
    elif case is not None:
        to = f"the customer of {case.number}"
    return await notify(
        context,
        db,
        told,
        NotificationKind.DELIVERY_FAILED,
        case=case,
        values={"what": delivery.event, "to": to},
        data={"delivery_id": delivery.id, "channel": delivery.channel, "webhook_id": delivery.webhook_id},
    )
