"""The same recorded calls as frames on one connection: they mean what they mean at the webhook."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk import ActionExecutionRejection
from rasa_sdk.executor import ActionExecutor

from actions.server import create_app
from tests.actions.recorded.test_recorded_payloads import HANDED_OVER, SCORED, SECRET, Client, recorded
from warmline.exchange import Answer, Exchange, ExchangeLost

HEADERS = {"Authorization": f"Bearer {SECRET}"}
GREETING = json.dumps(recorded("greeting")["body"])


@pytest.fixture
async def client(executor: ActionExecutor) -> AsyncIterator[Client]:
    async with TestClient(TestServer(create_app(executor, secret=SECRET))) as client:
        yield client


@pytest.fixture
async def exchange(client: Client) -> AsyncIterator[Exchange]:
    """As Rasa's side asks."""
    made = Exchange(str(client.make_url("/stream")), HEADERS)
    yield made
    await made.close()


async def ask(client: Client, exchange: Exchange, body: Any) -> Answer:
    async with asyncio.timeout(5):
        return await exchange.ask(client.session, json.dumps(body))


def named(action: str) -> dict[str, Any]:
    """A recorded call, of another action."""
    return {**recorded("third_contact")["body"], "next_action": action}


@pytest.mark.parametrize("name", [*SCORED, *HANDED_OVER])
async def test_a_recorded_call_is_answered_the_same_by_frame_as_by_webhook(
    client: Client, exchange: Exchange, name: str
) -> None:
    call = recorded(name)
    response = await client.post("/webhook", data=json.dumps(call["body"]), headers=call["headers"])

    assert await ask(client, exchange, call["body"]) == Answer(200, await response.json())


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"tracker": 7}, {"tracker": {}}, named("action_nobody_wrote"), named(None)],  # type: ignore[arg-type]
)
async def test_a_refusal_is_the_same_by_frame_as_by_webhook(client: Client, exchange: Exchange, body: Any) -> None:
    response = await client.post("/webhook", data=json.dumps(body), headers=HEADERS)
    assert response.status in (404, 422)

    assert await ask(client, exchange, body) == Answer(response.status, await response.json())


async def test_a_rejection_and_a_failure_are_the_same_by_frame_and_repeat_no_words(
    client: Client, exchange: Exchange, executor: ActionExecutor
) -> None:
    async def rejects(dispatcher: Any, tracker: Any, domain: Any) -> None:
        raise ActionExecutionRejection("action_rejects", "not now")

    async def fails(dispatcher: Any, tracker: Any, domain: Any) -> None:
        raise RuntimeError(tracker.latest_message["text"])

    async def cannot_be_written(dispatcher: Any, tracker: Any, domain: Any) -> None:
        dispatcher.utter_message(json_message={"when": object()})

    for action, status in ((rejects, 400), (fails, 500), (cannot_be_written, 500)):
        name = f"action_{action.__name__}"
        executor.register_function(name, action)
        response = await client.post("/webhook", json=named(name), headers=HEADERS)
        answer = await ask(client, exchange, named(name))
        assert (answer.status, answer.body) == (status, await response.json())
        assert "LH-10030" not in json.dumps(answer.body)


@pytest.mark.parametrize("given", [None, "Bearer wrong", SECRET])
async def test_a_connection_without_the_secret_is_refused(client: Client, given: str | None) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.session.ws_connect(client.make_url("/stream"), headers={"Authorization": given} if given else {})
    assert refused.value.status == 401


@pytest.mark.parametrize("frame", ["no json", "[]", "7", "null", "{}", '{"number": 4}', '{"body": {}}', b"\x00"])
async def test_a_frame_that_is_nonsense_is_answered_with_an_error_and_the_connection_stays(
    client: Client, frame: str | bytes
) -> None:
    async with client.session.ws_connect(client.make_url("/stream"), headers=HEADERS) as socket:
        if isinstance(frame, bytes):  # what is not text says nothing, and gets nothing
            await socket.send_bytes(frame)
        else:
            with structlog.testing.capture_logs() as logs:
                await socket.send_str(frame)
                answer = await socket.receive_json(timeout=5)
            assert (answer["number"], answer["status"]) == (None, 422)
            assert "the frame is no question" in answer["body"]["error"]
            assert logs == []
        await socket.send_str(f'{{"number": 5, "body": {GREETING}}}')
        answer = await socket.receive_json(timeout=5)
        assert (answer["number"], answer["status"]) == (5, 200)


async def test_a_slow_action_holds_up_no_other(client: Client, exchange: Exchange, executor: ActionExecutor) -> None:
    goes_on = asyncio.Event()

    async def slow(dispatcher: Any, tracker: Any, domain: Any) -> None:
        await goes_on.wait()

    executor.register_function("action_slow", slow)
    slow_one = asyncio.create_task(ask(client, exchange, named("action_slow")))
    assert (await ask(client, exchange, recorded("greeting")["body"])).status == 200
    assert not slow_one.done()
    goes_on.set()
    assert (await slow_one).status == 200


async def test_an_action_whose_caller_went_away_is_done_all_the_same(
    client: Client, exchange: Exchange, executor: ActionExecutor
) -> None:
    begun, goes_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def refund(dispatcher: Any, tracker: Any, domain: Any) -> None:
        begun.set()
        await goes_on.wait()
        done.set()

    executor.register_function("action_refund", refund)
    asking = asyncio.create_task(ask(client, exchange, named("action_refund")))
    await begun.wait()
    await exchange.close()
    with pytest.raises(ExchangeLost):
        await asking
    goes_on.set()
    async with asyncio.timeout(5):
        await done.wait()


async def test_the_server_ends_after_the_last_answer_whoever_is_still_connected(
    executor: ActionExecutor,
) -> None:
    begun, goes_on = asyncio.Event(), asyncio.Event()

    async def slow(dispatcher: Any, tracker: Any, domain: Any) -> None:
        begun.set()
        await goes_on.wait()

    executor.register_function("action_slow", slow)
    runner = web.AppRunner(create_app(executor))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (_, port) = runner.addresses[0]
    exchange = Exchange(f"http://127.0.0.1:{port}/stream")
    async with aiohttp.ClientSession() as session:
        await exchange.ask(session, GREETING)
        last = asyncio.create_task(exchange.ask(session, json.dumps(named("action_slow"))))
        await begun.wait()
        asyncio.get_running_loop().call_later(0.05, goes_on.set)
        async with asyncio.timeout(2):
            await runner.cleanup()
        assert (await last).status == 200
        with pytest.raises(ExchangeLost):
            await exchange.ask(session, GREETING)
