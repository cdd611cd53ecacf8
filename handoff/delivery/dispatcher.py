"""Takes pending turns to the bot: one at a time in each conversation, in order, until answered or handed over.

To Rasa the same turn sent twice is two turns, so one that may have been sent is looked up in Rasa's tracker first. An
answer in which the bot says nothing (an action that died half-way) is taken back with a rewind and sent again; side
effects carry the message's id and therefore happen once. What stays unanswered for ``patience`` goes to a human.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from handoff.contract import BotMetadata, HandoffReason
from handoff.delivery.metadata import Metadata
from handoff.delivery.rasa import Bot, BotUnavailable
from handoff.delivery.reading_ahead import ReadingAhead
from handoff.domain.conversations import Turn, text_for_bot
from handoff.domain.errors import ConversationClosed
from handoff.domain.incidents import Incident
from handoff.services.bot_replies import BotAnswer, mark_failed, say_bot_trouble, store_answer
from handoff.services.context import Context
from handoff.services.conversations import PERSON_PAYLOAD
from handoff.services.events import BotTyping, TurnPending
from handoff.services.incident_news import News, confirmed_now, news_for
from handoff.services.open_case import open_case_without_bot
from handoff.services.rounds import Rounds
from handoff.store import conversations as store

log = structlog.get_logger(__name__)

RETRY_SECONDS = (0.2, 0.5, 1.0)
"""Pauses before the next try; the last one repeats."""
TYPING_AFTER = timedelta(milliseconds=400)
"""When a customer who waits for the bot is shown that it is typing; most answers come sooner."""
TROUBLE_AFTER = timedelta(seconds=8)
"""When a customer who waits for the bot is told that the message is safe."""
PERSON_PATIENCE = timedelta(seconds=2)
"""How long the button "talk to a person" waits for the bot: the wish works at once, bot or no bot (P3)."""
RECOVERY_SECONDS = 15.0
"""How often turns are looked for that are pending in the database and known to nobody."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    turn: Turn
    owner_version: int | None
    """The version under which the turn was stored; None when it must be read again."""
    may_have_been_sent: bool


