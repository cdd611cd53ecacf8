"""Five hundred conversations and fifty agents at once, on the real service: does each word arrive, and how soon?

The service is ``python -m handoff`` as it runs in production, on a database with everything behind it. Customers and
agents are clients of the two protocols in this process, on the same processors, so what is measured is more than the
service needs. There is no assistant: every conversation is handed over before anybody writes. Every word is counted:
it must arrive once, in order, on the other side. How long it took counts once things have settled: deadlines of the
made-up past are stated before, and desks and cases that come all at once have twenty seconds. No day begins like that.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import psutil

from benchmarks.cases.operations import AGENTS, context_of, staff
from handoff.contract import Category
from handoff.services.deadlines import DeadlineWatcher
from handoff.services.sign_in import hash_password
from handoff.store import people
from handoff.store.database import Database
from tests.e2e.clients import AgentClient, CustomerClient
from tests.e2e.system import free_port
from warmline.paths import PROJECT_ROOT
from warmline.secrets import ensure_secrets, load_secrets

CONVERSATIONS: Final = 500
EVERY_SECONDS: Final = 10.0
"""Each side of a conversation writes so often."""
PASSWORD: Final = "bench-password"
START_SECONDS: Final = 60.0
WARM_UP_SECONDS: Final = 20.0
"""Everybody talks for so long before it counts how long a word takes; none may be lost even then."""
SETTLE_SECONDS: Final = 10.0
"""For the last words to arrive."""
DESKS_SECONDS: Final = 120.0
"""How long all desks may take to show their cases."""
AT_ONCE: Final = 25


@dataclass
class Heard:
    """What arrived: how long each word took, in seconds, and what is wrong with the rest.

    ``service_cpu`` and ``clients_cpu`` are the seconds of processor that service and clients used while it counted.
    """

    seconds: list[float] = field(default_factory=list)
    counts_from: float = 0.0
    service_cpu: float = 0.0
    clients_cpu: float = 0.0
    sent: int = 0
    missing: int = 0
    doubled: int = 0
    out_of_order: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost, doubled or out of order."""
        return self.sent > 0 and not (self.missing or self.doubled or self.out_of_order)


@dataclass
class Ear:
    """One side of one conversation: the words that it is to hear, in their order."""

    due: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    said_at: dict[str, float] = field(default_factory=dict)

    def hear(self, text: str, total: Heard) -> None:
        """A word came."""
        if text in self.said_at:
            self.heard.append(text)
            if self.said_at[text] >= total.counts_from:
                total.seconds.append(time.perf_counter() - self.said_at[text])

    def settle(self, total: Heard) -> None:
        """Count what did not come as it should."""
        total.sent += len(self.due)
        total.missing += len(set(self.due) - set(self.heard))
        total.doubled += len(self.heard) - len(set(self.heard))
        total.out_of_order += self.heard != [word for word in self.due if word in set(self.heard)]


async def live(database_url: str, folder: Path, *, seconds: float, told: Callable[[str], None]) -> Heard:
    """Let everybody talk for a while; ``database_url`` is a migrated database with the agents in it."""
    await _give_passwords(database_url)
    told("deadlines are stated and acted on, as a service leaves them that has been running")
    await _state_deadlines(database_url)
    async with _service(database_url, folder) as (base, secret, service), _people(base, told) as (customers, agents):
        talks = await _begin_cases(base, secret, customers, agents, told)
        told(f"{len(talks)} conversations live; talking for {seconds:.0f} s")
        return await _talk(talks, seconds, service)


async def _give_passwords(database_url: str) -> None:
    db = Database.connect(database_url)
    secret = hash_password(PASSWORD)
    async with db.write() as connection:
        for agent in staff():
            await people.save_agent(connection, agent, password_hash=secret)
    await db.close()


async def _state_deadlines(database_url: str) -> None:
    """The made-up past has none stored; a service that found thousands at once would be busy with them for minutes."""
    db = Database.connect(database_url)
    await DeadlineWatcher(context_of(db)).look()
    await db.close()


@asynccontextmanager
async def _service(database_url: str, folder: Path) -> AsyncIterator[tuple[str, str, psutil.Process]]:
    ensure_secrets(folder / "secrets.json")
    base = f"http://127.0.0.1:{(port := free_port())}"
    settings = {
        "WARMLINE_VAR": str(folder),
        "WARMLINE_PORT": str(port),
        "WARMLINE_RASA_PORT": str(free_port()),
        "WARMLINE_ACTIONS_PORT": str(free_port()),
        "WARMLINE_DEMO": "false",
        "WARMLINE_DATABASE_URL": database_url.replace("+aiosqlite", "").replace("+asyncpg", ""),
        "WARMLINE_MESSAGES_PER_10_SECONDS": "100000",
        "WARMLINE_NEW_CONVERSATIONS_PER_MINUTE": "100000",
    }
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WARMLINE_")} | settings
    process = await asyncio.to_thread(_start, environment, folder / "handoff.out")
    try:
        await asyncio.to_thread(_wait_healthy, base, process, folder / "handoff.out")
        yield base, load_secrets(folder / "secrets.json", {}).internal, psutil.Process(process.pid)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 30)


def _start(environment: dict[str, str], output: Path) -> subprocess.Popen[bytes]:
    with output.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "handoff"], cwd=PROJECT_ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )


def _wait_healthy(base: str, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{base}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"handoff did not start:\n{output.read_text(errors='replace')}")
        time.sleep(0.1)


