"""Things that Rasa does anew for every message and that come out the same each time, or that nobody sees.

Rasa has no settings for them, so methods are replaced in the serving process; what they return stays the same.
"""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any, Awaitable, Callable

from rasa.core import processor
from rasa.core.actions.action import ActionExtractSlots
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.core.policies import rule_policy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.live_tracker import LiveTracker

_is_empty: Callable[[Domain], bool] = Domain.is_empty
_resolve_by_type: Callable[..., type[Event] | None] = Event.resolve_by_type
_validate_played_anew: Callable[..., Awaitable[list[Event]]] = ActionExtractSlots._execute_validation_action
_event_types: dict[str, type[Event]] = {}


def take_shortcuts() -> None:
    """Puts the shortcuts in force for this process: about a fifth of a turn's processor time."""
    DaskGraphRunner.run = run_graph
    Domain.is_empty = _is_empty_once
    Event.resolve_by_type = staticmethod(_resolve_by_name)
    Slot.__copy__ = _copy_slot
    ActionExtractSlots._execute_validation_action = _validate
    # Both modules copy events and states for nothing but debug messages, which a serving process does not write.
    processor.copy = rule_policy.copy = _UNCOPIED


def run_graph(
    runner: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """Runs what the targets need, in the order of their needs.

    Rasa's own way has Dask plan the half dozen nodes for parallel work each time, and writes out the whole tracker
    for a debug message.
    """
    wanted = targets or runner._graph_schema.target_names
    schema = _minimal_schema(runner, tuple(wanted))
    done: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}

    def result(name: str) -> Any:
        if name not in done:
            if name not in schema.nodes:
                return name  # as Dask does; the node that needs it says what is missing
            done[name] = runner._instantiated_nodes[name](*map(result, schema.nodes[name].needs.values()))
        return done[name]

    try:
        return dict(result(name) for name in wanted)
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error


def _minimal_schema(runner: DaskGraphRunner, targets: tuple[str, ...]) -> GraphSchema:
    known: dict[tuple[str, ...], GraphSchema] = runner.__dict__.setdefault("_minimal_schemas", {})
    if targets not in known:
        known[targets] = runner._graph_schema.minimal_graph_schema(list(targets))
    return known[targets]


def _is_empty_once(domain: Domain) -> bool:
    """Rasa writes the whole domain out as a dictionary to see whether it is empty; a domain does not change."""
    known = domain.__dict__.get("_known_as_empty")
    if known is None:
        known = domain.__dict__["_known_as_empty"] = _is_empty(domain)
    return bool(known)


def _resolve_by_name(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """Rasa looks through all subclasses for every event of every answer."""
    if type_name not in _event_types:
        found = _resolve_by_type(type_name, default)
        if found is None or found is default:
            return found
        _event_types[type_name] = found
    return _event_types[type_name]


async def _validate(
    action: ActionExtractSlots,
    extraction_events: list[Event],
    output_channel: OutputChannel,
    nlg: NaturalLanguageGenerator,
    tracker: DialogueStateTracker,
    domain: Domain,
) -> list[Event]:
    """Rasa plays the conversation anew for the action server to see the slots found just now; they alone are new."""
    if not isinstance(tracker, LiveTracker) or ACTION_VALIDATE_SLOT_MAPPINGS not in domain.user_actions:
        return await _validate_played_anew(action, extraction_events, output_channel, nlg, tracker, domain)
    found = [event for event in extraction_events if isinstance(event, SlotSet)]
    validated: list[Event] = await action._run_custom_action(
        ACTION_VALIDATE_SLOT_MAPPINGS, output_channel, nlg, tracker.with_events(found), domain
    )
    names = {event.key for event in validated if isinstance(event, SlotSet)}
    return validated + [event for event in found if event.key not in names]


def _copy_slot(slot: Slot) -> Slot:
    """What ``copy.copy`` does for a slot, without asking how it would be pickled; every tracker copies all slots."""
    twin = object.__new__(type(slot))
    twin.__dict__.update(slot.__dict__)
    return twin


_UNCOPIED = SimpleNamespace(**{**vars(copy), "deepcopy": lambda seen: seen})
