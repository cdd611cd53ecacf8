"""What an agent has at hand beside a case (P21): similar cases, near answers, the matrix, earlier words."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from handoff.domain.actors import Actor
from handoff.faq import LiveFaq
from handoff.http import agent_schemas
from handoff.http import knowing_schemas as schemas
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.guards import after_parameter, case_id_of, identifier_of
from handoff.http.matrix_view import matrix_view
from handoff.http.operations import AFTER, SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.views import agent_message_view, records_by_message
from handoff.services.audit import note_list
from handoff.services.earlier_conversations import earlier_transcript
from handoff.services.faq_answers import FaqAnswers
from handoff.services.meaning import MeaningUnavailable
from handoff.services.similar_cases import SimilarCases
from warmline.settings import Settings


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is kept in memory to find things by meaning."""

    similar: SimilarCases
    answers: FaqAnswers

    @classmethod
    def of(cls, settings: Settings) -> Knowledge:
        """Nothing is read before somebody asks."""
        return cls(SimilarCases(), FaqAnswers(LiveFaq(settings.data_dir, time.monotonic), settings.var_dir))

    async def close(self) -> None:
        """Stop what is still being read."""
        await self.similar.close()
        await self.answers.close()


KNOWLEDGE = web.AppKey("knowledge", Knowledge)


def _read(path: str, summary: str, answer: type[BaseModel], *refusals: str, query: bool = False) -> Operation:
    answers: dict[int, tuple[str, type[BaseModel] | None]] = {200: (f"{summary}.", answer)}
    return Operation("get", path, summary, answers, None, (*SIGNED_IN, *refusals), SESSION, (AFTER,) if query else ())


OPERATIONS: Final = (
    _read("/matrix", "The escalation matrix", schemas.MatrixAnswer),
    _read("/cases/{case_id}/similar", "Similar closed cases", schemas.SimilarAnswer, "not_found"),
    _read("/cases/{case_id}/answers", "The FAQ answers nearest to it", schemas.NearAnswers, "not_found"),
    _read(
        "/cases/{case_id}/conversations/{conversation_id}/messages",
        "An earlier conversation of the customer",
        agent_schemas.MessagesAnswer,
        "not_found",
        "bad_value",
        query=True,
    ),
)


def routes() -> list[web.RouteDef]:
    """All of them only read."""
    case = f"{BASE}/cases/{{case_id}}"
    return [
        web.get(f"{BASE}/matrix", read_matrix),
        web.get(f"{case}/similar", read_similar),
        web.get(f"{case}/answers", read_answers),
        web.get(f"{case}/conversations/{{conversation_id}}/messages", read_earlier),
    ]


def _respond(answer: BaseModel) -> web.Response:
    return web.json_response(answer.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


async def read_matrix(request: web.Request) -> web.Response:
    """``GET /matrix``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    state = context.live.state if context.live is not None else None
    return _respond(matrix_view(context.policy, context.wording, agent, context.clock(), state))


async def read_similar(request: web.Request) -> web.Response:
    """``GET /cases/{id}/similar``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    try:
        found = await request.app[KNOWLEDGE].similar.of(context, case_id_of(request), agent)
        await note_list(context, Actor.of_agent(agent), "similar", len(found), case=case_id_of(request))
    except MeaningUnavailable as off:
        return _respond(schemas.SimilarAnswer(cases=[], off=str(off)))
    cases = [
        schemas.SimilarCase(
            **{**asdict(case), "likeness": round(case.likeness, 3)}, queue=context.wording.queue(case.category)
        )
        for case in found
    ]
    return _respond(schemas.SimilarAnswer(cases=cases, off=None))


async def read_answers(request: web.Request) -> web.Response:
    """``GET /cases/{id}/answers``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    try:
        found = await request.app[KNOWLEDGE].answers.of(context, case_id_of(request), agent)
    except MeaningUnavailable as off:
        return _respond(schemas.NearAnswers(answers=[], off=str(off)))
    answers = [schemas.NearAnswer(**{**asdict(near), "likeness": round(near.likeness, 3)}) for near in found]
    return _respond(schemas.NearAnswers(answers=answers, off=None))


async def read_earlier(request: web.Request) -> web.Response:
    """``GET /cases/{id}/conversations/{conversation_id}/messages``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    after = after_parameter(request)
    conversation_id = identifier_of(request, "conversation_id", "conversation")
    found, turns = await earlier_transcript(context, case_id_of(request), agent, conversation_id, after=after)
    records = records_by_message(turns)
    body = {
        "messages": [agent_message_view(message, records) for message in found],
        "last_seq": found[-1].seq if found else after,
    }
    return web.json_response(body, headers={"Cache-Control": "no-store"})
