"""From signals to a decision: acknowledge, then offer a person, then hand over; with cooldown and forgiveness."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from actions.scoring.picture import Picture, after_words
from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask, Kind, Scene, Signal
from actions.scoring.signals import DETECTORS
from actions.scoring.signals.repeat_contact import same_contacts
from actions.scoring.signals.repeat_in_words import contacts_in_words
from actions.scoring.triage import Triage, severity_of, take_in, triage_of
from actions.scoring.turn import TurnInput

GENERAL: Final = "general"
MILDEST: Final = 4
ACKNOWLEDGE_AGAIN_AFTER: Final = 3
"""Turns before frustration is acknowledged once more: an apology at every turn sounds like a machine."""


@dataclass(frozen=True)
class Outcome:
    """What is to happen in this turn, with the signals that speak for it, strongest first."""

    action: Ask
    acknowledge: bool = False
    reason: str | None = None
    kind: Kind | None = None
    category: str = GENERAL
    severity: int = MILDEST
    level: int = 1
    contact_number: int = 1
    signals: tuple[Signal, ...] = ()
    policy_version: str = ""
    triage: Triage = field(default_factory=Triage)


def score_turn(turn: TurnInput, picture: Picture, policy: PolicyView) -> tuple[Outcome, Picture]:
    """Return the decision about ``turn`` and the picture to remember. Pure: the same input, the same answer."""
    seen = after_words(picture, turn, policy)
    scene = Scene(turn, picture, seen, policy)
    signals = tuple(signal for detect in DETECTORS for signal in detect(scene))
    seen = take_in(seen, turn, signals, policy)
    outcome = triaged(decide(signals, seen, policy), triage_of(seen, policy), policy)
    contacts = max(len(same_contacts(turn, policy)) + 1, contacts_in_words(turn.text)[0])
    return replace(outcome, contact_number=contacts), remember(seen, outcome)


def decide(signals: tuple[Signal, ...], picture: Picture, policy: PolicyView) -> Outcome:
    """Weigh ``signals`` against what was offered and declined before.

    The strongest signal decides. A declined offer holds all but the hard signals back for a while, and an
    offer that stands is not repeated; several mild signals together may make an offer that none of them makes
    alone.
    """
    vip = any(signal.name == "vip" for signal in signals)
    allowed = {id(signal): _allowed(signal, picture, policy) for signal in signals}
    ranked = tuple(
        sorted(signals, key=lambda signal: (allowed[id(signal)], signal.hard, signal.pressure), reverse=True)
    )
    strongest = ranked[0] if ranked else None
    action = allowed[id(strongest)] if strongest is not None else Ask.NOTHING
    may_offer = not _declined_lately(picture, policy) and not _offered_lately(picture, policy)
    if action < Ask.NOW and not _declined_lately(picture, policy) and _calls_for_handoff(signals, picture, policy):
        action = Ask.NOW
    elif action < Ask.OFFER and may_offer and _calls_for_offer(signals, action, policy, vip=vip):
        action = Ask.OFFER
    acknowledge = Ask.NOTHING < action < Ask.NOW and _acknowledge(signals, picture)
    if action < Ask.OFFER:
        return Outcome(
            action=Ask.NOTHING,
            acknowledge=acknowledge,
            category=picture.category or GENERAL,
            signals=ranked,
            policy_version=policy.version,
        )
    return _escalation(action, acknowledge, ranked, allowed, picture, policy, vip=vip)


def triaged(outcome: Outcome, triage: Triage, policy: PolicyView) -> Outcome:
    """Return the outcome with the answers of the triage (P12); they may make a case more severe, never milder."""
    if outcome.action < Ask.OFFER:
        return replace(outcome, triage=triage)
    vip = any(signal.name == "vip" for signal in outcome.signals)
    answered = severity_of(triage, policy) - (policy.vip_severity_up if vip else 0)
    return replace(outcome, severity=max(1, min(outcome.severity, answered)), triage=triage)


def remember(picture: Picture, outcome: Outcome) -> Picture:
    """Return the picture with what was decided about the turn."""
    if outcome.acknowledge:
        picture = replace(picture, acknowledged_turn=picture.turns)
    if outcome.action is Ask.NOW:
        settles = tuple(signal.settles for signal in outcome.signals if signal.settles)
        picture = replace(picture, handoff_turn=picture.turns, handoff_signals=settles)
        if outcome.reason == "explicit_request":
            picture = replace(picture, person_requests=picture.person_requests + 1)
    return picture


def _escalation(
    action: Ask,
    acknowledge: bool,
    ranked: tuple[Signal, ...],
    allowed: dict[int, Ask],
    picture: Picture,
    policy: PolicyView,
    *,
    vip: bool,
) -> Outcome:
    asking = [signal for signal in ranked if allowed[id(signal)] >= action] or [
        signal for signal in ranked if signal.pressure > 0
    ]
    first = asking[0]
    severity = min(signal.severity for signal in asking) - (policy.vip_severity_up if vip else 0)
    kinds = {signal.kind for signal in asking}
    kind = Kind.HIERARCHICAL if Kind.HIERARCHICAL in kinds else Kind.PRIORITY if vip else first.kind
    return Outcome(
        action=action,
        acknowledge=acknowledge,
        reason=first.reason,
        kind=kind,
        category=next((signal.category for signal in asking if signal.category), None) or picture.category or GENERAL,
        severity=min(MILDEST, max(1, severity)),
        level=max(signal.level for signal in asking),
        signals=ranked,
        policy_version=policy.version,
    )


def _allowed(signal: Signal, picture: Picture, policy: PolicyView) -> Ask:
    """Return what the signal may ask for, given what was offered and declined."""
    if signal.hard or signal.asks < Ask.OFFER:
        return signal.asks
    if _declined_lately(picture, policy) or (signal.asks is Ask.OFFER and _offered_lately(picture, policy)):
        return Ask.ACKNOWLEDGE
    return signal.asks


def _calls_for_handoff(signals: tuple[Signal, ...], picture: Picture, policy: PolicyView) -> bool:
    """Say whether mild signals add up to a handoff, or to another offer while one stands unanswered."""
    soft = sum(signal.pressure for signal in signals if not signal.hard)
    return soft >= (policy.combined_offer if picture.offer_is_open else policy.combined_now)


def _calls_for_offer(signals: tuple[Signal, ...], action: Ask, policy: PolicyView, *, vip: bool) -> bool:
    soft = sum(signal.pressure for signal in signals if not signal.hard)
    return soft >= policy.combined_offer or (vip and policy.vip_offers_early and action is Ask.ACKNOWLEDGE)


def _acknowledge(signals: tuple[Signal, ...], picture: Picture) -> bool:
    if not any(signal.name == "frustration" for signal in signals):
        return False
    last = picture.acknowledged_turn
    return last is None or picture.turns - last >= ACKNOWLEDGE_AGAIN_AFTER


def _declined_lately(picture: Picture, policy: PolicyView) -> bool:
    return picture.declined_turn is not None and picture.turns - picture.declined_turn < policy.decline_turns


def _offered_lately(picture: Picture, policy: PolicyView) -> bool:
    return picture.offer_turn is not None and picture.turns - picture.offer_turn <= policy.offer_turns
