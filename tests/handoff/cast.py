"""The people of the tests, the clock that a hand moves, and a bot that says what it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from handoff.contract import (
    BotMetadata,
    Category,
    Decision,
    DecisionAction,
    EscalationKind,
    HandoffReason,
    HandoffRequest,
    Mood,
    Reason,
    Tier,
    Triage,
    TurnRecord,
)
from handoff.delivery.rasa import BotUnavailable
from handoff.domain.conversations import BotReply, Conversation, Message
from handoff.domain.people import Agent, Role
from handoff.domain.presence import PresenceStep
from handoff.services import conversations, presence
from handoff.services.bot_replies import BotAnswer
from handoff.services.context import Context
from handoff.services.conversations import Identity
from handoff.services.events import Event
from handoff.services.open_case import open_case
from handoff.store import conversations as conversation_store
from handoff.store import people
from handoff.store.database import Database
from handoff.wording import load_wording
from warmline.paths import PROJECT_ROOT
from warmline.policy import load_policy

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

MAYA = Identity("C-1001", "Maya Lind", "maya.lind@mail.example", Tier.STANDARD)
PRIYA = Identity("C-1003", "Priya Shah", "priya.shah@mail.example", Tier.VIP)

ANA = Agent(
    "ana", "Ana Duarte", "ana@larkfield.example", Role.AGENT, 1, frozenset({Category.BILLING, Category.GENERAL})
)
BEN = Agent(
    "ben",
    "Ben Okafor",
    "ben@larkfield.example",
    Role.AGENT,
    1,
    frozenset({Category.ORDERS_DELIVERY, Category.RETURNS_REFUNDS}),
)
BEA = Agent("bea", "Bea Novak", "bea@larkfield.example", Role.AGENT, 1, BEN.queues)
GRACE = Agent("grace", "Grace Lindqvist", "grace@larkfield.example", Role.SUPERVISOR, 3, frozenset())
IMANI = Agent("imani", "Imani Reyes", "imani@larkfield.example", Role.EDITOR, 1, frozenset())
OMAR = Agent("omar", "Omar Haddad", "omar@larkfield.example", Role.ADMIN, 4, frozenset())
STAFF = (ANA, BEN, BEA, GRACE, IMANI, OMAR)

POLICY = load_policy(PROJECT_ROOT / "data" / "escalation.yml")
WORDING = load_wording(PROJECT_ROOT / "data" / "wording")
PASSWORD = "larkfield-demo"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        """The same clock in seconds."""
        return self.now.timestamp()

    def move(self, **span: float) -> None:
        """Let time pass: ``clock.move(minutes=5)``."""
        self.now += timedelta(**span)


@dataclass
class Ids:
    """Identifiers in a row, so that a failure reads the same each time."""

    prefix: str = "id"
    made: int = 0

    def __call__(self) -> str:
        self.made += 1
        return f"{self.prefix}-{self.made:06d}"


def decision(
    *,
    category: Category = Category.ORDERS_DELIVERY,
    reason: HandoffReason = HandoffReason.EXPLICIT_REQUEST,
    severity: int = 3,
    level: int = 1,
    contact_number: int = 1,
    signal: str = "explicit_request",
    triage: Triage | None = None,
    mood: Mood | None = None,
) -> Decision:
    """A decision to hand over now."""
    return Decision(
        action=DecisionAction.NOW,
        reason=reason,
        kind=EscalationKind.FUNCTIONAL,
        category=category,
        severity=severity,
        level=level,
        mood=mood,
        contact_number=contact_number,
        reasons=(Reason(signal=signal, reason=reason, value=1.0, threshold=0.6, evidence=("a person, please",)),),
        policy_version=POLICY.version,
        triage=triage,
    )


def record(
    message_id: str, *, topic: str | None = "order_status", frustration: float = 0.4, **given: object
) -> TurnRecord:
    """What was understood in one turn."""
    return TurnRecord.model_validate(
        {
            "message_id": message_id,
            "intent": "order_status",
            "confidence": 0.9,
            "topic": topic,
            "entities": {"order_number": "LH-10001"},
            "frustration": frustration,
            "peak": frustration,
            **given,
        }
    )


@dataclass
class House:
    """The use cases on one database, with everything that they published."""

    db: Database
    context: Context
    clock: Clock
    published: list[Event]

    async def arrives(self, *agents: Agent) -> None:
        """These have a desk open and take cases."""
        await presence.heartbeat(self.context, [agent.id for agent in agents])

    async def leaves(self, *agents: Agent) -> None:
        """These close their desks."""
        for agent in agents:
            await presence.leave(self.context, agent.id, PresenceStep.CLOSE_DESK)

    async def begin(self, identity: Identity | None = MAYA) -> Conversation:
        """A conversation of this customer."""
        return (await conversations.begin(self.context, identity=identity)).conversation

    async def say(self, conversation: Conversation, text: str, client_message_id: str | None = None) -> Message:
        """The customer writes."""
        key = client_message_id or f"client-{self.context.new_id()}"
        return (await conversations.receive_text(self.context, conversation.id, key, text)).message

    async def hand_over(self, conversation: Conversation, message: Message | None = None, **decided: object) -> str:
        """The bot hands over; returns the case's id."""
        said = message or await self.say(conversation, "I want a person")
        return (await open_case(self.context, request(conversation, said, **decided))).case_id

    async def case(self, **decided: object) -> tuple[Conversation, str]:
        """Maya's conversation with an open case."""
        conversation = await self.begin()
        return conversation, await self.hand_over(conversation, None, **decided)

    async def now(self, conversation: Conversation) -> Conversation:
        """The conversation as it is now."""
        async with self.db.read() as db:
            return await conversation_store.get_conversation(db, conversation.id)

    async def messages(self, conversation: Conversation) -> tuple[Message, ...]:
        """Everything said."""
        async with self.db.read() as db:
            return await conversation_store.messages_after(db, conversation.id, 0)


