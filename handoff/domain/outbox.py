"""What is told outside: events, deliveries, and when one that failed is tried again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any, Final


class EventName(StrEnum):
    """What other systems can be told of (``docs/webhooks.md``)."""

    CASE_OPENED = "case.opened"
    CASE_ASSIGNED = "case.assigned"
    CASE_MOVED = "case.moved"
    CASE_WAITING = "case.waiting"
    CASE_UPDATED = "case.updated"
    CASE_MESSAGE = "case.message"
    CASE_CUSTOMER_MESSAGE = "case.customer_message"
    CASE_NOBODY_ELIGIBLE = "case.nobody_eligible"
    CASE_RESOLVED = "case.resolved"
    CASE_REOPENED = "case.reopened"
    CASE_RATED = "case.rated"
    PROMISE_BROKEN = "promise.broken"
    DEADLINE_NEAR = "deadline.near"
    DEADLINE_MISSED = "deadline.missed"
    DEADLINE_STALLED = "deadline.stalled"
    INCIDENT_NOTICED = "incident.noticed"
    INCIDENT_CONFIRMED = "incident.confirmed"
    INCIDENT_DISMISSED = "incident.dismissed"
    INCIDENT_RESOLVED = "incident.resolved"
    WEBHOOK_TEST = "webhook.test"


class WebhookFormat(StrEnum):
    """How an event is written down."""

    WARMLINE = "warmline"
    SLACK = "slack"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of events. ``secret`` is the HMAC key that its receiver knows too."""

    id: str
    name: str
    url: str
    secret: str
    format: WebhookFormat
    events: frozenset[EventName]
    active: bool
    created_at: datetime

    def __repr__(self) -> str:
        """No secret reaches a log."""
        return f"Webhook({self.id!r}, {self.name!r}, {self.url!r})"


WANTED_AGAIN: Final = timedelta(seconds=10)
"""So long another process may add a webhook unnoticed by who asks at every message."""


@dataclass(slots=True)
class WantedOutside:
    """What any webhook asked to be told of when that was last read; for one process."""

    events: frozenset[EventName] = frozenset()
    _read_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be read again."""
        return self._read_at is None or not timedelta() <= now - self._read_at < WANTED_AGAIN

    def read(self, now: datetime, active: Iterable[Webhook]) -> None:
        """Keep what these ask for."""
        self.events = frozenset[EventName]().union(*(webhook.events for webhook in active))
        self._read_at = now

    def forget(self) -> None:
        """Webhooks changed here: the next who asks reads it again."""
        self._read_at = None


class Channel(StrEnum):
    """By which way a delivery goes."""

    WEBHOOK = "webhook"
    STAFF_MAIL = "staff_mail"
    ANSWER_MAIL = "answer_mail"
    """To the customer: what was answered while they were away."""


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"
    """Given up; it can be sent again."""
    NOT_NEEDED = "not_needed"
    """The customer has read it in the chat, or its webhook was removed."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to be delivered to one place. ``event_id`` stays the same however often it is sent.

    While it is ``PENDING``, ``next_try_at`` says when it is due; once it is claimed, when the claim runs out; once it
    is ``DEAD``, when it was given up.
    """

    id: str
    channel: Channel
    event_id: str
    event: str
    payload: dict[str, Any]
    created_at: datetime
    next_try_at: datetime
    webhook_id: str | None = None
    case_id: str | None = None
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    claimed_by: str | None = None
    sent_at: datetime | None = None
    error: str | None = None


class Verdict(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    NOT_NEEDED = "not_needed"
    FAILED = "failed"
    """It may work later."""
    REFUSED = "refused"
    """It will not work, however often it is tried."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, why, and how long the other side asked us to wait."""

    verdict: Verdict
    error: str | None = None
    retry_after: timedelta | None = None


SENT: Final = Outcome(Verdict.SENT)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with jitter: the n-th pause is between half of and all of ``first * factor ** (n - 1)``.

    At least half is kept, so that a receiver that comes back has room; the other half is chance, so that what failed
    together does not come back together ("equal jitter", Brooker, *Exponential Backoff and Jitter*, AWS 2015). With the
    values below the last of the 15 attempts comes seven to nine hours after the first.
    """

    attempts: int = 15
    first: timedelta = timedelta(seconds=10)
    factor: float = 3.0
    longest: timedelta = timedelta(hours=1)

    def pause(self, attempts: int, random: Random) -> timedelta:
        """How long to wait after the attempt of this number, counted from 1."""
        # In seconds and with a bounded exponent: what it makes is longer than `longest` long before it overflows.
        seconds = self.first.total_seconds() * self.factor ** min(attempts - 1, 50)
        full = timedelta(seconds=min(self.longest.total_seconds(), seconds))
        return full * random.uniform(0.5, 1.0)

    def after(self, delivery: Delivery, outcome: Outcome, now: datetime, random: Random) -> datetime | None:
        """When a delivery whose attempt failed is tried again; None when it is given up."""
        if outcome.verdict is Verdict.REFUSED or delivery.attempts >= self.attempts:
            return None
        pause = self.pause(delivery.attempts, random)
        if outcome.retry_after is not None:
            pause = max(pause, min(outcome.retry_after, self.longest))
        return now + pause


WAITED_FOR: Final = frozenset({401, 403, 404, 408, 409, 423, 425, 429})
"""Answers of the 4xx kind that somebody may mend, or that pass: a key, a path, a lock, a limit."""


def outcome_of_status(status: int, said: str = "", retry_after: str | None = None) -> Outcome:
    """What an HTTP answer means: 2xx is delivered, what repeating cannot mend is refused, the rest is tried again.

    ``retry_after`` is the header of that name; its form with a date is not read.
    """
    if 200 <= status < 300:
        return SENT
    error = f"HTTP {status}" + (f": {said}" if said else "")
    if 300 <= status < 400:
        return Outcome(Verdict.REFUSED, f"HTTP {status}: redirects are not followed; register the final address")
    if 400 <= status < 500 and status not in WAITED_FOR:
        return Outcome(Verdict.REFUSED, error)
    short = retry_after.strip() if retry_after else ""
    wait = timedelta(seconds=int(short)) if short.isascii() and short.isdigit() and len(short) <= 6 else None
    return Outcome(Verdict.FAILED, error, wait)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries are listed."""

    status: DeliveryStatus | None = DeliveryStatus.DEAD
    channels: frozenset[Channel] = field(default_factory=lambda: frozenset(Channel))
    limit: int = 100
