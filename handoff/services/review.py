"""The post-escalation review as supervisors and operations read it (P28)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import AuthorityKind, Category
from handoff.domain.cases import Case
from handoff.domain.review import Review, ReviewedCase, review
from handoff.domain.verdicts import Verdict
from handoff.store.review import Closed, closed_between
from warmline.policy import EscalationPolicy

NOT_NEEDED = "not_needed"
"""The disposition that says the same as the verdict of this name."""


async def review_of(
    db: AsyncConnection,
    policy: EscalationPolicy,
    *,
    since: datetime,
    until: datetime,
    categories: Collection[Category] = tuple(Category),
) -> Review:
    """The review of what was closed from ``since`` to before ``until``; the trend compares it with as long before."""
    found = await closed_between(db, since - (until - since), until)
    cases = [reviewed(closed, policy) for closed in found if closed.case.category in categories]
    return review(cases, since=since, until=until)


def reviewed(closed: Closed, policy: EscalationPolicy) -> ReviewedCase:
    """A resolution as the review counts it."""
    case, resolution = closed.case, closed.resolution
    disposition = policy.dispositions.get(resolution.disposition)
    return ReviewedCase(
        case_id=case.id,
        number=case.number,
        category=case.category,
        topic=case.topic,
        reason=case.reason,
        root_cause=resolution.root_cause,
        solved=disposition is not None and disposition.solved,
        level=case.level,
        needed_level=needed_level(case, closed.sums, policy),
        resolved_at=resolution.resolved_at,
        reopened=resolution.reopened_at is not None,
        judged=_judged(closed),
    )


def _judged(closed: Closed) -> bool | None:
    if closed.verdict is not None:
        return closed.verdict is not Verdict.NOT_NEEDED
    return False if closed.resolution.disposition == NOT_NEEDED else None


def needed_level(case: Case, sums: Mapping[AuthorityKind, Decimal], policy: EscalationPolicy) -> int:
    """The lowest level that the policy asks for: by the risks and rules that brought the case, and the sums decided."""
    rules = {f"rule_{rule.name}": rule.then.level for rule in policy.conditional_rules}
    needed = [1]
    for reason in case.context.reasons:
        risk = policy.risks.get(reason.signal.removeprefix("risk_"))
        if risk is not None and reason.signal.startswith("risk_"):
            needed.append(risk.level)
        needed.append(rules.get(reason.signal) or 1)
    for kind, amount in sums.items():
        authority = policy.authority.get(kind)
        needed.append(authority.level_for(float(amount)) if authority is not None else case.level)
    return max(needed)
