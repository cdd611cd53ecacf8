"""KPIs of resolutions: how long they took, whether they held, what the customers said, why it had come to this."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from handoff.domain.kpis.facts import COMES_BACK_WITHIN, Facts, Place, ResolutionFact
from handoff.domain.kpis.observations import Observation, hit_or_miss, time_bucket
from handoff.domain.kpis.owning import holdings

SOLVED_WITHIN: Final = timedelta(hours=24)
"""The target of P30 for the time to a resolution."""
SATISFIED_FROM: Final = 4
"""4 and 5 of 5 are satisfied: the usual reading of CSAT."""
PROMOTER_FROM, DETRACTOR_UP_TO = 9, 6
"""NPS: 9 and 10 promote, 0 to 6 detract, 7 and 8 do neither (Reichheld 2003)."""
PROMOTER, PASSIVE, DETRACTOR = "promoter", "passive", "detractor"
CONTACT, RESOLUTION = "contact", "resolution"
NOT_AT_FIRST_CONTACT: Final = frozenset({"transferred", "escalated", "reopened", "reopened_with_owner"})
NO_PROBLEM_SOLVED: Final = frozenset({"duplicate"})
NO_RESOLUTION: Final = frozenset({"returned_to_bot", "merged"})
"""How a case ends without a resolution: the assistant, or another case, goes on with the problem."""


def resolution_time(facts: Facts) -> Iterator[Observation]:
    """From the opening of a case to the resolution that held; one that was reopened did not end the problem."""
    for given in _that_held(facts):
        seconds = _seconds(given)
        yield Observation(given.resolved_at, place_of(given), time_bucket(seconds), given.case_id, seconds)


def resolved_within_24h(facts: Facts) -> Iterator[Observation]:
    """Resolutions that held and came within 24 hours of the opening."""
    for given in _that_held(facts):
        counted = given.resolved_at - given.opened_at <= SOLVED_WITHIN
        yield Observation(given.resolved_at, place_of(given), hit_or_miss(counted), given.case_id)


def csat(facts: Facts) -> Iterator[Observation]:
    """Ratings of 4 and 5, of all given; once a resolution, for the agent who gave it, whoever has the case later."""
    for given in _given(facts):
        if given.csat is not None:
            satisfied = hit_or_miss(given.csat >= SATISFIED_FROM)
            yield Observation(given.resolved_at, place_of(given), satisfied, given.case_id, given.csat)


def nps(facts: Facts) -> Iterator[Observation]:
    """Answers to "would you recommend us": promoters less detractors, of all who answered."""
    for given in _given(facts):
        if given.nps is not None:
            promotes, detracts = given.nps >= PROMOTER_FROM, given.nps <= DETRACTOR_UP_TO
            kind = PROMOTER if promotes else DETRACTOR if detracts else PASSIVE
            yield Observation(given.resolved_at, place_of(given), kind, given.case_id, given.nps)


def root_cause_recurrence(facts: Facts) -> Iterator[Observation]:
    """Resolutions whose root cause was that of an earlier case of the same customer within 30 days, of all."""
    for given in _given(facts):
        yield Observation(given.resolved_at, place_of(given), hit_or_miss(given.recurs), given.case_id)


def root_causes(facts: Facts) -> Iterator[Observation]:
    """Resolutions by root cause."""
    for given in _given(facts):
        yield Observation(given.resolved_at, place_of(given), given.root_cause, given.case_id)


def first_contact_resolution(facts: Facts) -> Iterator[Observation]:
    """Resolutions at the first contact, by the first person and for good, of all but duplicates.

    That is: the customer's first contact about it, one agent, no transfer and no level up, not reopened, and no new
    case of the customer about the same within a week.
    """
    for given in _given(facts):
        if given.disposition in NO_PROBLEM_SOLVED:
            continue
        agents = {held.agent_id for held in holdings(given.events)}
        moved = any(event.step in NOT_AT_FIRST_CONTACT for event in given.events)
        back = given.came_back_at is not None and given.came_back_at <= given.resolved_at + COMES_BACK_WITHIN
        counted = given.contact_number == 1 and len(agents) <= 1 and not moved and not back
        yield Observation(given.resolved_at, place_of(given), hit_or_miss(counted), given.case_id)


def reopen_rate(facts: Facts) -> Iterator[Observation]:
    """Resolutions after which the customer had the case opened again."""
    for given in _given(facts):
        counted = given.reopened_at is not None
        yield Observation(given.resolved_at, place_of(given), hit_or_miss(counted), given.case_id)


def contacts_per_resolution(facts: Facts) -> Iterator[Observation]:
    """How often customers came about a problem until the resolution that held, to a hundred such resolutions.

    Each contact about it counts: the conversations before, this one, and every reopening of the case.
    """
    for given in _that_held(facts):
        if given.disposition in NO_PROBLEM_SOLVED or given.came_back_at is not None:
            continue
        for _ in range(given.contact_number + given.number - 1):
            yield Observation(given.resolved_at, place_of(given), CONTACT, given.case_id)
        yield Observation(given.resolved_at, place_of(given), RESOLUTION, given.case_id)


def handle_time(facts: Facts) -> Iterator[Observation]:
    """How long agents had the case in the stretches since the resolution before, without waiting for others."""
    for given in _given(facts):
        before = [event.at for event in given.events if event.step == "resolved" and event.at < given.resolved_at]
        since = max(before, default=None)
        seconds = sum(
            (held.until - held.since - held.waited).total_seconds()
            for held in holdings(given.events)
            if held.until is not None and held.until <= given.resolved_at and (since is None or held.since >= since)
        )
        yield Observation(given.resolved_at, place_of(given), time_bucket(seconds), given.case_id, seconds)


def place_of(given: ResolutionFact) -> Place:
    """The queue and level of the case, and the agent who gave the resolution."""
    return Place(given.category, given.level, given.agent_id or "")


def _given(facts: Facts) -> Iterator[ResolutionFact]:
    return (given for given in facts.resolutions if given.disposition not in NO_RESOLUTION)


def _that_held(facts: Facts) -> Iterator[ResolutionFact]:
    return (given for given in _given(facts) if given.reopened_at is None)


def _seconds(given: ResolutionFact) -> float:
    return max(0.0, (given.resolved_at - given.opened_at).total_seconds())
