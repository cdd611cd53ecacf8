"""Both sides of the case port keep the same promises: the real adapter on a real socket, and the one in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from actions.cases import CasePort, CaseRefusedError, CasesUnavailableError, HttpCases, MemoryCases
from handoff.contract import Decision, HandoffRequest, ReopenRequest

SECRET = "a made-up secret"


def request(key: str = "msg-1", conversation: str = "conv-1") -> HandoffRequest:
    return HandoffRequest(
        conversation_id=conversation,
        message_id=key,
        idempotency_key=key,
        decision=Decision(),
        problem="your question",
    )


class Handoff:
    """handoff's internal API, over cases in memory."""

    def __init__(self) -> None:
        self.cases = MemoryCases()
        self.seen: list[web.Request] = []
        self.answer_next: list[web.Response] = []
        self.app = web.Application()
        self.app.router.add_post("/internal/v1/cases", self.open)
        self.app.router.add_post("/internal/v1/cases/{id}/reopen", self.reopen)

    async def open(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        if self.answer_next:
            return self.answer_next.pop()
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return web.json_response({"code": "unauthorised", "message": "who are you", "data": {}}, status=401)
        accepted = await self.cases.open(HandoffRequest.model_validate_json(await request.read()))
        return web.json_response(accepted.model_dump(mode="json"))

    async def reopen(self, request: web.Request) -> web.Response:
        body = ReopenRequest.model_validate_json(await request.read())
        try:
            accepted = await self.cases.reopen(request.match_info["id"], body)
        except CaseRefusedError as error:
            return web.json_response({"code": error.code, "message": str(error), "data": {}}, status=404)
        return web.json_response(accepted.model_dump(mode="json"))


@pytest.fixture
async def handoff() -> AsyncIterator[tuple[Handoff, str]]:
    handoff = Handoff()
    async with TestServer(handoff.app) as server:
        yield handoff, str(server.make_url("/"))


@pytest.fixture(params=["memory", "http"])
async def port(
    request: pytest.FixtureRequest, handoff: tuple[Handoff, str]
) -> AsyncIterator[tuple[CasePort, MemoryCases]]:
    if request.param == "memory":
        cases = MemoryCases()
        yield cases, cases
    else:
        service, url = handoff
        adapter = HttpCases(url, SECRET)
        yield adapter, service.cases
        await adapter.close()


async def test_a_case_is_opened(port: tuple[CasePort, MemoryCases]) -> None:
    cases, _ = port
    accepted = await cases.open(request())
    assert accepted.created
    assert accepted.case_number == "WL-1001"


async def test_the_same_request_again_gives_the_same_case(port: tuple[CasePort, MemoryCases]) -> None:
    cases, _ = port
    first, second = await cases.open(request()), await cases.open(request())
    assert second.case_id == first.case_id
    assert not second.created


async def test_a_conversation_has_one_open_case(port: tuple[CasePort, MemoryCases]) -> None:
    cases, _ = port
    first, second = await cases.open(request("msg-1")), await cases.open(request("msg-2"))
    assert second.case_id == first.case_id


async def test_a_resolved_case_is_reopened(port: tuple[CasePort, MemoryCases]) -> None:
    cases, stored = port
    first = await cases.open(request())
    stored.resolve(first.case_id)
    again = await cases.reopen(first.case_id, ReopenRequest(message_id="msg-9", note="still broken"))
    assert again.case_id == first.case_id
    assert len(stored.reopened) == 1


async def test_a_case_that_does_not_exist_cannot_be_reopened(port: tuple[CasePort, MemoryCases]) -> None:
    cases, _ = port
    with pytest.raises(CaseRefusedError) as refused:
        await cases.reopen("case-99", ReopenRequest(message_id="msg-9"))
    assert refused.value.code == "case_not_found"


async def test_a_wrong_secret_is_refused(handoff: tuple[Handoff, str]) -> None:
    adapter = HttpCases(handoff[1], "another secret")
    with pytest.raises(CaseRefusedError) as refused:
        await adapter.open(request())
    assert refused.value.code == "unauthorised"
    await adapter.close()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_failure_may_be_tried_again(handoff: tuple[Handoff, str], status: int) -> None:
    service, url = handoff
    service.answer_next = [web.Response(status=status)]
    adapter = HttpCases(url, SECRET)
    with pytest.raises(CasesUnavailableError):
        await adapter.open(request())
    assert (await adapter.open(request())).created
    await adapter.close()


async def test_nobody_listening_is_a_passing_failure(unused_tcp_port: int) -> None:
    adapter = HttpCases(f"http://127.0.0.1:{unused_tcp_port}", SECRET)
    with pytest.raises(CasesUnavailableError):
        await adapter.open(request())
    await adapter.close()


async def test_an_answer_that_is_no_case_is_refused(handoff: tuple[Handoff, str]) -> None:
    service, url = handoff
    service.answer_next = [web.Response(text=json.dumps({"case": 1}), content_type="application/json")]
    adapter = HttpCases(url, SECRET)
    with pytest.raises(CaseRefusedError):
        await adapter.open(request())
    await adapter.close()


async def test_the_idempotency_key_travels_as_a_header(handoff: tuple[Handoff, str]) -> None:
    service, url = handoff
    adapter = HttpCases(url, SECRET)
    await adapter.open(request("msg-7"))
    assert service.seen[0].headers["Idempotency-Key"] == "msg-7"
    await adapter.close()
