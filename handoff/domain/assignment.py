"""Who may be given a case, who is the best of them, and why each of the others is not (P16).

Pure: everything that is known of the agents at one moment comes in as ``Candidate``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from handoff.domain.cases import Case
from handoff.domain.people import LEAD_LEVEL, Agent
from handoff.domain.presence import PresenceState


class Obstacle(StrEnum):
    """Why an agent is not given a case."""

    OFFLINE = "offline"
    AWAY = "away"
    DO_NOT_DISTURB = "do_not_disturb"
    QUEUE = "queue"
    """Does not serve its queue."""
    LEVEL = "level"
    """Is of a lower level than it needs."""
    LEAD = "lead"
    """Leads, and is not asked before the others."""
    SKILL = "skill"
    LANGUAGE = "language"
    ROOM = "room"
    """Has no room for its weight."""
    ANSWERING = "answering"
    """Has another offer to answer."""
    ASKED = "asked"
    """Declined it or let it expire a short while ago."""


class Round(StrEnum):
    """Who is asked: those whose case it is, then the next best in the order that the policy states."""

    TEAM = "team"
    LEVEL_BELOW = "level_below"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent at one moment. ``load``: units of capacity in use, those of pending offers too."""

    agent: Agent
    state: PresenceState
    load: int
    idle_since: datetime
    answering: bool = False

    @property
    def free_share(self) -> float:
        """Which share of their capacity is free; 0 for who has none."""
        capacity = self.agent.capacity
        return (capacity - self.load) / capacity if capacity > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom a case goes to (None: nobody), from which round, and what stands against each of the others."""

    best: Candidate | None
    asked: Round
    obstacles: dict[str, tuple[Obstacle, ...]]


_UNAVAILABLE: Final = {
    PresenceState.OFFLINE: Obstacle.OFFLINE,
    PresenceState.AWAY: Obstacle.AWAY,
    PresenceState.DO_NOT_DISTURB: Obstacle.DO_NOT_DISTURB,
}


def speaks(agent: Agent, language: str | None, house_language: str) -> bool:
    """Whether the agent speaks a language, by its primary subtag (BCP 47): ``de`` serves ``de-AT``.

    Who states no languages speaks the house's; where nobody said what the customer speaks, everybody will do.
    """
    if language is None:
        return True
    wanted = language.partition("-")[0].lower()
    return wanted in {spoken.partition("-")[0].lower() for spoken in agent.languages or (house_language,)}


def has_room(candidate: Candidate, weight: int) -> bool:
    """Whether the weight fits; who has nothing to do has room for any case, however heavy."""
    if candidate.agent.capacity < 1:
        return False
    return candidate.load == 0 or candidate.load + weight <= candidate.agent.capacity


def _of_team(agent: Agent, case: Case, demanded: int) -> tuple[Obstacle, ...]:
    found = []
    if case.category not in agent.queues:
        found.append(Obstacle.QUEUE)
    if agent.level < demanded:
        found.append(Obstacle.LEVEL)
    elif agent.level >= LEAD_LEVEL > demanded:
        found.append(Obstacle.LEAD)
    return tuple(found)


def _of_level_below(agent: Agent, case: Case, demanded: int) -> tuple[Obstacle, ...]:
    found = [Obstacle.QUEUE] if case.category not in agent.queues else []
    if agent.level != demanded - 1:
        found.append(Obstacle.LEVEL)
    return tuple(found)


def _of_leads(agent: Agent, case: Case, _: int) -> tuple[Obstacle, ...]:
    return (
        () if agent.leads(case.category) else (Obstacle.QUEUE if case.category not in agent.queues else Obstacle.LEVEL,)
    )


_BELONGS: Final[dict[Round, Callable[[Agent, Case, int], tuple[Obstacle, ...]]]] = {
    Round.TEAM: _of_team,
    Round.LEVEL_BELOW: _of_level_below,
    Round.LEAD: _of_leads,
}


def obstacles(
    case: Case,
    candidate: Candidate,
    *,
    demanded: int,
    house_language: str,
    asked: Iterable[str] = (),
    turn: Round = Round.TEAM,
) -> tuple[Obstacle, ...]:
    """Everything that stands against giving the case to this agent; nothing: they are eligible.

    ``demanded`` is the level that it takes (see ``levels``), which may be less than the case's.
    A lead is asked as the last resort, to see to it: neither skill nor language is demanded of them.
    """
    agent = candidate.agent
    found = list(_BELONGS[turn](agent, case, demanded))
    if candidate.state in _UNAVAILABLE:
        found.insert(0, _UNAVAILABLE[candidate.state])
    if turn is not Round.LEAD:
        if not set(case.skills) <= set(agent.skills):
            found.append(Obstacle.SKILL)
        if not speaks(agent, case.language, house_language):
            found.append(Obstacle.LANGUAGE)
    if not has_room(candidate, case.weight):
        found.append(Obstacle.ROOM)
    if candidate.answering:
        found.append(Obstacle.ANSWERING)
    if agent.id in asked:
        found.append(Obstacle.ASKED)
    return tuple(found)


AGAINST_TAKING: Final = frozenset({Obstacle.LEVEL, Obstacle.SKILL, Obstacle.LANGUAGE, Obstacle.ROOM})
"""What stands against taking a case unasked too. Who takes one is there, and may lead, answer or have declined it."""


def against_taking(case: Case, candidate: Candidate, *, demanded: int, house_language: str) -> tuple[Obstacle, ...]:
    """What stands against an agent who takes a waiting case of a queue that they see, without being asked.

    Who has no capacity at all is offered nothing and takes what they choose.
    """
    found = obstacles(case, candidate, demanded=demanded, house_language=house_language)
    roomless = candidate.agent.capacity < 1
    return tuple(one for one in found if one in AGAINST_TAKING and not (roomless and one is Obstacle.ROOM))


def choose(
    case: Case,
    candidates: Sequence[Candidate],
    *,
    demanded: int,
    house_language: str,
    asked: Iterable[str] = (),
    next_best: Sequence[Round] = (),
) -> Choice:
    """The best agent for a case: of the team, else of the rounds in ``next_best``, in this order.

    Among the eligible: the largest free share of capacity, then the longest idle, then by identifier, so that every
    node decides alike. The obstacles told are those of the team's round.
    """
    asked = frozenset(asked)
    against: dict[str, tuple[Obstacle, ...]] = {}
    for turn in (Round.TEAM, *next_best):
        found = {
            one.agent.id: obstacles(case, one, demanded=demanded, house_language=house_language, asked=asked, turn=turn)
            for one in candidates
        }
        against = against or found
        eligible = [one for one in candidates if not found[one.agent.id]]
        if eligible:
            best = min(eligible, key=lambda one: (-one.free_share, one.idle_since, one.agent.id))
            return Choice(best, turn, {key: why for key, why in against.items() if key != best.agent.id})
    return Choice(None, Round.TEAM, against)
