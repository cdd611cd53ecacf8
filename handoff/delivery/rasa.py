"""Rasa as handoff sees it: the turn channel for turns, the HTTP API to ask the tracker and to rewind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Protocol

import aiohttp
import structlog
from pydantic import ValidationError

from handoff.contract import BotMetadata, TurnRecord, WireModel
from handoff.contract_cards import BOT_CARD, BotCard
from handoff.domain.conversations import BotReply, Button
from handoff.services.bot_replies import BotAnswer
from warmline.exchange import Answer, Exchange, ExchangeLost, as_json

log = structlog.get_logger(__name__)

REPLY_SECONDS = 20.0
"""How long one request to Rasa may take before it counts as lost; the tracker then tells whether it was processed."""
CONNECT_SECONDS = 2.0
PROBE_SECONDS = 2.0
TURN_CHANNEL = "/webhooks/turns/stream"


class BotUnavailable(Exception):
    """Rasa did not answer: it is down, starting, cut off, or too slow."""


class Bot(Protocol):
    """What delivery needs of the bot."""

    async def answer(self, text: str, metadata: BotMetadata) -> BotAnswer:
        """Let the bot process one turn. Raises ``BotUnavailable``."""

    async def read_ahead(self, conversation_id: str, text: str) -> None:
        """Let the bot understand a text that may come as a turn soon. Nothing depends on it: never raises."""

    async def recorded_answer(self, conversation_id: str, message_id: str) -> BotAnswer | None:
        """The answer in the bot's tracker, None if it never processed the message.

        A turn that the bot still has in work is waited for. Raises ``BotUnavailable``.
        """

    async def rewind(self, conversation_id: str) -> None:
        """Put the bot's tracker back to before the customer's last message. Raises ``BotUnavailable``."""

    async def is_ready(self) -> bool:
        """Whether the bot and its actions can take a turn now."""


class _Turn(WireModel):
    """What the turn channel takes, which is what Rasa's REST channel takes."""

    sender: str
    message: str
    metadata: BotMetadata


class RasaBot:
    """The bot behind Rasa's turn channel."""

    def __init__(
        self, session: aiohttp.ClientSession, *, rasa_url: str, actions_url: str, token: str, secret: str
    ) -> None:
        """``token`` opens Rasa's HTTP API, ``secret`` the turn channel."""
        self._session = session
        self._rasa = rasa_url.rstrip("/")
        self._actions = actions_url.rstrip("/")
        self._token = {"token": token}
        self._turns = Exchange(self._rasa + TURN_CHANNEL, {"Authorization": f"Bearer {secret}"})
        self._timeout = aiohttp.ClientTimeout(total=REPLY_SECONDS, sock_connect=CONNECT_SECONDS)

    async def answer(self, text: str, metadata: BotMetadata) -> BotAnswer:
        """Send the turn through the turn channel."""
        turn = _Turn(sender=metadata.conversation_id, message=text, metadata=metadata)
        answer = await self._ask(turn.model_dump_json())
        if answer.status != HTTPStatus.OK or not isinstance(answer.body, list):
            raise BotUnavailable(f"the turn channel answered {answer.status} with {type(answer.body).__name__}")
        return read_answer(answer.body)

    async def _ask(self, body: str) -> Answer:
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                return await self._turns.ask(self._session, body)
        except (ExchangeLost, TimeoutError) as error:
            raise BotUnavailable(str(error) or type(error).__name__) from error

    async def read_ahead(self, conversation_id: str, text: str) -> None:
        """See :class:`Bot`. Only where a connection is open: making one would hold up the text."""
        await self._turns.tell(as_json({"read": text, "sender": conversation_id}))

    async def close(self) -> None:
        """End the connection for turns."""
        await self._turns.close()

    async def recorded_answer(self, conversation_id: str, message_id: str) -> BotAnswer | None:
        """Look the message up in Rasa's tracker by the id that was sent along as metadata.

        What is in work is in no tracker yet, so the turn channel is asked first to say when it is over.
        """
        over = await self._ask(as_json({"await": message_id, "sender": conversation_id}))
        if over.status != HTTPStatus.OK:
            raise BotUnavailable(f"the turn channel answered {over.status}")
        tracker = await self._call(
            "GET", f"/conversations/{conversation_id}/tracker", params={"include_events": "ALL", **self._token}
        )
        events = tracker.get("events") if isinstance(tracker, Mapping) else None
        if not isinstance(events, list):
            raise BotUnavailable("the tracker has no list of events")
        return answer_in_tracker(events, message_id)

    async def rewind(self, conversation_id: str) -> None:
        """Append Rasa's own ``rewind`` event."""
        await self._call(
            "POST",
            f"/conversations/{conversation_id}/tracker/events",
            json={"event": "rewind"},
            params=self._token,
        )

    async def is_ready(self) -> bool:
        """Both Rasa (with a model loaded) and the action server answer."""
        timeout = aiohttp.ClientTimeout(total=PROBE_SECONDS)
        try:
            async with self._session.get(f"{self._rasa}/status", params=self._token, timeout=timeout) as rasa:
                rasa_up = rasa.status == 200
            async with self._session.get(f"{self._actions}/health", timeout=timeout) as actions:
                return rasa_up and actions.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def _call(self, method: str, path: str, **options: Any) -> Any:
        try:
            async with self._session.request(method, self._rasa + path, timeout=self._timeout, **options) as response:
                if response.status >= 400:
                    raise BotUnavailable(f"{method} {path.split('/')[-1]} answered {response.status}")
                raw = await response.read()
                return json.loads(raw) if raw else None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise BotUnavailable(type(error).__name__) from error


