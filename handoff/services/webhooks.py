"""Registering and removing webhooks; each change stands in the audit log."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry
from handoff.domain.errors import BadValue, NotFound
from handoff.domain.outbox import Channel, Delivery, EventName, Filter, Webhook, WebhookFormat
from handoff.domain.outside import EventBody
from handoff.services.context import Context
from handoff.store import audit, outbox
from handoff.store import webhooks as store

TO_CHOOSE: Final = tuple(event for event in EventName if event is not EventName.WEBHOOK_TEST)
"""The events that a webhook may ask for; a test goes to any."""
SECRET_CHARACTERS: Final = 32
"""The least for a secret of one's own."""


async def add_webhook(
    context: Context,
    actor: Actor,
    *,
    name: str,
    url: str,
    format: WebhookFormat,
    events: Iterable[EventName],
    secret: str | None = None,
) -> Webhook:
    """Register an address whose form and target were checked before. Raises ``BadValue`` for a name that is taken."""
    now = context.clock()
    webhook = Webhook(
        id=context.new_id(),
        name=name,
        url=url,
        secret=secret or secrets.token_urlsafe(32),
        format=format,
        events=frozenset(events),
        active=True,
        created_at=now,
    )
    async with context.db.write() as db:
        if any(known.name == name for known in await store.active_webhooks(db)):
            raise BadValue(f"There is a webhook {name!r} already; choose another name.", field="name")
        await store.insert_webhook(db, webhook)
        await _log(context, db, actor, "webhook.add", webhook.id, {"name": name, "events": sorted(webhook.events)})
    context.wanted_outside.forget()
    return webhook


async def remove_webhook(context: Context, actor: Actor, webhook_id: str) -> None:
    """Tell an address nothing more. Raises ``NotFound``."""
    async with context.db.write() as db:
        if not await store.switch_off(db, webhook_id):
            raise NotFound("There is no such webhook.")
        await outbox.drop_pending(db, webhook_id, "the webhook was removed")
        await _log(context, db, actor, "webhook.remove", webhook_id, {})


async def list_webhooks(context: Context) -> tuple[Webhook, ...]:
    """Those that are told, oldest first."""
    async with context.db.read() as db:
        return await store.active_webhooks(db)


async def webhook_to_test(context: Context, webhook_id: str) -> Webhook:
    """An active webhook; raises ``NotFound``."""
    async with context.db.read() as db:
        webhook = await store.get_webhook(db, webhook_id)
    if not webhook.active:
        raise NotFound("There is no such webhook.")
    return webhook


def trial_delivery(context: Context, webhook: Webhook) -> Delivery:
    """What a test sends: an event of its own kind, outside the outbox."""
    now, event_id = context.clock(), context.new_id()
    body = EventBody(id=event_id, event=EventName.WEBHOOK_TEST, at=now, case=None, data={"webhook": webhook.name})
    return Delivery(
        id=context.new_id(),
        channel=Channel.WEBHOOK,
        event_id=event_id,
        event=EventName.WEBHOOK_TEST,
        payload=body.model_dump(mode="json"),
        created_at=now,
        next_try_at=now,
        webhook_id=webhook.id,
        attempts=1,
    )


async def list_deliveries(context: Context, wanted: Filter) -> tuple[Delivery, ...]:
    """What stands in the outbox, newest first."""
    async with context.db.read() as db:
        return await outbox.list_deliveries(db, wanted)


async def send_again(context: Context, actor: Actor, delivery_id: str | None = None) -> int:
    """Make a dead delivery due again, or all of them; returns how many. Raises ``NotFound`` where there is none."""
    now = context.clock()
    async with context.db.write() as db:
        if delivery_id is not None:
            await outbox.get_delivery(db, delivery_id)
        count = await outbox.send_again(db, None if delivery_id is None else [delivery_id], now)
        if delivery_id is not None and not count:
            raise NotFound("This delivery was not given up: only dead ones are sent again.")
        await _log(context, db, actor, "outbox.resend", delivery_id, {"count": count})
    return count


async def _log(
    context: Context, db: AsyncConnection, actor: Actor, action: str, object_id: str | None, data: dict[str, Any]
) -> None:
    kind = action.partition(".")[0]
    await audit.add_entry(db, AuditEntry(context.clock(), actor, action, kind, object_id, data))