class Dispatcher:
    """Delivers turns; one task for each conversation that has something pending."""

    def __init__(self, context: Context, bot: Bot) -> None:
        self._context = context
        self._bot = bot
        self._queues: dict[str, deque[_Waiting]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._known: set[str] = set()
        self._at_the_bot: set[asyncio.Task[None] | asyncio.Task[object] | None] = set()
        self._rounds = Rounds("recovery_failed", every=RECOVERY_SECONDS)
        self._metadata = Metadata()
        self._reading_ahead = ReadingAhead(bot)

    def deliver(self, event: TurnPending) -> None:
        """Take a new turn; returns at once."""
        self._reading_ahead.is_with_bot(event.turn.conversation_id)
        self._enqueue(_Waiting(event.turn, event.owner_version, may_have_been_sent=False))

    async def expect(self, conversation_id: str, text: str) -> None:
        """A customer's text is about to be stored, and will come as a turn if the bot still owns the conversation."""
        if conversation_id not in self._queues:
            await self._reading_ahead.read(conversation_id, text_for_bot(text))

    def owner_may_have_changed(self, conversation_id: str) -> None:
        """The bot reads nothing ahead there until its next turn."""
        self._reading_ahead.may_be_with_human(conversation_id)

    async def recover(self) -> int:
        """Find again what a crash or a database fault left pending and nobody delivers; returns how many turns.

        A turn that is answered while this looks is seen as lost; it is read again before it is sent.
        """
        async with self._context.db.read() as db:
            pending = await store.pending_turns(db)
        lost = [turn for turn in pending if turn.message_id not in self._known]
        for turn in lost:
            self._enqueue(_Waiting(turn, None, may_have_been_sent=True))
        return len(lost)

    async def keep_recovering(self) -> None:
        """Look for lost turns at start and then regularly, until closed."""
        await self._rounds.keep(self._recover_lost)

    async def _recover_lost(self) -> None:
        found = await self.recover()
        if found:
            log.warning("pending_turns_found", turns=found)

    async def close(self) -> None:
        """Stop; what is pending stays in the database.

        Only waiting for the bot is cut short: a transaction is ended, with its connection given back.
        """
        self._rounds.close()
        tasks = list(self._tasks.values())
        for task in tasks:
            if task in self._at_the_bot:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextmanager
    def _may_be_cut_short(self) -> Iterator[None]:
        if self._rounds.is_closing:
            raise asyncio.CancelledError
        task = asyncio.current_task()
        self._at_the_bot.add(task)
        try:
            yield
        finally:
            self._at_the_bot.discard(task)

    def _enqueue(self, waiting: _Waiting) -> None:
        conversation_id = waiting.turn.conversation_id
        if waiting.turn.message_id in self._known:
            return
        self._known.add(waiting.turn.message_id)
        queue = self._queues.get(conversation_id)
        if queue is not None:
            # Something may change the owner before its time comes, so the version is read again then.
            queue.append(_Waiting(waiting.turn, None, waiting.may_have_been_sent))
            return
        self._queues[conversation_id] = deque([waiting])
        task = asyncio.create_task(self._drain(conversation_id), name=f"turns of {conversation_id}")
        self._tasks[conversation_id] = task

    async def _drain(self, conversation_id: str) -> None:
        queue = self._queues[conversation_id]
        try:
            while queue and not self._rounds.is_closing:
                waiting = queue[0]
                try:
                    await self._deliver(waiting)
                except Exception:
                    log.exception("turn_delivery_failed", message_id=waiting.turn.message_id)
                    await self._give_up(self._context.current(), waiting.turn)
                queue.popleft()
                self._known.discard(waiting.turn.message_id)
        except Exception:
            log.exception("turns_left_for_recovery", conversation_id=conversation_id, turns=len(queue))
        finally:
            # Left over only after a fault of the database: the next recovery finds them.
            self._known.difference_update(left.turn.message_id for left in queue)
            self._queues.pop(conversation_id, None)
            self._tasks.pop(conversation_id, None)

    async def _deliver(self, waiting: _Waiting) -> None:
        turn, version = waiting.turn, waiting.owner_version
        if version is None:
            found = await self._version_now(turn)
            if found is None:
                self.owner_may_have_changed(turn.conversation_id)
                return
            version = found
        context = self._context.current()
        metadata = await self._metadata.of(context, turn, version)
        patience = timedelta(seconds=context.policy.bot_patience_seconds)
        # Read while the bot works.
        confirmed = asyncio.create_task(self._confirmed(context, turn))
        try:
            answer = await self._answer(turn, metadata, patience, may_have_been_sent=waiting.may_have_been_sent)
        finally:
            incidents = await confirmed
        if answer is None:
            if await self._version_now(turn) is None:
                self.owner_may_have_changed(turn.conversation_id)
                return
            await self._give_up(context, turn)
            return
        news = await self._news(context, turn, answer, incidents)
        if not await store_answer(context, turn, answer, owner_version=version, news=news):
            self.owner_may_have_changed(turn.conversation_id)

    async def _confirmed(self, context: Context, turn: Turn) -> tuple[Incident, ...]:
        """The incidents that the customer may have to hear of; an answer never fails for them."""
        try:
            return await confirmed_now(context)
        except Exception:
            log.exception("incident_news_failed", message_id=turn.message_id)
            return ()

    async def _news(
        self, context: Context, turn: Turn, answer: BotAnswer, incidents: tuple[Incident, ...]
    ) -> News | None:
        """What the customer should hear first; an answer never fails for it."""
        try:
            return await news_for(context, turn, answer.record, incidents)
        except Exception:
            log.exception("incident_news_failed", message_id=turn.message_id)
            return None

    async def _version_now(self, turn: Turn) -> int | None:
        """The owner's version, or None when the turn is no longer the bot's to answer.

        A turn that waited here may have been handed over, even if the bot owns again by now: the backlog of a time in
        which a human owned is never answered.
        """
        async with self._context.db.read() as db:
            conversation = await store.get_conversation(db, turn.conversation_id)
            pending = await store.is_pending(db, turn.message_id)
        if not pending:
            return None
        if not conversation.owner.is_bot:
            async with self._context.db.write() as db:
                await store.hand_off_pending_turns(db, turn.conversation_id, now=self._context.clock())
            return None
        return conversation.owner.version

    async def _answer(
        self, turn: Turn, metadata: BotMetadata, patience: timedelta, *, may_have_been_sent: bool
    ) -> BotAnswer | None:
        """The bot's complete answer, or None when its time is up or a person has the turn.

        A customer who waits is told so meanwhile.
        """
        trouble: list[asyncio.Task[None]] = []

        def tell() -> None:
            trouble.append(asyncio.create_task(self._say_trouble(turn, metadata.owner_version)))

        def show_typing() -> None:
            name = self._context.wording.widget["bot_name"]
            self._context.publish((BotTyping(turn.conversation_id, name),))

        later = asyncio.get_running_loop().call_later
        timers = [later(TYPING_AFTER.total_seconds(), show_typing)]
        if turn.seq > 0:
            timers.append(later(TROUBLE_AFTER.total_seconds(), tell))
        try:
            with self._may_be_cut_short():
                return await self._keep_trying(turn, metadata, patience, may_have_been_sent=may_have_been_sent)
        finally:
            for timer in timers:
                timer.cancel()
            # Waited for, not cancelled: a notice that is stored but not published would hold up every later message.
            if trouble:
                await asyncio.gather(*trouble)

    async def _say_trouble(self, turn: Turn, owner_version: int) -> None:
        try:
            await say_bot_trouble(self._context, turn, owner_version=owner_version)
        except Exception:
            log.exception("trouble_not_told", message_id=turn.message_id)

    async def _keep_trying(
        self, turn: Turn, metadata: BotMetadata, patience: timedelta, *, may_have_been_sent: bool
    ) -> BotAnswer | None:
        started = self._context.clock()
        attempt = 0
        patience = min(PERSON_PATIENCE, patience) if turn.payload == PERSON_PAYLOAD else patience
        while True:
            left = patience - (self._context.clock() - started)
            if left <= timedelta(0):
                return None
            try:
                async with asyncio.timeout(left.total_seconds()):
                    answer = await self._try(turn, metadata, may_have_been_sent=may_have_been_sent)
                    if answer is not None:
                        return answer
            except (BotUnavailable, TimeoutError) as error:
                log.warning("bot_unavailable", message_id=turn.message_id, attempt=attempt, why=str(error))
            may_have_been_sent = True
            await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            attempt += 1
            if await self._version_now(turn) is None:
                return None

    async def _try(self, turn: Turn, metadata: BotMetadata, *, may_have_been_sent: bool) -> BotAnswer | None:
        """One try; None when the bot was cut off and the turn was taken back to be sent again."""
        if may_have_been_sent:
            if not await self._bot.is_ready():
                raise BotUnavailable("not ready")
            recorded = await self._bot.recorded_answer(turn.conversation_id, turn.message_id)
            if recorded is not None and recorded.is_complete:
                return recorded
            if recorded is not None:
                await self._bot.rewind(turn.conversation_id)
        answer = await self._bot.answer(turn.payload, metadata)
        if answer.is_complete:
            return answer
        log.warning("bot_said_nothing", message_id=turn.message_id)
        return None

    async def _give_up(self, context: Context, turn: Turn) -> None:
        if turn.seq > 0:
            with suppress(ConversationClosed):
                await open_case_without_bot(
                    context,
                    turn.conversation_id,
                    turn.message_id,
                    HandoffReason.EXPLICIT_REQUEST if turn.payload == PERSON_PAYLOAD else HandoffReason.BOT_ERROR,
                )
        await mark_failed(context, turn)
