"""A case goes up one level at a time, and asks for no more than somebody in its queue has (P17)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.contract import Category
from handoff.domain.cases import Step
from handoff.domain.errors import TopLevel
from handoff.domain.levels import LEVEL_TRANSITIONS, LEVELS, can_rise, demanded_level, highest_level, level_after
from handoff.domain.people import Agent, Role
from tests.handoff.cast import ANA, GRACE, IMANI, OMAR, POLICY
from tests.handoff.domain.test_cases import CASE

LENA = Agent("lena", "Lena Brandt", "lena@team.example", Role.AGENT, 2, ANA.queues)


def test_the_levels_are_those_that_the_policy_describes() -> None:
    assert set(LEVELS) == set(POLICY.levels)


@pytest.mark.parametrize("step", sorted(Step))
@pytest.mark.parametrize("level", LEVELS)
def test_only_an_escalation_moves_a_case_up_and_only_by_one(level: int, step: Step) -> None:
    case = replace(CASE, level=level)
    if step is not Step.ESCALATE:
        assert level_after(case, step, max(LEVELS)) == level
    elif level == max(LEVELS):
        assert (level, step) not in LEVEL_TRANSITIONS
        with pytest.raises(TopLevel, match="highest level already"):
            level_after(case, step, max(LEVELS))
    else:
        assert level_after(case, step, max(LEVELS)) == LEVEL_TRANSITIONS[level, step] == level + 1


def test_a_case_is_not_raised_to_a_level_that_nobody_in_its_queue_has() -> None:
    case = replace(CASE, level=2)
    assert not can_rise(case, highest_level([ANA, LENA], CASE.category))
    with pytest.raises(TopLevel, match="of a higher level than 2"):
        level_after(case, Step.ESCALATE, 2)
    assert level_after(case, Step.ESCALATE, highest_level([ANA, LENA, OMAR], CASE.category)) == 3


def test_who_does_not_see_the_queue_lifts_nothing() -> None:
    assert (
        highest_level([replace(LENA, queues=frozenset({Category.PLAN})), replace(IMANI, level=4)], CASE.category) == 0
    )
    assert highest_level([ANA, GRACE], CASE.category) == GRACE.level


@given(st.sampled_from(LEVELS), st.lists(st.sampled_from([ANA, LENA, GRACE, OMAR]), min_size=1))
def test_whoever_is_there_one_of_them_has_what_the_case_demands(level: int, staff: list[Agent]) -> None:
    case, highest = replace(CASE, level=level), highest_level(staff, CASE.category)
    demanded = demanded_level(case, highest)
    assert demanded <= level
    assert any(agent.level >= demanded and CASE.category in agent.visible_queues() for agent in staff)
    if highest >= level:
        assert demanded == level, "nothing is given away while somebody has the level"
