"""The triage of a case (P12): how many, money or reputation, law, how critical, who is in danger; and its severity.

The answers hold for the conversation, not for its last sentence: who told of a lost £300 and then asks for a person
still has £300 at stake. So what was answered is kept in the running picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from actions.scoring.picture import Picture
from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask, Signal
from actions.scoring.signals.authority import amount_of
from actions.scoring.turn import TurnInput

RISK_PREFIX = "risk_"


@dataclass(frozen=True)
class Triage:
    """The answers. ``amount`` is in pounds, None where no sum was named; ``legal`` and ``safety`` name the risks.

    ``customers`` is how many the trouble touches: this one, unless more are known of.
    """

    customers: int = 1
    money: bool = False
    amount: float | None = None
    reputation: bool = False
    legal: tuple[str, ...] = ()
    business_critical: bool = False
    safety: tuple[str, ...] = ()


def take_in(picture: Picture, turn: TurnInput, signals: tuple[Signal, ...], policy: PolicyView) -> Picture:
    """Return the picture with what this turn says for the triage.

    A signal answers once it is strong enough to offer a person or to hand over; a sum counts where it is asked for
    (the topics that ``authority`` has limits for) or where money is at stake.
    """
    asking = tuple(signal.name for signal in signals if signal.asks >= Ask.OFFER)
    watched = [name for name in asking if any(_fits(name, rule.signals) for rule in policy.triage.rules)]
    at_stake = tuple(dict.fromkeys((*picture.at_stake, *watched)))
    amount = amount_of(turn)
    about_money = any(_fits(name, policy.triage.money.signals) for name in at_stake)
    if amount is not None and (about_money or any(turn.topic in rule.topics for rule in policy.authority)):
        amount = max(amount, picture.amount or 0.0)
    else:
        amount = picture.amount
    return picture.staking(at_stake, amount)


def triage_of(picture: Picture, policy: PolicyView) -> Triage:
    """Return the answers as the picture knows them."""
    rules, names = policy.triage, picture.at_stake
    return Triage(
        money=picture.amount is not None or _any(names, rules.money.signals),
        amount=picture.amount,
        reputation=_any(names, rules.reputation.signals),
        legal=_which(names, rules.legal.signals),
        business_critical=_any(names, rules.business_critical.signals),
        safety=_which(names, rules.safety.signals),
    )


def severity_of(triage: Triage, policy: PolicyView) -> int:
    """Return the severity, 1 worst to 4 mildest, that the answers alone make: the worst that any of them has."""
    rules = policy.triage
    found = [
        rule.severity
        for yes, rule in (
            (triage.money, rules.money),
            (triage.reputation, rules.reputation),
            (bool(triage.legal), rules.legal),
            (triage.business_critical, rules.business_critical),
            (bool(triage.safety), rules.safety),
        )
        if yes
    ]
    if triage.amount is not None and triage.amount >= rules.large_sum:
        found.append(rules.large_sum_severity)
    if triage.customers >= rules.many_customers:
        found.append(rules.many_customers_severity)
    return min(found, default=4)


def _which(names: Iterable[str], patterns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.removeprefix(RISK_PREFIX) for name in names if _fits(name, patterns))


def _any(names: Iterable[str], patterns: tuple[str, ...]) -> bool:
    return any(_fits(name, patterns) for name in names)


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
