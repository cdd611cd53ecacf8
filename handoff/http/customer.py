"""The customer protocol over HTTP (``docs/customer-protocol.md``)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from aiohttp import web

from handoff.domain.attachments import ATTACHMENT_BYTES, ATTACHMENTS_PER_MESSAGE
from handoff.domain.conversations import MESSAGE_CHARACTERS
from handoff.http.errors import ApiError
from handoff.http.guards import after_parameter, bearer, before_parameter, read_body
from handoff.http.parts import PARTS, Parts
from handoff.http.views import message_view, state_view, when
from handoff.http.wire import BeginRequest, CardRequest, CustomerMessage, RateRequest, ReopenCaseRequest, SurveyRequest
from handoff.services import after_case, conversations, handoff_card, ratings, reading, surveys

PROTOCOL_VERSION = 1
BASE = "/api/customer/v1"


def routes() -> list[web.RouteDef]:
    """The protocol's HTTP calls; the stream is in ``realtime.customer_stream``."""
    return [
        web.post(f"{BASE}/conversations", begin),
        web.get(f"{BASE}/conversation", read_conversation),
        web.post(f"{BASE}/messages", send_message),
        web.post(f"{BASE}/ratings", rate_answer),
        web.post(f"{BASE}/survey", rate),
        web.post(f"{BASE}/reopen", reopen),
        web.post(f"{BASE}/card", correct_card),
    ]


@web.middleware
async def cors_middleware(request: web.Request, handler: Any) -> web.StreamResponse:
    """Let the pages of allowed origins call the customer's paths; refuse all others."""
    if not request.path.startswith(BASE):
        response: web.StreamResponse = await handler(request)
        return response
    origin = request.app[PARTS].origins.check_customer(request)
    if request.method == "OPTIONS":
        response = web.Response(status=204)
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, X-File-Name"
        response.headers["Access-Control-Max-Age"] = "600"
    else:
        response = await handler(request)
    if origin is not None and not response.prepared:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
    return response


async def begin(request: web.Request) -> web.Response:
    """``POST /conversations``."""
    parts = request.app[PARTS]
    body = BeginRequest.model_validate(await read_body(request))
    parts.begin_limit.check(parts.callers.of(request), "new conversations")
    identity = parts.identities.read(body.identity) if body.identity is not None else None
    earlier = bearer(request)
    begun = await conversations.begin(
        parts.context,
        identity=identity,
        name=body.name,
        page=body.page,
        language=body.language,
        fresh=body.fresh,
        resume=parts.tokens.read(earlier) if earlier and identity is None else None,
    )
    token, expires = parts.tokens.issue(begun.conversation.id)
    return web.json_response(
        begun_view(parts, begun, token, expires, body.language),
        status=201 if begun.created else 200,
        headers={"Cache-Control": "no-store"},
    )


def begun_view(
    parts: Parts, begun: conversations.Begun, token: str, expires: datetime, language: str | None = None
) -> dict[str, Any]:
    """What a client gets with a conversation that it may use; ``language`` is that of the page around it."""
    return {
        "version": PROTOCOL_VERSION,
        "conversation_id": begun.conversation.id,
        "token": token,
        "token_expires_at": when(expires),
        "customer": {"name": begun.customer.name, "verified": begun.customer.verified},
        "limits": {
            "message_characters": MESSAGE_CHARACTERS,
            "attachment_bytes": ATTACHMENT_BYTES,
            "attachments": ATTACHMENTS_PER_MESSAGE,
        },
        "wording": dict(parts.context.wording.widget_for(language or begun.conversation.language)),
    }


def conversation_of(request: web.Request) -> str:
    """The conversation that the request's token opens; raises ``ApiError`` without a good one."""
    token = bearer(request)
    if token is None:
        raise ApiError("token_missing", "Send the conversation's token as Authorization: Bearer ….")
    return request.app[PARTS].tokens.read(token)


async def read_conversation(request: web.Request) -> web.Response:
    """``GET /conversation``."""
    parts = request.app[PARTS]
    conversation_id = conversation_of(request)
    before = before_parameter(request)
    body = await welcome(parts, conversation_id, after_parameter(request), before=before)
    if before is None:
        parts.hub.customer_reads(conversation_id, body["last_seq"])
    return web.json_response(body, headers={"Cache-Control": "no-store"})


