"""One customer turn as scoring sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

FALLBACK_INTENT: Final = "nlu_fallback"
PERSON_INTENT: Final = "talk_to_person"
DECLINE_INTENT: Final = "decline_person"
AFFIRM_INTENT: Final = "affirm"
DENY_INTENT: Final = "deny"
NOT_HELPFUL_INTENT: Final = "not_helpful"
REPEAT_INTENT: Final = "repeat_answer"
FAILED_INTENT: Final = "resolution_failed"
OFFER_ACTION: Final = "utter_offer_person"
EXTERNAL_PREFIX: Final = "EXTERNAL_"


@dataclass(frozen=True)
class Contact:
    """An earlier conversation of the same customer."""

    conversation_id: str
    topic: str
    category: str
    at: datetime


@dataclass(frozen=True)
class Customer:
    """What scoring needs to know of the customer."""

    tier: str = "standard"
    verified: bool = False


@dataclass(frozen=True)
class TurnInput:
    """One customer turn: the words, what was understood, and what is known of the customer.

    ``topic`` is the request that the turn makes (an intent or FAQ key that the policy files under
    ``category``), None for small talk and answers; ``named`` is what it names whether the policy knows it or not.
    ``asks_which`` says that the assistant will ask which of two things is meant instead of answering, ``chosen`` that
    the turn answers that question, and ``like_failed`` how like its words are to those of the question that failed
    last, -1 to 1. ``frustration`` is the calibrated score of this turn's words, 0 to 1, and ``frustration_words`` those
    that weighed; ``abuse`` and ``urgency`` are 0 to 1, ``take_over`` says how likely a support lead would have a person
    take over here, and ``needs`` how likely the turn tells each of the things that a support team acts on
    (``models/frustration``), empty where nobody looked. ``categories`` is how much the turn's words speak for each
    category, 0 to 1 together, and ``labels`` what the classifier said, from which that comes. ``last_actions`` are the
    bot's actions since the turn before, ``replies`` its texts; ``told_failure`` says that these told of not having
    understood, where the turn before is not known to have failed otherwise, and ``asked_since`` that they asked
    something else after an offer that counts as made (both in recorded texts). ``at`` is when the customer sent it,
    ``began`` when the conversation began.
    """

    key: str
    text: str
    intent: str = ""
    confidence: float = 1.0
    ranking: tuple[tuple[str, float], ...] = ()
    entities: dict[str, str] = field(default_factory=dict)
    topic: str | None = None
    category: str | None = None
    named: str | None = None
    form: str | None = None
    requested_slot: str | None = None
    categories: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, float] = field(default_factory=dict)
    last_actions: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()
    told_failure: bool = False
    asked_since: bool = False
    customer: Customer = field(default_factory=Customer)
    contacts: tuple[Contact, ...] = ()
    frustration: float = 0.0
    frustration_words: tuple[str, ...] = ()
    abuse: float = 0.0
    urgency: float = 0.0
    take_over: float = 0.0
    needs: Mapping[str, float] = field(default_factory=dict)
    asks_which: bool = False
    chosen: bool = False
    like_failed: float = 0.0
    at: datetime | None = None
    began: datetime | None = None

    def tells(self, need: str) -> float:
        """Return how likely the turn tells ``need``, 0 to 1; 0 where nobody looked."""
        return self.needs.get(need, 0.0)

    @property
    def is_fallback(self) -> bool:
        """Whether the assistant did not understand the turn."""
        return self.intent == FALLBACK_INTENT

    @property
    def is_button(self) -> bool:
        """Whether the customer pressed a button rather than wrote."""
        return self.text.startswith("/")

    @property
    def answers_offer(self) -> bool:
        """Whether the bot's last words offered a person."""
        return OFFER_ACTION in self.last_actions and not self.asked_since
