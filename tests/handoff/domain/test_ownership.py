"""One owner at a time, in step with the case, with a version that grows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.cases import TRANSITIONS, CaseStatus, Step, status_after
from handoff.domain.errors import HandoffError, WrongState
from handoff.domain.ownership import (
    FIRST_OWNER,
    MOVES_OWNER,
    OWNER_TRANSITIONS,
    Owner,
    OwnerType,
    owner_after,
)
from tests.handoff.domain.test_cases import CASE

OWNER_OF = {
    CaseStatus.OPEN: OwnerType.QUEUE,
    CaseStatus.ACTIVE: OwnerType.AGENT,
    CaseStatus.WAITING: OwnerType.AGENT,
    CaseStatus.CLOSED: OwnerType.BOT,
}


def owner_of(kind: OwnerType) -> Owner:
    return Owner(kind, 7, "ana" if kind is OwnerType.AGENT else None)


def test_every_conversation_begins_with_the_bot() -> None:
    assert Owner(OwnerType.BOT, 0) == FIRST_OWNER
    assert FIRST_OWNER.is_bot


@pytest.mark.parametrize(("kind", "agent_id"), [("agent", None), ("bot", "ana"), ("queue", "ana")])
def test_an_agent_owns_by_name_and_nobody_else_does(kind: str, agent_id: str | None) -> None:
    with pytest.raises(ValueError, match="owner"):
        Owner(OwnerType(kind), 1, agent_id)


@pytest.mark.parametrize("step", sorted(Step))
@pytest.mark.parametrize("kind", sorted(OwnerType))
def test_only_what_the_table_names_changes_the_owner_and_each_change_counts(kind: OwnerType, step: Step) -> None:
    before = owner_of(kind)
    if step not in MOVES_OWNER:
        assert owner_after(before, step, "ben") == before
    elif (kind, step) not in OWNER_TRANSITIONS:
        with pytest.raises(WrongState, match=kind):
            owner_after(before, step, "ben")
    else:
        after = owner_after(before, step, "ben")
        assert (after.type, after.version) == (OWNER_TRANSITIONS[kind, step], before.version + 1)
        assert after.agent_id == ("ben" if after.type is OwnerType.AGENT else None)


@pytest.mark.parametrize(("status", "step"), sorted(TRANSITIONS))
def test_whatever_happens_to_a_case_its_conversation_stays_with_whom_the_case_is(
    status: CaseStatus, step: Step
) -> None:
    """The two tables agree: a step that the case allows never fails for its owner, and both arrive together."""
    owner = owner_after(owner_of(OWNER_OF[status]), step, "ana")
    assert owner.type is OWNER_OF[TRANSITIONS[status, step]]


@given(st.lists(st.sampled_from(sorted(set(Step) - {Step.OPEN})), max_size=40))
def test_over_any_history_there_is_one_owner_in_step_with_the_case(steps: list[Step]) -> None:
    case, owner = CASE, owner_after(FIRST_OWNER, Step.OPEN, None)
    for step in steps:
        try:
            status = status_after(case, step)
        except HandoffError:
            continue
        changed = owner_after(owner, step, "ana")
        assert changed.version == owner.version + (step in MOVES_OWNER)
        case, owner = replace(case, status=status), changed
        assert owner.type is OWNER_OF[case.status]
