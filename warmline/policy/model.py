"""The models of the escalation policy: closed, frozen, with the questions that callers ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase, translate
from functools import lru_cache
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from warmline.policy.after_resolution import AfterResolutionPolicy
from warmline.policy.assignment import AssignmentPolicy, OffersPolicy, PresencePolicy
from warmline.policy.base import Count, Duration, Level, PolicyModel, Pounds, Severity, Share, Text
from warmline.policy.board import BoardPolicy
from warmline.policy.business_hours import BusinessHours
from warmline.policy.conditional_rules import RulePolicy
from warmline.policy.hours import Hours
from warmline.policy.incidents import IncidentPolicy
from warmline.policy.signals import SignalsPolicy
from warmline.policy.sla import SlaPolicy, sla_checks
from warmline.policy.telling import TellingPolicy
from warmline.policy.triage import TriagePolicy

GENERAL: Final = "general"
REPEAT_CONTACTS_COUNTED: Final = 3
"""Contacts after the first that add points to a case's priority, as the queue counts them."""
CATEGORY_KEYS: Final = frozenset(
    {"billing", "orders_delivery", "returns_refunds", "technical", "account_security", "plan", GENERAL}
)


class Targets(PolicyModel):
    """The promises of one category at one severity, each counted from the opening of the case."""

    first_response: Duration
    next_update: Duration
    resolution: Duration

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not timedelta() < self.first_response <= self.resolution:
            raise ValueError("first_response must be above zero and not later than resolution")
        return self

    def times(self, share: float) -> Self:
        """Return the same with each span multiplied, in whole seconds and never below one."""
        spans = {name: timedelta(seconds=max(1, round(span.total_seconds() * share))) for name, span in self}
        return type(self)(**spans)


class CategoryPolicy(PolicyModel):
    """One category, which is also one queue: its name for people, its topics, its targets by severity."""

    label: Text
    topics: tuple[Text, ...]
    targets: dict[Severity, Targets]

    @model_validator(mode="after")
    def _every_severity(self) -> Self:
        missing = sorted({1, 2, 3, 4} - set(self.targets))
        if missing:
            raise ValueError(f"targets for severity {', '.join(map(str, missing))} are missing; give all of 1 to 4")
        return self

    def names(self, topic: str) -> bool:
        """Say whether one of the category's topics, in which ``*`` stands for anything, fits ``topic``."""
        return _pattern_of(self.topics).match(topic) is not None


@lru_cache(maxsize=256)
def _pattern_of(topics: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, topics)) or r"(?!)")


class SeverityPolicy(PolicyModel):
    """One severity level in words."""

    name: Text
    meaning: Text


class LevelPolicy(PolicyModel):
    """One level of the people who answer (P17)."""

    name: Text
    does: Text


