"""Lets the action server score a text while Rasa understands it: both take about as long, on two cores."""

from __future__ import annotations

from typing import Any

from rasa.core.agent import Agent
from rasa.shared.core.events import BotUttered, Restarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.action_calls import tell_actions
from bot.tracker_store import LiveTrackerStore

BUTTON = "/"
"""How what a button or a program says begins; it is not scored."""


async def score_ahead(agent: Agent | None, sender: str, text: str) -> None:
    """Tells the action server a text that came for a conversation and is about to be understood.

    With it goes what was said before, from the conversation's tracker; where that cannot be had the text is scored when
    its turn comes, as it is wherever what was sent turns out not to be what the turn has.
    """
    text = text.strip()  # as Rasa does with every message
    if agent is None or not text or text.startswith(BUTTON):
        return
    # Rasa puts every store behind one that goes on without it when it fails.
    store = getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
    if not isinstance(store, LiveTrackerStore):
        return
    tracker = store.live(sender)
    if tracker is not None and len(tracker.events) != tracker.stored:
        return  # a turn before it is in work, and will say something yet
    if tracker is None:
        tracker = await store.retrieve(sender)  # the turn will need it too
    await tell_actions(agent.action_endpoint, {"score": text, "events": [] if tracker is None else said_since(tracker)})


def said_since(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """The customer's last message and what the bot said to it, as events with nothing but their text."""
    said: list[dict[str, Any]] = []
    for event in reversed(tracker.events):
        if isinstance(event, Restarted):
            break
        if isinstance(event, (UserUttered, BotUttered)) and event.text:
            said.append({"event": event.type_name, "text": event.text})
        if isinstance(event, UserUttered):
            break
    return said[::-1]
