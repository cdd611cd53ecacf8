"""Whatever arrives: an answer with a code, never a fault of ours, and the conversation whole."""

from __future__ import annotations

import asyncio
import json
import string
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from handoff import bootstrap
from handoff.domain.api_keys import Scope
from handoff.http.errors import STATUS
from handoff.http.openapi import AGENT, CUSTOMER, INTEGRATION, document
from handoff.http.parts import PARTS
from tests.handoff.cast import BEN, MAYA, OMAR, PASSWORD, ScriptedBot
from tests.handoff.service import Service, Stream
from warmline.settings import Settings

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
NAMES = [
    *("type", "client_message_id", "text", "button", "person", "seq", "index", "case_id"),
    *("csat", "comment", "note", "version", "token", "last_seq", "after_seq", "message_id", "rating"),
    *("state", "quote", "add", "email", "link"),
]
TYPES = [
    "message",
    "person",
    "rate",
    "survey",
    "reopen",
    "typing",
    "ping",
    "hello",
    "watch",
    "unwatch",
    "viewing",
    "received",
    "card",
    "presence",
    "dance",
]
frames = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES) | values},
    optional={name: values | st.text(string.ascii_letters + "-_", min_size=8, max_size=12) for name in NAMES[1:]},
)
anything = st.one_of(
    frames.map(json.dumps), values.map(json.dumps), st.text(max_size=200), frames.map(lambda f: json.dumps(f)[:-1])
)
FUZZ = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def check_frames(service: Service, stream: Stream, sent: list[str]) -> None:
    """Send them all; whatever is answered must be one of the known frames, and the line must work afterwards."""
    for raw in sent:
        await stream.socket.send_str(raw)
    for frame in await stream.settled():
        if frame["type"] == "error":
            code = frame["error"]["code"]
            assert code in STATUS
            assert code != "internal_error", sent
    assert not stream.socket.closed


def collect(strategy: st.SearchStrategy[str]) -> list[str]:
    """A fixed sample of a strategy: the stream is fed inside the test's own loop."""
    found: list[str] = []

    @FUZZ
    @given(strategy)
    def take(raw: str) -> None:
        found.append(raw)

    take()
    return found


async def test_no_frame_of_a_customer_does_any_harm(service: Service) -> None:
    object.__setattr__(service.parts.messages_limit, "_limit", 100_000)
    maya = await service.customer()
    await service.case(maya)
    stream = await maya.stream()
    await check_frames(service, stream, collect(anything))
    seqs = [m["seq"] for m in (await maya.call("GET", "/conversation")).body["messages"]]
    assert seqs == list(range(1, len(seqs) + 1))
    assert (await maya.say("still whole")).status == 200


