"""What Rasa sends to the action server: over a kept connection, without what nobody reads, the encoded text with it.

Rasa has no settings for these, so methods of it are replaced; the protocol stays the one of Rasa 3.6, with one member
more in the body.
"""

from __future__ import annotations

import asyncio
import copy
import weakref
from collections import deque
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
from rasa.core.actions.action import RemoteAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.encoding import encoded_text
from warmline.exchange import Exchange, ExchangeLost, as_json

STREAM = "stream"
"""Setting of the action endpoint: the WebSocket of our action server."""

ENCODED_TEXT = "encoded_text"
"""Member of the call's body: the message's text with its vector, as ``SentenceEncoder.adopt`` takes it."""

SCORED_TURNS = 2

KEPT_OF_PARSE_DATA = ("text", "intent", "entities")

_call_format = RemoteAction._action_call_format


def call_actions_cheaply() -> None:
    """Makes the calls of the action server in this process cheaper: about a tenth of a turn's processor time."""
    RemoteAction._action_call_format = _lean_call_format


async def tell_actions(endpoint: EndpointConfig | None, body: Mapping[str, Any]) -> None:
    """Tells the action server something that needs no answer; where no stream to it is open, nothing happens."""
    calls = None if endpoint is None else endpoint.request
    if isinstance(calls, _StreamedCalls):
        await calls.tell(body)


def _lean_call_format(action: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    scores = action.name() == ACTION_VALIDATE_SLOT_MAPPINGS
    call = _call_format(action, _latest_turns(tracker) if scores else tracker, domain)
    # Ranking and answers of every earlier message would be most of the body; ``latest_message`` has this turn's whole.
    call["tracker"]["events"] = [_lean_event(event) for event in call["tracker"]["events"]]
    if scores and tracker.latest_message and tracker.latest_message.text:
        # Scoring reads the same text with the same encoder; encoding it twice is a third of an action call's cost.
        encoded = encoded_text(tracker.latest_message.text)
        if encoded is not None:
            call[ENCODED_TEXT] = encoded
    _keep_connections(action.action_endpoint)
    return call


def _latest_turns(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """The tracker with no more events than scoring looks at: this turn's and those of the turn before it."""
    lean = copy.copy(tracker)
    latest: list[Event] = []
    messages = 0
    for event in reversed(tracker.events):
        latest.append(event)
        messages += isinstance(event, UserUttered)
        if messages == SCORED_TURNS:
            break
    lean.events = deque(reversed(latest))
    return lean


def _lean_event(event: dict[str, Any]) -> dict[str, Any]:
    if event["event"] != UserUttered.type_name or not event.get("parse_data"):
        return event
    parsed = event["parse_data"]
    return {**event, "parse_data": {name: parsed[name] for name in KEPT_OF_PARSE_DATA if name in parsed}}


def _keep_connections(endpoint: EndpointConfig | None) -> None:
    """Lets all calls to this endpoint share one session; Rasa opens a connection for every call.

    Where endpoints.yml names a ``stream`` beside the ``url``, the calls go through it, one frame each.
    """
    if endpoint is None or isinstance(endpoint.session, _KeptSession):
        return
    endpoint.session = _KeptSession(endpoint)
    stream = endpoint.kwargs.get(STREAM)
    if stream:
        endpoint.request = _StreamedCalls(endpoint.session, Exchange(stream, endpoint.headers))


class _StreamedCalls:
    """Stands in for ``EndpointConfig.request``; fails in the ways in which that one does."""

    def __init__(self, session: _KeptSession, exchange: Exchange) -> None:
        self._session = session
        self._exchange = exchange

    async def __call__(self, json: Mapping[str, Any], timeout: float, **_of_http: Any) -> Any:  # noqa: ASYNC109
        """The answer to one action call; what else says how it would be sent by HTTP means nothing here."""
        try:
            async with self._session as session:
                call = self._exchange.ask(session, as_json(json))
                answer = await asyncio.wait_for(call, timeout)
        except ExchangeLost as error:
            raise aiohttp.ClientConnectionError(str(error)) from error
        except asyncio.TimeoutError as error:
            raise aiohttp.ServerTimeoutError(f"no answer within {timeout:.0f} s") from error
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise ClientResponseError(answer.status, "the action server refused", as_json(answer.body))
        return answer.body

    async def tell(self, body: Mapping[str, Any]) -> None:
        """Tells the action server something, where a connection is open; nothing comes back, and nothing is raised."""
        await self._exchange.tell(as_json(body))


class _KeptSession:
    """Stands in for ``EndpointConfig.session``: ``async with`` it gives the same open session each time.

    Connections that are idle for 15 seconds, aiohttp's default, are closed by this side, well before the server does.
    """

    def __init__(self, endpoint: EndpointConfig) -> None:
        self._auth = (
            aiohttp.BasicAuth(endpoint.basic_auth["username"], endpoint.basic_auth["password"])
            if endpoint.basic_auth
            else None
        )
        self._headers = endpoint.headers
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __call__(self) -> _KeptSession:
        return self

    async def __aenter__(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            self._session, self._loop = self._open(), loop
        return self._session

    async def __aexit__(self, *_: object) -> None:
        return None

    def _open(self) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            headers=self._headers,
            auth=self._auth,
            timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        # Nothing in Rasa ends the endpoint, so the connections are closed with it, at the latest when Python ends.
        weakref.finalize(self, _close, session)
        return session


def _close(session: aiohttp.ClientSession) -> None:
    connector = session.connector
    if connector is not None:
        # aiohttp 3.9 closes at once; awaiting what it returns would only silence a warning.
        connector.close().__await__()
