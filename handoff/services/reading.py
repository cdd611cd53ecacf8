"""What the widget and the desk are shown: read models, gathered in one transaction each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.card import Card
from handoff.domain.cases import Case, CaseEvent, CaseStatus
from handoff.domain.conversations import Conversation, Message, Turn
from handoff.domain.deadlines import Target
from handoff.domain.ownership import Owner
from handoff.domain.people import Agent, Customer
from handoff.domain.promises import Promise
from handoff.domain.resolutions import Resolution
from handoff.domain.summary import summarise
from handoff.domain.supervising import Flag, Participant
from handoff.domain.verdicts import CaseVerdict
from handoff.domain.wait_estimate import WaitRange
from handoff.domain.why import turns_that_led_to, why
from handoff.services.availability import somebody_lately
from handoff.services.case_writing import can_see, visible_case
from handoff.services.clocks import near_times
from handoff.services.context import Context
from handoff.services.handoff_card import read_card
from handoff.services.merging import MergedCase, merged_into
from handoff.services.waiting import wait_range
from handoff.store import case_events, case_lists, people, promises, resolutions, verdicts
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store.conversation_cases import ConversationCase, conversation_with_case
from handoff.store.schema import contacts, conversations
from handoff.store.supervising import participants_of
from handoff.store.waits import ToldRange, standing_range


@dataclass(frozen=True, slots=True)
class CustomerState:
    """Who owns the conversation and how its latest case stands, as the customer may know it."""

    owner: Owner
    owner_name: str | None
    case: Case | None
    agent_name: str | None
    position: int | None
    wait: WaitRange | None
    """How long it will be until somebody takes the case; None while nothing can be said."""
    told_wait: ToldRange | None
    bot_busy: bool
    card: Card | None
    """What is passed on to the agent; None while there is no case to pass on."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as a list of cases shows it."""

    case: Case
    owner: Owner
    customer: Customer
    agent_name: str | None
    position: int | None
    frustration: float | None
    peak_frustration: float | None
    unread: int
    flag: Flag | None = None
    participants: tuple[Participant, ...] = ()
    near_at: dict[Target, datetime] = field(default_factory=dict)
    """From when on each target that runs is near, as the policy counts it."""


@dataclass(frozen=True, slots=True)
class PastConversation:
    """An earlier conversation of the customer: when, and what it was about."""

    id: str
    started_at: datetime
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastResolution:
    """One closing of the case, with the name of who owned it then."""

    resolution: Resolution
    agent_name: str | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything about one case (P18, P21)."""

    row: CaseRow
    why: str
    summary: str
    turns: tuple[Turn, ...]
    history: tuple[CaseEvent, ...]
    transcript: tuple[Message, ...]
    past_conversations: tuple[PastConversation, ...]
    past_cases: tuple[Case, ...]
    """What came of it is left out of those that the agent may not open."""
    verdict: CaseVerdict | None
    judge_name: str | None
    promises: tuple[Promise, ...]
    resolutions: tuple[PastResolution, ...]
    merged: tuple[MergedCase, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue with its load."""

    category: Category
    waiting: int
    active: int
    oldest_opened_at: datetime | None


async def customer_state(context: Context, conversation_id: str) -> CustomerState:
    """The state that the widget shows."""
    async with context.db.read_at_once() as db:
        return await _customer_state(context, db, await conversation_with_case(db, conversation_id))


async def _customer_state(context: Context, db: AsyncConnection, found: ConversationCase) -> CustomerState:
    conversation, case, agent_name = found.conversation, found.case, found.agent_name
    position = await case_store.queue_position(db, case) if case else None
    wait, told_wait = await _wait(context, db, case, position) if case else (None, None)
    pending = conversation.owner.is_bot and bool(await store.pending_turns(db, conversation.id))
    owner_name = agent_name if conversation.owner.agent_id is not None else None
    card = await read_card(db, context.wording, case) if case and case.status is not CaseStatus.CLOSED else None
    return CustomerState(conversation.owner, owner_name, case, agent_name, position, wait, told_wait, pending, card)


async def _wait(
    context: Context, db: AsyncConnection, case: Case, position: int | None
) -> tuple[WaitRange | None, ToldRange | None]:
    """The range as it is now and as it was last told; none while nobody is there to take the case."""
    now = context.clock()
    if position is None or not await somebody_lately(context, db, case, now):
        return None, None
    found = await wait_range(context, db, case, position, now)
    return found, await standing_range(db, case.id) if found else None


async def customer_view(
    context: Context, conversation_id: str, *, after: int, before: int | None = None, last: int | None = None
) -> tuple[Conversation, CustomerState, tuple[Message, ...]]:
    """State and the messages between two numbers, from one moment: what ``welcome`` carries.

    ``last`` is how many of the latest are wanted at most, by who has none yet.
    """
    async with context.db.read() as db:
        found = await conversation_with_case(db, conversation_id)
        state = await _customer_state(context, db, found)
        if last is not None and after == 0:
            after = max(0, found.conversation.last_seq - last)
        return found.conversation, state, await store.messages_after(db, conversation_id, after, before)


async def all_queue_rows(context: Context) -> dict[Category, QueueRow]:
    """Every queue with how many wait and since when: read once, however many agents are told."""
    async with context.db.read() as db:
        counts = await case_store.queue_counts(db, tuple(Category))
    return {category: QueueRow(category, *found) for category, found in counts.items()}