async def test_no_frame_of_an_agent_does_any_harm(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben = await service.agent(BEN)
    stream = await ben.stream()
    await check_frames(service, stream, collect(anything))
    assert (await ben.get(f"/cases/{case_id}")).status == 200


BODIES = ("/conversations", "/messages", "/ratings", "/survey", "/reopen")
ELSEWHERE = ("/demo/sign-in", "/internal/v1/cases", "/internal/v1/cases/nowhere/reopen")


async def test_no_body_does_any_harm_to_the_demo_shop_nor_to_internal_calls(service: Service) -> None:
    secret = service.parts.internal_secret
    session = service.browser()
    for raw in collect(anything):
        data = raw.encode(errors="surrogatepass")
        for path in ELSEWHERE:
            for carried in ({}, {"Authorization": f"Bearer {secret}"}):
                headers = {"Content-Type": "application/json", **carried}
                async with session.post(path, data=data, headers=headers) as answer:
                    assert answer.status < 500, (path, raw)
                    if path.startswith("/internal") and not carried:
                        assert answer.status == 401


async def test_no_body_does_any_harm(service: Service) -> None:
    object.__setattr__(service.parts.messages_limit, "_limit", 100_000)
    object.__setattr__(service.parts.begin_limit, "_limit", 100_000)
    maya = await service.customer()
    case_id = await service.case(maya)
    omar = await service.agent(OMAR)
    paths = ["accept", "release", "messages", "notes", "transfer", "escalate", "resolve", "next-update", "verdict"]
    headers = {"Content-Type": "application/json"}
    for number, raw in enumerate(collect(anything)):
        data = raw.encode(errors="surrogatepass")
        for path in (*BODIES, "/card", "/contact", "/links", "/attachments"):
            answer = await maya.call("POST", path, data=data, headers=headers)
            assert answer.status < 500, (path, raw)
            assert answer.code is None or STATUS[answer.code] == answer.status
        path = f"/api/agent/v1/cases/{case_id}/{paths[number % len(paths)]}"
        async with omar.session.post(path, data=data, headers={**headers, "X-CSRF-Token": omar.csrf}) as stepped:
            assert stepped.status < 500, (path, raw)


class Running:
    """The service in a thread of its own, for clients that know no asyncio."""

    def __init__(self, made: Settings) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self._start(made), self.loop).result(20)

    async def _start(self, made: Settings) -> None:
        self.app = bootstrap.build_app(made, bot=ScriptedBot(hands_over=True))
        parts = self.app[PARTS]
        signing_in = parts.sign_in_limits
        limits = (parts.messages_limit, parts.begin_limit, parts.keys_limit)
        for limit in (*limits, signing_in.of_one_at_one, signing_in.from_one, signing_in.of_one):
            object.__setattr__(limit, "_limit", 1_000_000)
        self.runner = web.AppRunner(self.app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    def close(self) -> None:
        """Stop service, loop and thread."""
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(20)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@pytest.fixture
def running(settings_of_the_test: Settings) -> Iterator[Running]:
    made = Running(settings_of_the_test)
    yield made
    made.close()


CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 8


def hold_to(url: str, base: str, raw: dict[str, Any], headers: dict[str, str], cookies: dict[str, str]) -> int:
    """Try every operation of a document with made-up values; returns how many calls were made."""
    calls = 0
    schema = schemathesis.openapi.from_dict(raw)
    schema.config.update(base_url=url + base)
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            nonlocal calls
            calls += 1
            case.call_and_validate(checks=CHECKS, headers=headers, cookies=cookies)

        check()
    return calls


def open_case(running: Running, desk: requests.Session) -> str:
    """A case to work on; returns its id."""
    customer = f"{running.url}/api/customer/v1"
    token = requests.post(f"{customer}/conversations", json={}, timeout=10).json()["token"]
    wish: Any = {"client_message_id": "abcdefgh-1", "person": True}
    requests.post(f"{customer}/messages", json=wish, headers={"Authorization": f"Bearer {token}"}, timeout=10)
    for _ in range(200):
        found = desk.get(f"{running.url}/api/agent/v1/cases", timeout=10).json()["cases"]
        if found:
            return str(found[0]["id"])
        time.sleep(0.02)
    raise AssertionError("no case was opened")


def test_the_customers_calls_are_what_their_document_says(running: Running) -> None:
    identity = running.app[PARTS].identities.sign(MAYA)
    begun = requests.post(
        f"{running.url}/api/customer/v1/conversations", json={"identity": identity}, timeout=10
    ).json()
    served = requests.get(f"{running.url}/api/customer/v1/openapi.json", timeout=10).json()
    headers = {"Authorization": f"Bearer {begun['token']}"}

    assert hold_to(running.url, "/api/customer/v1", served, headers, {}) >= 5 * EXAMPLES / 2


def test_the_agents_calls_are_what_their_document_says(running: Running) -> None:
    with requests.Session() as session:
        body = {"email": OMAR.email, "password": PASSWORD}
        signed_in = session.post(f"{running.url}/api/agent/v1/session", json=body, timeout=10).json()
        served = session.get(f"{running.url}/api/agent/v1/openapi.json", timeout=10).json()
        headers = {"X-CSRF-Token": signed_in["csrf_token"]}
        cookies = {cookie.name: str(cookie.value) for cookie in session.cookies}
        case_id = open_case(running, session)
    for operations in served["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "case_id":
                    parameter["schema"] = {"type": "string", "enum": [case_id, "nowhere"]}
    # Signing out would end the session of every later call.
    del served["paths"]["/session"]["delete"]

    assert hold_to(running.url, "/api/agent/v1", served, headers, cookies) >= 15 * EXAMPLES / 2


def test_other_systems_calls_are_what_their_document_says(running: Running) -> None:
    with requests.Session() as session:
        body = {"email": OMAR.email, "password": PASSWORD}
        signed_in = session.post(f"{running.url}/api/agent/v1/session", json=body, timeout=10).json()
        headers = {"X-CSRF-Token": signed_in["csrf_token"]}
        wanted: Any = {"name": "zendesk", "scopes": [str(scope) for scope in Scope]}
        made = session.post(f"{running.url}/api/agent/v1/keys", json=wanted, headers=headers, timeout=10).json()
        case_id = open_case(running, session)
    served = requests.get(f"{running.url}/api/integration/v1/openapi.json", timeout=10).json()
    for operations in served["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "case_id":
                    parameter["schema"] = {"type": "string", "enum": [case_id, "nowhere"]}
    headers = {"Authorization": f"Bearer {made['token']}"}

    assert hold_to(running.url, "/api/integration/v1", served, headers, {}) >= 12 * EXAMPLES / 2


@pytest.mark.parametrize("operations", [AGENT, CUSTOMER, INTEGRATION], ids=["agent", "customer", "integration"])
def test_every_answer_in_the_documents_is_a_closed_object(operations: Any) -> None:
    made = document("title", "/", operations)
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if status == "204":
                    continue
                if "application/json" not in answer["content"]:
                    assert answer["content"] in (
                        {kind: {"schema": {"type": "string"}}} for kind in ("text/csv", "*/*")
                    ), path
                    continue
                name = answer["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
                assert made["components"]["schemas"][name]["additionalProperties"] is False, (path, method, status)
