"""The audit log: who did and who saw what. Rows are only ever added; none holds what customers and agents wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
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
    ATTACHMENT_READ = "attachment.read"
    """Somebody was given the bytes of a file."""
    MONITORED = "conversation.monitored"
    """Somebody who leads read along in a conversation, the assistant's too."""
    FLAGGED = "conversation.flagged"
    UNFLAGGED = "conversation.flag_cleared"
    SEARCHED = "search"
    """What was looked for, as it was typed, and how many cases were shown."""
    EXPORT = "export"
    """What customers wrote left by a command at the machine."""
    STAFF_SAVED = "staff.saved"
    STAFF_DEACTIVATED = "staff.deactivated"
    KEY_ADDED = "key.added"
    KEY_REVOKED = "key.revoked"
    MESSAGE_BROUGHT = "message.brought"
    """Another system brought a line of the customer."""
    POLICY = "policy.in_force"
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