@asynccontextmanager
async def _people(
    base: str, told: Callable[[str], None]
) -> AsyncIterator[tuple[list[CustomerClient], list[AgentClient]]]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        told(f"{AGENTS} agents sign in")
        agents = [await AgentClient.sign_in(base, agent.email, PASSWORD) for agent in staff()[:AGENTS]]
        told(f"{CONVERSATIONS} customers come")
        limit = asyncio.Semaphore(AT_ONCE)

        async def come(number: int) -> CustomerClient:
            async with limit:
                return await CustomerClient.begin(session, base, name=f"Customer {number}")

        customers = list(await asyncio.gather(*(come(number) for number in range(CONVERSATIONS))))
        try:
            yield customers, agents
        finally:
            await asyncio.gather(*(customer.close() for customer in customers), return_exceptions=True)
            await asyncio.gather(*(agent.close() for agent in agents), return_exceptions=True)


@dataclass
class Talk:
    """One conversation between a customer and an agent."""

    customer: CustomerClient
    agent: AgentClient
    case_id: str
    at_desk: Ear = field(default_factory=Ear)
    at_widget: Ear = field(default_factory=Ear)


async def _begin_cases(
    base: str,
    secret: str,
    customers: list[CustomerClient],
    agents: list[AgentClient],
    told: Callable[[str], None],
) -> list[Talk]:
    limit = asyncio.Semaphore(AT_ONCE)
    told("each gets a case and an agent")
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {secret}"}) as internal:

        async def begin(number: int) -> Talk:
            customer, agent = customers[number], agents[number % len(agents)]
            async with limit:
                body = _handoff(customer.conversation_id, f"handoff-{number}", list(Category)[number % len(Category)])
                async with internal.post(f"{base}/internal/v1/cases", json=body) as answer:
                    case_id = (await answer.json())["case_id"]
                await agent.act(case_id, "accept")
            return Talk(customer, agent, case_id)

        return list(await asyncio.gather(*(begin(number) for number in range(len(customers)))))


def _handoff(conversation_id: str, message_id: str, category: Category) -> dict[str, Any]:
    decision = {
        "action": "now",
        "reason": "explicit_request",
        "kind": "functional",
        "category": category,
        "severity": 3,
    }
    return {
        "conversation_id": conversation_id,
        "message_id": message_id,
        "idempotency_key": message_id,
        "decision": decision,
        "problem": "where your order is",
    }


async def _talk(talks: list[Talk], seconds: float, service: psutil.Process) -> Heard:
    total = Heard()
    agents = list({id(talk.agent): talk.agent for talk in talks}.values())
    ready = [asyncio.Event() for _ in agents]
    desks = [
        asyncio.create_task(_desk(agent, talks, total, stands)) for agent, stands in zip(agents, ready, strict=True)
    ]
    async with asyncio.timeout(DESKS_SECONDS):
        await asyncio.gather(*(stands.wait() for stands in ready))
    for talk in talks:
        talk.customer.on_message = lambda message, talk=talk: talk.at_widget.hear(message["text"], total)
    total.counts_from = time.perf_counter() + WARM_UP_SECONDS
    ends = time.monotonic() + WARM_UP_SECONDS + seconds
    talking = (_converse(talk, number / len(talks), ends) for number, talk in enumerate(talks))
    await asyncio.gather(_watch_processors(service, total, seconds), *talking)
    await asyncio.sleep(SETTLE_SECONDS)
    for desk in desks:
        desk.cancel()
    await asyncio.gather(*desks, return_exceptions=True)
    for talk in talks:
        talk.at_desk.settle(total)
        talk.at_widget.settle(total)
    return total


async def _watch_processors(service: psutil.Process, total: Heard, seconds: float) -> None:
    await asyncio.sleep(WARM_UP_SECONDS)
    service_before, clients_before = sum(service.cpu_times()[:2]), time.process_time()
    await asyncio.sleep(seconds)
    total.service_cpu = sum(service.cpu_times()[:2]) - service_before
    total.clients_cpu = time.process_time() - clients_before


async def _desk(agent: AgentClient, talks: list[Talk], total: Heard, stands: asyncio.Event) -> None:
    """An agent's stream: watches the cases of this agent, and hears what their customers write.

    ``stands`` is set once every case is watched: what is written before comes with the answer to ``watch``.
    """
    own = {talk.case_id: talk for talk in talks if talk.agent is agent}
    watched: set[str] = set()
    socket = await agent.stream()
    for case_id in own:
        await socket.send_json({"type": "watch", "case_id": case_id, "after_seq": 0})
    async for incoming in socket:
        frame = incoming.json()
        if frame["type"] == "watched":
            watched.add(frame["case_id"])
            if watched == own.keys():
                stands.set()
        elif frame["type"] == "message" and frame["message"]["sender"]["type"] == "customer":
            own[frame["case_id"]].at_desk.hear(frame["message"]["text"], total)


async def _converse(talk: Talk, phase: float, ends: float) -> None:
    """Customer and agent write in turn, each every ``EVERY_SECONDS``; not all conversations at the same moment."""
    await asyncio.sleep(phase * EVERY_SECONDS)
    while time.monotonic() < ends:
        word = f"Could you look at this, please? {uuid.uuid4().hex}"
        talk.at_desk.due.append(word)
        talk.at_desk.said_at[word] = time.perf_counter()
        await talk.customer.send({"type": "message", "text": word})
        await asyncio.sleep(EVERY_SECONDS / 2)
        word = f"I am looking into it now. {uuid.uuid4().hex}"
        talk.at_widget.due.append(word)
        talk.at_widget.said_at[word] = time.perf_counter()
        await talk.agent.write(talk.case_id, word)
        await asyncio.sleep(EVERY_SECONDS / 2)
