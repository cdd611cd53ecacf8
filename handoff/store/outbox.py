"""The outbox in the database. Every function works inside the caller's transaction.

A delivery is claimed by compare-and-set on its attempts, for a while only: what a crashed process had claimed is due
again once the claim has run out, so each is delivered at least once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.errors import NotFound
from handoff.domain.outbox import Channel, Delivery, DeliveryStatus, Filter
from handoff.store.schema import outbox, webhooks

_PENDING: Final = outbox.c.status == literal_column(f"'{DeliveryStatus.PENDING}'")
"""Spelled out, not a parameter: only so does SQLite see that the index of pending rows fits."""


def delivery_of(row: Row[Any]) -> Delivery:
    """A row of ``outbox`` as the domain knows it."""
    return Delivery(
        id=row.id,
        channel=Channel(row.channel),
        event_id=row.event_id,
        event=row.event,
        payload=row.payload,
        created_at=row.created_at,
        next_try_at=row.next_try_at,
        webhook_id=row.webhook_id,
        case_id=row.case_id,
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        claimed_by=row.claimed_by,
        sent_at=row.sent_at,
        error=row.error,
    )


async def add_deliveries(db: AsyncConnection, found: Sequence[Delivery]) -> None:
    """Store what is to be delivered."""
    if found:
        await db.execute(
            insert(outbox),
            [
                {
                    "id": one.id,
                    "channel": one.channel,
                    "webhook_id": one.webhook_id,
                    "event_id": one.event_id,
                    "event": one.event,
                    "case_id": one.case_id,
                    "payload": one.payload,
                    "status": one.status,
                    "attempts": one.attempts,
                    "created_at": one.created_at,
                    "next_try_at": one.next_try_at,
                    "claimed_by": one.claimed_by,
                    "sent_at": one.sent_at,
                    "error": one.error,
                }
                for one in found
            ],
        )


def _target(channel: Channel, webhook_id: str | None) -> ColumnElement[bool]:
    """Rows for the same receiver: a webhook, or the mail server."""
    if webhook_id is None:
        return and_(outbox.c.channel == channel, outbox.c.webhook_id.is_(None))
    return outbox.c.webhook_id == webhook_id


async def is_anything_due(db: AsyncConnection, now: datetime) -> bool:
    """Whether there may be something to claim: a look that holds up no writer."""
    query = select(outbox.c.id).where(_PENDING, outbox.c.next_try_at <= now)
    return (await db.execute(query.limit(1))).first() is not None


async def claim_due(
    db: AsyncConnection, *, claim: str, now: datetime, until: datetime, limit: int, busy: Collection[str] = ()
) -> tuple[Delivery, ...]:
    """Take due deliveries, oldest first, for this process alone until ``until``; ``busy`` webhooks are left alone."""
    query = (
        select(outbox)
        .where(_PENDING, outbox.c.next_try_at <= now)
        .order_by(outbox.c.next_try_at, outbox.c.id)
        .limit(limit)
    )
    if busy:
        query = query.where(or_(outbox.c.webhook_id.is_(None), outbox.c.webhook_id.not_in(list(busy))))
    claimed = []
    for row in (await db.execute(query)).all():
        taken = await db.execute(
            update(outbox)
            .where(
                outbox.c.id == row.id,
                _PENDING,
                outbox.c.attempts == row.attempts,
                outbox.c.next_try_at <= now,
            )
            .values(claimed_by=claim, next_try_at=until, attempts=row.attempts + 1)
        )
        if taken.rowcount == 1:
            found = delivery_of(row)
            claimed.append(replace(found, claimed_by=claim, next_try_at=until, attempts=row.attempts + 1))
    return tuple(claimed)


async def save_result(db: AsyncConnection, delivery: Delivery) -> bool:
    """Write down how an attempt ended; False when the claim had run out and somebody else has it now."""
    changed = await db.execute(
        update(outbox)
        .where(
            outbox.c.id == delivery.id,
            _PENDING,
            outbox.c.claimed_by == delivery.claimed_by,
            outbox.c.attempts == delivery.attempts,
        )
        .values(
            status=delivery.status, next_try_at=delivery.next_try_at, sent_at=delivery.sent_at, error=delivery.error
        )
    )
    return changed.rowcount == 1


async def save_payload(db: AsyncConnection, delivery: Delivery) -> None:
    """Keep what is being sent, so that a repetition says the same."""
    await db.execute(update(outbox).where(outbox.c.id == delivery.id).values(payload=delivery.payload))


async def hold_untried(db: AsyncConnection, case_id: str, channel: Channel) -> bool:
    """Whether a delivery of this kind for the case has not been taken yet; it then is not before our commit."""
    held = await db.execute(
        update(outbox)
        .where(
            outbox.c.case_id == case_id,
            outbox.c.channel == channel,
            _PENDING,
            outbox.c.attempts == 0,
        )
        .values(attempts=0)
    )
    return held.rowcount > 0


async def is_first_failure(db: AsyncConnection, delivery: Delivery) -> bool:
    """Whether nothing else for this receiver was given up since the last delivery to it that arrived.

    The webhook is held until the transaction ends: of two that are given up at the same moment, one is the first.
    """
    if delivery.webhook_id is not None:
        await db.execute(select(webhooks.c.id).where(webhooks.c.id == delivery.webhook_id).with_for_update())
    target = _target(delivery.channel, delivery.webhook_id)
    arrived = select(func.max(outbox.c.sent_at)).where(target, outbox.c.status == DeliveryStatus.SENT)
    last = (await db.execute(arrived)).scalar_one()
    query = select(outbox.c.id).where(target, outbox.c.status == DeliveryStatus.DEAD, outbox.c.id != delivery.id)
    if last is not None:
        query = query.where(outbox.c.next_try_at > last)
    return (await db.execute(query.limit(1))).first() is None


async def list_deliveries(db: AsyncConnection, wanted: Filter) -> tuple[Delivery, ...]:
    """Deliveries, newest first."""
    query = select(outbox).where(outbox.c.channel.in_(list(wanted.channels)))
    if wanted.status is not None:
        query = query.where(outbox.c.status == wanted.status)
    query = query.order_by(outbox.c.created_at.desc(), outbox.c.id).limit(wanted.limit)
    return tuple(delivery_of(row) for row in (await db.execute(query)).all())


async def get_delivery(db: AsyncConnection, delivery_id: str) -> Delivery:
    """Read one; raises ``NotFound``."""
    row = (await db.execute(select(outbox).where(outbox.c.id == delivery_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such delivery.")
    return delivery_of(row)


async def send_again(db: AsyncConnection, ids: Collection[str] | None, now: datetime) -> int:
    """Make dead deliveries due again, all of them for None; returns how many."""
    change = (
        update(outbox)
        .where(outbox.c.status == DeliveryStatus.DEAD)
        .values(status=DeliveryStatus.PENDING, attempts=0, next_try_at=now, claimed_by=None, error=None)
    )
    if ids is not None:
        change = change.where(outbox.c.id.in_(list(ids)))
    return (await db.execute(change)).rowcount


async def drop_pending(db: AsyncConnection, webhook_id: str, why: str) -> None:
    """What a removed webhook was still to be told is not needed."""
    await db.execute(
        update(outbox)
        .where(outbox.c.webhook_id == webhook_id, _PENDING)
        .values(status=DeliveryStatus.NOT_NEEDED, error=why)
    )


async def clear_finished(db: AsyncConnection, before: datetime) -> int:
    """Delete what arrived or was not needed and is older than ``before``; dead letters stay until somebody decides."""
    finished = outbox.c.status.in_([DeliveryStatus.SENT, DeliveryStatus.NOT_NEEDED])
    return (await db.execute(delete(outbox).where(outbox.c.created_at < before, finished))).rowcount
