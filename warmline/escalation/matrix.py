"""The escalation matrix as rows: category by severity, with the promises, what brings a case there and what moves it up
(P15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from warmline.policy import EscalationPolicy, Targets
from warmline.policy.conditional_rules import RulePolicy
from warmline.policy.hours import DAYS, Hours


@dataclass(frozen=True)
class Trigger:
    """What brings a case to a severity, and the level at which the case then starts."""

    what: str
    level: int


@dataclass(frozen=True)
class Row:
    """One category at one severity. ``team`` is the queue's name for people, ``because`` what makes such a case."""

    category: str
    team: str
    severity: int
    name: str
    targets: Targets
    because: tuple[Trigger, ...]

    @property
    def levels(self) -> str:
        """The level at which its cases start, or the lowest and the highest."""
        found = sorted({trigger.level for trigger in self.because}) or [1]
        return str(found[0]) if len(found) == 1 else f"{found[0]} to {found[-1]}"


def rows(policy: EscalationPolicy, only: str | None = None) -> tuple[Row, ...]:
    """Return the matrix, the categories in the order of the file, the worst severity first."""
    return tuple(
        Row(
            category=key,
            team=category.label,
            severity=severity,
            name=policy.severities[severity].name,
            targets=category.targets[severity],
            because=tuple(_because(policy, key, severity)),
        )
        for key, category in policy.categories.items()
        if only in (None, key)
        for severity in sorted(category.targets)
    )


def next_level(policy: EscalationPolicy, category: str) -> tuple[str, ...]:
    """Return what moves a case of this category up."""
    superior = policy.signals.explicit_request.superior_level
    sums = [
        f"{name.replace('_', ' ')} above "
        + ", ".join(f"{pounds(limit)}: level {level + 1}" for level, limit in limits[:-1])
        for name, rule in policy.authority.items()
        if any(policy.category_of(topic) == category for topic in rule.topics)
        and len(limits := sorted(rule.by_level.items())) > 1
    ]
    return (
        f"a superior is asked for: level {superior} ({policy.levels[superior].name})",
        *sums,
        "it waits in its queue past a deadline",
        "the agent escalates it",
    )


def _because(policy: EscalationPolicy, category: str, severity: int) -> Iterator[Trigger]:
    for risk in policy.risks.values():
        if risk.severity == severity and risk.category in (None, category):
            yield Trigger(risk.label, risk.level)
    for rule in policy.conditional_rules:
        goes_to = [rule.then.category] if rule.then.category else rule.when.category or _of_topics(policy, rule)
        if rule.then.severity == severity and (not goes_to or category in goes_to):
            yield Trigger(rule.label, rule.then.level)
    signals = policy.signals
    repeat = signals.repeat_contact
    said = {
        "explicit_request": "a person is asked for",
        "frustration": "frustration",
        "repeat_contact": f"{repeat.contacts} contacts about the same in {repeat.window_days} days",
        "repeat_in_words": "contacts that the customer counts",
        "repeated_fallback": "turns in a row that failed",
        "repetition": "the same request again",
        "low_confidence": "unsure answers in a row",
    }
    for name, what in said.items():
        if getattr(signals, name).severity == severity:
            yield Trigger(what, 1)
    if signals.authority.severity == severity:
        for name, limits in policy.authority.items():
            if any(policy.category_of(topic) == category for topic in limits.topics):
                what = f"{name.replace('_', ' ')} above {pounds(limits.bot_limit)}"
                yield Trigger(what, limits.level_for(limits.bot_limit + 0.01))


def _of_topics(policy: EscalationPolicy, rule: RulePolicy) -> list[str]:
    return [policy.category_of(topic) for topic in rule.when.topic]


def pounds(amount: float) -> str:
    """Return a sum as people read it."""
    return f"£{amount:,.2f}"


def as_json(policy: EscalationPolicy, only: str | None = None) -> dict[str, Any]:
    """Return everything that ``show`` tells, durations in seconds."""
    return {
        "version": policy.version,
        "matrix": [
            {
                "category": row.category,
                "team": row.team,
                "severity": row.severity,
                "name": row.name,
                "starts_at_level": row.levels,
                "targets": _plain(row.targets),
                "because": [{"what": trigger.what, "level": trigger.level} for trigger in row.because],
                "next_level": list(next_level(policy, row.category)),
            }
            for row in rows(policy, only)
        ],
        "categories": {
            key: {"label": category.label, "topics": list(category.topics), "hours": hours_json(policy.hours_of(key))}
            for key, category in policy.categories.items()
            if only in (None, key)
        },
        **{part: _plain(getattr(policy, part)) for part in PARTS},
    }


PARTS = (
    "severities",
    "levels",
    "signals",
    "combined",
    "cooldown",
    "forgiveness",
    "risks",
    "conditional_rules",
    "authority",
    "vip",
    "priority",
    "bot_patience_seconds",
    "triage",
    "sla",
)


def hours_json(hours: Hours) -> dict[str, Any]:
    """Return the hours of a queue as the policy writes them."""
    return {
        "time_zone": str(hours.zone),
        "weekly": {day: [str(shift) for shift in shifts] for day, shifts in zip(DAYS, hours.week, strict=True)},
        "holidays": {str(holiday): name for holiday, name in hours.holidays.items()},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _plain(dict(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.total_seconds() if isinstance(value, timedelta) else value
