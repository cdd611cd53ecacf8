"""The language of a customer, which a conversation follows: on another page, perhaps another one (P18, P23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.cases import Step, status_after
from handoff.domain.conversations import Conversation
from handoff.domain.people import Customer
from handoff.other_languages import primary_subtag
from handoff.services.case_writing import save_step, step_events
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.store import cases as case_store
from handoff.store import conversations as store


async def follow_language(
    context: Context,
    db: AsyncConnection,
    conversation: Conversation,
    customer: Customer,
    language: str | None,
    now: datetime,
) -> tuple[Conversation, tuple[Event, ...]]:
    """What the customer is told from now on is in the language of the page around the chat, a BCP 47 tag.

    The latest case goes along: its notices, its survey, and who is asked to take it. Nothing happens where the page
    says none, or the one that the conversation has, whatever the region.
    """
    if language is None or primary_subtag(language) == primary_subtag(conversation.language):
        return conversation, ()
    held = await store.get_conversation(db, conversation.id, for_change=True)
    await store.change_language(db, held.id, language)
    case = await case_store.latest_case(db, held.id)
    if case is None or primary_subtag(case.language) == primary_subtag(language):
        return replace(held, language=language), ()
    status_after(case, Step.LANGUAGE)
    after = replace(case, language=language, version=case.version + 1)
    data = {"from": case.language, "to": language}
    saved = await save_step(context, db, case, after, Step.LANGUAGE, Actor.of_customer(customer), now, data=data)
    return replace(held, language=language), (*step_events(saved.case, ()), *saved.events)
