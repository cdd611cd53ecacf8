"""Action calls exactly as Rasa 3.6.21 sends them, posted to the real app on a socket."""

from __future__ import annotations

import asyncio
import json
import shutil
import warnings
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk.executor import ActionExecutor

from actions.cases import MemoryCases
from actions.server import create_app
from warmline.paths import RASA_ENVIRONMENT, environment_python

HERE = Path(__file__).parent
SECRET = "recorded-secret"
SCORED = (
    "greeting",
    "form_started",
    "second_call_within_a_turn",
    "person_asked_inside_a_form",
    "third_contact",
    "from_rasa_shell",
    "case_resolved",
)
HANDED_OVER = ("handoff_inside_a_form", "handoff_from_rasa_shell")

Client = TestClient[Any, Any]


def recorded(name: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return payload


@pytest.fixture
async def client(executor: ActionExecutor) -> AsyncIterator[Client]:
    app = create_app(executor, secret=SECRET, ready=lambda: {"scored_by": "model", "policy": "p1"})
    async with TestClient(TestServer(app)) as client:
        yield client


async def answer_to(client: Client, name: str) -> dict[str, Any]:
    call = recorded(name)
    response = await client.post("/webhook", data=json.dumps(call["body"]), headers=call["headers"])
    assert response.status == 200
    answer: dict[str, Any] = await response.json()
    return answer


def slots(answer: dict[str, Any]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in answer["events"] if event["event"] == "slot"}


def records(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [message["custom"]["turn"] for message in answer["responses"] if (message.get("custom") or {}).get("turn")]


@pytest.mark.parametrize("name", SCORED)
async def test_a_recorded_turn_is_scored(client: Client, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = await answer_to(client, name)
    assert {event["event"] for event in answer["events"]} <= {"slot"}
    assert {"picture", "escalation"} <= set(slots(answer))


async def test_a_recorded_greeting_calls_nobody(client: Client) -> None:
    answer = await answer_to(client, "greeting")
    assert slots(answer)["escalation"]["action"] == "none"
    assert slots(answer)["escalation"]["message_id"] == "msg-1"


async def test_a_recorded_wish_inside_a_form_hands_over(client: Client) -> None:
    answer = await answer_to(client, "person_asked_inside_a_form")
    assert slots(answer)["escalation"]["action"] == "now"
    assert slots(answer)["escalation"]["reason"] == "explicit_request"
    assert records(answer)[0]["message_id"] == "msg-3"


async def test_a_recorded_third_contact_hands_over(client: Client) -> None:
    answer = await answer_to(client, "third_contact")
    assert slots(answer)["escalation"]["reason"] == "repeat_contact"
    assert records(answer)[0]["entities"] == {"order_number": "LH-10030"}
    assert records(answer)[0]["decision"]["contact_number"] == 3


async def test_a_recorded_turn_of_rasa_shell_sends_no_record(client: Client) -> None:
    answer = await answer_to(client, "from_rasa_shell")
    assert records(answer) == []
    assert slots(answer)["escalation"]["action"] == "now"


async def test_a_recorded_handoff_opens_a_case_and_leaves_the_form(client: Client, cases: MemoryCases) -> None:
    answer = await answer_to(client, "handoff_inside_a_form")
    assert [event["event"] for event in answer["events"]] == ["active_loop", "slot"]
    assert answer["responses"] == []
    (request,) = cases.requests
    assert request.conversation_id == "conv-1"
    assert request.idempotency_key == "msg-3"


async def test_a_compressed_call_is_read(client: Client) -> None:
    call = recorded("greeting")
    body = zlib.compress(json.dumps(call["body"]).encode())
    response = await client.post("/webhook", data=body, headers={**call["headers"], "Content-Encoding": "deflate"})
    assert response.status == 200


@pytest.mark.parametrize("given", [None, "Bearer wrong", "recorded-secret", "Bearer ünrecht"])
async def test_a_call_without_the_secret_is_refused(client: Client, given: str | None) -> None:
    headers = {"Authorization": given} if given else {}
    response = await client.post("/webhook", json=recorded("greeting")["body"], headers=headers)
    assert response.status == 401


async def test_health_needs_no_secret(client: Client) -> None:
    response = await client.get("/health")
    assert await response.json() == {"status": "ok", "scored_by": "model", "policy": "p1"}


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"{}", b'{"tracker": 7}', b"\xff\xfe"])
async def test_what_is_no_action_call_gets_a_clear_error(client: Client, body: bytes) -> None:
    response = await client.post("/webhook", data=body, headers={"Authorization": f"Bearer {SECRET}"})
    assert response.status == 422
    assert "the body is no" in (await response.json())["error"]


async def test_an_action_that_does_not_exist_is_not_found(client: Client) -> None:
    body = {**recorded("greeting")["body"], "next_action": "action_nobody_wrote"}
    response = await client.post("/webhook", json=body, headers={"Authorization": f"Bearer {SECRET}"})
    assert response.status == 404
    assert (await response.json())["action_name"] == "action_nobody_wrote"


async def test_a_failing_action_answers_an_error_without_what_the_customer_wrote(executor: ActionExecutor) -> None:
    async def fails(dispatcher: Any, tracker: Any, domain: Any) -> None:
        raise RuntimeError(tracker.latest_message["text"])

    executor.register_function("action_score_turn", fails)
    async with TestClient(TestServer(create_app(executor))) as client:
        body = {**recorded("third_contact")["body"], "next_action": "action_score_turn"}
        response = await client.post("/webhook", json=body)
        assert response.status == 500
        assert "LH-10030" not in await response.text()


async def test_rasa_itself_accepts_the_answers(client: Client, tmp_path: Path) -> None:
    python = environment_python(RASA_ENVIRONMENT)
    if not shutil.which(str(python)):
        pytest.skip("Rasa's environment is not installed")
    answers = [await answer_to(client, name) for name in (*SCORED, *HANDED_OVER)]
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(answers), encoding="utf-8")
    check = (
        "import json, sys\n"
        "from rasa.core.actions.action import RemoteAction\n"
        "from rasa.shared.core.events import deserialise_events\n"
        "for answer in json.load(open(sys.argv[1])):\n"
        "    assert RemoteAction('a', None)._validate_action_result(answer)\n"
        "    deserialise_events(answer['events'])\n"
    )
    done = await asyncio.create_subprocess_exec(
        str(python),
        "-c",
        check,
        str(file),
        stderr=asyncio.subprocess.PIPE,
        env={"RASA_TELEMETRY_ENABLED": "false", "HOME": str(tmp_path), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    _, errors = await asyncio.wait_for(done.communicate(), timeout=120)
    assert done.returncode == 0, errors[-2000:].decode()


async def test_one_session_serves_many_calls(client: Client) -> None:
    assert isinstance(client.session, ClientSession)
    for _ in range(20):
        await answer_to(client, "greeting")
