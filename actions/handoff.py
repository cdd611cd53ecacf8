"""Handing the conversation over to a human, with everything that is known; and reopening a case that was not solved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.brain import Brain
from actions.cases import CaseRefusedError, CasesUnavailableError
from actions.next_request import NEXT_REQUEST, WHICH_REQUEST, Request, waiting_request
from actions.reading import attempts, confidence_of, facts_of, intent_of, metadata_of, named_topic, turn_records
from actions.score_turn import reason_of, wire_triage
from actions.scoring.picture import Picture
from actions.scoring.signals.authority import MOST, beyond
from actions.scoring.triage import severity_of, triage_of
from actions.scoring.turn import OFFER_ACTION, PERSON_INTENT
from handoff.contract import (
    BotMetadata,
    Category,
    Decision,
    DecisionAction,
    EscalationKind,
    HandoffAccepted,
    HandoffReason,
    HandoffRequest,
    Reason,
    ReopenRequest,
)

log = structlog.get_logger(__name__)

OFFLINE: Final = "utter_handoff_offline"
NOT_HELPFUL: Final = "utter_not_helpful"
RETRY_AFTER_SECONDS: Final = (0.1, 0.3, 0.8, 1.6)
"""Waits before each further try: together a few seconds, well below the time after which handoff helps itself."""
NOTE_LENGTH: Final = 500
ALSO_ASKED: Final = "also_asked"
"""The fact that names a second request for whoever takes the case."""

Event = dict[str, Any]


class ActionHandoff(Action):  # type: ignore[misc]
    """Opens a case for this conversation. Says nothing: handoff tells the customer when the case stands (P22)."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain

    def name(self) -> str:
        """Return the action's name."""
        return "action_handoff"

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: Mapping[str, Any],  # noqa: ARG002
    ) -> list[Event]:
        """Hand over, and leave any form. Where it is not sure that a person was asked for, offer one instead (P10)."""
        metadata = metadata_of(tracker)
        if metadata is None:
            dispatcher.utter_message(response=OFFLINE)
            return _leave_form(tracker)
        if (doubtful := _doubtful_wish(self._brain, tracker, metadata)) is not None:
            if doubtful is DecisionAction.NONE:
                dispatcher.utter_message(response=OFFER_ACTION)
            return []
        await open_case(self._brain, tracker, metadata)
        return _leave_form(tracker)


class ActionReopenCase(Action):  # type: ignore[misc]
    """Opens the last case again, with the same owner, when its solution did not work (P26)."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain

    def name(self) -> str:
        """Return the action's name."""
        return "action_reopen_case"

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: Mapping[str, Any],  # noqa: ARG002
    ) -> list[Event]:
        """Reopen the case, or open a new one where the last one cannot be reopened.

        Who has had no case and writes that it is not solved is asked what is open.
        """
        metadata = metadata_of(tracker)
        if metadata is None:
            dispatcher.utter_message(response=OFFLINE)
            return _leave_form(tracker)
        typed = not str(tracker.latest_message.get("text") or "").startswith("/")
        if metadata.last_case is None and typed:
            dispatcher.utter_message(response=NOT_HELPFUL)
            return []
        if metadata.last_case is None or not await self._reopen(tracker, metadata, metadata.last_case.id):
            await open_case(self._brain, tracker, metadata)
        return _leave_form(tracker)

    async def _reopen(self, tracker: Tracker, metadata: BotMetadata, case_id: str) -> bool:
        text = str(tracker.latest_message.get("text") or "")
        note = "" if text.startswith("/") else text[:NOTE_LENGTH]
        request = ReopenRequest(message_id=metadata.message_id, note=note)
        accepted = await _persist(lambda: self._brain.cases.reopen(case_id, request), self._brain, "reopen", metadata)
        return accepted is not None


async def open_case(brain: Brain, tracker: Tracker, metadata: BotMetadata) -> HandoffAccepted | None:
    """Send the handoff context; return the case, or None when it could not be had after all tries."""
    request = handoff_request(brain, tracker, metadata)
    return await _persist(lambda: brain.cases.open(request), brain, "open", metadata)


