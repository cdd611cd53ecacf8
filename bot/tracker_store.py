"""The tracker store: conversations stay alive in memory, and every event is on disk before the turn is answered.

Rasa's stores rebuild a tracker from all its events at every turn, so a turn costs more the longer a conversation gets.
Here the trackers of recent conversations stay as they are, with a bounded number of events, and only new events are
written. A conversation's turns must all go to the same Rasa process.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Iterable, Optional, Sequence, TypeVar

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUtteranceReverted, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import ConnectionException

from bot.action_answers import check_answers_quickly
from bot.action_calls import call_actions_cheaply
from bot.event_log import EventLog, Recent
from bot.live_tracker import LiveTracker
from bot.model_swap import swap_models_beside_turns
from bot.reply_names import name_replies
from bot.shortcuts import take_shortcuts
from bot.working_events import bounded, rebuild, without_rewound
from warmline.exchange import as_json, of_json

DEFAULT_DB = "var/tracker.db"
DEFAULT_LIVE_TRACKERS = 1_000
DEFAULT_WORKING_EVENTS = 60

APPENDED_A_CHECKPOINT = 250
"""Turns after which the log is copied into the file, about 8 MB of log."""

Result = TypeVar("Result")

logger = logging.getLogger(__name__)


class LiveTrackerStore(TrackerStore):
    """Live trackers over an append-only SQLite log. Settings of ``tracker_store`` in endpoints.yml:

    ``db``: the file; ``live_trackers``: how many conversations stay in memory; ``working_events``: how many events a
    tracker carries at most, give or take one turn.
    """

    def __init__(
        self,
        domain: Optional[Domain],
        host: Optional[str] = None,
        event_broker: Optional[EventBroker] = None,
        db: str = DEFAULT_DB,
        live_trackers: int = DEFAULT_LIVE_TRACKERS,
        working_events: int = DEFAULT_WORKING_EVENTS,
        **kwargs: Any,
    ) -> None:
        """Opens the log.

        Raises:
            ConnectionException: the file cannot be made or is no database.
        """
        self._live: OrderedDict[str, LiveTracker] = OrderedDict()
        super().__init__(domain, event_broker, **kwargs)
        # The store is what every serving Rasa process makes once, whichever model it loads later.
        check_answers_quickly()
        call_actions_cheaply()
        take_shortcuts()
        swap_models_beside_turns(self)
        name_replies()
        self._live_trackers = live_trackers
        self._working_events = working_events
        try:
            self._log = EventLog(Path(db))
        except (OSError, sqlite3.Error) as error:
            raise ConnectionException(
                f"tracker store: cannot open {db} ({error}). Check `db` in endpoints.yml and the folder's rights"
            ) from error
        # One thread does what may wait for the disk, so that it never holds up other conversations.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tracker-store")
        self._appended = 0

    @property
    def domain(self) -> Domain:
        """The domain of the loaded model."""
        return self._domain

    @domain.setter
    def domain(self, domain: Optional[Domain]) -> None:
        # Another model may have other slots; trackers are rebuilt with them when they are next asked for.
        self._live.clear()
        self._domain = domain or Domain.empty()

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The conversation's tracker with its recent events, or None when there is no such conversation."""
        tracker = self._live.get(sender_id)
        # More events than were saved are the rest of a turn that failed, or belong to one that is not over.
        if tracker is None or len(tracker.events) != tracker.stored:
            tracker = self._revive(sender_id, await self._on_disk(self._log.recent, sender_id))
            if tracker is None:
                return None
        self._keep(tracker)
        return tracker

    def live(self, sender_id: str) -> Optional[LiveTracker]:
        """The conversation's tracker where it is in memory; a turn may be changing it."""
        return self._live.get(sender_id)

    async def retrieve_full_tracker(self, conversation_id: str) -> Optional[DialogueStateTracker]:
        """A tracker in today's state that carries every event ever saved, rewound ones too."""
        recent = await self._on_disk(self._log.recent, conversation_id)
        tracker = self._revive(conversation_id, recent)
        if tracker is None:
            return None
        everything = _parse(await self._on_disk(self._log.all_events, conversation_id))
        full = DialogueStateTracker(conversation_id, self.domain.slots)
        rebuild(full, list(tracker.events))
        full.events.clear()
        full.events.extend(everything)
        return full

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Writes the events that are new since the tracker was retrieved; durable when this returns."""
        if not isinstance(tracker, LiveTracker):
            await self._save_foreign(tracker)
            return
        new = list(tracker.events)[tracker.stored :]
        if any(isinstance(event, UserUtteranceReverted) for event in new):
            rebuild(tracker, without_rewound(tracker.events))
        shorter = bounded(list(tracker.events), (tracker.domain or self.domain).slots, self._working_events)
        if shorter is not None:
            rebuild(tracker, shorter)
        if new:
            snapshot = None if shorter is None else as_json([event.as_dict() for event in shorter])
            await self._append(tracker.sender_id, _serialise(new), snapshot)
        tracker.stored = len(tracker.events)
        self._keep(tracker)
        await self._publish(tracker.sender_id, new)

    async def keys(self) -> Iterable[str]:
        """Identifiers of all conversations."""
        return await self._on_disk(self._log.conversations)

    def close(self) -> None:
        """Waits for what is being written and closes the file."""
        self._writer.shutdown(wait=True)
        self._log.close()

    async def _save_foreign(self, tracker: DialogueStateTracker) -> None:
        """Saves a tracker that Rasa made itself: a new conversation, or one that was replaced as a whole."""
        stored = await self._on_disk(self._log.all_events, tracker.sender_id)
        events = _serialise(tracker.events)
        new: list[Event] = []
        if tuple(events[: len(stored)]) == stored:
            new = list(tracker.events)[len(stored) :]
            if new:
                await self._on_disk(self._log.append, tracker.sender_id, events[len(stored) :], None)
        else:
            new = list(tracker.events)
            await self._on_disk(self._log.replace, tracker.sender_id, events)
        self._live.pop(tracker.sender_id, None)
        await self._publish(tracker.sender_id, new)

    def _revive(self, sender_id: str, recent: Recent) -> Optional[LiveTracker]:
        if recent.snapshot is None and not recent.events:
            return None
        earlier = deserialise_events(of_json(recent.snapshot)) if recent.snapshot else []
        tracker = LiveTracker(sender_id, self.domain.slots)
        tracker.domain = self.domain
        rebuild(tracker, without_rewound([*earlier, *_parse(recent.events)]))
        tracker.stored = len(tracker.events)
        return tracker

    def _keep(self, tracker: LiveTracker) -> None:
        if tracker.domain is not self.domain:
            return  # its turn began with the model before this one: the next turn needs today's slots
        self._live[tracker.sender_id] = tracker
        self._live.move_to_end(tracker.sender_id)
        while len(self._live) > self._live_trackers:
            self._live.popitem(last=False)

    async def _publish(self, sender_id: str, new: Sequence[Event]) -> None:
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, list(new), sender_id)

    async def _append(self, sender_id: str, events: Sequence[str], snapshot: Optional[str]) -> None:
        """Writes in the event loop, which takes less than the way to a thread and back, unless somebody else writes."""
        if not self._log.append_at_once(sender_id, events, snapshot):
            await self._on_disk(self._log.append, sender_id, events, snapshot)
            return
        self._appended += 1
        if self._appended % APPENDED_A_CHECKPOINT == 0:
            self._writer.submit(self._checkpoint)

    def _checkpoint(self) -> None:
        try:
            self._log.checkpoint()
        except sqlite3.Error as error:
            # The log stays longer, and nothing of it is lost.
            logger.warning(f"the conversations' log could not be copied into their file: {error}")

    async def _on_disk(self, work: Callable[..., Result], *arguments: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._writer, work, *arguments)


def _serialise(events: Iterable[Event]) -> list[str]:
    return [as_json(event.as_dict()) for event in events]


def _parse(texts: Iterable[str]) -> list[Event]:
    return deserialise_events([of_json(text) for text in texts])
