"""What is kept of a turn so that it can be scored again: what the stored messages and the record do not tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from actions.scoring.turn import TurnInput
from handoff.contract import Category, EarlierContact, Tier, TurnScene

DIGITS: Final = 3
"""Digits to which likelihoods are kept. A turn is scored with what is kept of it, so that a replay decides alike."""
LEAST_NEED: Final = 0.02
"""Needs that are told less likely are not kept: no policy looks so low."""

WORD_LENGTH: Final = 200
"""Characters of a word that are kept: what somebody writes without a space can be long."""


def scene_of(turn: TurnInput, contact_window: timedelta) -> TurnScene:
    """Return what is kept of ``turn`` beside its words and its record.

    ``contact_window`` is how far back the turn's contacts go.
    """
    return TurnScene(
        named=turn.named,
        labels=dict(turn.labels),
        form=turn.form,
        requested_slot=turn.requested_slot,
        last_actions=turn.last_actions,
        asks_which=turn.asks_which,
        chosen=turn.chosen,
        like_failed=min(1.0, max(-1.0, turn.like_failed)),
        words=tuple(word[:WORD_LENGTH] for word in turn.frustration_words),
        abuse=turn.abuse,
        urgency=turn.urgency,
        take_over=turn.take_over,
        needs={need: likely for need, likely in turn.needs.items() if likely >= LEAST_NEED} if turn.needs else None,
        tier=Tier(turn.customer.tier),
        verified=turn.customer.verified,
        contacts=tuple(
            EarlierContact(
                conversation_id=contact.conversation_id,
                topic=contact.topic,
                category=Category(contact.category),
                at=contact.at,
            )
            for contact in turn.contacts
        ),
        contact_days=contact_window.days,
    )
