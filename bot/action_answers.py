"""Checks the action server's answers against Rasa's schema without checking the schema itself every time."""

from __future__ import annotations

from typing import Any

from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.utils.schemas.events import EVENT_SCHEMA

_SCHEMA = RemoteAction.action_response_format_spec()
_VALIDATOR = validator_for(_SCHEMA)(_SCHEMA)

_BARE_EVENTS = frozenset(
    kind["properties"]["event"]["const"] for kind in EVENT_SCHEMA["oneOf"] if set(kind["properties"]) == {"event"}
)
"""Events of which the schema says nothing but their name."""


def check_answers_quickly() -> None:
    """Lets Rasa check every answer of the action server with a validator that is built once.

    Rasa calls ``jsonschema.validate``, which first validates the schema: more than half of what an action call costs.
    Rasa has no setting for it, so the method is replaced; what is accepted and refused stays the same.
    """
    RemoteAction._validate_action_result = _validate_action_result


def _validate_action_result(action: RemoteAction, answer: dict[str, Any]) -> bool:
    if is_plainly_right(answer):
        return True
    try:
        _VALIDATOR.validate(answer)
    except ValidationError as error:
        error.message += f". The answer of the action server to '{action.name()}' is not in Rasa's format"
        raise
    return True


def is_plainly_right(answer: Any) -> bool:
    """Whether an answer is of the common kind: slots, events without content, responses; all of it in the schema.

    The schema compares every event with 23 kinds of events. False says nothing: then the schema decides.
    """
    if not isinstance(answer, dict):
        return False
    events, responses = answer.get("events", []), answer.get("responses", [])
    return (
        isinstance(events, list)
        and isinstance(responses, list)
        and all(isinstance(response, dict) for response in responses)
        and all(_is_plain_event(event) for event in events)
    )


def _is_plain_event(event: Any) -> bool:
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return False
    timestamp, metadata = event.get("timestamp"), event.get("metadata")
    if not (timestamp is None or type(timestamp) in (int, float)) or not (
        metadata is None or isinstance(metadata, dict)
    ):
        return False
    if event["event"] == "slot":
        return isinstance(event.get("name"), str) and "value" in event
    return event["event"] in _BARE_EVENTS
