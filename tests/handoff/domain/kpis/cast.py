"""Facts to compute by hand: a case, a resolution and so on, with only what a test is about said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from handoff.domain.kpis.facts import CaseFact, ConversationFact, EventFact, Facts, ResolutionFact
from handoff.domain.kpis.figures import Figure, figure_from
from handoff.domain.kpis.registry import KPIS

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(minutes: float = 0, *, hours: float = 0, days: float = 0) -> datetime:
    """So long after nine on Monday."""
    return NINE + timedelta(minutes=minutes, hours=hours, days=days)


def case(case_id: str = "c1", **given: Any) -> CaseFact:
    """A case of the bot's, opened at nine, waiting."""
    usual: dict[str, Any] = {
        "conversation_id": f"talk-{case_id}",
        "category": "billing",
        "level": 1,
        "severity": 3,
        "reason": "explicit_request",
        "source": "bot",
        "contact_number": 1,
        "status": "open",
        "opened_at": at(),
    }
    return CaseFact(id=case_id, **(usual | given))


def resolution(case_id: str = "c1", **given: Any) -> ResolutionFact:
    """Ana's resolution of a case opened at nine, an hour later."""
    usual: dict[str, Any] = {
        "number": 1,
        "category": "billing",
        "level": 1,
        "agent_id": "ana",
        "opened_at": at(),
        "resolved_at": at(60),
        "disposition": "solved",
        "root_cause": "double_charge",
        "events": (step("accepted", 5, "ana"), step("resolved", 60, "ana")),
    }
    return ResolutionFact(case_id=case_id, **(usual | given))


def talk(name: str = "t1", **given: Any) -> ConversationFact:
    """A conversation in which the customer wrote and the bot answered."""
    usual: dict[str, Any] = {"started_at": at(), "first_turn_at": at(1), "answered": True}
    return ConversationFact(id=name, **(usual | given))


def step(name: str, minutes: float, agent: str | None = None) -> EventFact:
    """A step of an agent, or of the customer."""
    return EventFact(at(minutes), name, "agent" if agent else "customer", agent)


def figure(name: str, **facts: Any) -> Figure:
    """The figure of a KPI from these facts, looked at a year later."""
    return figure_from(KPIS[name], Facts(as_of=at(days=365), **facts))


def share(name: str, **facts: Any) -> tuple[int, int]:
    """Numerator and denominator of a KPI."""
    found = figure(name, **facts)
    return found.numerator, found.denominator
