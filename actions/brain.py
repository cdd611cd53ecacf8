"""What scoring and handing over work with: made once when the server starts, handed to their actions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol, Self

from actions.cases import CasePort
from actions.policy_view import view_of
from actions.scoring.policy import PolicyView
from actions.wording import Problems
from warmline.policy import EscalationPolicy


class Felt(Protocol):
    """A frustration score, 0 to 1, with the words that weighed and the name of what scored it."""

    @property
    def score(self) -> float:
        """Frustration of the text, 0 calm to 1 furious."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words that weighed most."""

    @property
    def scored_by(self) -> str:
        """``model``, or ``vader`` where the model could not be loaded."""


class FrustrationPort(Protocol):
    """Whatever scores the frustration of a text."""

    def score(self, text: str) -> Felt:
        """Return how frustrated ``text`` is."""


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
