"""The fixed cast of the escalation tests, and a stand-in for Rasa that keeps a tracker as Rasa does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from rasa_sdk.executor import ActionExecutor

from handoff.contract import Decision, TurnRecord
from models.frustration.reading import Said

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
MAYA = {"id": "C-1001", "name": "Maya Lind", "email": "maya@example.org", "tier": "standard", "verified": True}
PRIYA = {"id": "C-1003", "name": "Priya Shah", "email": "priya@example.org", "tier": "vip", "verified": True}


@dataclass(frozen=True)
class Felt:
    score: float
    words: tuple[str, ...] = ()
    scored_by: str = "model"
    abuse: float = 0.0
    urgency: float = 0.0
    take_over: float = 0.0
    needs: Mapping[str, float] = field(default_factory=dict)


@dataclass
class ScriptedFrustration:
    """Feels what the test says: the score by text, 0.1 for all others, and what a text tells by its meaning."""

    scores: dict[str, float] = field(default_factory=dict)
    needs: dict[str, Mapping[str, float]] = field(default_factory=dict)
    heard: list[tuple[str, tuple[Said, ...]]] = field(default_factory=list)
    """What was scored, each with what had been said before it."""
    scored_by: str = "model"

    def score(self, text: str, before: Sequence[Said] = ()) -> Felt:
        self.heard.append((text, tuple(before)))
        value = self.scores.get(text, 0.1)
        words = tuple(text.split()[:2]) if value > 0.5 else ()
        return Felt(value, words, self.scored_by, needs=self.needs.get(text, {}))


@dataclass
class Rasa:
    """Keeps a tracker as Rasa does: posts it with each action call and applies what comes back."""

    executor: ActionExecutor
    customer: dict[str, Any] = field(default_factory=lambda: dict(MAYA))
    contacts: list[dict[str, Any]] = field(default_factory=list)
    last_case: dict[str, Any] | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    loop: dict[str, Any] = field(default_factory=dict)
    latest: dict[str, Any] = field(default_factory=dict)
    messages: int = 0
    online: bool = True
    understood: dict[str, Any] = field(default_factory=dict)
    """What else the pipeline found in the next message: ``two_requests``, ``torn_between``, ``nearest``, entities."""
    said: list[dict[str, Any]] = field(default_factory=list)

    async def hears(
        self, text: str, intent: str = "inform", confidence: float = 0.95, key: str | None = None, **entities: str
    ) -> Decision:
        """A customer turn: understood as ``intent``, then scored."""
        self.messages += 1
        key = key or f"msg-{self.messages}"
        metadata: dict[str, Any] = {}
        if self.online:
            metadata = {
                "version": 1,
                "message_id": key,
                "conversation_id": "conv-1",
                "owner_version": 0,
                "sent_at": (NOW + timedelta(minutes=self.messages)).isoformat(),
                "customer": self.customer,
                "contacts": self.contacts,
                "last_case": self.last_case,
                "model_id": "what Rasa adds by itself",
            }
        self.latest = {
            "text": text,
            "message_id": f"rasa-{key}",
            "intent": {"name": intent.partition("/")[0], "confidence": confidence},
            "intent_ranking": [{"name": intent, "confidence": confidence}],
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
            "metadata": metadata,
        }
        if "/" in intent:
            answer = {"response": {"intent_response_key": intent, "confidence": confidence}}
            self.latest["response_selector"] = {"all_retrieval_intents": ["faq"], "faq": answer}
        self.latest |= self.understood
        self.understood = {}
        for entity in self.latest["entities"]:
            self.slots[entity["entity"]] = entity["value"]  # of several the last, as Rasa does
        self.events.append({"event": "user", "timestamp": 1.0, "text": text, "metadata": metadata})
        self.said = []
        await self.runs("action_validate_slot_mappings")
        return self.decision

    async def runs(self, action: str) -> list[dict[str, Any]]:
        """Rasa runs one of our actions and applies its answer."""
        result = await self.executor.run(
            {
                "next_action": action,
                "sender_id": "conv-1",
                "domain": {},
                "tracker": {
                    "sender_id": "conv-1",
                    "slots": dict(self.slots),
                    "latest_message": self.latest,
                    "events": list(self.events),
                    "active_loop": self.loop,
                    "paused": False,
                },
            }
        )
        assert result is not None
        for message in result.responses:
            custom, response = message.get("custom"), message.get("response")
            utter = {"utter_action": response} if response else {}
            self.events.append({"event": "bot", "timestamp": 2.0, "data": {"custom": custom}, "metadata": utter})
            self.said.append(message)
        for event in result.events:
            self.events.append(event)
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            elif event["event"] == "active_loop":
                self.loop = {"name": event["name"]} if event["name"] else {}
        return result.events

    def does(self, action: str, utters: str | None = None) -> None:
        """Rasa ran something else: an answer, a form, another action."""
        self.events.append({"event": "action", "name": action, "timestamp": 2.0})
        if utters or action.startswith("utter_"):
            self.events.append(
                {"event": "bot", "timestamp": 2.0, "data": {}, "metadata": {"utter_action": utters or action}}
            )

    @property
    def decision(self) -> Decision:
        raw = self.slots["escalation"]
        return Decision.model_validate({name: raw[name] for name in raw if name in Decision.model_fields})

    @property
    def record(self) -> TurnRecord:
        """The record that left with the last turn."""
        (record,) = [m["custom"]["turn"] for m in self.said if (m.get("custom") or {}).get("turn")]
        return TurnRecord.model_validate(record)

    @property
    def responses(self) -> list[str]:
        return [m["response"] for m in self.said if m.get("response")]
