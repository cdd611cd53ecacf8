"""A solved case proposes content: asked for by an agent, or by itself where its root cause says so (P28, P29)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.cases import Case, Step, status_after
from handoff.domain.conversations import SenderType
from handoff.domain.errors import BadValue, NotFound
from handoff.domain.people import Agent
from handoff.domain.proposals import Proposal, ProposalKind, ProposalStatus, main_question
from handoff.services.case_writing import case_to_change, save_step
from handoff.services.context import Context
from handoff.services.events import CaseChanged
from handoff.services.masking import masker_of
from handoff.services.suggestions import content_of, topic_of
from handoff.store import conversations as store
from handoff.store import proposals


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an agent wants proposed. What is left out is chosen: the case's question, the outcome as the answer."""

    kind: ProposalKind
    label: str | None = None
    question_message_ids: tuple[str, ...] = ()
    answer_message_id: str | None = None
    answer: str | None = None


async def propose(context: Context, case_id: str, agent: Agent, wanted: Wanted) -> Proposal:
    """Propose content from a solved case, masked; it leaves a row in the case's history.

    Raises ``WrongState`` while the case is open, ``BadValue`` for a message that cannot be meant or where the customer
    asked nothing in words, ``NotFound``.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status_after(case, Step.PROPOSE)
        masker = await masker_of(db, case)
        questions, understood_as = await _questions(db, case, wanted.question_message_ids)
        answer = await _answer(db, case, wanted) if wanted.kind is ProposalKind.FAQ else ""
        content = content_of(masker, questions, answer, wanted.label, understood_as)
        proposal = Proposal(context.new_id(), case.id, agent.id, wanted.kind, ProposalStatus.PROPOSED, content, now)
        await proposals.add_proposal(db, proposal)
        after = replace(case, version=case.version + 1)
        data = {"proposal_id": proposal.id, "kind": proposal.kind}
        saved = await save_step(context, db, case, after, Step.PROPOSE, Actor.of_agent(agent), now, data=data)
    context.publish((CaseChanged(case.id, case.conversation_id), *saved.events))
    return proposal


async def decide(
    db: AsyncConnection, proposal_id: str, status: ProposalStatus, *, label: str | None, now: datetime
) -> Proposal:
    """Write down that an editor took a proposal into the content under a label, or ignores it.

    Raises ``NotFound``, and ``BadValue`` when it is decided already.
    """
    proposal = await proposals.get_proposal(db, proposal_id)
    decided = await proposals.decide(db, proposal, status, label, now)
    if decided is None:
        raise BadValue(f"This proposal was {proposal.status} already.", field="id")
    return decided


async def _questions(db: AsyncConnection, case: Case, message_ids: tuple[str, ...]) -> tuple[list[str], str | None]:
    """The customer's questions and what the bot took the first one for."""
    turns = await store.scored_turns(db, case.conversation_id)
    topics = {turn.message_id: topic_of(turn) for turn in turns}
    if message_ids:
        texts = [await _said_by(db, case, key, SenderType.CUSTOMER, "question_message_ids") for key in message_ids]
        return texts, topics.get(message_ids[0])
    question = main_question(turns, case.handoff_message_id)
    if question is None:
        raise BadValue(
            "The customer asked nothing in words before the handoff; name their messages in question_message_ids.",
            field="question_message_ids",
        )
    return [question.payload], topic_of(question)


async def _answer(db: AsyncConnection, case: Case, wanted: Wanted) -> str:
    if wanted.answer is not None:
        return wanted.answer
    if wanted.answer_message_id is not None:
        return await _said_by(db, case, wanted.answer_message_id, SenderType.AGENT, "answer_message_id")
    return case.outcome or ""


async def _said_by(db: AsyncConnection, case: Case, message_id: str, sender: SenderType, field: str) -> str:
    try:
        message = await store.message_by_id(db, case.conversation_id, message_id)
    except NotFound as error:
        raise BadValue("There is no such message in this conversation.", field=field) from error
    if message.sender is not sender:
        raise BadValue(f"Choose a message of the {sender}; that one is of the {message.sender}.", field=field)
    return message.text
