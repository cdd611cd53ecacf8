"""What agents said of the bot's decisions, as labels to learn from: verdicts on handoffs, corrected categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handoff.contract import Category, DecisionAction, HandoffReason
from handoff.domain.cases import Case, CaseEvent, Step
from handoff.domain.conversations import Message, SenderType, Turn
from handoff.domain.questions import asks_in_words
from handoff.domain.verdicts import Verdict
from handoff.domain.whole import WholeCase, WholeConversation
from handoff.domain.why import turns_that_led_to

MESSAGES_BEFORE: Final = 6
"""Messages that go with each of the customer's as what was said before it."""
WRONG_CATEGORY: Final = "wrong_category"
"""The entry of a transfer's history row by which the agent says that the bot chose the wrong queue."""


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody said."""

    role: SenderType
    text: str


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    """One message of the customer. ``before`` is what was said before it, oldest first.

    What was scored is None where nothing was: after the handoff, and where the bot did not answer. ``button`` says that
    the text was chosen and not written.
    """

    message_id: str
    seq: int
    at: datetime
    text: str
    before: tuple[Line, ...]
    after_handoff: bool
    button: bool
    frustration: float | None
    scored_by: str | None
    decision: DecisionAction | None


@dataclass(frozen=True, slots=True)
class VerdictLabel:
    """The verdict on one handoff, with what the customer wrote before and after it.

    ``handed_over_at`` is the message at which the bot handed over, None where that is not known, and
    ``should_have_come_at`` the one from which a person should have come, where the agent named it.
    """

    case_id: str
    case_number: str
    conversation_id: str
    verdict: Verdict
    note: str
    judged_by: str
    judged_at: datetime
    reason: HandoffReason
    category: Category
    policy_version: str
    handed_over_at: str | None
    should_have_come_at: str | None
    turns: tuple[LabelledTurn, ...]


@dataclass(frozen=True, slots=True)
class CategoryLabel:
    """A category that the bot chose and an agent corrected, with the customer's words that told the problem."""

    case_id: str
    case_number: str
    conversation_id: str
    words: tuple[str, ...]
    topic: str | None
    decided: Category
    corrected: Category
    corrected_by: str
    corrected_at: datetime


def verdict_label(conversation: WholeConversation, whole: WholeCase) -> VerdictLabel | None:
    """The label of a judged case; None for one that nobody judged."""
    case, verdict = whole.case, whole.verdict
    if verdict is None:
        return None
    said = {message.id: message for message in conversation.messages}
    trigger = said.get(case.handoff_message_id)
    turns = {turn.message_id: turn for turn in conversation.turns}
    return VerdictLabel(
        case_id=case.id,
        case_number=case.number,
        conversation_id=case.conversation_id,
        verdict=verdict.verdict,
        note=verdict.note,
        judged_by=verdict.agent_id,
        judged_at=verdict.judged_at,
        reason=case.reason,
        category=whole.decided_category,
        policy_version=case.context.policy_version,
        handed_over_at=trigger.id if trigger else None,
        should_have_come_at=verdict.message_id,
        turns=tuple(
            _labelled(message, conversation.messages[:place], turns.get(message.id), case, trigger)
            for place, message in enumerate(conversation.messages)
            if message.sender is SenderType.CUSTOMER and _belongs(message, case, conversation.cases)
        ),
    )


def category_label(conversation: WholeConversation, whole: WholeCase) -> CategoryLabel | None:
    """The label of a case whose category was corrected; None for any other, also when it was put back."""
    corrections = [e for e in whole.events if e.step is Step.TRANSFER and e.data.get(WRONG_CATEGORY)]
    if not corrections:
        return None
    latest: CaseEvent = corrections[-1]
    decided, corrected = whole.decided_category, Category(latest.data["to"])
    if corrected is decided:
        return None
    case = whole.case
    return CategoryLabel(
        case_id=case.id,
        case_number=case.number,
        conversation_id=case.conversation_id,
        words=_problem_in_words(conversation, case),
        topic=case.topic,
        decided=decided,
        corrected=corrected,
        corrected_by=latest.actor_id or "",
        corrected_at=latest.at,
    )


def _belongs(message: Message, case: Case, cases: Sequence[WholeCase]) -> bool:
    """Whether a message lies between the end of the case before it and its own end."""
    earlier = (other.case for other in cases if other.case.opened_at < case.opened_at)
    begin = max((other.resolved_at or other.opened_at for other in earlier), default=None)
    end = case.resolved_at
    return (begin is None or message.created_at > begin) and (end is None or message.created_at <= end)


def _labelled(
    message: Message, before: Sequence[Message], turn: Turn | None, case: Case, trigger: Message | None
) -> LabelledTurn:
    record = turn.record if turn else None
    after = message.seq > trigger.seq if trigger else message.created_at > case.opened_at
    return LabelledTurn(
        message_id=message.id,
        seq=message.seq,
        at=message.created_at,
        text=message.text,
        before=tuple(Line(said.sender, said.text) for said in before[-MESSAGES_BEFORE:]),
        after_handoff=after,
        button=turn is not None and turn.payload.startswith("/"),
        frustration=record.frustration if record else None,
        scored_by=record.scored_by if record else None,
        decision=record.decision.action if record else None,
    )


def _problem_in_words(conversation: WholeConversation, case: Case) -> tuple[str, ...]:
    """What the customer asked for in words before the handoff; where nothing was understood as such, all they wrote."""
    led = turns_that_led_to(case, conversation.turns, [whole.case for whole in conversation.cases])
    written = [turn for turn in led if not turn.payload.startswith("/")]
    asked = [turn for turn in written if asks_in_words(turn)] or written
    texts = {message.id: message.text for message in conversation.messages}
    return tuple(texts[turn.message_id] for turn in asked if turn.message_id in texts)
