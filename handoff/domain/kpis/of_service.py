"""KPIs of the bot's own work, and of what customers were promised: targets, next updates, waits; and of offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from handoff.domain.kpis.facts import Facts, Place, Target
from handoff.domain.kpis.observations import Observation, hit_or_miss, time_bucket

KEPT: Final = "kept"
BROKEN: Final = "broken"
ACCEPTED: Final = "accepted"
NOT_ACCEPTED: Final = frozenset({"declined", "expired"})


def handoff_rate(facts: Facts) -> Iterator[Observation]:
    """Conversations that were handed to a person, of those in which the customer wrote to the bot."""
    for talk in facts.conversations:
        if talk.first_turn_at is not None:
            counted = talk.handed_over_at is not None
            yield Observation(talk.started_at, Place(talk.category), hit_or_miss(counted), talk.id)


def containment(facts: Facts) -> Iterator[Observation]:
    """Conversations that the bot answered and that never came to a person, of those that it answered."""
    for talk in facts.conversations:
        if talk.answered:
            counted = talk.handed_over_at is None
            yield Observation(talk.started_at, Place(talk.category), hit_or_miss(counted), talk.id)


def answers_helpful(facts: Facts) -> Iterator[Observation]:
    """Answers of the bot rated as helpful, of those that were rated."""
    for rated in facts.ratings:
        yield Observation(rated.rated_at, Place(), hit_or_miss(rated.rating == "helpful"), rated.conversation_id)


def sla_compliance(facts: Facts) -> Iterator[Observation]:
    """Targets that were met in time, of all that fell due: first response, next update and resolution together.

    A bot's message never meets one: only a person's word and a resolution do (P30).
    """
    for target in Target:
        yield from _sla(facts, target)


def sla_first_response(facts: Facts) -> Iterator[Observation]:
    """Cases in which a person's first word came in time, of those whose first word fell due."""
    yield from _sla(facts, Target.FIRST_RESPONSE)


def sla_next_update(facts: Facts) -> Iterator[Observation]:
    """Next updates that came in time, of those that fell due."""
    yield from _sla(facts, Target.NEXT_UPDATE)


def sla_resolution(facts: Facts) -> Iterator[Observation]:
    """Cases that were solved in time, of those whose resolution fell due."""
    yield from _sla(facts, Target.RESOLUTION)


def promises_kept(facts: Facts) -> Iterator[Observation]:
    """Promises that were kept, of those kept or broken (P23); one that was renewed before its time is neither."""
    for promise in facts.promises:
        if promise.status in (KEPT, BROKEN):
            place = Place(promise.category, promise.level, promise.agent_id or "")
            yield Observation(promise.due_at, place, hit_or_miss(promise.status == KEPT), promise.case_id)


def promises_broken(facts: Facts) -> Iterator[Observation]:
    """Promises that were broken, of those kept or broken."""
    for promise in facts.promises:
        if promise.status in (KEPT, BROKEN):
            place = Place(promise.category, promise.level, promise.agent_id or "")
            yield Observation(promise.due_at, place, hit_or_miss(promise.status == BROKEN), promise.case_id)


def wait_range_hits(facts: Facts) -> Iterator[Observation]:
    """Ranges of waiting time that held, of those of which it is known (P25)."""
    for told in facts.estimates:
        if told.hit is not None:
            yield Observation(told.made_at, Place(told.category, told.level), hit_or_miss(told.hit), told.case_id)


def offers_accepted(facts: Facts) -> Iterator[Observation]:
    """Offers that the agent accepted, of those that were accepted, declined or left to expire."""
    for offer in facts.offers:
        if offer.status == ACCEPTED or offer.status in NOT_ACCEPTED:
            place = Place(offer.category, offer.level, offer.agent_id)
            yield Observation(offer.offered_at, place, hit_or_miss(offer.status == ACCEPTED), offer.case_id)


def offer_answer_time(facts: Facts) -> Iterator[Observation]:
    """From an offer to its acceptance."""
    for offer in facts.offers:
        if offer.status == ACCEPTED and offer.answered_at is not None:
            seconds = max(0.0, (offer.answered_at - offer.offered_at).total_seconds())
            place = Place(offer.category, offer.level, offer.agent_id)
            yield Observation(offer.offered_at, place, time_bucket(seconds), offer.case_id, seconds)


def _sla(facts: Facts, target: Target) -> Iterator[Observation]:
    for due in facts.targets:
        if due.target is target and due.due_at <= facts.as_of:
            in_time = due.met_at is not None and due.met_at <= due.due_at
            place = Place(due.category, due.level, due.agent_id or "")
            yield Observation(due.due_at, place, hit_or_miss(in_time), due.case_id)
