"""Scoring each customer turn: what was said, the running picture, and whether a person is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.brain import Brain, Felt
from actions.kind_words import ACKNOWLEDGE, Address, Feeling, address_of, needs_a_kind_word
from actions.next_request import Requests, facts_in_hand, requests_of
from actions.reading import (
    already_told,
    confidence_of,
    entities_of,
    intent_of,
    is_in_scope,
    metadata_of,
    turn_input,
    turn_key,
)
from actions.said import said_before
from actions.scoring.decision import Outcome, score_turn
from actions.scoring.picture import Picture, after_human
from actions.scoring.scene import DIGITS, scene_of
from actions.scoring.signal import Ask, Signal
from actions.scoring.triage import Triage as Answers
from actions.scoring.turn import EXTERNAL_PREFIX, TurnInput
from handoff.contract import (
    BotMetadata,
    Category,
    Decision,
    DecisionAction,
    EscalationKind,
    HandoffReason,
    Reason,
    Triage,
    TurnRecord,
    TurnScene,
)
from models.frustration.reading import Said

log = structlog.get_logger(__name__)

CURT_INTENTS: Final = frozenset({"apologise", "repeat_answer", "wait_please", "compliment", "joke", "bot_name"})
"""Said briefly, these sound curt to the model ("tell me again", "I'm sorry I was rude") and are not."""
CURT_WORDS: Final = 9
LEAST_EVIDENT: Final = 0.2
"""Signals that ask for nothing are recorded from this pressure on."""
KEPT_REASONS: Final = 8
KEPT_EVIDENCE: Final = 6
EVIDENCE_LENGTH: Final = 200
_ACTIONS: Final = {
    Ask.NOTHING: DecisionAction.NONE,
    Ask.ACKNOWLEDGE: DecisionAction.NONE,
    Ask.OFFER: DecisionAction.OFFER,
    Ask.NOW: DecisionAction.NOW,
}


@dataclass(frozen=True)
class Scored:
    """One turn with its score, of which the slots and the record are made. ``topic`` is the turn's own, if any.

    ``requests`` says what else the turn asks for, ``address`` how to speak to the customer, ``scene`` what is kept of
    the turn for a replay; there is none of them where the turn was scored before.
    """

    decision: Decision
    picture: Picture
    topic: str | None = None
    frustration: float = 0.0
    scored_by: str = "none"
    requests: Requests = field(default_factory=Requests)
    address: Address | None = None
    scene: TurnScene | None = None


class ActionScoreTurn(Action):  # type: ignore[misc]
    """Scores the latest turn once, however often Rasa asks within it, and never loses a turn to an error.

    Sets the slots ``picture`` (what is remembered), ``escalation`` (the decision and the message it is about),
    ``topic``, and what the responses of data/responses/people.yml name; sends the turn's record to handoff as one
    custom message when the turn came from there.
    """

    action_name = "action_score_turn"

    def __init__(self, brain: Brain) -> None:
        self._brain = brain

    def name(self) -> str:
        """Return the name by which a slot mapping calls the scoring."""
        return self.action_name

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: Mapping[str, Any],  # noqa: ARG002
    ) -> list[dict[str, Any]]:
        """Score the latest turn and return the slots to set."""
        metadata = metadata_of(tracker)
        key = turn_key(tracker, metadata)
        scored = _scored_before(tracker, key) or await self._score_safely(tracker, metadata)
        if not already_told(tracker.events, key):
            _tell(dispatcher, tracker, metadata, scored)
        message_id = metadata.message_id if metadata else None
        escalation = {**scored.decision.model_dump(mode="json", exclude_defaults=True), **_always(scored, message_id)}
        facts = [SlotSet(name, value) for name, value in facts_in_hand(tracker, key).items()]
        if tracker.slots.get("escalation") == escalation and not scored.requests.slots:
            return facts
        events = [
            *facts,
            SlotSet("picture", scored.picture.to_json()),
            SlotSet("escalation", escalation),
            *(SlotSet(name, value) for name, value in scored.requests.slots.items()),
            *(scored.address.slots(tracker.slots) if scored.address else ()),
        ]
        if scored.picture.topic:
            events.append(SlotSet("topic", scored.picture.topic))
        return events

    async def _score_safely(self, tracker: Tracker, metadata: BotMetadata | None) -> Scored:
        picture = Picture.from_json(tracker.slots.get("picture"))
        policy_version = self._brain.view.version
        try:
            return await self._score(tracker, metadata, picture)
        except Exception:
            # Whatever went wrong here, the customer's turn must still be answered: it counts as calm.
            log.exception("scoring_failed", conversation=tracker.sender_id)
            key = turn_key(tracker, metadata)
            return Scored(
                Decision(policy_version=policy_version),
                replace(picture, key=key),
                scored_by="failed",
                address=Address(),
            )

    async def _score(self, tracker: Tracker, metadata: BotMetadata | None, picture: Picture) -> Scored:
        brain = self._brain
        turn = turn_input(tracker, metadata, brain.policy)
        requests = requests_of(tracker, turn.key, brain.problems)
        if turn.intent.startswith(EXTERNAL_PREFIX):
            # A note of ours, such as the outcome of a case: recorded, but nothing the customer said.
            decision = Decision(policy_version=brain.view.version, category=_category(picture.category))
            return Scored(decision, replace(after_human(picture), key=turn.key), requests=requests, address=Address())
        turn, scored_by = await self._feel(self._asked(turn, picture, requests), said_before(tracker.events))
        outcome, seen = score_turn(turn, picture, brain.view)
        decision = decision_of(outcome)
        feeling = Feeling(turn.frustration, seen.peak, turn.abuse, turn.urgency)
        address = address_of(brain, tracker, metadata, turn, decision, feeling, (picture, seen))
        decision = decision.model_copy(update={"mood": address.mood})
        scene = scene_of(turn, brain.view.contact_window)
        return Scored(decision, seen, turn.topic, turn.frustration, scored_by, requests, address, scene)

    def _asked(self, turn: TurnInput, picture: Picture, requests: Requests) -> TurnInput:
        """The turn with what it asks for where its own words do not say it, and how like it is to what failed."""
        if requests.asks is not None:
            turn = replace(turn, topic=None, category=None, named=None, asks_which=True)
        elif requests.takes is not None:
            named, policy = requests.takes.topic, self._brain.policy
            topic = named if policy.is_known(named) else None
            turn = replace(turn, topic=topic, category=policy.category_of(topic) if topic else None, named=named)
        if picture.failed and turn.text.strip() and not turn.is_button:
            turn = replace(turn, like_failed=round(self._brain.likeness(turn.text, picture.failed), DIGITS))
        return replace(turn, chosen=requests.chosen)

    async def _feel(self, turn: TurnInput, before: Sequence[Said]) -> tuple[TurnInput, str]:
        if turn.is_button or not turn.text.strip() or only_sounds_curt(turn):
            return turn, "none"
        felt = await self._brain.frustration.score(turn.text, before)
        return felt_of(turn, felt), felt.scored_by


class ActionValidateSlotMappings(ActionScoreTurn):
    """The same under the name that Rasa calls by itself after every customer message.

    Only the messages of an action of this name survive ``action_extract_slots``: Rasa 3.6 drops those of
    actions named in a slot's mapping.
    """

    action_name = "action_validate_slot_mappings"


def decision_of(outcome: Outcome) -> Decision:
    """Return the decision as it travels to the bot and to handoff, its reasons strongest first."""
    told = [s for s in outcome.signals if s.asks > Ask.NOTHING or s.pressure >= LEAST_EVIDENT or s.name == "vip"]
    return Decision(
        action=_ACTIONS[outcome.action],
        reason=HandoffReason(outcome.reason) if outcome.reason else None,
        kind=EscalationKind(outcome.kind) if outcome.kind else None,
        category=_category(outcome.category),
        severity=outcome.severity,
        level=outcome.level,
        acknowledge=outcome.acknowledge,
        contact_number=outcome.contact_number,
        reasons=tuple(reason_of(signal) for signal in told[:KEPT_REASONS]),
        policy_version=outcome.policy_version,
        triage=wire_triage(outcome.triage) if outcome.action >= Ask.OFFER else None,
    )


def wire_triage(triage: Answers) -> Triage:
    """Return the answers of the triage as they travel."""
    return Triage(**asdict(triage))


def reason_of(signal: Signal) -> Reason:
    """Return a signal as a reason that a person can check."""
    return Reason(
        signal=signal.name,
        reason=HandoffReason(signal.reason),
        value=round(signal.value, 4),
        threshold=signal.threshold,
        weight=signal.weight,
        evidence=tuple(text[:EVIDENCE_LENGTH] for text in signal.evidence[:KEPT_EVIDENCE]),
    )


def felt_of(turn: TurnInput, felt: Felt) -> TurnInput:
    """Return the turn with how it reads, to the digits that are kept of it: what is decided can be decided again."""
    return replace(
        turn,
        frustration=round(felt.score, 4),
        frustration_words=felt.words,
        abuse=round(felt.abuse, DIGITS),
        urgency=round(felt.urgency, DIGITS),
        take_over=round(felt.take_over, DIGITS),
        needs={need: round(likely, DIGITS) for need, likely in felt.needs.items()},
    )


def only_sounds_curt(turn: TurnInput) -> bool:
    """Say whether the turn is of a kind that sounds curt to the model and is not meant so."""
    return turn.intent in CURT_INTENTS and len(turn.text.split()) <= CURT_WORDS


def _category(name: str | None) -> Category:
    return Category(name) if name in set(Category) else Category.GENERAL


def _always(scored: Scored, message_id: str | None) -> dict[str, Any]:
    return {
        "action": scored.decision.action.value,
        "message_id": message_id,
        "topic": scored.topic,
        "frustration": scored.frustration,
        "scored_by": scored.scored_by,
    }


def _scored_before(tracker: Tracker, key: str) -> Scored | None:
    """Return the score that this very turn already has; forms make Rasa ask again within a turn."""
    picture = Picture.from_json(tracker.slots.get("picture"))
    raw = tracker.slots.get("escalation")
    if not key or picture.key != key or not isinstance(raw, Mapping):
        return None
    fields = {name: value for name, value in raw.items() if name in Decision.model_fields}
    try:
        return Scored(
            Decision.model_validate(fields),
            picture,
            raw.get("topic"),
            float(raw.get("frustration") or 0.0),
            str(raw.get("scored_by") or "none"),
        )
    except ValueError:
        return None


def _tell(dispatcher: CollectingDispatcher, tracker: Tracker, metadata: BotMetadata | None, scored: Scored) -> None:
    message = tracker.latest_message
    if metadata is not None:
        record = TurnRecord(
            message_id=metadata.message_id,
            intent=intent_of(message),
            confidence=confidence_of(message),
            topic=scored.topic,
            in_scope=is_in_scope(tracker),
            entities=entities_of(message),
            frustration=scored.frustration,
            trend=round(min(1.0, max(-1.0, scored.picture.trend)), 4),
            peak=scored.picture.peak,
            scored_by=scored.scored_by,
            decision=scored.decision,
            scene=scored.scene,
        )
        dispatcher.utter_message(json_message={"turn": record.model_dump(mode="json")})
    if needs_a_kind_word(intent_of(message), scored.decision):
        address = scored.address or Address(scored.decision.mood)
        dispatcher.utter_message(response=ACKNOWLEDGE, **address.words())
