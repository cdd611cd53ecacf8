"""Who had a case when, read from its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handoff.domain.kpis.facts import EventFact

TAKES: Final = frozenset({"accepted", "taken_over", "reopened_with_owner"})
"""Steps after which an agent has the case."""
GIVES_UP: Final = frozenset({"released", "transferred", "escalated", "resolved", "returned_to_bot", "merged"})
"""Steps after which nobody has."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One stretch in which one agent had the case; ``until`` is None while they still have it."""

    agent_id: str
    since: datetime
    until: datetime | None
    ended_by: str | None
    ended_by_agent: str | None
    """Who took that step: the agent, somebody who leads, or None for what happened by itself."""
    waited: timedelta
    """How much of it the case waited for somebody else (``waits`` to ``resumed``)."""


def holdings(events: Sequence[EventFact]) -> tuple[Holding, ...]:
    """The stretches of a history, oldest first.

    A reopening to the owner names the customer as actor: the agent is the one who had the case last.
    """
    return tuple(_holdings(events))


def _holdings(events: Iterable[EventFact]) -> Iterator[Holding]:
    agent_id, last_agent, since = None, None, None
    waiting_since: datetime | None = None
    waited = timedelta()
    for event in events:
        if event.step == "waits" and waiting_since is None:
            waiting_since = event.at
        elif event.step in ("resumed", *TAKES, *GIVES_UP) and waiting_since is not None:
            waited += event.at - waiting_since
            waiting_since = None
        if event.step not in TAKES and event.step not in GIVES_UP:
            continue
        if agent_id is not None and since is not None:
            by = event.actor_id if event.actor_type == "agent" else None
            yield Holding(agent_id, since, event.at, event.step, by, waited)
            last_agent = agent_id
        agent_id, since, waited = None, None, timedelta()
        if event.step in TAKES:
            agent_id = event.actor_id if event.actor_type == "agent" else last_agent
            since = event.at
    if agent_id is not None and since is not None:
        yield Holding(agent_id, since, None, None, None, waited)


def holder_at(events: Sequence[EventFact], moment: datetime) -> str | None:
    """Who had the case at a moment."""
    for held in holdings(events):
        if held.since <= moment and (held.until is None or moment <= held.until):
            return held.agent_id
    return None
