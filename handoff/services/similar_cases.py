"""Closed cases that are like an open one, with how they ended (P21): found by meaning, in the agent's own queues."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case
from handoff.domain.likeness import LIKE_FROM, SIMILAR_SHOWN, ClosedCase, best_first, meaning_text
from handoff.domain.own_words import LATEST_LINES
from handoff.domain.people import Agent
from handoff.services.case_writing import visible_case
from handoff.services.context import Context
from handoff.services.meaning import MeaningUnavailable, Reading
from handoff.store import case_meanings, people

if TYPE_CHECKING:
    from handoff.services.vector_window import VectorWindow

log = structlog.get_logger(__name__)

WINDOW: Final = 100_000
"""How many closed cases are searched, the latest: 39 MB, and as much again while it grows, when there are so many."""
CANDIDATES: Final = 50
"""How many of the likeliest are looked at, of the case's own category and of the others."""
ENCODED_AT_ONCE: Final = 32
ENCODED_WHILE_ASKED: Final = 2 * ENCODED_AT_ONCE
"""How many that wait for their vector get it before a question is answered; the rest get theirs meanwhile."""
OVERLAP: Final = timedelta(minutes=1)
"""How far the reading of new vectors goes back: another node may commit one a moment late, or have another clock."""


class SimilarCases:
    """The latest closed cases by meaning, in the memory of this process; filled when it is first asked."""

    def __init__(self, *, window: int = WINDOW) -> None:
        self._size = window
        self._window: VectorWindow | None = None
        self._read_until: datetime | None = None
        self._reading: Reading[VectorWindow] = Reading("The closed cases")
        self._catching_up: asyncio.Task[None] | None = None

    async def of(self, context: Context, case_id: str, agent: Agent) -> tuple[ClosedCase, ...]:
        """The closed cases most like this one, best first. Raises ``NotFound`` or ``MeaningUnavailable``.

        Only of queues that the agent may see; the customer's own cases stand in their history and are left out here.
        """
        async with context.db.read() as db:
            case = await visible_case(db, case_id, agent)
            text = await text_of(db, case)
        (vector,) = await context.meaning.encode([text])
        window = await self._reading.result(partial(self._read, context))
        near = await context.meaning.compute(
            lambda: window.nearest(vector, case.category, like_from=LIKE_FROM, most=CANDIDATES + SIMILAR_SHOWN)
        )
        near.pop(case.id, None)
        async with context.db.read() as db:
            found = await case_meanings.closed_cases(
                db, tuple(near), categories=agent.visible_queues(), but_of=case.customer_id
            )
            names = await people.agent_names(db) if found else {}
        closed = (_closed_case(context, other, names, near[other.id]) for other in found)
        return best_first(closed, case.category, context.clock())

    async def _read(self, context: Context) -> VectorWindow:
        """The window with everything that was closed up to now, as far as it has its vector."""
        from handoff.services.vector_window import VectorWindow

        encoder = await context.meaning.fingerprint()
        window, until = self._window, self._read_until
        if window is None:
            async with context.db.write() as db:
                await case_meanings.wait_again(db, encoder)
            window = VectorWindow(self._size)
        left = await encode_waiting(context, ENCODED_WHILE_ASKED)
        if left and (self._catching_up is None or self._catching_up.done()):
            self._catching_up = asyncio.create_task(_catch_up(context), name="case meanings")
        since = until - OVERLAP if until else None
        async with context.db.read() as db:
            async for lot, encoded_at in case_meanings.newest(db, encoder, encoded_from=since, limit=self._size):
                await context.meaning.compute(partial(window.add, lot))
                until = max(encoded_at, until or encoded_at)
        self._window, self._read_until = window, until
        return window

    async def close(self) -> None:
        """Stop what is still being encoded; it is taken up again by whoever asks next."""
        await self._reading.close()
        if self._catching_up is not None:
            self._catching_up.cancel()
            await asyncio.gather(self._catching_up, return_exceptions=True)


async def text_of(db: AsyncConnection, case: Case) -> str:
    """What a case is about, as it is compared."""
    return meaning_text(case.problem, await case_meanings.said_before_handoff(db, case, lines=LATEST_LINES))


async def encode_waiting(context: Context, most: int) -> bool:
    """Give up to ``most`` closed cases the vector that they wait for; whether some may be left."""
    from handoff.services.vector_window import stored

    encoder = await context.meaning.fingerprint()
    done = 0
    while done < most:
        async with context.db.read() as db:
            cases = await case_meanings.waiting(db, min(ENCODED_AT_ONCE, most - done))
            texts = [await text_of(db, case) for case in cases]
        if not cases:
            return False
        rows = stored(await context.meaning.encode(texts))
        async with context.db.write() as db:
            vectors = {case.id: row for case, row in zip(cases, rows, strict=True)}
            await case_meanings.keep(db, encoder, vectors, now=context.clock())
        done += len(cases)
    return True


async def _catch_up(context: Context) -> None:
    try:
        left = True
        while left:
            left = await encode_waiting(context, ENCODED_AT_ONCE)
    except MeaningUnavailable:
        return
    except Exception:
        # Nobody waits for this task; whoever asks next begins it again.
        log.exception("case_meanings_not_caught_up")


def _closed_case(context: Context, case: Case, names: dict[str, str], likeness: float) -> ClosedCase:
    disposition = context.policy.dispositions.get(case.disposition or "")
    causes = {code: label for group in context.policy.root_causes.values() for code, label in group.causes.items()}
    return ClosedCase(
        id=case.id,
        number=case.number,
        category=case.category,
        problem=case.problem,
        outcome=case.outcome or "",
        disposition=disposition.label if disposition else case.disposition or "",
        root_cause=causes.get(case.root_cause or "", case.root_cause or ""),
        solved=disposition.solved if disposition else False,
        agent_name=names.get(case.agent_id) if case.agent_id else None,
        csat=case.csat,
        resolved_at=case.resolved_at or case.opened_at,
        likeness=likeness,
    )
