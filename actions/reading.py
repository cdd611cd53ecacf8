"""Reading what Rasa sends with an action call: metadata, the turn's understanding, and the events so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from pydantic import ValidationError
from rasa_sdk import Tracker

from actions.dialogue.interruption import FREE_TEXT_SLOTS, looks_like_a_question
from actions.said import Event, applied, replies_of
from actions.scoring.scene import DIGITS
from actions.scoring.turn import Contact, Customer, TurnInput
from handoff.contract import Attempt, BotMetadata, TurnRecord
from warmline.policy import EscalationPolicy
from warmline.policy.model import GENERAL

log = structlog.get_logger(__name__)

FAQ_INTENT: Final = "faq"
LABELS: Final = "label_ranking"
"""The classifier's labels with their probabilities, best first (``bot/intent_classifier.py``)."""
LEAST_LABEL: Final = 0.02
"""Labels that are less likely say nothing of the category, and are not kept with the turn."""
UNDERSTOOD_NOTHING: Final = "nlu_fallback"
LISTEN: Final = "action_listen"
BOOKKEEPING_SLOTS: Final = frozenset(
    {
        "picture",
        "escalation",
        "topic",
        "requested_slot",
        "session_started_metadata",
        "form_attempts",
        "form_left",
        "form_data",
        "paused_request",
        "next_request",
        "which_request",
        "last_outcome",
        "authority_exceeded",
        "mood",
        "customer_name",
        "problem",
        "outcome",
        "agent",
        "case",
    }
)
"""Slots that are the program's own, or hold an earlier case: no facts of the customer's problem."""
NO_ATTEMPTS: Final = frozenset(
    {
        LISTEN,
        "action_session_start",
        "action_extract_slots",
        "action_validate_slot_mappings",
        "action_score_turn",
        "action_handoff",
        "action_reopen_case",
        "action_default_fallback",
        "action_deactivate_loop",
        "action_restart",
        "action_stop",
        "action_inform",
        "action_ask_which",
        "action_not_known",
        "action_another_answer",
        "action_take_request",
        "utter_acknowledge",
        "utter_offer_person",
        "utter_declined_person",
        "utter_greet",
        "utter_goodbye",
        "utter_thanks",
        "utter_default",
        "utter_not_known_nearest",
        "utter_which",
        "utter_next_request",
        "utter_something_else",
        "utter_not_helpful",
        "utter_another_answer",
        "utter_complain",
        "utter_help_menu",
        "utter_bot_challenge",
        "utter_how_are_you",
        "utter_bot_name",
        "utter_joke",
        "utter_compliment",
        "utter_apology_accepted",
        "utter_wait",
        "action_repeat_answer",
        "utter_repeat",
        "utter_nothing_to_repeat",
        "action_explain_differently",
        "utter_confused",
        "utter_case_resolved",
        "utter_resolution_worked",
    }
)
NO_ATTEMPT_PREFIXES: Final = (
    "utter_ask_",
    "utter_question_",
    "utter_invalid_",
    "utter_hint_",
    "validate_",
    "action_ask_",
)
FAQ_ACTION: Final = "utter_faq"
FAQ_RESPONSES: Final = "utter_faq/"
TAKE_REQUEST: Final = "action_take_request"
"""Answers a FAQ that waited its turn by itself, without the action of the FAQ."""
FACT_LENGTH: Final = 300
KEPT_ATTEMPTS: Final = 30
KEPT_TURNS: Final = 50


def metadata_of(tracker: Tracker) -> BotMetadata | None:
    """Return what handoff said about the customer with this turn; None where the turn did not come from handoff."""
    raw = tracker.latest_message.get("metadata") or {}
    if not isinstance(raw, Mapping) or not raw.get("message_id"):
        return None
    # Rasa adds entries of its own to a message's metadata; only those of the contract are read.
    known = {name: value for name, value in raw.items() if name in BotMetadata.model_fields}
    try:
        return BotMetadata.model_validate(known)
    except ValidationError as error:
        log.error("metadata_not_understood", errors=error.error_count(), where=_where(error))
        return None


def turn_key(tracker: Tracker, metadata: BotMetadata | None) -> str:
    """Return what tells this turn from all others: handoff's message id, or else Rasa's."""
    return metadata.message_id if metadata else str(tracker.latest_message.get("message_id") or "")


def named_topic(message: Mapping[str, Any]) -> str:
    """Return the message's intent, or for a FAQ its key."""
    intent = intent_of(message)
    return faq_key_of(message) or intent if intent.partition("/")[0] == FAQ_INTENT else intent