def request(conversation: Conversation, message: Message, **decided: object) -> HandoffRequest:
    """What the action server sends to hand over."""
    return HandoffRequest(
        conversation_id=conversation.id,
        message_id=message.id,
        idempotency_key=message.id,
        decision=decision(**decided),  # type: ignore[arg-type]
        problem="where your order LH-10001 is",
        topic="order_status",
        facts={"order_number": "LH-10001"},
        turns=(record(message.id),),
    )


async def move_in(db: Database, clock: Clock, ids: Ids | None = None, password_hash: str = "none") -> House:
    """The use cases on a database, with the staff in it."""
    published: list[Event] = []
    async with db.write() as connection:
        for agent in STAFF:
            await people.save_agent(connection, agent, password_hash=password_hash)
    context = Context(
        db=db,
        policy=POLICY,
        wording=WORDING,
        publish=published.extend,
        clock=clock,
        new_id=ids or Ids(),
        random=Random(7),
    )
    return House(db, context, clock, published)


@dataclass
class ScriptedBot:
    """A bot in this process: echoes, unless it is told otherwise; keeps what it was asked, as Rasa's tracker does."""

    asked: list[tuple[str, BotMetadata]] = field(default_factory=list)
    tracker: dict[str, BotAnswer] = field(default_factory=dict)
    rewound: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    ready: bool = True
    down: bool = False
    answers: list[BotAnswer | Exception] = field(default_factory=list)
    """What it answers next, first first; when empty it echoes."""
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    """An answer to this text waits until the event is set."""
    on_answer: Callable[[str, BotMetadata], Awaitable[None]] | None = None
    hands_over: bool = False
    """Whether the wish for a person is answered with a handoff, as the real one does."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, text: str, metadata: BotMetadata) -> BotAnswer:
        """Process one turn."""
        async with self.changed:
            self.asked.append((text, metadata))
            self.changed.notify_all()
        if self.down:
            raise BotUnavailable("down")
        if self.on_answer is not None:
            await self.on_answer(text, metadata)
        gate = self.gates.get(text)
        if gate is not None:
            await gate.wait()
        if self.answers:
            scripted: BotAnswer | Exception = self.answers.pop(0)
        elif self.hands_over and text == conversations.PERSON_PAYLOAD:
            scripted = wants_human(metadata.message_id)
        else:
            scripted = echo(text, metadata.message_id)
        if isinstance(scripted, Exception):
            raise scripted
        self.tracker[metadata.message_id] = scripted
        return scripted

    async def recorded_answer(self, conversation_id: str, message_id: str) -> BotAnswer | None:
        """What the tracker holds."""
        self.looked_up.append(message_id)
        return self.tracker.get(message_id)

    async def read_ahead(self, conversation_id: str, text: str) -> None:
        """Note what it may read."""
        self.read.append(text)

    async def rewind(self, conversation_id: str) -> None:
        """Take the last message back."""
        self.rewound.append(conversation_id)

    async def is_ready(self) -> bool:
        """Whether it can take a turn."""
        return self.ready

    def texts(self) -> list[str]:
        """What it was asked, in order."""
        return [text for text, _ in self.asked]

    async def was_asked(self, times: int) -> None:
        """Wait until it was asked so often."""
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(lambda: len(self.asked) >= times)


def echo(text: str, message_id: str) -> BotAnswer:
    """An answer without any trouble."""
    return BotAnswer((BotReply(f"You said: {text}"),), record(message_id))


def wants_human(message_id: str, *replies: str) -> BotAnswer:
    """An answer whose decision is to hand over now."""
    asks = record(message_id).model_copy(update={"decision": decision()})
    return BotAnswer(tuple(BotReply(text) for text in replies), asks)


async def until(true: Callable[[], Awaitable[bool]], *, within: float = 5.0) -> None:
    """Wait for something that only the database tells; fails after ``within`` seconds."""
    async with asyncio.timeout(within):
        while not await true():  # noqa: ASYNC110 (no event tells what another connection wrote)
            await asyncio.sleep(0.005)
