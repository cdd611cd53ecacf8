"""What Rasa sends to the action server: over a kept connection, without what nobody reads, the encoded text with it.

Rasa has no settings for these, so methods of it are replaced; the protocol stays the one of Rasa 3.6, with one member
more in the body.
"""

from __future__ import annotations

import asyncio
import weakref
from typing import Any

import aiohttp
from rasa.core.actions.action import RemoteAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.encoding import encoded_text

ENCODED_TEXT = "encoded_text"
"""Member of the call's body: the message's text with its vector, as ``SentenceEncoder.adopt`` takes it."""

KEPT_OF_PARSE_DATA = ("text", "intent", "entities")

_call_format = RemoteAction._action_call_format


def call_actions_cheaply() -> None:
    """Makes the calls of the action server in this process cheaper: about a tenth of a turn's processor time."""
    RemoteAction._action_call_format = _lean_call_format


def _lean_call_format(action: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    call = _call_format(action, tracker, domain)
    # Ranking and answers of every earlier message would be most of the body; ``latest_message`` has this turn's whole.
    call["tracker"]["events"] = [_lean_event(event) for event in call["tracker"]["events"]]
    if action.name() == ACTION_VALIDATE_SLOT_MAPPINGS and tracker.latest_message and tracker.latest_message.text:
        # Scoring reads the same text with the same encoder; encoding it twice is a third of an action call's cost.
        encoded = encoded_text(tracker.latest_message.text)
        if encoded is not None:
            call[ENCODED_TEXT] = encoded
    _keep_connections(action.action_endpoint)
    return call


def _lean_event(event: dict[str, Any]) -> dict[str, Any]:
    if event["event"] != UserUttered.type_name or not event.get("parse_data"):
        return event
    parsed = event["parse_data"]
    return {**event, "parse_data": {name: parsed[name] for name in KEPT_OF_PARSE_DATA if name in parsed}}


def _keep_connections(endpoint: EndpointConfig | None) -> None:
    """Lets all calls to this endpoint share one session; Rasa opens a connection for every call."""
    if endpoint is not None and not isinstance(endpoint.session, _KeptSession):
        endpoint.session = _KeptSession(endpoint)


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
