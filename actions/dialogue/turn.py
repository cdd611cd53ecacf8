"""One customer turn as a form sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from handoff.contract import CustomerInfo


@dataclass(frozen=True)
class Turn:
    """What the customer said and what was understood.

    ``text`` is empty when a button was pressed: then ``intent`` and ``entities`` are exact. ``message_id`` is
    handoff's, None in ``rasa shell``. ``idempotency`` identifies the message either way, and is the same again when
    it is sent again after a crash. ``today`` is the day on which a form reads it: what "tomorrow" counts from.
    """

    text: str
    intent: str
    entities: Mapping[str, str] = field(default_factory=dict)
    pressed: bool = False
    customer: CustomerInfo | None = None
    message_id: str | None = None
    idempotency: str = ""
    after_offer: bool = False
    today: date = date.min

    @property
    def verified_id(self) -> str | None:
        """The shop's id of a customer whose identity the website vouches for."""
        return self.customer.id if self.customer is not None and self.customer.verified else None

    def key(self, action: str) -> str:
        """The idempotency key of an action's side effect in this turn."""
        return f"{self.idempotency}:{action}"


@dataclass(frozen=True)
class Option:
    """One of the answers that a question allows. ``words`` are further ways to say it."""

    value: str
    title: str
    words: tuple[str, ...] = ()


def word_set(words: str) -> frozenset[str]:
    """A set of words, written as a line of text."""
    return frozenset(words.split())
