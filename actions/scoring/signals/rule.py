"""Rules that operations wrote in the policy (P8): when all conditions of one fit, a person is offered or takes over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Final

from actions.scoring.policy import RuleView
from actions.scoring.signal import Ask, Kind, Scene, Signal
from actions.scoring.signals.authority import amount_of
from actions.scoring.signals.repeat_contact import ordinal, same_contacts
from actions.scoring.signals.repeat_in_words import contacts_in_words
from actions.scoring.words import find_phrases, normalise, phrase_pattern

_OUT: Final = "_"
_NOT_GIVEN: Final = ""
Condition = Callable[[RuleView, Scene], str | None]
"""What fitted, in words; empty where the rule does not ask for it, None where it does not fit."""


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield one signal for each rule whose conditions all fit.

    A rule without phrases goes on fitting turn after turn. So what a human has dealt with does not trigger it again,
    and it does not repeat an offer that was made; words that are said anew do.
    """
    for rule in scene.policy.rules:
        settles = f"rule:{rule.name}"
        if not rule.phrases and (settles in scene.picture.settled or (not rule.at_once and scene.picture.offers)):
            continue
        fitted = what_fits(rule, scene)
        if fitted is None:
            continue
        yield Signal(
            name=f"rule_{rule.name}",
            reason="policy",
            value=float(len(fitted)),
            threshold=float(len(fitted)),
            asks=Ask.NOW if rule.at_once else Ask.OFFER,
            evidence=(f"rule {rule.name}: {rule.label}", *fitted),
            kind=Kind.PRIORITY,
            severity=rule.severity,
            level=rule.level,
            category=rule.category,
            hard=rule.at_once,
            settles=settles,
        )


def what_fits(rule: RuleView, scene: Scene) -> tuple[str, ...] | None:
    """Return what fitted of each condition that the rule gives, None when one does not fit."""
    found = []
    for condition in CONDITIONS:
        fits = condition(rule, scene)
        if fits is None:
            return None
        if fits != _NOT_GIVEN:
            found.append(fits)
    return tuple(found)


def _phrases(rule: RuleView, scene: Scene) -> str | None:
    if not rule.phrases:
        return _NOT_GIVEN
    if scene.turn.is_button:
        return None
    text = phrase_pattern(rule.unless).sub(_OUT, normalise(scene.turn.text))
    said = find_phrases(text, rule.phrases)
    return f"said: {', '.join(said)}" if said else None


def _category(rule: RuleView, scene: Scene) -> str | None:
    if not rule.categories:
        return _NOT_GIVEN
    category = scene.picture.category
    return f"about {category}" if category in rule.categories else None


def _topic(rule: RuleView, scene: Scene) -> str | None:
    if not rule.topics:
        return _NOT_GIVEN
    topic = scene.picture.topic or ""
    return f"topic {topic}" if any(fnmatchcase(topic, pattern) for pattern in rule.topics) else None


def _tier(rule: RuleView, scene: Scene) -> str | None:
    if not rule.tiers:
        return _NOT_GIVEN
    tier = scene.turn.customer.tier
    return f"tier {tier}" if tier in rule.tiers else None


def _amount(rule: RuleView, scene: Scene) -> str | None:
    if rule.amount_from is None:
        return _NOT_GIVEN
    amount = amount_of(scene.turn)
    if amount is None or amount < rule.amount_from:
        return None
    return f"£{amount:,.2f}, from £{rule.amount_from:,.2f} on"


def _frustration(rule: RuleView, scene: Scene) -> str | None:
    if rule.frustration_from is None:
        return _NOT_GIVEN
    score = scene.picture.scores[-1]
    return f"frustration {score:.2f}, from {rule.frustration_from:.2f} on" if score >= rule.frustration_from else None


def _contacts(rule: RuleView, scene: Scene) -> str | None:
    if rule.contacts_from is None:
        return _NOT_GIVEN
    about = replace(scene.turn, topic=scene.turn.topic or scene.picture.topic)
    number = max(len(same_contacts(about, scene.policy)) + 1, contacts_in_words(scene.turn.text)[0])
    return f"{ordinal(number)} contact, from {rule.contacts_from} on" if number >= rule.contacts_from else None


def _turns(rule: RuleView, scene: Scene) -> str | None:
    if rule.turns_from is None:
        return _NOT_GIVEN
    turns = scene.picture.turns
    return f"{ordinal(turns)} turn, from {rule.turns_from} on" if turns >= rule.turns_from else None


def _minutes(rule: RuleView, scene: Scene) -> str | None:
    if rule.minutes_from is None:
        return _NOT_GIVEN
    at, began = scene.turn.at, scene.turn.began
    if at is None or began is None or at - began < timedelta(minutes=rule.minutes_from):
        return None
    minutes = (at - began) / timedelta(minutes=1)
    return f"{minutes:.0f} minutes since the beginning, from {rule.minutes_from:g} on"


CONDITIONS: Final[tuple[Condition, ...]] = (
    _phrases,
    _category,
    _topic,
    _tier,
    _amount,
    _frustration,
    _contacts,
    _turns,
    _minutes,
)
