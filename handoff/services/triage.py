"""The severity of a case and the answers behind it are corrected (P12); queue order and targets follow at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Triage
from handoff.domain.actors import Actor
from handoff.domain.cases import Case, CaseStatus, Step, Targets, require_owner, status_after
from handoff.domain.errors import BadValue
from handoff.domain.people import Agent
from handoff.domain.queue_order import priority_points
from handoff.domain.sla import pauses_of
from handoff.services.case_writing import Saved, case_to_change, publish_step, save_step
from handoff.services.context import Context
from handoff.store import case_events, people
from handoff.store import conversations as store
from warmline.policy import EscalationPolicy

NAMED = ("legal", "safety")
"""The questions that are answered with the names of risks."""


async def change_severity(
    context: Context, case_id: str, agent: Agent, *, severity: int, triage: Triage | None, reason: str
) -> Case:
    """Set the severity of a case that is not closed, and its answers unless ``triage`` is None; say why.

    A waiting case is corrected by anybody who serves its queue, an accepted one by its agent or a supervisor. The same
    severity and answers again change nothing. Raises ``CaseClosed``, ``NotOwner``, ``NotFound``, or ``BadValue`` for a
    risk that the policy does not have among the answers to its question.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        if case.is_owned:
            require_owner(case, agent.id, may_override=agent.sees_all)
        answers = triage if triage is not None else case.triage
        _check_risks(context.policy, case, answers)
        saved = await regrade(context, db, case, Actor.of_agent(agent), now, severity, answers, reason)
    return tell_regraded(context, saved) if saved is not None else case


async def regrade(
    context: Context,
    db: AsyncConnection,
    case: Case,
    actor: Actor,
    now: datetime,
    severity: int,
    answers: Triage | None,
    reason: str,
) -> Saved | None:
    """Give the held case another severity, with its points and targets; None, and nothing written, if it is the same.

    Raises ``CaseClosed``.
    """
    status_after(case, Step.SEVERITY)
    if (severity, answers) == (case.severity, case.triage):
        return None
    after = replace(
        case,
        severity=severity,
        triage=answers,
        priority=await _points(context, db, case, severity),
        targets=await _targets(context, db, case, severity, now),
        version=case.version + 1,
    )
    data = {"from": case.severity, "to": severity, "answers_before": _told(case.triage), "answers": _told(answers)}
    return await save_step(context, db, case, after, Step.SEVERITY, actor, now, text=reason, data=data)


def tell_regraded(context: Context, saved: Saved) -> Case:
    """Publish another severity once it is committed; who waits in the queue may have another place now."""
    case = saved.case
    moved = frozenset({case.category}) if case.status is CaseStatus.OPEN else frozenset()
    publish_step(context, case, (), queues=moved, more=saved.events)
    return case


def risks_of(policy: EscalationPolicy, question: str) -> dict[str, str]:
    """The risks that may answer ``legal`` or ``safety``, as code and label, and what else the policy lets answer."""
    signals = getattr(policy.triage, question).signals
    named = {f"risk_{name}": (name, risk.label) for name, risk in policy.risks.items()}
    named |= {f"rule_{rule.name}": (f"rule_{rule.name}", rule.label) for rule in policy.conditional_rules}
    named |= {name: (name, rule.label) for name, rule in policy.signals.meanings.items()}
    fitting = (found for name, found in named.items() if any(fnmatchcase(name, signal) for signal in signals))
    return dict(fitting)


def _check_risks(policy: EscalationPolicy, case: Case, answers: Triage | None) -> None:
    """Raise ``BadValue`` for a risk that neither the policy names nor the case had before."""
    if answers is None:
        return
    for question in NAMED:
        known = {*risks_of(policy, question), *(getattr(case.triage, question) if case.triage is not None else ())}
        for risk in getattr(answers, question):
            if risk not in known:
                raise BadValue(
                    f"There is no risk {risk!r} among the answers to {question} in escalation.yml; there are "
                    f"{', '.join(sorted(known))}.",
                    field=f"triage.{question}",
                )


async def _points(context: Context, db: AsyncConnection, case: Case, severity: int) -> int:
    customer = await people.get_customer(db, case.customer_id)
    records = [turn.record for turn in await store.scored_turns(db, case.conversation_id) if turn.record]
    return priority_points(
        context.weights(),
        severity=severity,
        tier=customer.tier,
        frustration=records[-1].frustration if records else 0.0,
        contact_number=case.contact_number,
    )


async def _targets(context: Context, db: AsyncConnection, case: Case, severity: int, now: datetime) -> Targets:
    """The solution is due as if the case had had this severity from its opening, or its last reopening, on."""
    history = await case_events.events_of(db, case.id)
    reopened = (Step.REOPEN_TO_QUEUE, Step.REOPEN_TO_AGENT)
    began = max((event.at for event in history if event.step in reopened), default=case.opened_at)
    clock = context.sla(case.category, severity, case.tier)
    return clock.regraded(case, began, pauses_of(history), now)


def _told(triage: Triage | None) -> dict[str, object] | None:
    return triage.model_dump(mode="json") if triage is not None else None
