"""Reads the cases and the resolutions of a span of days as the KPIs know them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.kpis.facts import (
    COMES_BACK_WITHIN,
    RECURS_WITHIN,
    SETTLES_AFTER,
    CaseFact,
    EventFact,
    ResolutionFact,
    SaidFact,
)
from handoff.store.kpis.span import Span
from handoff.store.schema import case_events, case_verdicts, cases, messages, resolutions

COUNTED_STEPS: Final = (
    "accepted",
    "taken_over",
    "reopened_with_owner",
    "reopened",
    "released",
    "transferred",
    "escalated",
    "resolved",
    "returned_to_bot",
    "merged",
    "waits",
    "resumed",
)
"""The steps of a history that a KPI looks at."""
_COUNTED: Final = (
    cases.c.id,
    cases.c.conversation_id,
    cases.c.category,
    cases.c.level,
    cases.c.severity,
    cases.c.reason,
    cases.c.source,
    cases.c.contact_number,
    cases.c.status,
    cases.c.opened_at,
    cases.c.accepted_at,
    cases.c.first_response_at,
    cases.c.resolved_at,
    cases.c.disposition,
    cases.c.merged_into,
)
"""Without what a case tells in words: a busy day has thousands of cases."""
AT_ONCE: Final = 400
"""Values in one statement: SQLite takes a limited number."""


async def case_facts(db: AsyncConnection, span: Span) -> tuple[CaseFact, ...]:
    """The cases opened in the span."""
    within = span.holds(cases.c.opened_at)
    query: Select[Any] = select(*_COUNTED, cases.c.context["facts"].label("known"))
    rows = (await db.execute(query.where(within))).all()
    events = await _events(db, select(cases.c.id).where(within))
    judged = (
        select(case_verdicts.c.case_id, case_verdicts.c.verdict)
        .join(cases, cases.c.id == case_verdicts.c.case_id)
        .where(within)
    )
    verdicts = {row.case_id: row.verdict for row in (await db.execute(judged)).all()}
    knowing = [row for row in rows if row.known and row.first_response_at is not None]
    said = await _said(db, knowing)
    wrote_back = await _wrote_back(db, span)
    return tuple(
        CaseFact(
            id=row.id,
            conversation_id=row.conversation_id,
            category=row.category,
            level=row.level,
            severity=row.severity,
            reason=row.reason,
            source=row.source,
            contact_number=row.contact_number,
            status=row.status,
            opened_at=row.opened_at,
            accepted_at=row.accepted_at,
            first_response_at=row.first_response_at,
            resolved_at=row.resolved_at,
            disposition=row.disposition,
            merged_into=row.merged_into,
            verdict=verdicts.get(row.id),
            known=row.known or {},
            events=events.get(row.id, ()),
            said=said.get(row.id, ()),
            wrote_back=row.id in wrote_back,
        )
        for row in rows
    )


async def resolution_facts(db: AsyncConnection, span: Span) -> tuple[ResolutionFact, ...]:
    """The resolutions given in the span."""
    within = span.holds(resolutions.c.resolved_at)
    query = (
        select(
            resolutions,
            cases.c.category,
            cases.c.level,
            cases.c.opened_at,
            cases.c.customer_id,
            cases.c.topic,
            cases.c.contact_number,
        )
        .join(cases, cases.c.id == resolutions.c.case_id)
        .where(within)
    )
    rows = (await db.execute(query)).all()
    events = await _events(db, select(resolutions.c.case_id).where(within))
    customers = sorted({row.customer_id for row in rows})
    others = await _cases_after(db, customers, span)
    earlier = await _causes_before(db, customers, span)
    return tuple(
        ResolutionFact(
            case_id=row.case_id,
            number=row.number,
            category=row.category,
            level=row.level,
            agent_id=row.agent_id,
            opened_at=row.opened_at,
            resolved_at=row.resolved_at,
            disposition=row.disposition,
            root_cause=row.root_cause,
            contact_number=row.contact_number,
            csat=row.csat,
            nps=row.nps,
            reopened_at=row.reopened_at,
            came_back_at=_came_back(row, others.get(row.customer_id, ())),
            recurs=_recurs(row, earlier.get(row.customer_id, ())),
            events=events.get(row.case_id, ()),
        )
        for row in rows
    )


async def _events(db: AsyncConnection, ids: Select[Any]) -> dict[str, tuple[EventFact, ...]]:
    found: defaultdict[str, list[EventFact]] = defaultdict(list)
    table = case_events.c
    query = (
        select(table.case_id, table.at, table.step, table.actor_type, table.actor_id)
        .where(table.case_id.in_(ids), table.step.in_(COUNTED_STEPS))
        .order_by(table.case_id, table.id)
    )
    for row in (await db.execute(query)).all():
        found[row.case_id].append(EventFact(row.at, row.step, row.actor_type, row.actor_id))
    return {case_id: tuple(events) for case_id, events in found.items()}


async def _said(db: AsyncConnection, knowing: list[Row[Any]]) -> dict[str, tuple[SaidFact, ...]]:
    """What customers and agents wrote in the day after the handoff, by case."""
    opened = defaultdict(list)
    for row in knowing:
        opened[row.conversation_id].append(row)
    found: defaultdict[str, list[SaidFact]] = defaultdict(list)
    for some in _parts(sorted(opened)):
        query = (
            select(messages.c.conversation_id, messages.c.created_at, messages.c.sender, messages.c.text)
            .where(
                messages.c.conversation_id.in_(some),
                messages.c.sender.in_(("customer", "agent")),
                messages.c.created_at > min(row.opened_at for key in some for row in opened[key]),
                messages.c.created_at <= max(row.opened_at for key in some for row in opened[key]) + SETTLES_AFTER,
            )
            .order_by(messages.c.conversation_id, messages.c.seq)
        )
        for line in (await db.execute(query)).all():
            for row in opened[line.conversation_id]:
                if row.opened_at < line.created_at <= row.opened_at + SETTLES_AFTER:
                    found[row.id].append(SaidFact(line.created_at, line.sender, line.text))
    return {case_id: tuple(lines) for case_id, lines in found.items()}


async def _wrote_back(db: AsyncConnection, span: Span) -> frozenset[str]:
    """Of the cases closed as ``no_response``: those whose customer wrote after the agent's first word all the same."""
    query = (
        select(cases.c.id)
        .join(
            messages,
            and_(
                messages.c.conversation_id == cases.c.conversation_id,
                messages.c.sender == "customer",
                messages.c.created_at > cases.c.first_response_at,
                messages.c.created_at <= cases.c.resolved_at,
            ),
        )
        .where(span.holds(cases.c.opened_at), cases.c.disposition == "no_response")
        .distinct()
    )
    return frozenset((await db.execute(query)).scalars())