def read_answer(items: Sequence[Mapping[str, Any]]) -> BotAnswer:
    """Read what a channel of Rasa gives back: texts with buttons, and among them the turn's record."""
    replies: list[BotReply] = []
    record: TurnRecord | None = None
    for item in items:
        custom = item.get("custom")
        if isinstance(custom, Mapping) and "turn" in custom:
            record = _record(custom["turn"])
            continue
        text = item.get("text") or item.get("image")
        buttons = _buttons(item.get("buttons"))
        card = _card(custom)
        if text:
            replies.append(BotReply(str(text).replace("\x00", ""), buttons, _response(item), card))
        elif (buttons or card) and replies:
            # Rasa's collecting channel may give a text and what belongs to it as two items.
            replies[-1] = replace(replies[-1], buttons=replies[-1].buttons + buttons, card=card or replies[-1].card)
    return BotAnswer(tuple(replies), record)


def _response(item: Mapping[str, Any]) -> str | None:
    """The response's name: ``bot/reply_names.py`` adds it to what the REST channel gives back."""
    name = item.get("response")
    return name if isinstance(name, str) and name else None


def _buttons(found: Any) -> tuple[Button, ...]:
    return tuple(Button(str(button["title"]), str(button["payload"])) for button in found or ())


def _card(custom: Any) -> BotCard | None:
    """The card beside a text. One that is not understood is left out: the text says everything, too."""
    if not isinstance(custom, Mapping) or "card" not in custom:
        return None
    try:
        return BOT_CARD.validate_python(custom["card"])
    except ValidationError as error:
        log.error("message_card_refused", problems=error.error_count(), first=error.errors()[0]["loc"])
        return None


def _record(found: Any) -> TurnRecord | None:
    try:
        return TurnRecord.model_validate(found)
    except ValidationError as error:
        log.error("turn_record_refused", problems=error.error_count(), first=error.errors()[0]["loc"])
        return None


def answer_in_tracker(events: Sequence[Mapping[str, Any]], message_id: str) -> BotAnswer | None:
    """The bot's messages that follow a customer message in a tracker, up to the next one; None if it is not there.

    A rewind takes the message before it out of the conversation, so what was answered to it no longer counts.
    """
    items: list[dict[str, Any]] | None = None
    for event in events:
        kind = event.get("event")
        if kind == "rewind":
            items = None
        elif kind == "user":
            if items is not None:
                break
            if (event.get("metadata") or {}).get("message_id") == message_id:
                items = []
        elif kind == "bot" and items is not None:
            data = event.get("data") or {}
            said = {name: data.get(name) for name in ("buttons", "custom", "image")}
            response = (event.get("metadata") or {}).get("utter_action")
            items.append({"text": event.get("text"), "response": response, **said})
    return None if items is None else read_answer(items)
