"""The status table: what can happen to a case, and what cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handoff.contract import Category, HandoffReason
from handoff.domain.cases import (
    TRANSITIONS,
    Case,
    CaseContext,
    CaseStatus,
    Step,
    Targets,
    require_owner,
    status_after,
)
from handoff.domain.errors import AlreadyAccepted, CaseClosed, NotOwner, WrongState
from tests.handoff.cast import ANA, BEN, START

CASE = Case(
    id="case-1",
    number="WL-1001",
    conversation_id="conversation-1",
    customer_id="customer-1",
    status=CaseStatus.OPEN,
    category=Category.BILLING,
    severity=3,
    level=1,
    priority=30,
    reason=HandoffReason.EXPLICIT_REQUEST,
    problem="a charge of £12.99",
    contact_number=1,
    targets=Targets(START + timedelta(minutes=10), START + timedelta(hours=2), START + timedelta(hours=24)),
    opened_at=START,
    queued_at=START,
    rank_at=START,
    version=1,
    context=CaseContext(),
    handoff_message_id="message-1",
)


def test_a_case_goes_from_its_queue_through_an_agent_to_its_end_and_back() -> None:
    steps = [Step.ACCEPT, Step.RELEASE, Step.ACCEPT, Step.TRANSFER, Step.ACCEPT, Step.RESOLVE, Step.REOPEN_TO_QUEUE]
    case, seen = CASE, []
    for step in steps:
        case = replace(case, status=status_after(case, step))
        seen.append(case.status)

    assert seen == ["active", "open", "active", "open", "active", "closed", "open"]


@pytest.mark.parametrize("step", sorted(set(Step) - {Step.OPEN}))
@pytest.mark.parametrize("status", sorted(CaseStatus))
def test_what_the_table_does_not_name_cannot_happen(status: CaseStatus, step: Step) -> None:
    case = replace(CASE, status=status)
    if (status, step) in TRANSITIONS:
        assert status_after(case, step) is TRANSITIONS[status, step]
        return
    with pytest.raises((CaseClosed, AlreadyAccepted, WrongState)) as refused:
        status_after(case, step)
    assert case.number in refused.value.message


def test_a_closed_case_says_that_it_must_be_reopened() -> None:
    with pytest.raises(CaseClosed, match="Reopen it first"):
        status_after(replace(CASE, status=CaseStatus.CLOSED), Step.RESOLVE)


def test_only_the_owner_acts_unless_a_supervisor_helps() -> None:
    mine = replace(CASE, status=CaseStatus.ACTIVE, agent_id=ANA.id)

    require_owner(mine, ANA.id)
    require_owner(mine, BEN.id, may_override=True)
    with pytest.raises(NotOwner):
        require_owner(mine, BEN.id)


def test_the_customer_is_to_hear_when_they_were_promised() -> None:
    assert CASE.next_word_due == CASE.targets.next_update_due
