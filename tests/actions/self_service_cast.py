"""A tracker as Rasa sends it, and a run of one form or action on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MAYA = {"id": "C-1001", "name": "Maya Lind", "email": "maya.lind@mail.example", "tier": "standard", "verified": True}


@dataclass(frozen=True)
class Run:
    """What one run said and remembered."""

    responses: list[str]
    said: list[dict[str, Any]]
    slots: dict[str, Any]
    events: list[dict[str, Any]]

    @property
    def rejected(self) -> bool:
        """Whether the form stepped aside."""
        return any(event["event"] == "action_execution_rejected" for event in self.events)


@dataclass
class Stage:
    """One conversation at the moment of one customer message."""

    text: str = ""
    intent: str = "inform"
    slots: dict[str, Any] = field(default_factory=dict)
    entities: dict[str, str] = field(default_factory=dict)
    customer: dict[str, Any] | None = field(default_factory=lambda: dict(MAYA))
    message_id: str = "m-1"
    after_message: list[dict[str, Any]] = field(default_factory=list)
    active: str | None = None

    def tracker(self) -> Tracker:
        metadata: dict[str, Any] = {}
        if self.customer is not None:
            metadata = {
                "version": 1,
                "message_id": self.message_id,
                "conversation_id": "conversation-1",
                "owner_version": 1,
                "sent_at": "2026-11-23T09:30:00+00:00",
                "customer": self.customer,
            }
        message = {
            "text": self.text,
            "intent": {"name": self.intent, "confidence": 0.9},
            "entities": [{"entity": name, "value": value} for name, value in self.entities.items()],
            "metadata": metadata,
            "message_id": "rasa-1",
        }
        return Tracker(
            sender_id="conversation-1",
            slots={**self.slots, **self.entities},
            latest_message=message,
            events=[{"event": "user", "text": self.text}, *self.after_message],
            paused=False,
            followup_action=None,
            active_loop={"name": self.active} if self.active else {},
            latest_action_name="action_listen",
        )

    async def run(self, action: Action) -> Run:
        dispatcher = CollectingDispatcher()
        events = list(await action.run(dispatcher, self.tracker(), {}))
        changed = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        said = list(dispatcher.messages)
        return Run([message["response"] for message in said], said, {**self.slots, **changed}, events)

    async def starts(self, form: Action) -> Run:
        """The message that starts the form."""
        name = form.name().removeprefix("validate_")
        self.after_message = [{"event": "active_loop", "name": name}, {"event": "action", "name": name}]
        return await self.run(form)
