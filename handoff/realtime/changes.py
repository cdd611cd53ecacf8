"""What desks and widgets are still to be told, each thing once however often it changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from handoff.contract import Category
from handoff.services.events import CaseChanged, ConversationChanged, IncidentChanged, QueueMoved

Change = CaseChanged | ConversationChanged | QueueMoved | IncidentChanged


@dataclass
class Changes:
    """What changed since desks and widgets were told last; how it stands is read when it is told."""

    cases: dict[str, set[CaseChanged]] = field(default_factory=dict)
    """By case; several where it moved through several queues meanwhile."""
    conversations: set[str] = field(default_factory=set)
    moved: set[Category] = field(default_factory=set)
    """Queues in which positions are others now."""
    incidents: set[str] = field(default_factory=set)

    def note(self, change: Change) -> None:
        """Something changed."""
        if isinstance(change, CaseChanged):
            self.cases.setdefault(change.case_id, set()).add(change)
        elif isinstance(change, ConversationChanged):
            self.conversations.add(change.conversation_id)
        elif isinstance(change, QueueMoved):
            self.moved.add(change.category)
        else:
            self.incidents.add(change.incident_id)
