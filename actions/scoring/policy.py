"""What scoring needs of the escalation policy, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class FrustrationRule:
    """Thresholds on frustration (0 to 1). ``keep`` is the share of the old heat that stays after each turn."""

    acknowledge: float
    offer: float
    offer_at_once: float
    now: float
    keep: float
    weight: float
    severity: int


@dataclass(frozen=True)
class CountRule:
    """A counting signal: offer and now in its own unit."""

    offer: int
    now: int
    weight: float
    severity: int


@dataclass(frozen=True)
class LikelihoodRule:
    """Offer and hand over from so likely on, 0 to 1; what a turn tells by meaning counts from ``with_meaning`` on.

    ``offer`` and ``now`` count where help was tried: the assistant failed, acknowledged, or has answered
    ``after_turns`` turns; before that, ``offer_at_once`` and ``now_at_once`` do in turns that are not angry. Where it
    has answered and nothing failed, ``now_answered`` takes the place of ``now``.
    """

    offer: float
    now: float
    now_answered: float
    offer_at_once: float
    now_at_once: float
    after_turns: int
    with_meaning: float
    weight: float
    severity: int


@dataclass(frozen=True)
class MeaningRule:
    """What is done when a turn tells a need by meaning: offer and hand over from so likely on; None for never.

    ``adds_frustration`` says how much of the turn's frustration is added to the likelihood before it is compared.
    """

    name: str
    label: str
    need: str
    offer: float | None
    now: float | None
    adds_frustration: float
    weight: float
    severity: int
    level: int
    category: str | None


@dataclass(frozen=True)
class RiskRule:
    """One named risk and the case it makes.

    ``meaning_from`` is how likely, 0 to 1, the turn must tell the risk by its meaning; None where words alone count.
    From ``alone_from`` on that is enough, however little the turn reads like a handoff.

    ``phrases`` count wherever they stand, those of ``unless_asked`` not in a question about them ("which ombudsman is
    yours?"). What stands in ``unless`` is taken out of the text first ("fire stick"). Those of ``if_meant`` and
    ``unless_asked`` only mention the risk where the turn tells it less likely than ``if_meant_from`` ("my sister is a
    lawyer"); None where they always count.
    """

    name: str
    label: str
    phrases: tuple[str, ...]
    unless_asked: tuple[str, ...]
    unless: tuple[str, ...]
    even_if_denied: bool
    category: str | None
    severity: int
    level: int
    meaning_from: float | None = None
    alone_from: float | None = None
    if_meant: tuple[str, ...] = ()
    if_meant_from: float | None = None


@dataclass(frozen=True)
class AuthorityRule:
    """Who may decide a sum in pounds: the bot up to ``bot_limit``, then the levels in rising order."""

    name: str
    topics: tuple[str, ...]
    bot_limit: float
    by_level: tuple[tuple[int, float], ...]

    def level_for(self, amount: float) -> int:
        """Return the first level whose limit covers ``amount``, the highest when none does."""
        for level, limit in self.by_level:
            if amount <= limit:
                return level
        return self.by_level[-1][0] if self.by_level else 4


@dataclass(frozen=True)
class RuleView:
    """One rule that operations wrote (P8): its conditions, of which all that are given must fit, and what then happens.

    Empty tuples and None are conditions that are not given; of a tuple, one entry is enough. ``topics`` may hold
    patterns. ``category`` is that of the case, None: that of its topic.
    """

    name: str
    label: str
    at_once: bool
    severity: int
    level: int
    category: str | None = None
    phrases: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    amount_from: float | None = None
    frustration_from: float | None = None
    contacts_from: int | None = None
    turns_from: int | None = None
    minutes_from: float | None = None


@dataclass(frozen=True)
class AnswerRule:
    """One question of the triage: the signals (with ``*``) that say yes, and the severity that a yes makes."""

    signals: tuple[str, ...]
    severity: int


@dataclass(frozen=True)
class TriageRule:
    """How the questions of the triage (P12) are answered, and what severity follows; ``large_sum`` is in pounds."""

    money: AnswerRule
    large_sum: float
    large_sum_severity: int
    reputation: AnswerRule
    legal: AnswerRule
    business_critical: AnswerRule
    safety: AnswerRule
    many_customers: int
    many_customers_severity: int

    @property
    def rules(self) -> tuple[AnswerRule, ...]:
        """The questions that signals answer."""
        return (self.money, self.reputation, self.legal, self.business_critical, self.safety)


@dataclass(frozen=True)
class PolicyView:
    """The part of the policy that decides about a turn."""

    version: str
    frustration: FrustrationRule
    repeated_fallback: CountRule
    same_question_from: float
    low_confidence: CountRule
    low_confidence_below: float
    repetition: CountRule
    repeat_in_words: CountRule
    repeat_meaning_from: float
    bot_error: CountRule
    bot_error_phrases: tuple[str, ...]
    same_answer: CountRule
    like_handoffs: LikelihoodRule
    meanings: tuple[MeaningRule, ...]
    failed_from: float
    solved_from: float
    request_confidence: float
    request_meaning_from: float
    request_severity: int
    superior_level: int
    contacts: int
    contact_window: timedelta
    contact_severity: int
    agents: tuple[str, ...]
    anyone: tuple[str, ...]
    superiors: tuple[str, ...]
    not_people: tuple[str, ...]
    risks: tuple[RiskRule, ...]
    authority: tuple[AuthorityRule, ...]
    authority_severity: int
    vip_tiers: tuple[str, ...]
    vip_severity_up: int
    vip_offers_early: bool
    combined_offer: float
    combined_now: float
    decline_turns: int
    offer_turns: int
    calm_turns: int
    calm_below: float
    category_from: float
    triage: TriageRule
    weights: Mapping[str, float]
    rules: tuple[RuleView, ...] = ()