def handoff_request(brain: Brain, tracker: Tracker, metadata: BotMetadata) -> HandoffRequest:
    """Return everything that the human who receives the conversation needs (P18)."""
    decision = _decision(brain, tracker, metadata)
    topic = _topic(tracker)
    facts = facts_of(tracker)
    problem = _problem(brain, decision, None if _is_guess(brain, tracker, topic) else topic, facts)
    if (second := waiting_request(tracker)) is not None:
        also = _second_problem(brain, second)
        problem, facts = brain.problems.name_both(problem, also), {**facts, ALSO_ASKED: also}
    return HandoffRequest(
        conversation_id=metadata.conversation_id,
        message_id=metadata.message_id,
        idempotency_key=metadata.message_id,
        decision=decision,
        problem=problem,
        topic=topic,
        facts=facts,
        attempts=attempts(tracker.events),
        turns=turn_records(tracker.events),
    )


def _is_guess(brain: Brain, tracker: Tracker, topic: str | None) -> bool:
    """Say whether the topic comes from this very turn and was hardly understood: naming it would be a guess."""
    message = tracker.latest_message
    return topic == named_topic(message) and confidence_of(message) < brain.view.low_confidence_below


def _problem(brain: Brain, decision: Decision, topic: str | None, facts: Mapping[str, str]) -> str:
    """Name the customer's problem (P22): by what made the case, or else by what they asked for."""
    first = decision.reasons[0] if decision.reasons else None
    known = {**facts, **({"sum": f"£{first.value:,.2f}"} if first is not None else {})}
    signal = first.signal if first is not None else ""
    return brain.problems.name(topic, decision.category, known, signal, decision.reason or "")


def _second_problem(brain: Brain, request: Request) -> str:
    """Name what the customer asked for beside it, which nobody has answered yet."""
    return brain.problems.name(request.topic, brain.policy.category_of(request.topic), request.entities)


def _decision(brain: Brain, tracker: Tracker, metadata: BotMetadata) -> Decision:
    """Return why this turn hands over, with the triage (P12), which an action or rule does not make itself."""
    decision = _found(brain, tracker, metadata)
    beyond_authority = decision.reason is HandoffReason.AUTHORITY
    if decision.triage is not None and not beyond_authority:
        return decision
    picture = Picture.from_json(tracker.slots.get("picture"))
    if beyond_authority and decision.reasons:
        sum_asked = min(decision.reasons[0].value, MOST)
        picture = picture.staking(
            (*picture.at_stake, decision.reasons[0].signal), max(sum_asked, picture.amount or 0.0)
        )
    triage = triage_of(picture, brain.view)
    severity = min(decision.severity, severity_of(triage, brain.view))
    return decision.model_copy(update={"triage": wire_triage(triage), "severity": severity})


def _found(brain: Brain, tracker: Tracker, metadata: BotMetadata) -> Decision:
    """Return what scoring decided, or what an action or rule found out since."""
    scored = _scored_decision(tracker, metadata)
    known = scored or Decision(category=_category(brain, tracker), policy_version=brain.view.version, severity=3)
    if exceeded := _authority_decision(brain, tracker, known):
        return exceeded
    if known.action is DecisionAction.NOW and known.reason is not None:
        return known
    asked = intent_of(tracker.latest_message) == PERSON_INTENT
    reason = HandoffReason.EXPLICIT_REQUEST if asked else HandoffReason.POLICY
    name = "explicit_request" if asked else "rule"
    evidence = "asked for a person" if asked else f"the rule for {intent_of(tracker.latest_message)} hands over"
    return known.model_copy(
        update={
            "action": DecisionAction.NOW,
            "reason": reason,
            "kind": EscalationKind.FUNCTIONAL,
            "category": _category(brain, tracker),
            "severity": min(known.severity, brain.view.request_severity),
            "acknowledge": False,
            "reasons": (
                Reason(signal=name, reason=reason, value=1.0, threshold=1.0, evidence=(evidence,)),
                *known.reasons,
            ),
        }
    )