async def _cases_after(db: AsyncConnection, customers: list[str], span: Span) -> dict[str, tuple[Row[Any], ...]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for some in _parts(customers):
        query = select(cases.c.id, cases.c.customer_id, cases.c.topic, cases.c.category, cases.c.opened_at).where(
            cases.c.customer_id.in_(some),
            cases.c.opened_at > span.begins,
            cases.c.opened_at <= span.ends + COMES_BACK_WITHIN,
        )
        for row in (await db.execute(query)).all():
            found[row.customer_id].append(row)
    return {customer: tuple(rows) for customer, rows in found.items()}


def _came_back(given: Row[Any], others: Iterable[Row[Any]]) -> datetime | None:
    return min(
        (
            other.opened_at
            for other in others
            if other.id != given.case_id
            and given.resolved_at < other.opened_at <= given.resolved_at + COMES_BACK_WITHIN
            and (other.topic == given.topic if given.topic else other.category == given.category)
        ),
        default=None,
    )


async def _causes_before(db: AsyncConnection, customers: list[str], span: Span) -> dict[str, tuple[Row[Any], ...]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for some in _parts(customers):
        query = (
            select(cases.c.customer_id, resolutions.c.case_id, resolutions.c.root_cause, resolutions.c.resolved_at)
            .join(cases, cases.c.id == resolutions.c.case_id)
            .where(
                cases.c.customer_id.in_(some),
                resolutions.c.resolved_at >= span.begins - RECURS_WITHIN,
                resolutions.c.resolved_at < span.ends,
            )
        )
        for row in (await db.execute(query)).all():
            found[row.customer_id].append(row)
    return {customer: tuple(rows) for customer, rows in found.items()}


def _recurs(given: Row[Any], earlier: Iterable[Row[Any]]) -> bool:
    return any(
        other.case_id != given.case_id
        and other.root_cause == given.root_cause
        and given.resolved_at - RECURS_WITHIN <= other.resolved_at < given.resolved_at
        for other in earlier
    )


def _parts(values: list[str]) -> Iterable[list[str]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
