"""What a solved case proposes to the content editors: a new FAQ, or examples of how customers ask (P28, P29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from handoff.domain.conversations import Turn
from handoff.domain.questions import asks_in_words

NO_QUESTIONS: Final = frozenset({"talk_to_person", "complain", "not_helpful", "resolution_failed"})
"""Requests that are about the service and not about a matter: nothing to answer in an FAQ."""
LABEL: Final = r"^[a-z][a-z0-9_]*(/[a-z0-9_]+)?$"
"""An intent, or an FAQ as ``faq/<key>``."""


class ProposalKind(StrEnum):
    """What is proposed."""

    FAQ = "faq"
    """A question with its answer."""
    EXAMPLES = "examples"
    """Ways of asking for something that the bot knows."""


class ProposalStatus(StrEnum):
    """Where a proposal stands."""

    SUGGESTED = "suggested"
    """Made by itself, from the root cause of the case."""
    PROPOSED = "proposed"
    """Made by an agent."""
    ACCEPTED = "accepted"
    IGNORED = "ignored"


OPEN: Final = (ProposalStatus.PROPOSED, ProposalStatus.SUGGESTED)
"""What an editor has not decided yet."""


@dataclass(frozen=True, slots=True)
class ProposalContent:
    """The masked texts. ``label`` is where they belong, as the agent or, once accepted, the editor says.

    ``understood_as`` is the topic that the bot took the question for, if any.
    """

    examples: tuple[str, ...]
    answer: str = ""
    label: str | None = None
    understood_as: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line of the editors' list; ``agent_id`` is None for what was suggested by itself."""

    id: str
    case_id: str
    agent_id: str | None
    kind: ProposalKind
    status: ProposalStatus
    content: ProposalContent
    created_at: datetime
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of an accepted proposal since: how often its label was asked for, and how that went.

    ``questions`` are the latest ones in the customers' words, unmasked.
    """

    asked: int
    helpful: int
    unhelpful: int
    handed_over: int
    questions: tuple[str, ...]


def main_question(turns: Sequence[Turn], handoff_message_id: str) -> Turn | None:
    """The question that the case is about, among the turns of its conversation, oldest first.

    It is the last one in words up to the handoff that is about a matter; the wish for a person is none. None where the
    customer only pressed buttons, or asked for nothing but a person.
    """
    found: Turn | None = None
    for turn in turns:
        if turn.record is not None and asks_in_words(turn) and turn.record.topic not in NO_QUESTIONS:
            found = turn
        if turn.message_id == handoff_message_id:
            break
    return found