def _authority_decision(brain: Brain, tracker: Tracker, known: Decision) -> Decision | None:
    """Return the decision for a sum that an action found to be above its authority (slot ``authority_exceeded``)."""
    raw = tracker.slots.get("authority_exceeded")
    if not isinstance(raw, Mapping):
        return None
    topic, rules = _topic(tracker), brain.view.authority
    named = [rule for rule in rules if rule.name == raw.get("authority")]
    rule = next(iter([*named, *(rule for rule in rules if topic in rule.topics)]), None)
    try:
        amount = float(raw.get("amount") or 0.0)
    except (TypeError, ValueError):
        return None
    if rule is None:
        return None
    signal = beyond(rule, amount, brain.view.authority_severity)
    return known.model_copy(
        update={
            "action": DecisionAction.NOW,
            "reason": HandoffReason.AUTHORITY,
            "kind": EscalationKind.HIERARCHICAL,
            "category": _category(brain, tracker),
            "severity": min(known.severity, signal.severity),
            "level": max(known.level, signal.level),
            "acknowledge": False,
            "reasons": (reason_of(signal), *known.reasons),
        }
    )


def _scored_decision(tracker: Tracker, metadata: BotMetadata) -> Decision | None:
    raw = tracker.slots.get("escalation")
    if not isinstance(raw, Mapping) or raw.get("message_id") != metadata.message_id:
        return None
    try:
        return Decision.model_validate({name: value for name, value in raw.items() if name in Decision.model_fields})
    except ValueError:
        log.error("decision_not_understood", conversation=metadata.conversation_id)
        return None


def _topic(tracker: Tracker) -> str | None:
    """Return the request that the case is about: the one beyond the authority, else the latest one."""
    exceeded = tracker.slots.get("authority_exceeded")
    named = exceeded.get("topic") if isinstance(exceeded, Mapping) else None
    return named or Picture.from_json(tracker.slots.get("picture")).topic or tracker.slots.get("topic")


def _category(brain: Brain, tracker: Tracker) -> Category:
    return Category(brain.policy.category_of(_topic(tracker)))


async def _persist(
    send: Callable[[], Awaitable[HandoffAccepted]], brain: Brain, what: str, metadata: BotMetadata
) -> HandoffAccepted | None:
    """Send until it is accepted or refused, or the tries are used up. Each try is the same, idempotent request."""
    facts = {"what": what, "conversation": metadata.conversation_id, "message_id": metadata.message_id}
    for wait in (*RETRY_AFTER_SECONDS, None):
        try:
            return await send()
        except CasesUnavailableError as error:
            if wait is None:
                log.error("case_not_reached", **facts, why=str(error))
                return None
            await brain.sleep(wait)
        except CaseRefusedError as error:
            log.error("case_refused", **facts, code=error.code, why=str(error))
            return None
    return None


def _doubtful_wish(brain: Brain, tracker: Tracker, metadata: BotMetadata) -> DecisionAction | None:
    """Return what scoring decided about a wish for a person that the bot is not sure to have heard; else None.

    Where scoring failed there is nobody to doubt: then the wish is granted (P3).
    """
    raw, message = tracker.slots.get("escalation"), tracker.latest_message
    decision = _scored_decision(tracker, metadata)
    if decision is None or decision.action is DecisionAction.NOW or tracker.slots.get("authority_exceeded") is not None:
        return None
    scored = isinstance(raw, Mapping) and raw.get("scored_by") != "failed"
    unsure = intent_of(message) == PERSON_INTENT and confidence_of(message) < brain.view.request_confidence
    return decision.action if scored and unsure else None


def _leave_form(tracker: Tracker) -> list[Event]:
    events: list[Event] = []
    if (tracker.active_loop or {}).get("name"):
        events += [ActiveLoop(None), SlotSet("requested_slot", None)]
    if tracker.slots.get("authority_exceeded") is not None:
        events.append(SlotSet("authority_exceeded", None))
    # What else was asked is now the person's: the bot neither comes back to it nor to its own question.
    waiting = (NEXT_REQUEST, WHICH_REQUEST)
    return [*events, *(SlotSet(slot, None) for slot in waiting if tracker.slots.get(slot) is not None)]
