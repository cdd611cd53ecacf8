"""The escalation matrix as an agent reads it (P15, P21): targets, levels, what leads to them, limits of authority."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from handoff.contract import Category
from handoff.domain.authority import limit_of
from handoff.domain.people import Agent
from handoff.http import knowing_schemas as schemas
from handoff.wording import Wording
from warmline.policy import EscalationPolicy


def pounds(amount: float) -> str:
    """A sum on the wire: ``150.00``."""
    return str(Decimal(str(amount)).quantize(Decimal("0.01")))


def matrix_view(policy: EscalationPolicy, wording: Wording, agent: Agent, now: datetime) -> schemas.MatrixAnswer:
    """The policy in force, for this agent."""
    return schemas.MatrixAnswer(
        version=policy.version,
        your_level=agent.level,
        levels=[schemas.MatrixLevel(level=n, name=x.name, does=x.does) for n, x in sorted(policy.levels.items())],
        severities=[
            schemas.MatrixSeverity(severity=n, name=x.name, meaning=x.meaning)
            for n, x in sorted(policy.severities.items())
        ],
        categories=[_category(policy, wording, category, now) for category in Category],
        triggers=_triggers(policy),
        authority=[
            schemas.MatrixAuthority(
                kind=kind,
                label=label_of(kind),
                bot_limit=pounds(entry.bot_limit),
                yours=f"{limit_of(entry.by_level, agent.level):.2f}",
                by_level=[
                    schemas.AuthorityLimit(level=level, limit=pounds(limit))
                    for level, limit in sorted(entry.by_level.items())
                ],
            )
            for kind, entry in policy.authority.items()
        ],
    )


def label_of(name: str) -> str:
    """A name of the policy as people read it: ``fee_waiver`` is "Fee waiver"."""
    return name.replace("_", " ").capitalize()


def _category(policy: EscalationPolicy, wording: Wording, category: Category, now: datetime) -> schemas.MatrixCategory:
    return schemas.MatrixCategory(
        category=category,
        label=wording.queue(category),
        open_now=policy.hours_of(category).is_open(now),
        targets=[
            schemas.MatrixTargets(
                severity=severity,
                first_response_seconds=round(targets.first_response.total_seconds()),
                next_update_seconds=round(targets.next_update.total_seconds()),
                resolution_seconds=round(targets.resolution.total_seconds()),
            )
            for severity, targets in sorted(policy.categories[category].targets.items())
        ],
    )


def _triggers(policy: EscalationPolicy) -> list[schemas.MatrixTrigger]:
    risks = [
        schemas.MatrixTrigger(
            kind="risk", name=name, label=risk.label, category=risk.category, severity=risk.severity, level=risk.level
        )
        for name, risk in policy.risks.items()
    ]
    rules = [
        schemas.MatrixTrigger(
            kind="rule",
            name=rule.name,
            label=rule.label,
            category=rule.then.category,
            severity=rule.then.severity,
            level=rule.then.level,
        )
        for rule in policy.conditional_rules
    ]
    sums = [
        schemas.MatrixTrigger(
            kind="authority",
            name=f"{kind}_above_{pounds(limit)}",
            label=f"{label_of(kind)} above £{pounds(limit)}",
            category=None,
            severity=policy.signals.authority.severity,
            level=entry.level_for(limit + 0.01),
        )
        for kind, entry in policy.authority.items()
        for limit in (entry.bot_limit, *sorted(entry.by_level.values())[:-1])
    ]
    return [*risks, *rules, *sums]