def intent_of(message: Mapping[str, Any]) -> str:
    """Return the name of the message's intent, empty when there is none."""
    return str((message.get("intent") or {}).get("name") or "")


def confidence_of(message: Mapping[str, Any]) -> float:
    """Return the confidence in the message's intent, 0 to 1."""
    try:
        value = float((message.get("intent") or {}).get("confidence") or 0.0)
    except (TypeError, ValueError):
        return 0.0
    return min(1.0, max(0.0, value))


def faq_key_of(message: Mapping[str, Any]) -> str | None:
    """Return the key of the FAQ answer that was selected, such as ``faq/billing_methods``."""
    for name, selected in (message.get("response_selector") or {}).items():
        if name != "all_retrieval_intents" and isinstance(selected, Mapping):
            key = (selected.get("response") or {}).get("intent_response_key")
            if key:
                return str(key)
    return None


def entities_of(message: Mapping[str, Any]) -> dict[str, str]:
    """Return the message's entities by name; of several with one name the last counts."""
    return {
        str(entity["entity"]): str(entity.get("value"))[:FACT_LENGTH]
        for entity in message.get("entities") or ()
        if entity.get("entity") and entity.get("value") is not None
    }


def turn_input(tracker: Tracker, metadata: BotMetadata | None, policy: EscalationPolicy) -> TurnInput:
    """Return the latest customer turn as scoring sees it, without a frustration score."""
    message = tracker.latest_message
    form, slot = open_question(tracker)
    text = str(message.get("text") or "")
    # "It flickers all the time" answers what the form asked; it opens no second subject.
    is_answer = bool(form) and slot in FREE_TEXT_SLOTS and not looks_like_a_question(text)
    named = None if is_answer else named_topic(message)
    topic = named if policy.is_known(named) else None
    labels = labels_of(message, form=form)
    return TurnInput(
        key=turn_key(tracker, metadata),
        text=text,
        intent=intent_of(message),
        confidence=confidence_of(message),
        ranking=tuple(
            (str(entry.get("name")), float(entry.get("confidence") or 0.0))
            for entry in (message.get("intent_ranking") or ())[:3]
        ),
        entities=entities_of(message),
        topic=topic,
        category=policy.category_of(topic) if topic else None,
        named=named or None,
        form=form,
        requested_slot=slot,
        categories=categories_by_label(labels.items(), policy),
        labels=labels,
        last_actions=last_actions(tracker.events),
        replies=replies_of(tracker.events),
        customer=Customer(metadata.customer.tier, metadata.customer.verified) if metadata else Customer(),
        contacts=tuple(
            Contact(contact.conversation_id, contact.topic, contact.category, contact.at)
            for contact in (metadata.contacts if metadata else ())
        ),
        at=metadata.sent_at if metadata else None,
        began=metadata.conversation_started_at if metadata else None,
    )


def labels_of(message: Mapping[str, Any], *, form: str | None) -> dict[str, float]:
    """Return the classifier's labels with their probabilities, as they are kept with the turn.

    An answer to a form's question says nothing of what the customer needs, nor does what was not understood.
    """
    if form or intent_of(message) == UNDERSTOOD_NOTHING:
        return {}
    return labels_kept(message.get(LABELS) or ())


def labels_kept(ranking: Iterable[Sequence[Any]]) -> dict[str, float]:
    """Return the labels of a ranking that say something, with their probabilities to the digits that are kept."""
    found = ((str(label), round(float(probability), DIGITS)) for label, probability in ranking)
    return {label: probability for label, probability in found if probability >= LEAST_LABEL}


def categories_by_label(labels: Iterable[Sequence[Any]], policy: EscalationPolicy) -> dict[str, float]:
    """Return the labels' probabilities by the category that takes them; what no category takes speaks for ``general``.

    Empty where the best label is small talk or a complaint: that says nothing of what the customer needs.
    """
    pairs = [(str(label), float(probability)) for label, probability in labels]
    if not pairs or not policy.is_known(pairs[0][0]):
        return {}
    sums: dict[str, float] = {}
    for label, probability in pairs:
        if policy.is_known(label):
            category = policy.category_of(label)
            sums[category] = sums.get(category, 0.0) + probability
    sums[GENERAL] = sums.get(GENERAL, 0.0) + max(0.0, 1.0 - sum(sums.values()))
    return sums


def open_question(tracker: Tracker) -> tuple[str | None, str | None]:
    """Return the open form and the slot that it asks for, None where there is none."""
    return (tracker.active_loop or {}).get("name"), tracker.slots.get("requested_slot")


