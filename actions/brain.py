"""What scoring and handing over work with: made once when the server starts, handed to their actions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from actions.cases import CasePort
from actions.policy_view import view_of
from actions.scoring.policy import PolicyView
from actions.wording import Problems
from models.frustration.reading import Said
from warmline.policy import EscalationPolicy


class Felt(Protocol):
    """How a turn reads, with the words that weighed and the name of what scored it."""

    @property
    def score(self) -> float:
        """Frustration of the text, 0 calm to 1 furious."""

    @property
    def abuse(self) -> float:
        """How likely the text is abusive, 0 to 1."""

    @property
    def urgency(self) -> float:
        """How urgent it is to the customer, 0 to 1."""

    @property
    def take_over(self) -> float:
        """How likely a support lead would have a person take over here, 0 to 1."""

    @property
    def needs(self) -> Mapping[str, float]:
        """How likely the text tells each thing that a support team acts on, 0 to 1."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words that weighed most."""

    @property
    def scored_by(self) -> str:
        """``model``, or ``vader`` where the model could not be loaded."""


class FrustrationPort(Protocol):
    """Whatever scores how a turn reads."""

    @property
    def scored_by(self) -> str:
        """What the scores come from: ``model``, or ``vader`` where the model could not be loaded."""

    def score(self, text: str, before: Sequence[Said] = ()) -> Felt:
        """Return how ``text`` reads after ``before``, in the order in which that was said."""


@dataclass(frozen=True)
class Brain:
    """One escalation policy, the one in force or that of a turn under way, and what stands behind the ports."""

    policy: EscalationPolicy
    view: PolicyView
    frustration: FrustrationPort
    cases: CasePort
    problems: Problems
    likeness: Callable[[str, str], float] = lambda _one, _other: 0.0
    """How similar two texts are in meaning, -1 to 1; without a sentence encoder no two are."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def under(self, policy: EscalationPolicy) -> Self:
        """Return the same brain under another policy."""
        return replace(self, policy=policy, view=view_of(policy))
