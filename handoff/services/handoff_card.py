"""The customer looks at what is passed on, and corrects it: written into the case before an agent reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.card import Card, card_of, corrected
from handoff.domain.cases import Case, Step, status_after
from handoff.domain.errors import NotFound
from handoff.domain.own_words import cut, fullest, wish
from handoff.services.case_writing import save_step, step_events
from handoff.services.context import Context
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import people
from handoff.store.case_meanings import said_before_handoff
from handoff.wording import Wording

LINES_READ: Final = 10
"""Of what the customer wrote before the handoff, the last so many lines: the card is read at every change."""


async def read_card(db: AsyncConnection, wording: Wording, case: Case) -> Card:
    """The card of a case as it stands."""
    said = await said_before_handoff(db, case, lines=LINES_READ)
    words = wording.to(case.language)
    card = card_of(case, cut(fullest(said)), cut(wish(said, words.wishes)), words.topics())
    return replace(card, problem=words.problem_of(case))


async def correct_card(
    context: Context, conversation_id: str, case_id: str, *, facts: Mapping[str, str], line: str
) -> tuple[Case, Card]:
    """Correct facts of the card, add a line to it, or both. The same again changes nothing.

    Raises ``NotFound``, ``CaseClosed``, ``WrongState`` or ``BadValue``.
    """
    now = context.clock()
    async with context.db.write() as db:
        await store.get_conversation(db, conversation_id, for_change=True)
        case = await case_store.get_case(db, case_id)
        if case.conversation_id != conversation_id:
            raise NotFound("There is no such case.")
        after = corrected(case, facts, line)
        if after is case:
            return case, await read_card(db, context.wording, case)
        status_after(case, Step.CONTEXT)
        changed = after.context.corrections[len(case.context.corrections) :]
        data = {"facts": {c.fact: {"from": c.former, "to": c.value} for c in changed}}
        actor = Actor.of_customer(await people.get_customer(db, case.customer_id))
        after = replace(after, version=case.version + 1)
        added = line if len(after.context.lines) > len(case.context.lines) else ""
        saved = await save_step(context, db, case, after, Step.CONTEXT, actor, now, text=added, data=data)
        card = await read_card(db, context.wording, saved.case)
    context.publish((*step_events(saved.case, ()), *saved.events))
    return saved.case, card