def is_in_scope(tracker: Tracker) -> bool:
    """Say whether the assistant knows what the message is about. What answers a form's question is, in any words."""
    form, slot = open_question(tracker)
    answers = form is not None and slot is not None
    message = tracker.latest_message
    return intent_of(message) != UNDERSTOOD_NOTHING or (
        answers and not looks_like_a_question(str(message.get("text") or ""))
    )


def last_actions(events: Iterable[Event]) -> tuple[str, ...]:
    """Return the bot's actions and answers between the customer's last turn and the one before it."""
    names: list[str] = []
    users = 0
    for event in reversed(applied(events)):
        kind = event.get("event")
        if kind == "user":
            users += 1
            if users == 2:
                break
        elif users == 1 and (name := _action_name(event)) and name != LISTEN:
            names.append(name)
    return tuple(dict.fromkeys(reversed(names)))


def already_told(events: Iterable[Event], key: str) -> bool:
    """Say whether the record of turn ``key`` has left with a bot message."""
    return any(record.get("message_id") == key for record in _records(events))


def turn_records(events: Iterable[Event]) -> tuple[TurnRecord, ...]:
    """Return the records of the last turns, oldest first, at most :data:`KEPT_TURNS`."""
    found: dict[str, TurnRecord] = {}
    for raw in _records(events):
        try:
            record = TurnRecord.model_validate(raw)
        except ValidationError:
            continue
        found[record.message_id] = record
    return tuple(found.values())[-KEPT_TURNS:]


def attempts(events: Iterable[Event]) -> tuple[Attempt, ...]:
    """Return what the bot tried: its actions with the answer each gave, oldest first (P18)."""
    tried: list[Attempt] = []
    told_by_form, latest = False, None
    for event in applied(events):
        kind, name, value = event.get("event"), _action_name(event), event.get("value")
        latest = name if kind == "action" else latest
        if kind == "slot" and event.get("name") == "last_outcome" and isinstance(value, Mapping):
            told_by_form = not (tried and tried[-1].action == value.get("action"))
            if told_by_form:
                tried.append(Attempt(action=str(value.get("action")), at=_time_of(event)))
            tried[-1] = tried[-1].model_copy(update={"outcome": str(value.get("outcome"))})
        elif kind == "action" and name and not _is_housekeeping(name) and not name.endswith("_form"):
            if not (told_by_form and tried[-1].action == name):
                tried.append(Attempt(action=name, at=_time_of(event)))
            told_by_form = False
        elif kind == "bot" and name and name.startswith(FAQ_RESPONSES) and latest == TAKE_REQUEST:
            tried.append(Attempt(action=FAQ_ACTION, outcome=name.removeprefix("utter_"), at=_time_of(event)))
        elif kind == "bot" and name and tried and not _is_housekeeping(name) and _has_outcome(tried[-1].action):
            outcome = tried[-1].outcome or name.removeprefix("utter_")
            tried[-1] = tried[-1].model_copy(update={"outcome": outcome})
    return tuple(tried[-KEPT_ATTEMPTS:])


def facts_of(tracker: Tracker) -> dict[str, str]:
    """Return what the customer has told so far, by slot."""
    return {
        name: str(value)[:FACT_LENGTH]
        for name, value in tracker.slots.items()
        if name not in BOOKKEEPING_SLOTS
        and not name.startswith("confirm_")
        and isinstance(value, str | int | float)
        and not isinstance(value, bool)
        and str(value).strip()
    }


def _records(events: Iterable[Event]) -> Sequence[Mapping[str, Any]]:
    found = []
    for event in events:
        if event.get("event") == "bot":
            record = ((event.get("data") or {}).get("custom") or {}).get("turn")
            if isinstance(record, Mapping):
                found.append(record)
    return found


def _action_name(event: Event) -> str | None:
    if event.get("event") == "action":
        return str(event.get("name") or "") or None
    if event.get("event") == "bot":
        return str((event.get("metadata") or {}).get("utter_action") or "") or None
    return None


def _is_housekeeping(name: str) -> bool:
    return name in NO_ATTEMPTS or name.startswith(NO_ATTEMPT_PREFIXES)


def _has_outcome(action: str) -> bool:
    """Say whether the answers that follow tell how ``action`` came out; a plain answer is its own outcome."""
    return action.startswith("action_") or action == FAQ_ACTION


def _time_of(event: Event) -> datetime | None:
    stamp = event.get("timestamp")
    return datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int | float) else None


def _where(error: ValidationError) -> list[str]:
    return [".".join(str(step) for step in found["loc"]) for found in error.errors(include_url=False)][:5]
