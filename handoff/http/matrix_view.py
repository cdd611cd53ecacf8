"""The escalation matrix as an agent reads it (P7, P8, P15, P21): targets, hours, levels, what leads to them, limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from handoff.contract import Category
from handoff.domain.authority import limit_of
from handoff.domain.deadlines import Target
from handoff.domain.people import Agent
from handoff.http import knowing_schemas as schemas
from handoff.wording import Wording
from warmline.policy import EscalationPolicy
from warmline.policy.conditional_rules import RulePolicy
from warmline.policy.hours import Hours
from warmline.policy.live import PolicyState


def pounds(amount: float) -> str:
    """A sum on the wire: ``150.00``."""
    return str(Decimal(str(amount)).quantize(Decimal("0.01")))


def matrix_view(
    policy: EscalationPolicy, wording: Wording, agent: Agent, now: datetime, state: PolicyState | None = None
) -> schemas.MatrixAnswer:
    """The policy in force, for this agent; ``state`` says since when it is."""
    return schemas.MatrixAnswer(
        version=policy.version,
        since=state.since if state is not None else None,
        problem=state.problem if state is not None else None,
        your_level=agent.level,
        levels=[schemas.MatrixLevel(level=n, name=x.name, does=x.does) for n, x in sorted(policy.levels.items())],
        severities=[
            schemas.MatrixSeverity(severity=n, name=x.name, meaning=x.meaning)
            for n, x in sorted(policy.severities.items())
        ],
        categories=[_category(policy, wording, category, now) for category in Category],
        triggers=_triggers(policy),
        rules=[_rule(rule) for rule in policy.conditional_rules],
        by_itself=_by_itself(policy),
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
        hours=_hours(policy.hours_of(category), now),
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


def _hours(hours: Hours, now: datetime) -> schemas.MatrixHours:
    return schemas.MatrixHours(
        time_zone=str(hours.zone),
        weekly=[[str(shift) for shift in day] for day in hours.week],
        holidays=[schemas.MatrixHoliday(day=str(day), holiday=name) for day, name in hours.holidays.items()],
        opens_at=hours.next_opening(now),
    )


def _rule(rule: RulePolicy) -> schemas.MatrixRule:
    return schemas.MatrixRule(
        name=rule.name,
        label=rule.label,
        action=rule.then.action,
        when=[
            schemas.MatrixCondition(
                condition=name,
                any_of=[str(one) for one in value] if isinstance(value, tuple) else [f"{value:g}"],
            )
            for name, value in rule.when
            if name in rule.when.given
        ],
        category=rule.then.category,
        severity=rule.then.severity,
        level=rule.then.level,
    )


def _by_itself(policy: EscalationPolicy) -> schemas.MatrixByItself:
    sla = policy.sla
    return schemas.MatrixByItself(
        near=[_near(target, getattr(sla.near, target)) for target in Target],
        stalled=[
            schemas.MatrixStalled(severity=severity, stalled_seconds=round(after.total_seconds()))
            for severity, after in sorted(sla.stalled_after.items())
        ],
        around_the_clock=list(sla.around_the_clock),
        tiers=[schemas.MatrixTier(tier=tier, share_of_target=share) for tier, share in sla.share_by_tier.items()],
        remind_seconds=round(sla.customer_silent.remind_after.total_seconds()),
        close_seconds=round(sla.customer_silent.close_after.total_seconds()),
    )


def _near(target: Target, before: float | timedelta) -> schemas.MatrixNear:
    if isinstance(before, timedelta):
        return schemas.MatrixNear(target=target, share=None, seconds=round(before.total_seconds()))
    return schemas.MatrixNear(target=target, share=before, seconds=None)


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
