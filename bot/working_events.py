"""Keeping a tracker short without changing what it says.

Rasa rebuilds a tracker from its events, over and over: for every action it copies the tracker, and the rules look at
the states of the whole history. So the events that a tracker carries are bounded here, and what was cut off is replaced
by a few events that set the same slots and the same active loop.
"""

from __future__ import annotations

from typing import Iterable, Sequence

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    ConversationPaused,
    Event,
    LoopInterrupted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

KEPT_SHARE = 0.5
"""A cut leaves about this share of the bound, so that cutting is rare."""


def without_rewound(events: Iterable[Event]) -> list[Event]:
    """The events with every rewind carried out: the last customer message before it, and all after that, are gone.

    Rasa's own way of applying a rewind also takes back the ``action_listen`` before the message, so that the next
    message is not listened to, and inside a form it takes back the whole form. Here the conversation stands exactly
    where it stood before the message came.
    """
    kept: list[Event] = []
    for event in events:
        if isinstance(event, UserUtteranceReverted):
            last_message = max(
                (index for index, earlier in enumerate(kept) if isinstance(earlier, UserUttered)), default=None
            )
            if last_message is not None:
                del kept[last_message:]
        elif not (_is_listen(event) and kept and _is_listen(kept[-1])):
            kept.append(event)
    return kept


def bounded(events: Sequence[Event], slots: Iterable[Slot], limit: int) -> list[Event] | None:
    """The events cut to about half of ``limit`` once there are more than that; None when nothing needs cutting.

    A cut is only made where the bot was listening, and rather outside a form than inside one.
    """
    if len(events) <= limit:
        return None
    latest_cut = len(events) - int(limit * KEPT_SHARE)
    turns = [index for index in range(1, latest_cut) if _is_listen(events[index])]
    if not turns:
        return None
    slots = list(slots)
    state = DialogueStateTracker("", slots)
    best: tuple[int, list[Event]] | None = None
    position = 0
    for cut in turns:
        for event in events[position:cut]:
            state.events.append(event)
            event.apply_to(state)
        position = cut
        in_form = state.active_loop_name is not None
        if not in_form or (cut == turns[-1] and (best is None or len(events) - best[0] > limit)):
            best = (cut, _summary(state, slots, events[cut].timestamp))
    if best is None:
        return None
    cut, head = best
    return [*head, *events[cut:]]


def rebuild(tracker: DialogueStateTracker, events: Sequence[Event]) -> None:
    """Gives the tracker these events, and the state that follows from them."""
    tracker.events.clear()
    tracker._reset()
    for event in events:
        tracker.events.append(event)
        event.apply_to(tracker)


def _summary(state: DialogueStateTracker, slots: Iterable[Slot], timestamp: float) -> list[Event]:
    """Events that bring a fresh tracker into this state, as far as anything after them can see."""
    events: list[Event] = [
        SlotSet(slot.name, state.slots[slot.name].value, timestamp)
        for slot in slots
        if state.slots[slot.name].value != slot.initial_value
    ]
    loop = state.active_loop
    if loop is not None and state.active_loop_name is not None:
        trigger = loop.trigger_message or {}
        events += [
            ActionExecuted(ACTION_LISTEN_NAME, timestamp=timestamp),
            UserUttered(
                trigger.get("text"),
                trigger.get("intent"),
                trigger.get("entities"),
                trigger,
                timestamp=timestamp,
            ),
            ActionExecuted(loop.name, timestamp=timestamp),
            ActiveLoop(loop.name, timestamp),
        ]
        if loop.is_interrupted:
            events.append(LoopInterrupted(True, timestamp))
    if state.is_paused():
        events.append(ConversationPaused(timestamp))
    return events


def _is_listen(event: Event) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME
