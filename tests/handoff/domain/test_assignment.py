"""Who may be given a case, and who is the best of them (P16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.contract import Category
from handoff.domain.assignment import Candidate, Choice, Obstacle, Round, choose, has_room, obstacles, speaks
from handoff.domain.cases import Case
from handoff.domain.people import Agent, Role
from handoff.domain.presence import PresenceState
from tests.handoff.cast import ANA, BEA, BEN, GRACE, START
from tests.handoff.domain.test_cases import CASE

ORDERS = replace(CASE, category=Category.ORDERS_DELIVERY)
LEO = Agent("leo", "Leo Brandt", "leo@team.example", Role.AGENT, 3, BEN.queues)


def at_desk(agent: Agent, *, load: int = 0, idle: float = 10, state: PresenceState = PresenceState.ONLINE) -> Candidate:
    return Candidate(agent, state, load, START - timedelta(minutes=idle))


def chosen(candidates: Sequence[Candidate], **given: object) -> Choice:
    return choose(ORDERS, candidates, demanded=ORDERS.level, house_language="en", **given)  # type: ignore[arg-type]


def test_the_one_with_the_largest_free_share_of_capacity_comes_first() -> None:
    roomy = at_desk(replace(BEA, capacity=10), load=4, idle=1)
    found = chosen([at_desk(replace(BEN, capacity=4), load=2), roomy])
    assert found.best == roomy
    assert found.obstacles == {BEN.id: ()}


def test_among_equals_the_longest_idle_comes_first_and_then_the_identifier() -> None:
    assert chosen([at_desk(BEN, idle=5), at_desk(BEA, idle=6)]).best == at_desk(BEA, idle=6)
    assert chosen([at_desk(BEN), at_desk(BEA)]).best == at_desk(BEA)


@pytest.mark.parametrize(
    ("case", "candidate", "against"),
    [
        (ORDERS, at_desk(BEN, state=PresenceState.AWAY), (Obstacle.AWAY,)),
        (ORDERS, at_desk(BEN, state=PresenceState.DO_NOT_DISTURB), (Obstacle.DO_NOT_DISTURB,)),
        (ORDERS, at_desk(BEN, state=PresenceState.OFFLINE), (Obstacle.OFFLINE,)),
        (ORDERS, at_desk(ANA), (Obstacle.QUEUE,)),
        (replace(ORDERS, level=2), at_desk(BEN), (Obstacle.LEVEL,)),
        (ORDERS, at_desk(LEO), (Obstacle.LEAD,)),
        (replace(ORDERS, level=3), at_desk(LEO), ()),
        (replace(ORDERS, skills=("repairs",)), at_desk(BEN), (Obstacle.SKILL,)),
        (replace(ORDERS, skills=("repairs",)), at_desk(replace(BEN, skills=("vip", "repairs"))), ()),
        (replace(ORDERS, language="de-AT"), at_desk(BEN), (Obstacle.LANGUAGE,)),
        (replace(ORDERS, language="de-AT"), at_desk(replace(BEN, languages=("en", "de"))), ()),
        (replace(ORDERS, weight=3), at_desk(BEN, load=4), (Obstacle.ROOM,)),
        (replace(ORDERS, weight=2), at_desk(BEN, load=4), ()),
        (ORDERS, replace(at_desk(BEN), answering=True), (Obstacle.ANSWERING,)),
    ],
)
def test_everything_that_stands_against_an_agent_is_told(
    case: Case, candidate: Candidate, against: tuple[Obstacle, ...]
) -> None:
    assert obstacles(case, candidate, demanded=case.level, house_language="en") == against  # type: ignore[arg-type]


def test_who_has_nothing_to_do_has_room_for_any_case_and_who_has_no_capacity_for_none() -> None:
    small = replace(BEN, capacity=2)
    assert has_room(at_desk(small), 3)
    assert not has_room(at_desk(small, load=1), 3)
    assert not has_room(at_desk(replace(BEN, capacity=0)), 1)


def test_who_states_no_languages_speaks_the_houses() -> None:
    assert speaks(BEN, "en-GB", "en")
    assert not speaks(BEN, "en", "de")
    assert speaks(BEN, None, "de")


def test_who_was_asked_lately_waits_for_the_next_case() -> None:
    found = chosen([at_desk(BEN)], asked={BEN.id})
    assert (found.best, found.obstacles) == (None, {BEN.id: (Obstacle.ASKED,)})


def test_when_the_team_has_nobody_the_next_best_is_asked_in_the_order_of_the_policy() -> None:
    """A lead is to see to it, so neither the skill nor the language is demanded of them."""
    case = replace(ORDERS, level=2, skills=("repairs",), language="de")
    below = at_desk(replace(BEN, skills=("repairs",), languages=("de",)))
    team = [below, at_desk(ANA), at_desk(GRACE)]

    def best(*rounds: Round) -> tuple[str | None, Round]:
        found = choose(case, team, demanded=case.level, house_language="en", next_best=rounds)
        return found.best.agent.id if found.best else None, found.asked

    assert best() == (None, Round.TEAM)
    assert best(Round.LEVEL_BELOW, Round.LEAD) == (BEN.id, Round.LEVEL_BELOW)
    assert best(Round.LEAD, Round.LEVEL_BELOW) == (GRACE.id, Round.LEAD)


agents = st.builds(
    Agent,
    id=st.uuids().map(str),
    name=st.just("N"),
    email=st.just("n@team.example"),
    role=st.sampled_from([Role.AGENT, Role.SUPERVISOR]),
    level=st.integers(1, 4),
    queues=st.frozensets(st.sampled_from(list(Category)), max_size=3),
    capacity=st.integers(0, 8),
    languages=st.lists(st.sampled_from(["en", "de", "fr"]), max_size=2).map(tuple),
    skills=st.lists(st.sampled_from(["repairs", "vip"]), max_size=2).map(tuple),
)
teams = st.lists(
    st.builds(
        Candidate,
        agents,
        st.sampled_from(list(PresenceState)),
        st.integers(0, 9),
        st.integers(0, 60).map(lambda m: START - timedelta(minutes=m)),
        st.booleans(),
    ),
    max_size=8,
)
cases = st.builds(
    lambda category, level, weight, skills, language: replace(
        CASE, category=category, level=level, weight=weight, skills=tuple(skills), language=language
    ),
    st.sampled_from(list(Category)),
    st.integers(1, 4),
    st.integers(1, 3),
    st.lists(st.sampled_from(["repairs", "vip"]), max_size=1),
    st.sampled_from([None, "en", "de"]),
)


@given(cases, teams, st.randoms())
def test_nobody_unfit_is_chosen_nobody_fit_is_overlooked_and_the_order_of_asking_does_not_matter(
    case: Case, team: list[Candidate], random: object
) -> None:
    rounds = (Round.LEVEL_BELOW, Round.LEAD)
    found = choose(case, team, demanded=case.level, house_language="en", next_best=rounds)  # type: ignore[arg-type]
    shuffled = list(team)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose(case, shuffled, demanded=case.level, house_language="en", next_best=rounds).best == found.best  # type: ignore[arg-type]
    fit = {
        turn: [one for one in team if not obstacles(case, one, demanded=case.level, house_language="en", turn=turn)]  # type: ignore[arg-type]
        for turn in (Round.TEAM, *rounds)
    }
    if found.best is None:
        assert not any(fit.values())
        return
    assert found.best in fit[found.asked]
    assert found.best.state is PresenceState.ONLINE
    assert not any(fit[turn] for turn in list(fit)[: list(fit).index(found.asked)])
    assert set(found.obstacles) == {one.agent.id for one in team} - {found.best.agent.id}