class CombinedPolicy(PolicyModel):
    """The sum of weighted mild signals at which a person is offered, and at which one takes over.

    While an offer stands that the customer has not answered, the sum for an offer is enough to hand over.
    """

    offer: Annotated[float, Field(gt=0.0)]
    now: Annotated[float, Field(gt=0.0)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.offer > self.now:
            raise ValueError("offer must not be above now")
        return self


class RoutingPolicy(PolicyModel):
    """The share of all votes that a category needs to be believed; below it a case is ``general``."""

    category_from: Share


class CooldownPolicy(PolicyModel):
    """How long, in customer turns, an offer is not repeated."""

    after_decline_turns: Annotated[int, Field(ge=0)]
    after_offer_turns: Annotated[int, Field(ge=0)]


class ForgivenessPolicy(PolicyModel):
    """So many turns below so much frustration clean the slate."""

    calm_turns: Count
    calm_below: Share


class PeoplePolicy(PolicyModel):
    """The nouns by which customers ask for a person or a superior, and those that only look like it."""

    agents: Annotated[tuple[Text, ...], Field(min_length=1)]
    anyone: tuple[Text, ...]
    superiors: tuple[Text, ...]
    not_these: tuple[Text, ...] = ()


class RiskPolicy(PolicyModel):
    """One named risk (P5): the phrases that show it and the case that it makes; None: the category of the topic.

    ``unless_asked`` phrases show it too, but not in a question about them; ``unless`` are words that only look like it.
    The words of ``if_meant``, and ``unless_asked``, count only where the turn tells the risk by its meaning at least
    ``if_meant_from`` likely; None: always.
    """

    label: Text
    phrases: Annotated[tuple[Text, ...], Field(min_length=1)]
    unless_asked: tuple[Text, ...] = ()
    if_meant: tuple[Text, ...] = ()
    if_meant_from: Share | None = None
    unless: tuple[Text, ...] = ()
    even_if_denied: bool = False
    meaning_from: Share | None = None
    alone_from: Share | None = None
    category: Text | None = None
    severity: Severity
    level: Level

    @model_validator(mode="after")
    def _words_below_meaning(self) -> Self:
        if self.if_meant and self.if_meant_from is None:
            raise ValueError("if_meant needs if_meant_from: the likelihood, 0 to 1, from which its words count")
        words, meaning = self.if_meant_from, self.meaning_from
        if words is not None and meaning is not None and words > meaning:
            raise ValueError("if_meant_from must not be above meaning_from, from which the meaning alone counts")
        return self


class AuthorityPolicy(PolicyModel):
    """Who may decide a sum, in pounds for each case (P4)."""

    topics: tuple[Text, ...]
    bot_limit: Pounds
    by_level: dict[Level, Pounds]

    @model_validator(mode="after")
    def _rising(self) -> Self:
        limits = [self.bot_limit, *(self.by_level[level] for level in sorted(self.by_level))]
        if limits != sorted(limits):
            raise ValueError("limits must rise from bot_limit through level 1 to level 4")
        return self

    def level_for(self, amount: float) -> int:
        """Return the first level whose limit covers ``amount`` pounds, the highest one when none does."""
        fitting = [level for level, limit in sorted(self.by_level.items()) if amount <= limit]
        return fitting[0] if fitting else max(self.by_level, default=4)


class VipPolicy(PolicyModel):
    """What being a high-value customer changes (P6)."""

    tiers: tuple[Text, ...]
    severity_up: Annotated[int, Field(ge=0, le=3)]
    offer_when_acknowledged: bool


class PriorityPolicy(PolicyModel):
    """The points by which a queue is ordered; the highest sum is offered first."""

    severity: dict[Severity, float]
    tier: dict[str, float]
    frustration: float
    repeat_contact: float
    deadline: Annotated[float, Field(ge=0.0)] = 0.0
    """All of them for a word that is due at once, fewer the later, none where it is due in ``deadline_within``."""
    deadline_within: Annotated[Duration, Field(gt=timedelta())] = timedelta(hours=1)
    per_minute: Annotated[float, Field(gt=0.0)]
    overtaken_at_most: Duration = timedelta(minutes=90)
    """The promise to the calm: no case is overtaken by one that comes so much later. ``escalation check`` holds the
    points to it."""

    def longest_overtaking(self) -> timedelta:
        """Return how much later a case may come at the most and still be served first: the widest lead in points.

        The points of a case are whole, those for its deadline are not.
        """
        highest = max(self.severity.values()) + max(self.tier.values()) + self.frustration
        highest += self.repeat_contact * REPEAT_CONTACTS_COUNTED
        lowest = min(self.severity.values()) + min(self.tier.values())
        return timedelta(minutes=(round(highest) - round(lowest) + self.deadline) / self.per_minute)


class Disposition(PolicyModel):
    """One way in which a case may end."""

    label: Text
    solved: bool


class CauseGroup(PolicyModel):
    """One group of root causes, by key."""

    label: Text
    causes: Annotated[dict[str, Text], Field(min_length=1)]


class EscalationPolicy(PolicyModel):
    """The whole escalation matrix. ``version`` is a short hash of the file's content."""

    version: str = ""
    categories: dict[str, CategoryPolicy]
    severities: dict[Severity, SeverityPolicy]
    triage: TriagePolicy
    levels: dict[Level, LevelPolicy]
    signals: SignalsPolicy
    combined: CombinedPolicy
    routing: RoutingPolicy
    cooldown: CooldownPolicy
    forgiveness: ForgivenessPolicy
    people: PeoplePolicy
    risks: dict[str, RiskPolicy]
    authority: dict[str, AuthorityPolicy]
    vip: VipPolicy
    priority: PriorityPolicy
    bot_patience_seconds: Annotated[int, Field(ge=1, le=3600)]
    dispositions: Annotated[dict[str, Disposition], Field(min_length=1)]
    root_causes: Annotated[dict[str, CauseGroup], Field(min_length=1)]
    small_talk: tuple[Text, ...] = ()
    """Intents that are nobody's request, so that no category need name them."""
    business_hours: BusinessHours | None = None
    """None: somebody is always there."""
    sla: SlaPolicy = SlaPolicy()
    conditional_rules: tuple[RulePolicy, ...] = ()
    presence: PresencePolicy = PresencePolicy()
    offers: OffersPolicy = OffersPolicy()
    assignment: AssignmentPolicy = AssignmentPolicy()
    after_resolution: AfterResolutionPolicy = AfterResolutionPolicy()
    telling: TellingPolicy = TellingPolicy()
    incidents: IncidentPolicy = IncidentPolicy()
    board: BoardPolicy = BoardPolicy()

    def category_of(self, topic: str | None) -> str:
        """Return the category whose topics fit ``topic``; ``general`` when none does or there is no topic."""
        if topic:
            for key, category in self.categories.items():
                if category.names(topic):
                    return key
        return GENERAL

    def targets(self, category: str, severity: int, tier: str | None = None) -> Targets:
        """Return the promises for a case, in open time: for anybody, or the share of them that a tier waits.

        Raises:
            KeyError: when the policy has no such category or severity.
        """
        whole = self.categories[category].targets[severity]
        share = self.sla.share(tier) if tier is not None else 1.0
        return whole.times(share) if share != 1.0 else whole

    @property
    def kpi_zone(self) -> ZoneInfo:
        """The zone by whose clock the days of the KPIs are cut."""
        hours = self.business_hours
        return ZoneInfo(self.board.time_zone or (hours.default.time_zone if hours else None) or "UTC")

    def hours_of(self, category: str) -> Hours:
        """Return when the queue of a category is served."""
        return self.business_hours.of(category) if self.business_hours is not None else Hours.always()

    def sla_hours(self, category: str, severity: int) -> Hours:
        """Return the hours in which the clocks of such a case run."""
        return Hours.always() if severity in self.sla.around_the_clock else self.hours_of(category)

    def is_known(self, topic: str | None) -> bool:
        """Say whether some category names ``topic``: it is then a request, not small talk."""
        return bool(topic) and any(category.names(str(topic)) for category in self.categories.values())


def cross_checks(policy: EscalationPolicy) -> list[tuple[tuple[Any, ...], str]]:
    """Return what the parts say against each other, as (where, what is wrong and how to mend it)."""
    problems: list[tuple[tuple[Any, ...], str]] = []
    if missing := sorted(CATEGORY_KEYS - set(policy.categories)):
        problems.append((("categories",), f"category {', '.join(missing)} is missing; the queues need every one"))
    problems.extend(
        (
            ("categories", key),
            f"there is no category {key!r}; choose one of {', '.join(sorted(CATEGORY_KEYS))}",
        )
        for key in policy.categories
        if key not in CATEGORY_KEYS
    )
    problems.extend(
        (
            ("risks", name, "category"),
            f"there is no category {risk.category!r}; choose one that is listed above",
        )
        for name, risk in policy.risks.items()
        if risk.category is not None and risk.category not in policy.categories
    )
    problems.extend(
        (("business_hours", "by_category", key), f"there is no category {key!r}; choose one that is listed above")
        for key in (policy.business_hours.by_category if policy.business_hours is not None else {})
        if key not in policy.categories
    )
    problems.extend(policy.assignment.unknown_categories(set(policy.categories)))
    known_causes = {cause for group in policy.root_causes.values() for cause in group.causes}
    problems.extend(
        (
            ("after_resolution", "propose_by_itself", place),
            f"there is no root cause {cause!r}; choose one of root_causes",
        )
        for place, cause in enumerate(policy.after_resolution.propose_by_itself)
        if "after_resolution" in policy.model_fields_set and cause not in known_causes
    )
    problems.extend(_rule_checks(policy))
    if "sla" in policy.model_fields_set:
        causes = {code for group in policy.root_causes.values() for code in group.causes}
        problems.extend(
            sla_checks(policy.sla, tiers=policy.priority.tier, dispositions=policy.dispositions, causes=causes)
        )
    problems.extend(_triage_checks(policy))
    for part, given in (("severities", set(policy.severities)), ("levels", set(policy.levels))):
        if given != {1, 2, 3, 4}:
            problems.append(((part,), "describe each of 1, 2, 3 and 4"))
    return problems


def _triage_checks(policy: EscalationPolicy) -> Iterator[tuple[tuple[Any, ...], str]]:
    known = {f"risk_{name}" for name in policy.risks} | {f"rule_{rule.name}" for rule in policy.conditional_rules}
    known |= {f"authority_{name}" for name in policy.authority} | set(policy.signals.meanings)
    for question, place, signal in policy.triage.signals():
        if not any(fnmatchcase(name, signal) for name in known):
            yield (
                ("triage", question, "signals", place),
                f"there is no signal {signal!r}; name a risk (risk_NAME), a rule (rule_NAME), authority_NAME or one of "
                f"{', '.join(policy.signals.meanings)}",
            )


def _rule_checks(policy: EscalationPolicy) -> Iterator[tuple[tuple[Any, ...], str]]:
    first: dict[str, int] = {}
    for place, rule in enumerate(policy.conditional_rules):
        here = ("conditional_rules", place)
        if first.setdefault(rule.name, place) != place:
            yield (*here, "name"), f"there is a rule {rule.name!r} already; give each a name of its own"
        wanted = [(("when", "category"), key) for key in rule.when.category]
        wanted += [(("then", "category"), rule.then.category)] if rule.then.category is not None else []
        for where, key in wanted:
            if key not in policy.categories:
                yield (*here, *where), f"there is no category {key!r}; choose one that is listed above"
        for tier in rule.when.tier:
            if tier not in policy.priority.tier:
                tiers = ", ".join(policy.priority.tier)
                yield (*here, "when", "tier"), f"there is no tier {tier!r}; choose one of {tiers}"
