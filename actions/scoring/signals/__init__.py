"""Every signal of the escalation brain, one small file each. A new one is a detector added to ``DETECTORS``."""

from __future__ import annotations

from typing import Final

from actions.scoring.signal import Detector
from actions.scoring.signals import (
    accepted_offer,
    authority,
    bot_error,
    explicit_request,
    frustration,
    like_handoffs,
    low_confidence,
    meaning,
    repeat_contact,
    repeat_in_words,
    repeated_fallback,
    repetition,
    risk,
    rule,
    same_answer,
    vip,
)

DETECTORS: Final[tuple[Detector, ...]] = (
    accepted_offer.detect,
    explicit_request.detect,
    risk.detect,
    rule.detect,
    authority.detect,
    repeat_contact.detect,
    repeat_in_words.detect,
    frustration.detect,
    like_handoffs.detect,
    repeated_fallback.detect,
    repetition.detect,
    same_answer.detect,
    meaning.detect,
    bot_error.detect,
    low_confidence.detect,
    vip.detect,
)
