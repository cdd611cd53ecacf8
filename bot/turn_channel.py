"""The channel for whoever sends many turns: one WebSocket, on which each turn and its answer carry the same number.

Rasa's REST channel reads and writes a whole HTTP request for every turn, about a tenth of a turn's time. This one is
named in credentials.yml beside it; what a turn means and what is answered is the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import time
from collections import OrderedDict
from http import HTTPStatus
from typing import Any, Awaitable, Callable, Dict, Optional, Set, Text, Tuple

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from sanic import Blueprint, response
from sanic.exceptions import Forbidden, Unauthorized, WebsocketClosed
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.server.websockets.impl import WebsocketImplProtocol
from websockets.exceptions import ConnectionClosed

from bot.scoring_ahead import score_ahead
from bot.turn_counts import CONTENT_TYPE, TurnCounts
from warmline.exchange import as_json, of_json

logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
ScoreAhead = Callable[[Text, Text], Awaitable[None]]
"""Is told the conversation and the text of a message that is about to be understood."""
TurnName = Tuple[Text, Text]
"""The conversation, and the ``message_id`` in the metadata (empty without one)."""
InWork = Dict["asyncio.Future[None]", TurnName]
"""The turns of all connections that are not done; one goes on when its connection ends."""

_NOT_UNDERSTOOD = (ValueError, KeyError, TypeError, AttributeError)

STREAM = "/stream"
KEPT_READINGS = 64
"""How many texts that were read ahead wait for their turn; most come within milliseconds."""


class TurnChannel(InputChannel):
    """Turns at ``/webhooks/turns/stream``; beside it, ``health`` and ``metrics``.

    The frames are those of warmline/exchange.py. A turn is asked as the REST channel takes it, ``{"sender": ...,
    "message": ..., "metadata": {...}}``, and answered, when it is done, by the list that the REST channel gives.
    ``{"read": text, "sender": ...}`` tells that this text may come as a turn of this sender soon; it is not answered.
    ``{"await": message_id, "sender": ...}`` is answered once no such turn is in work.

    Only programs may connect: a page in a browser on this machine, which sends its ``Origin``, gets status 403. With a
    ``secret`` in credentials.yml turns are taken from those alone who carry it as ``Authorization: Bearer``.
    """

    def __init__(self, secret: Optional[Text] = None) -> None:
        self._secret = secret

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        """See Rasa's InputChannel."""
        secret = (credentials or {}).get("secret")
        return cls(None if secret is None else str(secret))

    @classmethod
    def name(cls) -> Text:
        """The channel's name in URLs and in the tracker."""
        return "turns"

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The one endpoint."""
        channel = Blueprint("turn_channel", "turns")
        in_work: InWork = {}

        @channel.on_request
        async def refuse_strangers(request: Request) -> None:
            if "origin" in request.headers:
                raise Forbidden("the turn channel is not for web pages")
            # Here, because a WebSocket's own handler runs when the connection stands.
            if request.path.endswith(STREAM) and not self._may_send(request):
                raise Unauthorized("the Authorization header must carry the secret of credentials.yml")

        counts = TurnCounts()

        def is_loaded(request: Request) -> bool:
            loaded: Optional[Agent] = request.app.ctx.agent
            return loaded is not None and loaded.processor is not None

        @channel.get("/health")
        async def health(request: Request) -> HTTPResponse:
            ready = is_loaded(request)
            status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
            return response.json({"status": "ok" if ready else "no model"}, status=status)

        @channel.get("/metrics")
        async def metrics(request: Request) -> HTTPResponse:
            page = counts.page(len(in_work), loaded=is_loaded(request))
            return response.text(page, content_type=CONTENT_TYPE)

        @channel.websocket(STREAM)
        async def stream(request: Request, socket: WebsocketImplProtocol) -> None:
            def agent() -> Optional[Agent]:
                return request.app.ctx.agent

            turns = _Turns(
                socket, on_new_message, Readings(agent), lambda *text: score_ahead(agent(), *text), in_work, counts
            )
            while True:  # ends with the connection, by an exception of Sanic's
                await turns.take(await socket.recv())

        return channel

    def _may_send(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        return self._secret is None or hmac.compare_digest(given, f"Bearer {self._secret}".encode())


class Readings:
    """What was understood of texts ahead of their turns, by the model that is loaded now."""

    def __init__(self, agent: Callable[[], Optional[Agent]]) -> None:
        self._agent = agent
        self._kept: "OrderedDict[Text, Tuple[MessageProcessor, Dict[Text, Any]]]" = OrderedDict()

    async def read(self, text: Text) -> None:
        """Understands a text and keeps it for its turn."""
        processor = self._processor()
        if processor is None or not text:
            return
        self._kept[text] = (processor, await processor.parse_message(UserMessage(text)))
        while len(self._kept) > KEPT_READINGS:
            self._kept.popitem(last=False)

    def take(self, text: Text) -> Optional[Dict[Text, Any]]:
        """What was understood of this text, once; None when it was not read, or by a model that is gone."""
        processor, parsed = self._kept.pop(text, (None, None))
        return parsed if processor is not None and processor is self._processor() else None

    def _processor(self) -> Optional[MessageProcessor]:
        agent = self._agent()
        return None if agent is None else agent.processor


class _Turns:
    """The turns of one connection."""

    def __init__(
        self,
        socket: WebsocketImplProtocol,
        on_new_message: OnNewMessage,
        readings: Readings,
        scoring: ScoreAhead,
        in_work: InWork,
        counts: TurnCounts,
    ) -> None:
        self._socket = socket
        self._on_new_message = on_new_message
        self._readings = readings
        self._scoring = scoring
        self._in_work = in_work
        self._awaiting: Set[asyncio.Task[None]] = set()
        self._counts = counts

    async def take(self, raw: Any) -> None:
        """Takes one frame; turns are answered side by side, so a long one holds up no other conversation."""
        try:
            frame = of_json(raw)
            number, body = frame.get("number"), frame["body"]
            if number is None:
                await self._read(_text(body["read"]), _text(body.get("sender", "")))
                return
        except _NOT_UNDERSTOOD as error:
            logger.error(f"a frame of the turn channel was not understood: {type(error).__name__}")
            return
        try:
            if "await" in body:
                self._answer_when_over(number, (_text(body["sender"]), _text(body["await"])))
                return
            sender, text, metadata = _turn(body)
        except _NOT_UNDERSTOOD as error:
            logger.error(f"a turn of the turn channel was not understood: {type(error).__name__}")
            await self._send(number, HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "this is no turn"})
            return
        nothing_in_work = not self._in_work
        name = (sender, str((metadata or {}).get("message_id", "")))
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._in_work[begun] = name
        try:
            parsed = self._readings.take(text)
            if parsed is None and nothing_in_work:
                # As with reading ahead: it saves waiting, not work.
                # Here and not in the task, which could then be overtaken by the conversation's next turn.
                await self._score_ahead(sender, text)
            message = UserMessage(
                text,
                CollectingOutputChannel(),
                sender,
                parse_data=parsed,
                input_channel=TurnChannel.name(),
                metadata=metadata,
            )
            task = asyncio.create_task(self._answer(number, message))
            self._in_work[task] = name
            task.add_done_callback(self._in_work.pop)
        finally:
            del self._in_work[begun]
            begun.set_result(None)

    def _answer_when_over(self, number: Any, name: TurnName) -> None:
        task = asyncio.create_task(self._tell_when_over(number, name))
        self._awaiting.add(task)
        task.add_done_callback(self._awaiting.discard)

    async def _tell_when_over(self, number: Any, name: TurnName) -> None:
        while turns := [turn for turn, known_as in self._in_work.items() if known_as == name]:
            await asyncio.wait(turns)
        await self._send(number, HTTPStatus.OK, None)

    async def _read(self, text: Text, sender: Text) -> None:
        # Worth it only while there is nothing else to do: it saves waiting, not work.
        if self._in_work:
            return
        if sender:
            await self._score_ahead(sender, text)
            # What was told leaves when the event loop has its turn, and understanding will hold it.
            await asyncio.sleep(0)
        try:
            await self._readings.read(text)
        except Exception:
            logger.exception("a text could not be read ahead")

    async def _score_ahead(self, sender: Text, text: Text) -> None:
        try:
            await self._scoring(sender, text)
        except Exception as error:
            logger.error(f"a text could not be scored ahead: {type(error).__name__}")

    async def _answer(self, number: Any, message: UserMessage) -> None:
        began, failed = time.perf_counter(), False
        try:
            await self._on_new_message(message)
        except Exception:
            failed = True
            # As the REST channel does: what was said until then is the answer, and the sender sees whether it is whole.
            logger.exception("a turn failed")
        self._counts.count(time.perf_counter() - began, failed=failed)
        await self._send(number, HTTPStatus.OK, message.output_channel.messages)

    async def _send(self, number: Any, status: HTTPStatus, body: Any) -> None:
        # Whoever went away awaits the turn when back, and asks the tracker what became of it.
        with contextlib.suppress(WebsocketClosed, ConnectionClosed):
            await self._socket.send(as_json({"number": number, "status": status, "body": body}))


def _turn(body: Any) -> Tuple[Text, Text, Optional[Dict[Text, Any]]]:
    metadata = body.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise TypeError
    return _text(body["sender"]), _text(body["message"]), metadata


def _text(value: Any) -> Text:
    if not isinstance(value, str):
        raise TypeError
    return value
