"""Every KPI by its name: what it is in, what it is made from, which part of it is counted, what it should reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handoff.domain.kpis import of_cases, of_resolutions, of_service
from handoff.domain.kpis.facts import Facts
from handoff.domain.kpis.observations import HIT, Observation

Observe = Callable[[Facts], Iterator[Observation]]


class Unit(StrEnum):
    """How a figure is read."""

    SHARE = "share"
    """Numerator by denominator, 0 to 1."""
    PER_HUNDRED = "per_hundred"
    """Numerator to a hundred of the denominator."""
    POINTS = "points"
    """NPS: -100 to 100."""
    SECONDS = "seconds"
    """A span: median, 90th percentile and mean."""
    COUNTS = "counts"
    """How many of each kind."""


class Section(StrEnum):
    """The facts that a KPI needs."""

    CASES = "cases"
    RESOLUTIONS = "resolutions"
    CONVERSATIONS = "conversations"
    TARGETS = "targets"
    PROMISES = "promises"
    ESTIMATES = "estimates"
    OFFERS = "offers"
    RATINGS = "ratings"


class Better(StrEnum):
    """In which direction a figure improves."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Kpi:
    """One KPI. ``counted`` is the bucket of the numerator; ``target`` is in the figure's own unit (see ``figures``)."""

    name: str
    title: str
    unit: Unit
    better: Better
    observe: Observe
    needs: tuple[Section, ...]
    counted: str = HIT
    target: float | None = None


def _share(observe: Observe, title: str, better: Better, *needs: Section, target: float | None = None) -> Kpi:
    return Kpi(observe.__name__, title, Unit.SHARE, better, observe, needs, target=target)


def _span(observe: Observe, title: str, *needs: Section, target: float | None = None) -> Kpi:
    return Kpi(observe.__name__, title, Unit.SECONDS, Better.LOWER, observe, needs, counted="", target=target)


def _counts(observe: Observe, title: str, *needs: Section) -> Kpi:
    return Kpi(observe.__name__, title, Unit.COUNTS, Better.NEITHER, observe, needs, counted="")


_ALL: Final = (
    Kpi(
        "escalation_frequency",
        "Escalations per 100 conversations",
        Unit.PER_HUNDRED,
        Better.LOWER,
        of_cases.escalation_frequency,
        (Section.CASES, Section.CONVERSATIONS),
        counted=of_cases.CASE,
    ),
    _span(of_cases.response_time, "Escalation response time", Section.CASES),
    _span(of_cases.response_time_high_priority, "Response time, high priority", Section.CASES),
    _span(of_resolutions.resolution_time, "Resolution time", Section.RESOLUTIONS, target=24 * 3600.0),
    _share(of_resolutions.resolved_within_24h, "Resolved within 24 hours", Better.HIGHER, Section.RESOLUTIONS),
    _share(of_service.sla_compliance, "SLA compliance", Better.HIGHER, Section.TARGETS, target=0.9),
    _share(of_service.sla_first_response, "SLA: first response", Better.HIGHER, Section.TARGETS, target=0.9),
    _share(of_service.sla_next_update, "SLA: next update", Better.HIGHER, Section.TARGETS, target=0.9),
    _share(of_service.sla_resolution, "SLA: resolution", Better.HIGHER, Section.TARGETS, target=0.9),
    _share(of_resolutions.csat, "CSAT after escalation", Better.HIGHER, Section.RESOLUTIONS, target=0.8),
    _share(of_resolutions.root_cause_recurrence, "Root-cause recurrence", Better.LOWER, Section.RESOLUTIONS),
    _share(of_resolutions.first_contact_resolution, "First-contact resolution", Better.HIGHER, Section.RESOLUTIONS),
    _share(of_service.containment, "Containment by the bot", Better.HIGHER, Section.CONVERSATIONS),
    _share(of_cases.escalation_rate, "Escalation rate by agent", Better.LOWER, Section.CASES),
    _counts(of_cases.handoff_reasons, "Reasons for handoff", Section.CASES),
    _share(of_cases.unneeded_handoffs, "Handoffs that need not have been", Better.LOWER, Section.CASES),
    _share(of_cases.late_handoffs, "Handoffs that came too late", Better.LOWER, Section.CASES),
    _share(of_service.handoff_rate, "Handoff rate", Better.LOWER, Section.CONVERSATIONS),
    _share(of_cases.abandonment, "Abandonment", Better.LOWER, Section.CASES),
    _share(of_service.promises_kept, "Promises kept", Better.HIGHER, Section.PROMISES),
    _share(of_service.promises_broken, "Promises broken", Better.LOWER, Section.PROMISES),
    _share(of_cases.repeat_yourself_rate, "Customers who repeated themselves", Better.LOWER, Section.CASES),
    Kpi(
        "nps",
        "NPS",
        Unit.POINTS,
        Better.HIGHER,
        of_resolutions.nps,
        (Section.RESOLUTIONS,),
        counted=of_resolutions.PROMOTER,
    ),
    _span(of_cases.speed_of_answer, "Speed of answer", Section.CASES),
    _span(of_resolutions.handle_time, "Handle time", Section.RESOLUTIONS),
    _share(of_cases.repeat_contact_rate, "Repeat-contact rate", Better.LOWER, Section.CASES),
    _share(of_service.wait_range_hits, "Wait ranges that held", Better.HIGHER, Section.ESTIMATES, target=0.8),
    _share(of_resolutions.reopen_rate, "Reopen rate", Better.LOWER, Section.RESOLUTIONS),
    Kpi(
        "contacts_per_resolution",
        "Contacts per 100 resolutions",
        Unit.PER_HUNDRED,
        Better.LOWER,
        of_resolutions.contacts_per_resolution,
        (Section.RESOLUTIONS,),
        counted=of_resolutions.CONTACT,
    ),
    _counts(of_resolutions.root_causes, "Root causes", Section.RESOLUTIONS),
    _share(of_service.answers_helpful, "Bot answers rated helpful", Better.HIGHER, Section.RATINGS),
    _share(of_service.offers_accepted, "Offers accepted", Better.HIGHER, Section.OFFERS),
    _span(of_service.offer_answer_time, "Time to accept an offer", Section.OFFERS),
)

KPIS: Final[dict[str, Kpi]] = {kpi.name: kpi for kpi in _ALL}
"""Every KPI by name, in the order in which a report shows them: those of P30 first."""
