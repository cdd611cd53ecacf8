"""The customer's half of the stand-in server: docs/customer-protocol.md, version 1, in memory."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]
LIMIT = 4000
FRAME_FIELDS = {
    "hello": {"type", "version", "token", "last_seq", "last"},
    "message": {"type", "client_message_id", "text", "button"},
    "person": {"type", "client_message_id"},
    "received": {"type", "seq", "read"},
    "typing": {"type"},
    "rate": {"type", "message_id", "rating"},
    "survey": {"type", "case_id", "csat", "nps", "comment"},
    "reopen": {"type", "client_message_id", "case_id", "note"},
    "card": {"type", "case_id", "facts", "line"},
    "ping": {"type"},
}


def now() -> str:
    """This moment as the protocol writes it."""
    return datetime.now(UTC).isoformat()


def later(minutes: float) -> str:
    """A moment from now as the protocol writes it."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


@dataclass
class Conversation:
    """One conversation as the server keeps it, with the sockets that show it."""

    id: str
    subject: str | None
    customer: Json
    messages: list[Json] = field(default_factory=list)
    owner: Json = field(default_factory=lambda: {"type": "bot", "name": "Larkfield assistant", "version": 1})
    case: Json | None = None
    bot_busy: bool = False
    card: Json | None = None
    ended: bool = False
    accepted: dict[str, Json] = field(default_factory=dict)
    refusal: tuple[str, str] | None = None
    surveys: list[Json] = field(default_factory=list)
    sockets: set[web.WebSocketResponse] = field(default_factory=set)

    @property
    def state(self) -> Json:
        """The State of the protocol page."""
        return {"owner": self.owner, "case": self.case, "bot_busy": self.bot_busy, "card": self.card}


Bot = Callable[[Conversation, str], list[tuple[str, list[str]]]]


def no_answer(_conversation: Conversation, _text: str) -> list[tuple[str, list[str]]]:
    """A bot that keeps silent: the test speaks for it."""
    return []


