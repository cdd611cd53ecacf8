"""The handoff card: what is passed on to the agent, as the customer sees it, may correct it and may add to it (P18).

A handoff waits for nobody (P3), so the card is shown at once and stays open: facts until an agent accepts, lines as
long as the case is not closed. A corrected fact keeps what stood there before, and everything works with the
corrected one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from handoff.domain.cases import Case, CaseStatus, Correction
from handoff.domain.errors import BadValue, CaseClosed, WrongState

FACT_CHARACTERS: Final = 200
LINE_CHARACTERS: Final = 500
MOST_LINES: Final = 10


@dataclass(frozen=True, slots=True)
class CardFact:
    """One fact; ``former`` is what stood there before the customer corrected it."""

    name: str
    value: str
    former: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """What is passed on. ``quote`` and ``wants`` are the customer's own words."""

    problem: str
    quote: str
    facts: tuple[CardFact, ...]
    tried: tuple[str, ...]
    wants: str
    lines: tuple[str, ...]
    can_correct: bool
    can_add: bool


def facts_of(case: Case) -> tuple[CardFact, ...]:
    """The facts as they stand, each with its former value where the customer corrected it."""
    former: dict[str, str] = {}
    for correction in case.context.corrections:
        # The first former value is what the bot had understood; corrections of corrections do not hide it.
        former.setdefault(correction.fact, correction.former)
    return tuple(
        CardFact(name, value, former[name] if former.get(name) not in (None, value) else None)
        for name, value in sorted(case.context.facts.items())
    )


def tried_of(case: Case, topics: Mapping[str, str]) -> tuple[str, ...]:
    """What was tried, each once in the order of the first time, with its outcome where one is known.

    ``topics`` are the names of topics for whoever reads this.
    """
    tried = (_tried(attempt.action, attempt.outcome, topics) for attempt in case.context.attempts)
    return tuple(dict.fromkeys(text for text in tried if text))


def _tried(action: str, outcome: str, topics: Mapping[str, str]) -> str:
    if outcome in topics:
        return topics[outcome]
    name = topics.get(action.removeprefix("action_")) or _readable(action)
    return ": ".join(part for part in (name, _readable(outcome)) if part)


def _readable(name: str) -> str:
    return " ".join(name.removeprefix("action_").removeprefix("utter_").replace("/", " ").replace("_", " ").split())


def can_correct(case: Case) -> bool:
    """Whether facts may still be corrected: nobody works with them yet."""
    return case.status is CaseStatus.OPEN and case.accepted_at is None


def can_add(case: Case) -> bool:
    """Whether a line may still be added."""
    return case.status is not CaseStatus.CLOSED and len(case.context.lines) < MOST_LINES


def corrected(case: Case, facts: Mapping[str, str], line: str) -> Case:
    """The case as the customer wants it passed on; the same object when nothing differs.

    Raises ``CaseClosed``, ``WrongState`` (facts once an agent has accepted, more than ``MOST_LINES`` lines) or
    ``BadValue`` (a fact that the card does not have).
    """
    if case.status is CaseStatus.CLOSED:
        raise CaseClosed(f"Case {case.number} is closed. Reopen it first.")
    context = case.context
    for name in facts:
        if name not in context.facts:
            raise BadValue(f"The card has no fact {name!r}. Add a line instead.", field="facts")
    changed = {name: value for name, value in facts.items() if value != context.facts[name]}
    if changed and not can_correct(case):
        raise WrongState("Somebody works with these facts already. Write what is different.", status=case.status)
    if changed:
        corrections = tuple(Correction(name, context.facts[name], value) for name, value in changed.items())
        context = replace(context, facts={**context.facts, **changed}, corrections=(*context.corrections, *corrections))
    if line and line not in context.lines:
        if not can_add(case):
            raise WrongState(f"The card holds {MOST_LINES} lines at most. Write a message instead.")
        context = replace(context, lines=(*context.lines, line))
    if context is case.context:
        return case
    return replace(case, context=context, problem=_with(case.problem, case.context.facts, changed))


def _with(problem: str, before: Mapping[str, str], changed: Mapping[str, str]) -> str:
    """The problem in words, with the corrected values where the former ones stood."""
    for name, value in changed.items():
        problem = problem.replace(before[name], value) if before[name] else problem
    return problem


def card_of(case: Case, quote: str, wants: str, topics: Mapping[str, str]) -> Card:
    """The card of a case, with the customer's own words. What they want is not said twice."""
    return Card(
        problem=case.problem,
        quote=quote,
        facts=facts_of(case),
        tried=tried_of(case, topics),
        wants="" if wants in quote else wants,
        lines=case.context.lines,
        can_correct=can_correct(case),
        can_add=can_add(case),
    )
