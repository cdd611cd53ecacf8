"""Reads what else the KPIs look at: conversations with the bot, targets, promises, waits told, offers, ratings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.kpis.facts import (
    SETTLES_AFTER,
    ConversationFact,
    EstimateFact,
    OfferFact,
    PromiseFact,
    RatingFact,
    Target,
    TargetFact,
)
from handoff.domain.promises import PromiseKind
from handoff.store.kpis.span import Span
from handoff.store.schema import (
    answer_ratings,
    cases,
    contacts,
    conversations,
    offers,
    promises,
    turns,
    wait_estimates,
)

CLOSED, WAITING, CUSTOMER = "closed", "waiting", "customer"


async def conversation_facts(db: AsyncConnection, span: Span) -> tuple[ConversationFact, ...]:
    """The conversations begun in the span. What the customer did first counts within a day of the beginning."""
    within = span.holds(conversations.c.started_at)
    ids = select(conversations.c.id).where(within)
    begun = (await db.execute(select(conversations.c.id, conversations.c.started_at).where(within))).all()
    asked: dict[str, list[Any]] = {row.id: [] for row in begun}
    query = select(turns.c.conversation_id, turns.c.status, turns.c.created_at, turns.c.answered_at).where(
        turns.c.conversation_id.in_(ids), turns.c.seq > 0, turns.c.created_at < span.ends + SETTLES_AFTER
    )
    for turn in (await db.execute(query)).all():
        asked[turn.conversation_id].append(turn)
    first_case: dict[str, Any] = {}
    handed = select(cases.c.conversation_id, cases.c.opened_at, cases.c.category).where(
        cases.c.conversation_id.in_(ids)
    )
    for opened in (await db.execute(handed.order_by(cases.c.opened_at, cases.c.number))).all():
        first_case.setdefault(opened.conversation_id, opened)
    first_topic: dict[str, Any] = {}
    topics = select(contacts.c.conversation_id, contacts.c.at, contacts.c.category).where(
        contacts.c.conversation_id.in_(ids)
    )
    for contact in (await db.execute(topics.order_by(contacts.c.at, contacts.c.topic))).all():
        first_topic.setdefault(contact.conversation_id, contact)
    found = []
    for row in begun:
        until = row.started_at + SETTLES_AFTER
        counted = [turn for turn in asked[row.id] if turn.created_at <= until]
        case, topic = first_case.get(row.id), first_topic.get(row.id)
        category = topic.category if topic is not None and topic.at <= until else case.category if case else ""
        found.append(
            ConversationFact(
                id=row.id,
                started_at=row.started_at,
                first_turn_at=min((turn.created_at for turn in counted), default=None),
                answered=any(
                    turn.status == "answered" and turn.answered_at is not None and turn.answered_at <= until
                    for turn in counted
                ),
                handed_over_at=case.opened_at if case else None,
                category=category,
            )
        )
    return tuple(found)


async def target_facts(db: AsyncConnection, span: Span) -> tuple[TargetFact, ...]:
    """The targets that fell due in the span.

    A case that was merged into another, or went back to the bot before the moment, has none; nor does the resolution
    of one that waits for its customer fall due.
    """
    goes_on = cases.c.merged_into.is_(None)
    first = await _case_targets(
        db,
        Target.FIRST_RESPONSE,
        cases.c.first_response_due,
        cases.c.first_response_at,
        and_(goes_on, (cases.c.status != CLOSED) | cases.c.first_response_at.is_not(None) | _closed_too_late()),
        span,
    )
    held_up = and_(cases.c.status == WAITING, cases.c.waiting_for == CUSTOMER)
    solved = await _case_targets(
        db,
        Target.RESOLUTION,
        cases.c.resolution_due,
        cases.c.resolved_at,
        and_(
            goes_on,
            ~held_up | cases.c.waiting_for.is_(None),
            # Back with the bot: nobody solved it, and only what fell due before that was missed.
            (cases.c.status != CLOSED)
            | cases.c.disposition.is_not(None)
            | (cases.c.resolved_at > cases.c.resolution_due),
        ),
        span,
    )
    return (*first, *solved, *await _next_updates(db, span))


def _closed_too_late() -> ColumnElement[bool]:
    return cases.c.resolved_at > cases.c.first_response_due


async def _case_targets(
    db: AsyncConnection,
    target: Target,
    due: Any,
    met: Any,
    counts: ColumnElement[bool],
    span: Span,
) -> list[TargetFact]:
    query = select(cases.c.id, due.label("due"), met.label("met"), cases.c.category, cases.c.level, cases.c.agent_id)
    return [
        TargetFact(row.id, target, row.due, row.met, row.category, row.level, row.agent_id)
        for row in (await db.execute(query.where(span.holds(due), counts))).all()
    ]


async def _next_updates(db: AsyncConnection, span: Span) -> list[TargetFact]:
    """A next update is a promise that was settled by a person's word, or by nothing."""
    return [
        TargetFact(
            promise.case_id,
            Target.NEXT_UPDATE,
            promise.due_at,
            promise.due_at if promise.status == "kept" else None,
            promise.category,
            promise.level,
            promise.agent_id,
        )
        for promise in await promise_facts(db, span)
        if promise.kind == PromiseKind.NEXT_WORD and promise.status in ("kept", "broken")
    ]


async def promise_facts(db: AsyncConnection, span: Span) -> tuple[PromiseFact, ...]:
    """The promises that fell due in the span."""
    query = (
        select(promises, cases.c.level)
        .join(cases, cases.c.id == promises.c.case_id)
        .where(span.holds(promises.c.due_at))
    )
    return tuple(
        PromiseFact(row.case_id, row.kind, row.status, row.due_at, row.category, row.level, row.agent_id)
        for row in (await db.execute(query)).all()
    )


async def estimate_facts(db: AsyncConnection, span: Span) -> tuple[EstimateFact, ...]:
    """The ranges of waiting time that were told in the span."""
    query = (
        select(wait_estimates, cases.c.level)
        .join(cases, cases.c.id == wait_estimates.c.case_id)
        .where(span.holds(wait_estimates.c.made_at))
    )
    return tuple(
        EstimateFact(row.case_id, row.made_at, row.hit, row.category, row.level)
        for row in (await db.execute(query)).all()
    )


async def offer_facts(db: AsyncConnection, span: Span) -> tuple[OfferFact, ...]:
    """The offers made in the span."""
    query = (
        select(offers, cases.c.category, cases.c.level)
        .join(cases, cases.c.id == offers.c.case_id)
        .where(span.holds(offers.c.offered_at))
    )
    return tuple(
        OfferFact(row.case_id, row.agent_id, row.status, row.offered_at, row.answered_at, row.category, row.level)
        for row in (await db.execute(query)).all()
    )


async def rating_facts(db: AsyncConnection, span: Span) -> tuple[RatingFact, ...]:
    """The answers of the bot that were rated in the span."""
    query = select(answer_ratings).where(span.holds(answer_ratings.c.rated_at))
    return tuple(RatingFact(row.conversation_id, row.rating, row.rated_at) for row in (await db.execute(query)).all())