class CustomerSide:
    """Conversations, tokens and the stream; the test moves it by its methods."""

    def __init__(self, wording: Json) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.tokens: dict[str, str] = {}
        self.wording = wording
        self.bot: Bot = no_answer
        self.begun: list[Json] = []
        self.lose_next_accepted = False
        self.refuse_streams = False
        self.lose_surveys = False

    def routes(self) -> list[web.RouteDef]:
        """The paths of the customer protocol that the widget calls."""
        return [
            web.post("/api/customer/v1/conversations", self.begin),
            web.get("/api/customer/v1/stream", self.stream),
            web.get("/api/customer/v1/conversation", self.read),
        ]

    @property
    def only(self) -> Conversation:
        """The newest conversation, for tests with one customer."""
        return list(self.conversations.values())[-1]

    async def begin(self, request: web.Request) -> web.Response:
        """``POST /conversations``."""
        body: Json = await request.json()
        unknown = set(body) - {"identity", "name", "page", "language", "fresh"}
        if unknown:
            return _error(422, "unknown_field", f"Unknown field {unknown}.", {"field": min(unknown)})
        self.begun.append({**body, "authorization": request.headers.get("Authorization")})
        subject = _subject(body["identity"]) if "identity" in body else None
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in self.tokens:
            return _error(401, "token_invalid", "The token is not known.")
        found = self.conversations.get(self.tokens.get(token, "")) or next(
            (c for c in self.conversations.values() if subject and c.subject == subject and not c.ended), None
        )
        if found and body.get("fresh") and (found.case is None or found.case["status"] == "closed"):
            found.ended = True
            found = None
        status = 200
        if found is None:
            status = 201
            name = {"C-1001": "Maya Lind", "C-1002": "Tom Becker"}.get(subject or "", body.get("name", "Visitor"))
            found = Conversation(secrets.token_hex(8), subject, {"name": name, "verified": subject is not None})
            self.conversations[found.id] = found
        new = secrets.token_urlsafe(24)
        self.tokens[new] = found.id
        answer = {
            "version": 1,
            "conversation_id": found.id,
            "token": new,
            "token_expires_at": later(7 * 24 * 60),
            "customer": found.customer,
            "limits": {"message_characters": LIMIT},
            "wording": self.wording,
        }
        return web.json_response(answer, status=status)

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        """``GET /stream``."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self.refuse_streams:
            await socket.close(code=1001)
            return socket
        hello = await socket.receive_json()
        if hello.get("type") != "hello" or set(hello) != FRAME_FIELDS["hello"] or hello["version"] != 1:
            await socket.close(code=4400)
            return socket
        conversation = self.conversations.get(self.tokens.get(hello["token"], ""))
        if conversation is None:
            await socket.close(code=4401)
            return socket
        begins = hello["last_seq"] or max(0, len(conversation.messages) - hello["last"])
        after = conversation.messages[begins:]
        await socket.send_json(
            {
                "type": "welcome",
                "version": 1,
                "conversation_id": conversation.id,
                "state": conversation.state,
                "messages": after,
                "last_seq": len(conversation.messages),
            }
        )
        conversation.sockets.add(socket)
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._receive(conversation, socket, json.loads(frame.data))
        finally:
            conversation.sockets.discard(socket)
        return socket

    async def read(self, request: web.Request) -> web.Response:
        """``GET /conversation``."""
        if self.refuse_streams:
            return _error(500, "internal_error", "Try again.")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        messages = self.conversations[self.tokens[token]].messages
        before = int(request.query.get("before", len(messages) + 1))
        return web.json_response({"messages": messages[int(request.query["after"]) : before - 1]})

    async def _receive(self, conversation: Conversation, socket: web.WebSocketResponse, frame: Json) -> None:
        kind = frame.get("type")
        if kind not in FRAME_FIELDS or set(frame) - FRAME_FIELDS[kind]:
            await self._refuse(socket, frame, "unknown_field", f"This frame is not known: {sorted(frame)}.")
        elif kind == "ping":
            await socket.send_json({"type": "pong"})
        elif kind == "rate":
            await self._rate(conversation, socket, frame)
        elif kind == "survey" and self.lose_surveys:
            pass
        elif kind == "survey" and conversation.refusal is not None:
            await self._refuse(socket, frame, *conversation.refusal)
        elif kind == "survey":
            conversation.surveys.append(frame)
            assert conversation.case is not None
            conversation.case = {**conversation.case, "csat": frame["csat"]}
            await self.push_state(conversation)
        elif kind == "card":
            await self._correct(conversation, socket, frame)
        elif kind in ("message", "person", "reopen"):
            await self._store(conversation, socket, frame)

    async def _correct(self, conversation: Conversation, socket: web.WebSocketResponse, frame: Json) -> None:
        if conversation.refusal is not None or conversation.card is None:
            await self._refuse(socket, frame, *(conversation.refusal or ("wrong_state", "There is no card.")))
            return
        facts = [
            {**fact, "value": frame["facts"][fact["name"]], "former": fact["value"]}
            if fact["name"] in frame["facts"]
            else fact
            for fact in conversation.card["facts"]
        ]
        lines = [*conversation.card["lines"], *([frame["line"]] if frame["line"] else [])]
        conversation.card = {**conversation.card, "facts": facts, "lines": lines}
        await self.push_state(conversation)

    async def _rate(self, conversation: Conversation, socket: web.WebSocketResponse, frame: Json) -> None:
        rated = next((m for m in conversation.messages if m["id"] == frame["message_id"]), None)
        if rated is None or not rated["can_rate"] or conversation.owner["type"] != "bot":
            await self._refuse(socket, frame, "not_ratable", "This message cannot be rated.")
            return
        rated["rating"] = frame["rating"]
        told = {"type": "rated", "message_id": rated["id"], "rating": rated["rating"]}
        await self.push(conversation, told)

    async def _store(self, conversation: Conversation, socket: web.WebSocketResponse, frame: Json) -> None:
        if conversation.refusal is not None:
            await self._refuse(socket, frame, *conversation.refusal)
            return
        identifier = frame["client_message_id"]
        if identifier not in conversation.accepted:
            if len(frame.get("text", "")) > LIMIT:
                await self._refuse(socket, frame, "message_too_long", "A message has at most 4,000 characters.")
                return
            text = frame.get("text") or {"person": "Talk to a person", "reopen": "It did not work"}.get(frame["type"])
            if text is None:
                offered = conversation.messages[frame["button"]["seq"] - 1]["buttons"]
                text = offered[frame["button"]["index"]]["title"]
            message = await self.say(conversation, text, "customer", client_message_id=identifier)
            conversation.accepted[identifier] = {
                "client_message_id": identifier,
                "seq": message["seq"],
                "created_at": message["created_at"],
            }
            if self.lose_next_accepted:
                # Stored, and the line breaks before the customer can know.
                self.lose_next_accepted = False
                await self.drop(conversation)
                return
            if frame["type"] == "message":
                for answer, buttons in self.bot(conversation, text):
                    await self.say(conversation, answer, "bot", buttons=buttons)
        with contextlib.suppress(ConnectionError):
            await socket.send_json({"type": "accepted", **conversation.accepted[identifier]})

    async def _refuse(self, socket: web.WebSocketResponse, frame: Json, code: str, text: str) -> None:
        error = {"code": code, "message": text, "data": {}}
        await socket.send_json({"type": "error", "error": error, "client_message_id": frame.get("client_message_id")})

    async def say(
        self,
        conversation: Conversation,
        text: str,
        sender: str = "bot",
        *,
        name: str | None = None,
        buttons: list[str] | None = None,
        notice: str | None = None,
        client_message_id: str | None = None,
        can_rate: bool = False,
        card: Json | None = None,
        attachments: list[Json] | None = None,
    ) -> Json:
        """Stores a message and pushes it."""
        names = {"bot": "Larkfield assistant", "agent": "Ana Duarte", "customer": conversation.customer["name"]}
        message = {
            "seq": len(conversation.messages) + 1,
            "id": secrets.token_hex(8),
            "sender": {"type": sender, "name": name or names.get(sender, "Larkfield Home")},
            "text": text,
            "buttons": [{"title": title, "index": index} for index, title in enumerate(buttons or [])],
            "notice": notice,
            "client_message_id": client_message_id,
            "created_at": now(),
            "can_rate": can_rate,
            "rating": None,
            "card": card,
            "attachments": attachments or [],
        }
        conversation.messages.append(message)
        await self.push(conversation, {"type": "message", "message": message})
        return message

    async def push(self, conversation: Conversation, frame: Json) -> None:
        """Sends a frame to every socket of the conversation."""
        for socket in list(conversation.sockets):
            with contextlib.suppress(ConnectionError):
                await socket.send_json(frame)

    async def push_state(self, conversation: Conversation) -> None:
        """Sends the State."""
        await self.push(conversation, {"type": "state", "state": conversation.state})

    async def drop(self, conversation: Conversation, code: int = 1001) -> None:
        """Closes every socket of the conversation, as a restart does."""
        for socket in list(conversation.sockets):
            conversation.sockets.discard(socket)
            await socket.close(code=code)

    async def hand_over(self, conversation: Conversation, **case: Any) -> None:
        """Opens a case: owner, notice and state."""
        conversation.owner = {"type": "queue", "name": "Billing", "version": 2}
        conversation.case = customer_case(**case)
        await self.say(
            conversation,
            "Thank you, Maya. I have passed your question about a charge to our Billing team (case WL-1001).",
            "system",
            notice="handoff_opened",
        )
        await self.push_state(conversation)


def handoff_card(**changes: Any) -> Json:
    """The ``card`` of a State: one fact, nobody has accepted yet."""
    return {
        "problem": "where your order LH-10001 is",
        "quote": "My lamp was due on Monday.",
        "facts": [{"name": "order_number", "value": "LH-10001", "former": None}],
        "tried": ["where your order is"],
        "wants": "Can you send it again?",
        "lines": [],
        "can_correct": True,
        "can_add": True,
        **changes,
    }


def customer_case(**changes: Any) -> Json:
    """The ``case`` of a State: waiting in Billing, second in line."""
    return {
        "id": "case-1",
        "number": "WL-1001",
        "status": "open",
        "category": "billing",
        "queue": "Billing",
        "position": 2,
        "wait": {"low_minutes": 5, "high_minutes": 15},
        "agent_name": None,
        "next_update_due": later(15),
        "problem": "an unexpected charge",
        "outcome": None,
        "csat": None,
        "can_rate": False,
        "can_reopen": False,
        **changes,
    }


def identity_of(subject: str) -> str:
    """A token of a JWT's form; this server believes it unsigned."""
    payload = base64.urlsafe_b64encode(json.dumps({"sub": subject}).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.sig"


def _subject(identity: str) -> str:
    part = identity.split(".")[1]
    decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return str(decoded["sub"])


def _error(status: int, code: str, text: str, data: Json | None = None) -> web.Response:
    return web.json_response({"error": {"code": code, "message": text, "data": data or {}}}, status=status)
