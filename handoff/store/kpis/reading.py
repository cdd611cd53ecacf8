"""Reads the facts of a span of days: only the sections that are asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.kpis.facts import Facts
from handoff.domain.kpis.registry import Section
from handoff.store.kpis.cases import case_facts, resolution_facts
from handoff.store.kpis.service import (
    conversation_facts,
    estimate_facts,
    offer_facts,
    promise_facts,
    rating_facts,
    target_facts,
)
from handoff.store.kpis.span import Span

EVERYTHING: Final = frozenset(Section)


async def read_facts(
    db: AsyncConnection, span: Span, *, as_of: datetime, sections: Collection[Section] = EVERYTHING
) -> Facts:
    """The facts of the span, as they stand now; sections that are not asked for stay empty."""
    return Facts(
        as_of=as_of,
        cases=await case_facts(db, span) if Section.CASES in sections else (),
        resolutions=await resolution_facts(db, span) if Section.RESOLUTIONS in sections else (),
        conversations=await conversation_facts(db, span) if Section.CONVERSATIONS in sections else (),
        targets=await target_facts(db, span) if Section.TARGETS in sections else (),
        promises=await promise_facts(db, span) if Section.PROMISES in sections else (),
        estimates=await estimate_facts(db, span) if Section.ESTIMATES in sections else (),
        offers=await offer_facts(db, span) if Section.OFFERS in sections else (),
        ratings=await rating_facts(db, span) if Section.RATINGS in sections else (),
    )
