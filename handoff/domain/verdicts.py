"""What agents say of a handoff afterwards: needed, not needed, or that it should have come earlier (P10, P31)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handoff.domain.cases import Case
from handoff.domain.conversations import Message, SenderType
from handoff.domain.errors import BadValue
from handoff.domain.people import Agent


class Verdict(StrEnum):
    """Whether a person was needed."""

    NEEDED = "needed"
    """The bot was right to hand over, and at the right moment."""
    NOT_NEEDED = "not_needed"
    """The bot could have gone on by itself."""
    SHOULD_HAVE_COME_EARLIER = "should_have_come_earlier"
    """A person was needed, and some turns before."""


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """The verdict on one case as it stands. ``message_id`` is the customer's message from which it should have come."""

    case_id: str
    verdict: Verdict
    agent_id: str
    judged_at: datetime
    message_id: str | None = None
    note: str = ""

    def says_the_same(self, other: CaseVerdict | None) -> bool:
        """Whether the other one judges alike, whoever gave it and when."""
        return other is not None and (self.verdict, self.message_id, self.note) == (
            other.verdict,
            other.message_id,
            other.note,
        )


def judged(
    case: Case,
    agent: Agent,
    verdict: Verdict,
    now: datetime,
    *,
    earlier: Message | None = None,
    handed_over: Message | None = None,
    note: str = "",
) -> CaseVerdict:
    """The verdict of an agent on a case.

    ``earlier`` is the message from which a person should have come, ``handed_over`` the one at which one came. Raises
    ``BadValue`` for a message with another verdict, one that is not the customer's, or one that did not come earlier.
    """
    if earlier is None:
        return CaseVerdict(case.id, verdict, agent.id, now, None, note)
    if verdict is not Verdict.SHOULD_HAVE_COME_EARLIER:
        raise BadValue(
            f"A message_id goes with the verdict {Verdict.SHOULD_HAVE_COME_EARLIER} only; leave it out.",
            field="message_id",
        )
    came_before = earlier.seq < handed_over.seq if handed_over is not None else earlier.created_at < case.opened_at
    if earlier.sender is not SenderType.CUSTOMER or not came_before:
        raise BadValue(
            "Name a message of the customer's that came before the one at which the bot handed over.",
            field="message_id",
        )
    return CaseVerdict(case.id, verdict, agent.id, now, earlier.id, note)
