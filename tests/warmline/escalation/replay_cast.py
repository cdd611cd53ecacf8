"""Conversations that the action server really scored, as ``python -m handoff.history`` would print them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rasa_sdk.executor import ActionExecutor

from actions.brain import Brain
from actions.cases import MemoryCases
from actions.policy_view import view_of
from actions.score_turn import ActionValidateSlotMappings
from actions.wording import load_problems
from handoff.contract import Decision
from models.frustration.reading import Said
from tests.actions.escalation_cast import NOW, Rasa
from warmline.escalation.replay.stored import Conversation
from warmline.policy import EscalationPolicy, load_policy

ROOT = Path(__file__).resolve().parents[3]


def steady(policy: EscalationPolicy) -> EscalationPolicy:
    """The shipped policy with thresholds that these tests are about, so that tuning it does not change them."""
    steps = {"acknowledge": 0.5, "offer": 0.5, "offer_at_once": 0.92, "now": 0.6, "half_life_turns": 1, "weight": 1.0}
    signals = policy.signals.model_copy(
        update={
            "frustration": policy.signals.frustration.model_copy(update=steps),
            "repeated_fallback": policy.signals.repeated_fallback.model_copy(update={"offer": 2, "now": 3}),
            "repeat_contact": policy.signals.repeat_contact.model_copy(update={"window_days": 7, "contacts": 3}),
        }
    )
    combined = policy.combined.model_copy(update={"offer": 1.6, "now": 9.0})
    legal = policy.risks["legal"].model_copy(update={"severity": 1, "level": 4})
    return policy.model_copy(
        update={"signals": signals, "combined": combined, "risks": {**policy.risks, "legal": legal}}
    )


POLICY = steady(load_policy(ROOT / "data" / "escalation.yml"))


@dataclass(frozen=True)
class Felt:
    """How a turn reads."""

    score: float = 0.1
    abuse: float = 0.0
    urgency: float = 0.0
    needs: Mapping[str, float] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    take_over: float = 0.0
    scored_by: str = "model"


@dataclass
class Feelings:
    """Feels what the test says, by text; calm for all others."""

    felt: dict[str, Felt] = field(default_factory=dict)
    scored_by: str = "model"

    async def score(self, text: str, before: Sequence[Said] = ()) -> Felt:
        return self.felt.get(text, Felt())


def like(one: str, other: str) -> float:
    """Texts are alike when they share their last word; not to a round number."""
    return 0.7123456 if one.split()[-1] == other.split()[-1] else 0.1234567


class Talk:
    """One conversation: Rasa's stand-in runs the real scoring, and everything is noted as handoff would store it."""

    def __init__(self, policy: EscalationPolicy = POLICY, name: str = "conv-1", began: datetime = NOW) -> None:
        self.policy = policy
        self.feelings = Feelings()
        problems = load_problems(ROOT / "data" / "wording" / "problems.yml")
        brain = Brain(policy, view_of(policy), self.feelings, MemoryCases(), problems, likeness=like)
        executor = ActionExecutor()
        executor.register_action(ActionValidateSlotMappings(brain))
        self.rasa = Rasa(executor)
        self.name = name
        self.now = began
        self.began = began
        self.messages: list[dict[str, Any]] = []
        self.cases: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.contacts: list[dict[str, Any]] = []

    async def says(
        self, text: str, intent: str = "inform", confidence: float = 0.95, felt: Felt | None = None, **entities: str
    ) -> Decision:
        """The customer writes, and the action server scores it."""
        if felt is not None:
            self.feelings.felt[text] = felt
        key = f"{self.name}-m{len(self.messages) + 1}"
        self._later(seconds=20)
        rasa = self.rasa
        rasa.sent_at, rasa.began, rasa.contacts = self.now, self.began, self.known_contacts()
        decision = await rasa.hears(text, intent, confidence, key, **entities)
        record = rasa.record.model_dump(mode="json")
        self._note("customer", text, key, payload=text, turn_status="answered", record=record)
        return decision

    def answers(self, action: str, *texts: str) -> None:
        """The bot did something and said these texts, in one go."""
        self.rasa.events.append({"event": "action", "name": action, "timestamp": 2.0})
        self._later(seconds=2)
        turn = next(m["id"] for m in reversed(self.messages) if m["role"] == "customer")
        for place, text in enumerate(texts):
            self.rasa.events.append({"event": "bot", "timestamp": 2.0, "data": {}, "metadata": {}, "text": text})
            answers = turn if place == len(texts) - 1 else None
            self._note("bot", text, f"{self.name}-m{len(self.messages) + 1}", answers_turn=answers)

    def goes_to_a_person(self, verdict: str | None = None, earlier: str | None = None) -> None:
        """The last turn opened a case; an agent deals with it and judges it."""
        turn = next(m for m in reversed(self.messages) if m["role"] == "customer")
        turn["turn_status"] = "handed_off"
        decision = turn["record"]["decision"]
        case = {
            "id": f"case-{len(self.cases) + 1}",
            "number": f"WL-{1001 + len(self.cases)}",
            "opened_at": self._at(),
            "handoff_message_id": turn["id"],
            "reason": decision["reason"] or "authority",
            "category": decision["category"],
            "severity": decision["severity"],
            "level": decision["level"],
            "verdict": verdict,
            "should_have_come_at": earlier,
        }
        self.cases.append(case)
        self.changes.append({"at": self._at(), "owner_type": "queue"})
        self._later(minutes=5)
        self._note("agent", "let me see", f"{self.name}-m{len(self.messages) + 1}")

    async def comes_back(self, *texts: str) -> None:
        """The agent resolved the case; the bot owns again and says how it ended."""
        self._later(minutes=5)
        self.changes.append({"at": self._at(), "owner_type": "bot"})
        await self.rasa.hears("/EXTERNAL_case_resolved", "EXTERNAL_case_resolved", 1.0, f"{self.name}-ours")
        self._later(seconds=1)
        for text in texts:
            self.rasa.events.append({"event": "bot", "timestamp": 2.0, "data": {}, "metadata": {}, "text": text})
            self._note("bot", text, f"{self.name}-m{len(self.messages) + 1}")

    def known_contacts(self) -> list[dict[str, Any]]:
        """The contacts that handoff tells: those of the policy's window."""
        window = timedelta(days=self.policy.signals.repeat_contact.window_days)
        return [one for one in self.contacts if datetime.fromisoformat(one["at"]) >= self.now - window]

    @property
    def line(self) -> str:
        """The conversation as a line of JSON."""
        return json.dumps(
            {
                "version": 1,
                "id": self.name,
                "started_at": self.began.isoformat(),
                "contacts": self.contacts,
                "messages": self.messages,
                "cases": self.cases,
                "owner_changes": self.changes,
            }
        )

    @property
    def stored(self) -> Conversation:
        """The conversation as a replay reads it."""
        return Conversation.model_validate_json(self.line)

    def forget_scenes(self) -> None:
        """As records were before the scene was kept."""
        for message in self.messages:
            if message["record"] is not None:
                message["record"]["scene"] = None

    def _later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def _at(self) -> str:
        return self.now.astimezone(UTC).isoformat()

    def _note(self, role: str, text: str, key: str, **more: Any) -> None:
        empty = {"payload": None, "turn_status": None, "record": None, "answers_turn": None}
        seq = len(self.messages) + 1
        self.messages.append({"id": key, "seq": seq, "role": role, "text": text, "at": self._at(), **empty, **more})
