"""What every use case is handed: the store, the policy, the wording, and clock, identifiers and chance."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Self

from handoff.contract import Category, Tier
from handoff.domain.audit import ListReadings
from handoff.domain.cases import Case
from handoff.domain.outbox import WantedOutside
from handoff.domain.queue_order import PriorityWeights
from handoff.domain.sla import SlaClock, Spans
from handoff.services.events import Publish
from handoff.services.kpi_memory import KnownDays
from handoff.services.meaning import Meaning
from handoff.services.waiting import RecentWaits
from handoff.store.database import Database
from handoff.wording import Wording
from warmline.policy import EscalationPolicy, LivePolicy


def unguessable_id() -> str:
    """A random identifier of some 128 bits, safe in a URL, and on a command line: none begins with a dash."""
    made = secrets.token_urlsafe(16)
    return made if made[0] != "-" else unguessable_id()


@dataclass(frozen=True, slots=True)
class Context:
    """The dependencies of one use case, wired in ``bootstrap``.

    It holds one policy, so a use case sees the same one from beginning to end, whatever is edited meanwhile. What lives
    longer than one use case asks for the ``current`` one at the beginning of each.
    """

    db: Database
    policy: EscalationPolicy
    wording: Wording
    publish: Publish
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    random: Random
    mails: bool = False
    """Whether a mail server is set: what goes by mail is queued only then."""
    live: LivePolicy | None = None
    """Where the policy in force comes from; None where it never changes."""
    recent_waits: RecentWaits = field(default_factory=RecentWaits)
    """What the range of a wait is made from, as it was last read."""
    known_days: KnownDays = field(default_factory=KnownDays)
    """What days that are over came to, as reports last read them."""
    list_readings: ListReadings = field(default_factory=ListReadings)
    """Which lists were lately written into the audit log as read."""
    wanted_outside: WantedOutside = field(default_factory=WantedOutside)
    """What webhooks ask for, as it was last read."""
    meaning: Meaning = field(default_factory=Meaning.off)
    """What texts mean, for finding what is alike."""

    def current(self) -> Self:
        """The same dependencies with the policy that is in force now."""
        if self.live is None or self.live.policy is self.policy:
            return self
        return replace(self, policy=self.live.policy)

    def sla(self, category: Category, severity: int, tier: Tier) -> SlaClock:
        """The clock by which such a case must be answered, updated and solved (P15)."""
        spans = self.policy.targets(category, severity, tier)
        hours = self.policy.sla_hours(category, severity)
        return SlaClock(hours, Spans(spans.first_response, spans.next_update, spans.resolution))

    def sla_of(self, case: Case) -> SlaClock:
        """The clock of a case as it stands."""
        return self.sla(case.category, case.severity, case.tier)

    def weights(self) -> PriorityWeights:
        """The queue order's weights as the policy states them."""
        return weights_of(self.policy)


def weights_of(policy: EscalationPolicy) -> PriorityWeights:
    """The queue order's weights as a policy states them."""
    priority = policy.priority
    return PriorityWeights(
        severity=dict(priority.severity),
        tier={tier: priority.tier.get(tier, 0.0) for tier in Tier},
        frustration=priority.frustration,
        repeat_contact=priority.repeat_contact,
        points_per_minute=priority.per_minute,
        deadline=priority.deadline,
        deadline_within=priority.deadline_within,
    )
