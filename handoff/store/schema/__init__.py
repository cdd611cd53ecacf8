"""The tables. Migrations in ``migrations/versions`` make exactly these; a test proves it."""

from handoff.store.schema.base import UtcDateTime, metadata
from handoff.store.schema.cases import (
    case_events,
    case_verdicts,
    cases,
    counters,
    offers,
    promises,
    queue_waits,
    resolutions,
    wait_estimates,
)
from handoff.store.schema.conversations import (
    answer_ratings,
    attachments,
    contacts,
    conversations,
    customers,
    messages,
    turns,
)
from handoff.store.schema.desk import macro_runs, own_responses, saved_views, search_texts
from handoff.store.schema.knowing import authority_uses, case_meanings
from handoff.store.schema.learning import (
    incident_links,
    incidents,
    kpi_days,
    kpi_rollups,
    proposals,
)
from handoff.store.schema.outside import (
    api_keys,
    case_changes,
    external_references,
    outbox,
    webhooks,
)
from handoff.store.schema.people import (
    agent_preferences,
    agent_queues,
    agent_sessions,
    agents,
    audit_log,
    notifications,
    presences,
)
from handoff.store.schema.supervising import flags, participants

__all__ = [
    "UtcDateTime",
    "agent_preferences",
    "agent_queues",
    "agent_sessions",
    "agents",
    "answer_ratings",
    "api_keys",
    "attachments",
    "audit_log",
    "authority_uses",
    "case_changes",
    "case_events",
    "case_meanings",
    "case_verdicts",
    "cases",
    "contacts",
    "conversations",
    "counters",
    "customers",
    "external_references",
    "flags",
    "incident_links",
    "incidents",
    "kpi_days",
    "kpi_rollups",
    "macro_runs",
    "messages",
    "metadata",
    "notifications",
    "offers",
    "outbox",
    "own_responses",
    "participants",
    "presences",
    "promises",
    "proposals",
    "queue_waits",
    "resolutions",
    "saved_views",
    "search_texts",
    "turns",
    "wait_estimates",
    "webhooks",
]
