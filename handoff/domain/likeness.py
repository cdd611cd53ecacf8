"""What a case is about, in the words that are compared, and which closed cases come first for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handoff.contract import Category
from handoff.domain.own_words import fullest, one_line

LIKE_FROM: Final = 0.56
"""Cosine from which a closed case is shown as similar. Measured over the shipped content (docs/benchmarks.md): nine in
ten of those shown are about the same topic, and hardly any of another category reaches it."""
SIMILAR_SHOWN: Final = 5
SOLVED_BONUS: Final = 0.03
"""What a solution is worth beside likeness: as much as two phrasings of one trouble differ."""
NEWEST_BONUS: Final = 0.03
HALF_OF_NEWEST_DAYS: Final = 60.0
"""After so many days half of ``NEWEST_BONUS`` is left."""
TEXT_CHARACTERS: Final = 400
"""The encoder reads about so much (128 word pieces)."""
_WITH_DIGITS: Final = re.compile(r"\S*\d\S*")


def meaning_text(problem: str, said: Sequence[str]) -> str:
    """What a case is about: the problem, and the fullest of the customer's last lines before the handoff.

    The last line alone is often no more than the wish for a person. Numbers of orders and sums say nothing about what
    the trouble is, and would make two cases of one order alike; so what holds a digit is left out.
    """
    words = [one_line(_WITH_DIGITS.sub(" ", text)) for text in (problem, fullest(said))]
    return ". ".join(text for text in words if text)[:TEXT_CHARACTERS]


@dataclass(frozen=True, slots=True)
class ClosedCase:
    """A closed case that is like another: how it ended, and how like it is (cosine, up to 1)."""

    id: str
    number: str
    category: Category
    problem: str
    outcome: str
    disposition: str
    root_cause: str
    solved: bool
    agent_name: str | None
    csat: int | None
    resolved_at: datetime
    likeness: float


def best_first(found: Iterable[ClosedCase], category: Category, now: datetime) -> tuple[ClosedCase, ...]:
    """Those that are like enough: the same category first, then by likeness; solved and recent ones gain a little."""

    def rank(case: ClosedCase) -> tuple[bool, float]:
        days = max(0.0, (now - case.resolved_at).total_seconds() / 86_400)
        newest = NEWEST_BONUS * 0.5 ** (days / HALF_OF_NEWEST_DAYS)
        return case.category is not category, -(case.likeness + SOLVED_BONUS * case.solved + newest)

    return tuple(sorted((case for case in found if case.likeness >= LIKE_FROM), key=rank)[:SIMILAR_SHOWN])
