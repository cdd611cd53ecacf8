"""The audit log: who did and who saw what. Rows are only ever added; none holds what was written in a case."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from handoff.domain.actors import Actor
from handoff.domain.cases import Case


class Did(StrEnum):
    """What is written down besides the steps of cases, which are ``case.`` and the name of the step."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_OUT = "sign_out"
    CASE_SEEN = "case.seen"
    """A case with everything about it: its customer and their history too."""
    TRANSCRIPT_READ = "transcript.read"
    AUTHORITY_READ = "authority.read"
    """Somebody was shown a customer's orders and fees, to decide about money."""
    ATTACHMENT_READ = "attachment.read"
    """Somebody was given the bytes of a file."""
    MONITORED = "conversation.monitored"
    """Somebody who leads read along in a conversation, the assistant's too."""
    FLAGGED = "conversation.flagged"
    UNFLAGGED = "conversation.flag_cleared"
    SEARCHED = "search"
    """What was looked for, as it was typed, and how many cases were shown."""
    LIST_READ = "list.read"
    """Somebody was shown cases or conversations in a list: which one, by what chosen, how many."""
    EARLIER_READ = "conversation.view"
    """An earlier conversation of a case's customer was read."""
    EXPORT = "export"
    """What customers wrote, or figures, left as a file or by a command at the machine."""
    STAFF_SAVED = "staff.saved"
    STAFF_DEACTIVATED = "staff.deactivated"
    KEY_ADDED = "key.added"
    KEY_REVOKED = "key.revoked"
    MESSAGE_BROUGHT = "message.brought"
    """Another system brought a line of the customer."""
    POLICY = "policy.in_force"
    INCIDENT_DECLARED = "incident.declared"
    INCIDENT_CONFIRMED = "incident.confirmed"
    INCIDENT_REWORDED = "incident.reworded"
    """Other words for an incident that is announced already."""
    INCIDENT_DISMISSED = "incident.dismissed"
    INCIDENT_RESOLVED = "incident.resolved"
    PROPOSAL_ACCEPTED = "proposal.accepted"
    PROPOSAL_IGNORED = "proposal.ignored"
    RESPONSE_SHARED = "response.shared"
    """A response came among those of the team."""
    RESPONSE_CHANGED = "response.changed"
    RESPONSE_WITHDRAWN = "response.withdrawn"
    """A response is no longer among those of the team: deleted, or kept for oneself."""
    REPLAY_BEGUN = "replay.begun"
    """Somebody had stored conversations decided again under another policy."""
    REPLAY_CANCELLED = "replay.cancelled"
    REPLAY_READ = "replay.read"
    """Somebody was shown which conversations would change, with the customers' words masked."""
    AUDIT_READ = "audit.read"
    DEMO_WRITTEN = "demo.history_written"
    DEMO_WIPED = "demo.wiped"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing done or seen: ``action`` is a verb of ours ("case.seen"), ``data`` what somebody who checks needs.

    ``id`` is the place in the log, None before it is written.
    """

    at: datetime
    actor: Actor
    action: str
    object_type: str
    object_id: str | None
    data: dict[str, Any] = field(default_factory=dict)
    id: int | None = None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are asked for; None: any. ``action`` may end in ``*``, ``until`` is not among them any more."""

    actor_id: str | None = None
    action: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


LIST_AGAIN: Final = timedelta(minutes=10)
"""A page renews its lists all the while: the same list, chosen alike by the same reader, is written down so often."""
REMEMBERED_LISTS: Final = 10_000
"""So many readings are remembered, the oldest forgotten first; one that was forgotten is written down again."""


@dataclass(slots=True)
class ListReadings:
    """Which lists were lately written down as read, by reader, list and what it was chosen by; for one process."""

    _noted: OrderedDict[tuple[object, ...], datetime] = field(default_factory=OrderedDict)

    def is_due(self, now: datetime, *reading: object) -> bool:
        """Whether this reading is to be written down now; if so, it counts as written."""
        last = self._noted.get(reading)
        if last is not None and now - last < LIST_AGAIN:
            return False
        self._noted[reading] = now
        self._noted.move_to_end(reading)
        while len(self._noted) > REMEMBERED_LISTS:
            self._noted.popitem(last=False)
        return True

    def forget(self, *reading: object) -> None:
        """It could not be written down: the next time counts as the first."""
        self._noted.pop(reading, None)


_KEPT: Final = ("status", "agent_id", "category", "level", "severity", "csat", "nps", "disposition", "root_cause")
"""Fields of a case that say who could do what with it; none holds a text."""


def what_changed(before: Case | None, after: Case) -> dict[str, Any]:
    """The fields that a step changed, each with its value before (None for a new case) and after."""
    found: dict[str, Any] = {}
    for name in _KEPT:
        was, now = (getattr(before, name) if before is not None else None), getattr(after, name)
        if was != now:
            found[name] = [was, now]
    return found
