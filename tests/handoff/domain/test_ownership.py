"""One owner at a time, with a version that grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.ownership import FIRST_OWNER, Owner, OwnerType

STEPS = {"queue": Owner.to_queue, "agent": lambda owner: owner.to_agent("ana"), "bot": Owner.to_bot}


def test_every_conversation_begins_with_the_bot() -> None:
    assert Owner(OwnerType.BOT, 0) == FIRST_OWNER
    assert FIRST_OWNER.is_bot


@pytest.mark.parametrize(("kind", "agent_id"), [("agent", None), ("bot", "ana"), ("queue", "ana")])
def test_an_agent_owns_by_name_and_nobody_else_does(kind: str, agent_id: str | None) -> None:
    with pytest.raises(ValueError, match="owner"):
        Owner(OwnerType(kind), 1, agent_id)


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=20))
def test_whoever_takes_it_the_version_grows_by_one(steps: list[str]) -> None:
    owner = FIRST_OWNER
    for step in steps:
        changed = STEPS[step](owner)
        assert changed.version == owner.version + 1
        assert changed.type.value == step
        assert (changed.agent_id is not None) == (step == "agent")
        owner = changed
