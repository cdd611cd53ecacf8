"""What is timed: the use cases themselves, on one database, without sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from handoff.contract import (
    Category,
    Decision,
    DecisionAction,
    EscalationKind,
    HandoffReason,
    HandoffRequest,
    Reason,
)
from handoff.domain.actors import SYSTEM
from handoff.domain.kpis.periods import Period
from handoff.domain.people import Agent, Role
from handoff.services import case_talk, conversations, kpi_rollup, kpis, open_case, reading
from handoff.services.case_steps import accept
from handoff.services.context import Context, unguessable_id
from handoff.services.offers import make_offer
from handoff.store import cases as case_store
from handoff.store import conversations as conversation_store
from handoff.store import people
from handoff.store.database import Database
from handoff.wording import load_wording
from warmline.paths import PROJECT_ROOT
from warmline.policy import load_policy

AGENTS: Final = 50
OPERATIONS: Final = ("open", "offer", "accept", "message", "board", "kpis")
WARM_UP: Final = 5


def staff() -> tuple[Agent, ...]:
    """Fifty agents who serve every queue, and one who sees the figures."""
    queues = frozenset(Category)
    agents = [
        Agent(f"agent-{n}", f"Agent {n}", f"agent{n}@bench.example", Role.AGENT, 4, queues, capacity=1000)
        for n in range(AGENTS)
    ]
    return (*agents, Agent("lead", "Lead", "lead@bench.example", Role.SUPERVISOR, 4, frozenset()))


async def hire(db: Database) -> None:
    """Put the agents into a migrated database."""
    async with db.write() as connection:
        for agent in staff():
            await people.save_agent(connection, agent, password_hash="none")


def context_of(db: Database) -> Context:
    """The dependencies of the use cases; what they publish goes nowhere."""
    return Context(
        db=db,
        policy=load_policy(PROJECT_ROOT / "data" / "escalation.yml"),
        wording=load_wording(PROJECT_ROOT / "data" / "wording"),
        publish=lambda _events: None,
        clock=lambda: datetime.now(UTC),
        new_id=unguessable_id,
        random=Random(7),
    )


@dataclass
class Timed:
    """How long each operation took, in seconds."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in OPERATIONS})

    async def take(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do it, and note how long it took."""
        began = time.perf_counter()
        await work()
        self.seconds[name].append(time.perf_counter() - began)


async def run(context: Context, rounds: int, told: Callable[[int], None]) -> Timed:
    """Time every operation so often; one round is one customer from the handoff to the first answer."""
    timed, agents = Timed(), staff()
    for number in range(-WARM_UP, rounds):
        spent = timed if number >= 0 else Timed()
        await _round(context, spent, agents[number % AGENTS], list(Category)[number % len(Category)])
        told(number)
        await asyncio.sleep(0)
    return timed


async def _round(context: Context, timed: Timed, agent: Agent, category: Category) -> None:
    conversation = (await conversations.begin(context, identity=None)).conversation
    said = await conversations.receive_text(context, conversation.id, unguessable_id(), "I want a person, please")
    request = _request(conversation.id, said.message.id, category)
    await timed.take("open", lambda: open_case.open_case(context, request))
    case_id = (await open_case.open_case(context, request)).case_id
    await timed.take("offer", lambda: _offer(context, case_id, agent))
    await timed.take("accept", lambda: accept(context, case_id, agent))
    await timed.take("message", lambda: _write(context, case_id, agent))
    await timed.take("board", lambda: board(context, agent, category))
    await timed.take("kpis", lambda: kpis.report(context, _last_month(context)))


def _last_month(context: Context) -> Period:
    today = context.clock().astimezone(UTC).date()
    return Period(today - timedelta(days=29), today)


async def add_up(context: Context, told: Callable[[int], None]) -> None:
    """Add up the days that the KPI page of a month and the month before it need, as the service does by itself."""
    days = (await kpi_rollup.days_to_roll_up(context, every=True))[:61]
    for number, day in enumerate(days):
        await kpi_rollup.roll_up_day(context, day)
        told(number)


async def _offer(context: Context, case_id: str, agent: Agent) -> None:
    async with context.db.write() as db:
        case = await case_store.get_case(db, case_id)
        await conversation_store.get_conversation(db, case.conversation_id, for_change=True)
        await make_offer(context, db, case, agent, SYSTEM, context.clock(), round_name="team")


async def _write(context: Context, case_id: str, agent: Agent) -> None:
    await case_talk.send_agent_message(
        context, case_id, agent, client_message_id=unguessable_id(), text="Hello, I am looking into it now."
    )


async def board(context: Context, agent: Agent, category: Category) -> None:
    """One queue as the desk shows it: its first fifty cases, and how many wait everywhere."""
    await reading.case_rows(context, agent, category=category, limit=50)
    await reading.queue_rows(context, agent)


def _request(conversation_id: str, message_id: str, category: Category) -> HandoffRequest:
    asked = Reason(
        signal="explicit_request",
        reason=HandoffReason.EXPLICIT_REQUEST,
        value=1.0,
        threshold=0.6,
        evidence=("a person, please",),
    )
    return HandoffRequest(
        conversation_id=conversation_id,
        message_id=message_id,
        idempotency_key=message_id,
        decision=Decision(
            action=DecisionAction.NOW,
            reason=HandoffReason.EXPLICIT_REQUEST,
            kind=EscalationKind.FUNCTIONAL,
            category=category,
            severity=3,
            reasons=(asked,),
        ),
        problem="where your order is",
        topic="order_status",
    )