async def queue_rows(context: Context, agent: Agent) -> tuple[QueueRow, ...]:
    """The queues that the agent serves, with how many wait and since when."""
    rows = await all_queue_rows(context)
    return tuple(rows[category] for category in agent.visible_queues())


async def case_rows(
    context: Context,
    agent: Agent,
    *,
    statuses: Sequence[CaseStatus] = (CaseStatus.OPEN, CaseStatus.ACTIVE, CaseStatus.WAITING),
    category: Category | None = None,
    mine: bool = False,
    limit: int = 500,
) -> tuple[CaseRow, ...]:
    """The cases that the agent may see, in the order in which they are to be served."""
    visible = [c for c in agent.visible_queues() if category in (None, c)]
    async with context.db.read() as db:
        found = await case_store.list_cases(
            db, categories=visible, statuses=statuses, agent_id=agent.id if mine else None, limit=limit
        )
        return await rows_of(context, db, found)


async def case_row(context: Context, case_id: str) -> CaseRow:
    """One case as a list shows it; raises ``NotFound``."""
    async with context.db.read_at_once() as db:
        return (await rows_of(context, db, [await case_store.get_case(db, case_id)]))[0]


async def case_rows_of(context: Context, case_ids: Collection[str]) -> dict[str, CaseRow]:
    """Several cases as a list shows them, by id, read together; those that are not there are left out."""
    async with context.db.read_at_once() as db:
        found = await case_store.get_cases(db, case_ids)
        return {row.case.id: row for row in await rows_of(context, db, tuple(found.values()))}


async def rows_of(context: Context, db: AsyncConnection, cases: Sequence[Case]) -> tuple[CaseRow, ...]:
    """These cases as a list shows them, in the same order."""
    if not cases:
        return ()
    found = await case_lists.beside(db, [case.id for case in cases])
    positions = await case_store.queue_positions(db, cases)
    joined = await participants_of(db, [case_id for case_id, one in found.items() if one.is_joined])
    return tuple(
        CaseRow(
            case=case,
            owner=found[case.id].owner,
            customer=found[case.id].customer,
            agent_name=found[case.id].agent_name,
            position=positions.get(case.id),
            frustration=found[case.id].frustration,
            peak_frustration=found[case.id].peak_frustration,
            unread=found[case.id].unread,
            flag=found[case.id].flag,
            participants=joined.get(case.id, ()),
            near_at=near_times(context, case),
        )
        for case in cases
    )


async def case_view(context: Context, case_id: str, agent: Agent) -> CaseView:
    """Everything about a case for an agent who may see it; raises ``NotFound``."""
    async with context.db.read() as db:
        case = await visible_case(db, case_id, agent)
        row = (await rows_of(context, db, [case]))[0]
        scored = await store.scored_turns(db, case.conversation_id)
        transcript = await store.messages_after(db, case.conversation_id, 0)
        records = [turn.record for turn in scored if turn.record is not None]
        past_cases = tuple(o for o in await case_store.cases_of_customer(db, case.customer_id) if o.id != case.id)
        led = turns_that_led_to(case, scored, past_cases)
        led_ids = {turn.message_id for turn in led}
        said = [message.text for message in transcript if message.id in led_ids]
        verdict = await verdicts.verdict_of(db, case.id)
        history = await case_events.events_of(db, case.id)
        words = context.wording
        return CaseView(
            row=row,
            why=why(case, led, said, context.wording.why),
            summary=summarise(case, row.customer, transcript, records, words.wishes, words.why.topics),
            turns=scored,
            history=history,
            transcript=transcript,
            past_conversations=await _past_conversations(db, case),
            past_cases=tuple(past if can_see(agent, past) else replace(past, outcome=None) for past in past_cases),
            verdict=verdict,
            judge_name=(await people.get_agent(db, verdict.agent_id)).name if verdict else None,
            merged=await merged_into(db, history),
            promises=await promises.promises_of(db, case.id),
            resolutions=await _resolutions(db, case),
        )


async def _resolutions(db: AsyncConnection, case: Case) -> tuple[PastResolution, ...]:
    found = await resolutions.resolutions_of(db, case.id)
    names = await people.agent_names(db) if found else {}
    return tuple(PastResolution(one, names.get(one.agent_id) if one.agent_id else None) for one in found)


async def _past_conversations(db: AsyncConnection, case: Case) -> tuple[PastConversation, ...]:
    query = (
        select(conversations.c.id, conversations.c.started_at, contacts.c.topic)
        .outerjoin(contacts, contacts.c.conversation_id == conversations.c.id)
        .where(conversations.c.customer_id == case.customer_id, conversations.c.id != case.conversation_id)
        .order_by(conversations.c.started_at.desc(), contacts.c.at)
        .limit(100)
    )
    found: dict[str, tuple[datetime, list[str]]] = {}
    for row in (await db.execute(query)).all():
        _, topics = found.setdefault(row.id, (row.started_at, []))
        if row.topic is not None:
            topics.append(row.topic)
    return tuple(PastConversation(key, started, tuple(topics)) for key, (started, topics) in found.items())


async def transcript_after(
    context: Context, case_id: str, agent: Agent, *, after: int
) -> tuple[tuple[Message, ...], tuple[Turn, ...]]:
    """The messages after a number with the turns' records, for an agent who may see the case."""
    async with context.db.read() as db:
        case = await visible_case(db, case_id, agent)
        found = await store.messages_after(db, case.conversation_id, after)
        return found, await store.scored_turns(db, case.conversation_id)
