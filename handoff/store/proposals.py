"""Proposals for the editors in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.conversations import Rating
from handoff.domain.errors import NotFound
from handoff.domain.proposals import OPEN, Effect, Proposal, ProposalContent, ProposalKind, ProposalStatus
from handoff.store.cases import case_number
from handoff.store.schema import answer_ratings, cases, proposals, turns

LATEST_QUESTIONS: Final = 5


def proposal_of(row: Row[Any]) -> Proposal:
    """A row of ``proposals`` as the domain knows it."""
    content = ProposalContent(**{**row.content, "examples": tuple(row.content["examples"])})
    return Proposal(
        row.id,
        row.case_id,
        row.agent_id,
        ProposalKind(row.kind),
        ProposalStatus(row.status),
        content,
        row.created_at,
        row.decided_at,
    )


async def add_proposal(db: AsyncConnection, proposal: Proposal) -> None:
    """Store a new proposal."""
    await db.execute(
        insert(proposals).values(
            id=proposal.id,
            case_id=proposal.case_id,
            agent_id=proposal.agent_id,
            kind=proposal.kind,
            status=proposal.status,
            content=asdict(proposal.content),
            created_at=proposal.created_at,
            decided_at=proposal.decided_at,
        )
    )


async def get_proposal(db: AsyncConnection, proposal_id: str) -> Proposal:
    """One proposal; raises ``NotFound``."""
    row = (await db.execute(select(proposals).where(proposals.c.id == proposal_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such proposal.")
    return proposal_of(row)


async def proposals_of_case(db: AsyncConnection, case_id: str) -> tuple[Proposal, ...]:
    """What a case proposed, the oldest first."""
    query = select(proposals).where(proposals.c.case_id == case_id).order_by(proposals.c.created_at, proposals.c.id)
    return tuple(proposal_of(row) for row in (await db.execute(query)).all())


async def list_proposals(
    db: AsyncConnection, *, statuses: Collection[ProposalStatus] = OPEN, limit: int = 500
) -> tuple[tuple[Proposal, str], ...]:
    """Proposals with the numbers of their cases, those of agents before those that came by themselves, newest first."""
    query = (
        select(proposals, cases.c.number)
        .join(cases, cases.c.id == proposals.c.case_id)
        .where(proposals.c.status.in_(statuses))
        .order_by(proposals.c.agent_id.is_(None), proposals.c.created_at.desc(), proposals.c.id)
        .limit(limit)
    )
    return tuple((proposal_of(row), case_number(row.number)) for row in (await db.execute(query)).all())


async def decide(
    db: AsyncConnection, proposal: Proposal, status: ProposalStatus, label: str | None, now: datetime
) -> Proposal | None:
    """Accept or ignore a proposal that is still open; None when somebody decided it meanwhile."""
    content = replace(proposal.content, label=label or proposal.content.label)
    decided = replace(proposal, status=status, content=content, decided_at=now)
    done = await db.execute(
        update(proposals)
        .where(proposals.c.id == proposal.id, proposals.c.status.in_(OPEN))
        .values(status=status, content=asdict(content), decided_at=now)
    )
    return decided if done.rowcount == 1 else None


async def effect_of(db: AsyncConnection, proposal: Proposal) -> Effect:
    """How its label did since it was accepted; all zero where it has no label or is not accepted."""
    label, since = proposal.content.label, proposal.decided_at
    if proposal.status is not ProposalStatus.ACCEPTED or label is None or since is None:
        return Effect(0, 0, 0, 0, ())
    about = (turns.c.created_at >= since, turns.c.seq > 0, turns.c.record["topic"].as_string() == label)
    asked = int((await db.execute(select(func.count()).select_from(turns).where(*about))).scalar_one())
    rated = (
        select(answer_ratings.c.rating, func.count().label("how_many"))
        .join(turns, turns.c.message_id == answer_ratings.c.turn_message_id)
        .where(*about)
        .group_by(answer_ratings.c.rating)
    )
    ratings = {row.rating: row.how_many for row in (await db.execute(rated)).all()}
    handed = select(func.count()).select_from(cases).where(cases.c.opened_at >= since, cases.c.topic == label)
    latest = select(turns.c.payload).where(*about).order_by(turns.c.created_at.desc()).limit(LATEST_QUESTIONS)
    return Effect(
        asked=asked,
        helpful=ratings.get(Rating.HELPFUL, 0),
        unhelpful=ratings.get(Rating.UNHELPFUL, 0),
        handed_over=int((await db.execute(handed)).scalar_one()),
        questions=tuple((await db.execute(latest)).scalars()),
    )
