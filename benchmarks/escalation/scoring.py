"""What is asked of the code under test: a single turn read for its mood, a conversation scored turn by turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

Role = Literal["customer", "bot", "agent"]
Decision = Literal["none", "offer", "now"]


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: Role
    text: str


class Mood(Protocol):
    """How one turn reads, each 0 to 1."""

    @property
    def score(self) -> float:
        """How frustrated it is."""

    @property
    def abuse(self) -> float:
        """How abusive it is."""


class Scored(Protocol):
    """What is said of one customer's turn, without looking ahead."""

    @property
    def frustration(self) -> float:
        """How frustrated it is, 0 to 1."""

    @property
    def abuse(self) -> float:
        """How abusive it is, 0 to 1."""

    @property
    def decision(self) -> Decision:
        """Whether a person is offered or takes over now."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why."""


class Scorer(Protocol):
    """The code under test."""

    def mood(self, text: str, before: Sequence[Turn]) -> Mood:
        """Read ``text`` after the messages ``before`` it, in the order in which they were said."""

    def conversation(self, turns: Sequence[Turn]) -> Sequence[Scored | None]:
        """Score the customer's turns in order; None stands for each turn of the bot or an agent."""

    def notes(self) -> Sequence[str]:
        """What a reader of the figures must know of this scorer."""


def vader(text: str) -> float:
    """Minus VADER's compound, from -1 (glad) to 1: what everybody has without a model."""
    return -float(_analyser().polarity_scores(text)["compound"])


@lru_cache(maxsize=1)
def _analyser() -> Any:
    return SentimentIntensityAnalyzer()
