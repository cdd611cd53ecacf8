"""Words that stand twice, and words that never count: another list overlooks them, or marks stand around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from actions.scoring.words import normalise, phrase_pattern
from warmline.content.findings import Severity
from warmline.escalation.doubts import Doubt, dotted
from warmline.policy import EscalationPolicy

RISK_WORDS: Final = ("phrases", "unless_asked", "if_meant")
"""The lists of words that show a risk."""

TYPED_BY_NOBODY: Final = '“”„«»"'
"""Quotation marks that belong to a phrase where it was copied from a document, or quoted twice."""

Place = tuple[str | int, ...]
Lists = dict[Place, Sequence[str]]


def check_phrases(policy: EscalationPolicy) -> Iterator[Doubt]:
    """Yield phrases that are listed twice or can never count."""
    for name, risk in policy.risks.items():
        lists: Lists = {("risks", name, key): getattr(risk, key) for key in RISK_WORDS}
        yield from _twice(lists)
        yield from _twice({("risks", name, "unless"): risk.unless})
        yield from _in_quotes({**lists, ("risks", name, "unless"): risk.unless})
        yield from _shadowed(lists, ("risks", name, "unless"), risk.unless)
    for place, rule in enumerate(policy.conditional_rules):
        when: Lists = {("conditional_rules", place, "when", "phrases"): rule.when.phrases}
        unless: Place = ("conditional_rules", place, "when", "unless")
        yield from _twice(when)
        yield from _twice({unless: rule.when.unless})
        yield from _in_quotes({**when, unless: rule.when.unless})
        yield from _shadowed(when, unless, rule.when.unless)
    yield from _twice_among_risks(policy)
    people = policy.people
    nouns: Lists = {("people", key): getattr(people, key) for key in ("agents", "anyone", "superiors")}
    yield from _twice(nouns)
    yield from _twice({("people", "not_these"): people.not_these})
    yield from _in_quotes({**nouns, ("people", "not_these"): people.not_these})
    yield from _shadowed(nouns, ("people", "not_these"), people.not_these)


def _twice(lists: Lists) -> Iterator[Doubt]:
    """Within what belongs together; a word with ``*`` covers those that begin with it."""
    first: dict[str, Place] = {}
    for place, phrases in lists.items():
        for position, phrase in enumerate(phrases):
            plain = normalise(phrase)
            if plain in first:
                yield _double((*place, position), f"{phrase!r} stands in {dotted(first[plain])} already")
            elif (wider := _covered(plain, phrases)) is not None:
                yield _double((*place, position), f"{phrase!r} is covered by {wider!r}")
            first.setdefault(plain, place)


def _covered(plain: str, phrases: Sequence[str]) -> str | None:
    return next(
        (
            phrase
            for phrase in phrases
            if phrase.endswith("*") and normalise(phrase) != plain and phrase_pattern((phrase,)).fullmatch(plain)
        ),
        None,
    )


def _twice_among_risks(policy: EscalationPolicy) -> Iterator[Doubt]:
    first: dict[str, str] = {}
    for name, risk in policy.risks.items():
        for key in RISK_WORDS:
            for position, phrase in enumerate(getattr(risk, key)):
                other = first.setdefault(normalise(phrase), name)
                if other != name:
                    yield _double(
                        ("risks", name, key, position),
                        f"{phrase!r} shows the risk {other} already; a case gets the worse of both",
                    )


def _shadowed(lists: Lists, by: Place, unless: Sequence[str]) -> Iterator[Doubt]:
    """What is taken out of a text first leaves nothing to find of a phrase that contains it."""
    for place, phrases in lists.items():
        for position, phrase in enumerate(phrases):
            plain = normalise(phrase.removesuffix("*"))
            shadow = next((other for other in unless if phrase_pattern((other,)).search(plain)), None)
            if shadow is not None:
                yield Doubt(
                    (*place, position),
                    f"{phrase!r} never counts: {shadow!r} in {dotted(by)} is overlooked first",
                    f"remove one of the two, or make {shadow!r} longer",
                    "shadowed",
                    Severity.ERROR,
                )


def _in_quotes(lists: Lists) -> Iterator[Doubt]:
    for place, phrases in lists.items():
        for position, phrase in enumerate(phrases):
            if phrase != (bare := phrase.strip(TYPED_BY_NOBODY)):
                yield Doubt(
                    (*place, position),
                    f"{phrase} never counts: its quotation marks are part of it",
                    f'write "{bare}", in straight quotes',
                    "quoted",
                    Severity.ERROR,
                )


def _double(where: tuple[object, ...], what: str) -> Doubt:
    return Doubt(where, what, "remove one of them", "twice")
