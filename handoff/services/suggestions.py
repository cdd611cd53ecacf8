"""A case whose root cause tells of a gap in the content suggests by itself what would close it (P28, P29)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.conversations import Turn
from handoff.domain.proposals import Proposal, ProposalContent, ProposalKind, ProposalStatus, main_question
from handoff.domain.resolutions import closes
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.masking import Masker, masker_of
from handoff.store import conversations as store
from handoff.store import proposals

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken

MISSING_CONTENT: Final = "missing_content"
"""The root cause that asks for an answer; others ask for ways of asking."""


async def suggest_content(context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """After a case was closed with a root cause that tells of a gap: suggest what would close it."""
    case = taken.after
    if not closes(taken.before, case) or case.root_cause not in context.policy.after_resolution.propose_by_itself:
        return ()
    question = main_question(await store.scored_turns(db, case.conversation_id), case.handoff_message_id)
    if question is None:
        return ()
    kind = ProposalKind.FAQ if case.root_cause == MISSING_CONTENT else ProposalKind.EXAMPLES
    answer = (case.outcome or "") if kind is ProposalKind.FAQ else ""
    content = content_of(await masker_of(db, case), [question.payload], answer, None, topic_of(question))
    known = await proposals.proposals_of_case(db, case.id)
    if any(one.content.examples == content.examples and one.kind is kind for one in known):
        return ()
    suggestion = Proposal(context.new_id(), case.id, None, kind, ProposalStatus.SUGGESTED, content, taken.now)
    await proposals.add_proposal(db, suggestion)
    return ()


def content_of(
    masker: Masker, questions: list[str], answer: str, label: str | None, understood_as: str | None
) -> ProposalContent:
    """The masked content; questions that read alike once they are masked count once."""
    examples = tuple(dict.fromkeys(text for text in map(masker.mask, questions) if text))
    return ProposalContent(examples, masker.mask(answer), label, understood_as)


def topic_of(turn: Turn) -> str | None:
    """What the bot took a question for."""
    return turn.record.topic if turn.record is not None else None