async def welcome(
    parts: Parts, conversation_id: str, after: int, *, before: int | None = None, last: int | None = None
) -> dict[str, Any]:
    """State and messages between two numbers: what a client needs to show the conversation."""
    conversation, state, messages = await reading.customer_view(
        parts.context, conversation_id, after=after, before=before, last=last
    )
    return {
        "version": PROTOCOL_VERSION,
        "conversation_id": conversation.id,
        "state": state_view(state, parts.context.wording, parts.context.clock()),
        "messages": [message_view(message) for message in messages],
        "last_seq": conversation.last_seq,
    }


async def send_message(request: web.Request) -> web.Response:
    """``POST /messages``."""
    parts = request.app[PARTS]
    conversation_id = conversation_of(request)
    message = CustomerMessage.model_validate(await read_body(request))
    return web.json_response(await accept_message(parts, conversation_id, message))


async def accept_message(parts: Parts, conversation_id: str, message: CustomerMessage) -> dict[str, Any]:
    """Store a message, a choice or the wish for a person; what both HTTP and the stream answer with."""
    parts.messages_limit.check(conversation_id, "messages")
    client_id = message.client_message_id
    if message.text is not None:
        await parts.hub.expect_turn(conversation_id, message.text)
    if message.attachments:
        accepted = await conversations.receive_files(
            parts.context, conversation_id, client_id, message.text, message.attachments
        )
    elif message.text is not None:
        accepted = await conversations.receive_text(parts.context, conversation_id, client_id, message.text)
    elif message.button is not None:
        choice = conversations.Choice(message.button.seq, message.button.index)
        accepted = await conversations.receive_choice(parts.context, conversation_id, client_id, choice)
    else:
        accepted = await conversations.receive_person_request(parts.context, conversation_id, client_id)
    return {
        "client_message_id": client_id,
        "seq": accepted.message.seq,
        "created_at": when(accepted.message.created_at),
    }


async def rate_answer(request: web.Request) -> web.Response:
    """``POST /ratings``."""
    conversation_id = conversation_of(request)
    body = RateRequest.model_validate(await read_body(request))
    return web.json_response(await accept_rating(request.app[PARTS], conversation_id, body))


async def accept_rating(parts: Parts, conversation_id: str, body: RateRequest) -> dict[str, Any]:
    """Keep the rating of an answer."""
    parts.messages_limit.check(conversation_id, "messages")
    kept = await ratings.rate_answer(parts.context, conversation_id, body.message_id, body.rating)
    return {"message_id": kept.message_id, "rating": kept.rating}


async def rate(request: web.Request) -> web.Response:
    """``POST /survey``."""
    conversation_id = conversation_of(request)
    body = SurveyRequest.model_validate(await read_body(request))
    return web.json_response(await accept_survey(request.app[PARTS], conversation_id, body))


async def accept_survey(parts: Parts, conversation_id: str, body: SurveyRequest) -> dict[str, Any]:
    """Keep a rating."""
    parts.messages_limit.check(conversation_id, "messages")
    case = await surveys.rate(
        parts.context,
        conversation_id,
        body.case_id,
        csat=body.csat,
        nps=body.nps,
        comment=body.comment,
        solved=body.solved,
    )
    return {"case_id": case.id, "csat": body.csat, "nps": body.nps}


async def correct_card(request: web.Request) -> web.Response:
    """``POST /card``."""
    conversation_id = conversation_of(request)
    body = CardRequest.model_validate(await read_body(request))
    return web.json_response(await accept_card(request.app[PARTS], conversation_id, body))


async def accept_card(parts: Parts, conversation_id: str, body: CardRequest) -> dict[str, Any]:
    """Correct the handoff card; everybody who watches is told by the state."""
    parts.messages_limit.check(conversation_id, "messages")
    context = parts.context
    case, card = await handoff_card.correct_card(
        context, conversation_id, body.case_id, facts=body.facts, line=body.line.strip()
    )
    return {"case_id": case.id, "card": asdict(card)}


async def reopen(request: web.Request) -> web.Response:
    """``POST /reopen``."""
    conversation_id = conversation_of(request)
    body = ReopenCaseRequest.model_validate(await read_body(request))
    return web.json_response(await accept_reopen(request.app[PARTS], conversation_id, body))


async def accept_reopen(parts: Parts, conversation_id: str, body: ReopenCaseRequest) -> dict[str, Any]:
    """Open the latest case again."""
    parts.messages_limit.check(conversation_id, "messages")
    case, said = await after_case.reopen(
        parts.context,
        conversation_id,
        body.case_id,
        note=body.note.strip(),
        client_message_id=body.client_message_id,
    )
    return {"case_id": case.id, "seq": said.seq if said else None}
