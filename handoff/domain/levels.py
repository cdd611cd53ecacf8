"""How far up a case goes, and what its level asks of those who take it (P17): never more than somebody can give.

A level that nobody active in the queue has would leave the case to nobody. So no case is raised to one, and a case that
is of one all the same, as the assistant or a former colleague left it, asks for the highest that there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from handoff.contract import Category
from handoff.domain.cases import Case, Step
from handoff.domain.errors import TopLevel
from handoff.domain.people import Agent

LEVELS: Final = (1, 2, 3, 4)
"""First line, specialist, lead, manager; the policy names each of them."""
LEVEL_TRANSITIONS: Final[dict[tuple[int, Step], int]] = {
    (level, Step.ESCALATE): above for level, above in pairwise(LEVELS)
}
"""The whole state machine of levels: a case goes up one at a time, and no other step moves it."""


def highest_level(staff: Iterable[Agent], category: Category) -> int:
    """The highest level among these who see the queue; 0 where none of them does."""
    return max((agent.level for agent in staff if category in agent.visible_queues()), default=0)


def demanded_level(case: Case, highest: int) -> int:
    """The level that it takes to have this case, where ``highest`` is the highest that anybody has in its queue."""
    return min(case.level, highest) if highest else case.level


def is_for(case: Case, agent: Agent) -> bool:
    """Whether a case that came up to its level is for this agent to know: of that level in its queue, or its lead."""
    serves = agent.works_cases and case.category in agent.queues
    return agent.leads(case.category) or (serves and agent.level == case.level)


def can_rise(case: Case, highest: int) -> bool:
    """Whether there is a level above the case's, and somebody in its queue who has it."""
    above = LEVEL_TRANSITIONS.get((case.level, Step.ESCALATE))
    return above is not None and above <= highest


def level_after(case: Case, step: Step, highest: int) -> int:
    """The level that a step leads to; raises ``TopLevel`` for going up where nobody could take the case."""
    if step is not Step.ESCALATE:
        return case.level
    if can_rise(case, highest):
        return LEVEL_TRANSITIONS[case.level, step]
    if (case.level, step) not in LEVEL_TRANSITIONS:
        raise TopLevel(f"Case {case.number} is at the highest level already.", level=case.level)
    raise TopLevel(
        f"Nobody who serves the queue of case {case.number} is of a higher level than {max(highest, case.level)}. "
        "Ask who leads the queue to decide, or transfer it to a queue that has somebody.",
        level=case.level,
    )
