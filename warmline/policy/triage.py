"""The questions of the triage (P12): what answers each of them, and what severity an answer makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from warmline.policy.base import Count, PolicyModel, Pounds, Severity, Text


class CustomersPolicy(PolicyModel):
    """How many customers: from ``many`` on, the case has this severity at least."""

    question: Text
    many: Annotated[Count, Field(ge=2)]
    severity: Severity


class AnswerPolicy(PolicyModel):
    """One question, the signals that say yes (``*`` stands for any ending), and the severity of a yes."""

    question: Text
    signals: tuple[Text, ...]
    severity: Severity


class MoneyPolicy(AnswerPolicy):
    """Money: a sum from ``large_sum`` pounds on makes a severity of its own."""

    large_sum: Pounds
    large_sum_severity: Severity


class TriagePolicy(PolicyModel):
    """What is asked of every case, in the order in which an agent is shown it."""

    customers: CustomersPolicy
    money: MoneyPolicy
    reputation: AnswerPolicy
    legal: AnswerPolicy
    business_critical: AnswerPolicy
    safety: AnswerPolicy

    def signals(self) -> Iterator[tuple[str, int, str]]:
        """Yield each signal that answers a question, with the question's name and its place there."""
        for name in ("money", "reputation", "legal", "business_critical", "safety"):
            answer: AnswerPolicy = getattr(self, name)
            for place, signal in enumerate(answer.signals):
                yield name, place, signal
