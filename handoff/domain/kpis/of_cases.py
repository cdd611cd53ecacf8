"""KPIs of cases: how many, how quickly a person answers, whether one was needed, who passes them on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from handoff.domain.kpis.facts import CaseFact, Facts, Place
from handoff.domain.kpis.observations import Observation, hit_or_miss, time_bucket
from handoff.domain.kpis.owning import holder_at, holdings
from handoff.domain.kpis.repeating import repeated_kinds

CASE: Final = "case"
CONVERSATION: Final = "conversation"
HIGH_PRIORITY_UP_TO: Final = 2
"""Severities 1 and 2 are high priority (P30 asks for their response time in minutes)."""
BY_THE_BOT: Final = "bot"
CLOSED: Final = "closed"


def escalation_frequency(facts: Facts) -> Iterator[Observation]:
    """Cases, by whomever opened, against conversations in which the customer wrote to the bot."""
    for case in facts.cases:
        yield Observation(case.opened_at, place_of(case), CASE, case.id)
    for talk in facts.conversations:
        if talk.first_turn_at is not None:
            yield Observation(talk.started_at, Place(talk.category), CONVERSATION, talk.id)


def response_time(facts: Facts) -> Iterator[Observation]:
    """From the opening of a case to the first word of an agent; counts for the agent who had the case then."""
    for case in facts.cases:
        yield from _response(case)


def response_time_high_priority(facts: Facts) -> Iterator[Observation]:
    """The same of cases of severity 1 and 2."""
    for case in facts.cases:
        if case.severity <= HIGH_PRIORITY_UP_TO:
            yield from _response(case)


def speed_of_answer(facts: Facts) -> Iterator[Observation]:
    """From the opening of a case to its first acceptance: how long the customer waited in the queue."""
    for case in facts.cases:
        if case.accepted_at is not None:
            by = holder_at(case.events, case.accepted_at)
            yield _span(case, case.accepted_at, by)


def abandonment(facts: Facts) -> Iterator[Observation]:
    """Cases that the customer left before a person's first word, of those of which that is known.

    Left means: closed as ``no_response``, and no agent wrote a word, or the customer never wrote again after the first
    one. Whose case an agent solved or gave back to the bot without a word in the chat was helped, and told so. Still
    waiting for the first word is not known yet; a case merged into another goes on there, and one that came from
    outside has no customer who waits at the widget.
    """
    for case in facts.cases:
        closed, answered = case.status == CLOSED, case.first_response_at is not None
        if case.merged_into is None and case.source == BY_THE_BOT and (closed or answered):
            silent = closed and case.disposition == "no_response"
            left = silent and (not answered or case.wrote_back is False)
            yield Observation(case.opened_at, place_of(case), hit_or_miss(left), case.id)


def unneeded_handoffs(facts: Facts) -> Iterator[Observation]:
    """Handoffs of which an agent said that no person was needed, of those that were judged (P10, P31)."""
    for case in facts.cases:
        if case.verdict is not None:
            yield Observation(case.opened_at, place_of(case), hit_or_miss(case.verdict == "not_needed"), case.id)


def late_handoffs(facts: Facts) -> Iterator[Observation]:
    """Handoffs of which an agent said that they should have come earlier, of those that were judged."""
    for case in facts.cases:
        if case.verdict is not None:
            late = case.verdict == "should_have_come_earlier"
            yield Observation(case.opened_at, place_of(case), hit_or_miss(late), case.id)


def handoff_reasons(facts: Facts) -> Iterator[Observation]:
    """Why the bot handed over: cases opened by the bot, by reason."""
    for case in facts.cases:
        if case.source == BY_THE_BOT:
            yield Observation(case.opened_at, place_of(case), case.reason, case.id)


def repeat_contact_rate(facts: Facts) -> Iterator[Observation]:
    """Cases at the second or a later contact about the same problem, of those opened by the bot (P2)."""
    for case in facts.cases:
        if case.source == BY_THE_BOT:
            yield Observation(case.opened_at, place_of(case), hit_or_miss(case.contact_number > 1), case.id)


def escalation_rate(facts: Facts) -> Iterator[Observation]:
    """Cases that an agent moved a level up, of those the agent had (P31): one observation for each agent of a case."""
    for case in facts.cases:
        passed_up = dict.fromkeys((held.agent_id for held in holdings(case.events)), False)
        for held in holdings(case.events):
            # What a lead moves up out of an agent's hands says nothing of the agent.
            passed_up[held.agent_id] |= held.ended_by == "escalated" and held.ended_by_agent == held.agent_id
        for agent_id, counted in passed_up.items():
            yield Observation(case.opened_at, Place(case.category, case.level, agent_id), hit_or_miss(counted), case.id)


def repeat_yourself_rate(facts: Facts) -> Iterator[Observation]:
    """Cases in which the customer had to say again what the bot knew, of those with known facts and a person's word."""
    for case in facts.cases:
        if case.known and case.first_response_at is not None:
            again = bool(repeated_kinds(case))
            yield Observation(case.opened_at, place_of(case), hit_or_miss(again), case.id)


def place_of(case: CaseFact) -> Place:
    """The queue and level of a case, and the agent who had it last."""
    held = holdings(case.events)
    return Place(case.category, case.level, held[-1].agent_id if held else "")


def _response(case: CaseFact) -> Iterator[Observation]:
    if case.first_response_at is not None:
        yield _span(case, case.first_response_at, holder_at(case.events, case.first_response_at))


def _span(case: CaseFact, until: datetime, by: str | None) -> Observation:
    seconds = max(0.0, (until - case.opened_at).total_seconds())
    place = Place(case.category, case.level, by or "")
    return Observation(case.opened_at, place, time_bucket(seconds), case.id, seconds)
