"""Cases and their history in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Attempt, Category, EscalationKind, HandoffReason, Reason, Tier, Triage
from handoff.domain.cases import Case, CaseContext, CaseStatus, Correction, Targets, WaitingFor
from handoff.domain.errors import CaseChanged, NotFound
from handoff.store.schema import cases, conversations, counters

FIRST_CASE_NUMBER = 1001
_REASONS = TypeAdapter(tuple[Reason, ...])
_ATTEMPTS = TypeAdapter(tuple[Attempt, ...])
_CORRECTIONS = TypeAdapter(tuple[Correction, ...])
# What every message needs is built once: building a statement takes longer than the database needs to run it.
_BY_ID: Final = select(cases).where(cases.c.id == bindparam("wanted"))
_BY_IDS: Final = select(cases).where(cases.c.id.in_(bindparam("wanted", expanding=True)))
# The conversation first: PostgreSQL locks them in this order.
_HELD: Final = _BY_ID.join(conversations, conversations.c.id == cases.c.conversation_id).with_for_update(
    of=[conversations, cases]
)
_OPEN_OF: Final = select(cases).where(
    cases.c.conversation_id == bindparam("wanted"), cases.c.status != CaseStatus.CLOSED
)
_LATEST_OF: Final = (
    select(cases)
    .where(cases.c.conversation_id == bindparam("wanted"))
    .order_by(cases.c.opened_at.desc(), cases.c.number.desc())
    .limit(1)
)
_PLACES: Final = (
    select(
        cases.c.id,
        func.row_number()
        .over(partition_by=cases.c.category, order_by=(cases.c.rank_at, cases.c.number))
        .label("place"),
    )
    .where(
        cases.c.category.in_(bindparam("queues", expanding=True)),
        cases.c.status == CaseStatus.OPEN,
        cases.c.rank_at <= bindparam("last"),
    )
    .subquery()
)
_PLACES_OF: Final = select(_PLACES).where(_PLACES.c.id.in_(bindparam("wanted", expanding=True)))
_SAVE: Final = update(cases).where(cases.c.id == bindparam("saved"), cases.c.version == bindparam("version_before"))


def case_number(number: int) -> str:
    """The number as people say it."""
    return f"WL-{number}"


def case_of(row: Row[Any]) -> Case:
    """A row of ``cases`` as the domain knows it."""
    return Case(
        id=row.id,
        number=case_number(row.number),
        conversation_id=row.conversation_id,
        customer_id=row.customer_id,
        status=CaseStatus(row.status),
        category=Category(row.category),
        severity=row.severity,
        level=row.level,
        priority=row.priority,
        reason=HandoffReason(row.reason),
        problem=row.problem,
        topic=row.topic,
        triage=Triage.model_validate(row.triage) if row.triage is not None else None,
        contact_number=row.contact_number,
        targets=Targets(row.first_response_due, row.next_update_due, row.resolution_due),
        context=_context_of(row.context),
        # The key of a case that was opened without the bot is the message's id and a word after a colon.
        handoff_message_id=row.idempotency_key.partition(":")[0],
        agent_id=row.agent_id,
        opened_at=row.opened_at,
        queued_at=row.queued_at,
        rank_at=row.rank_at,
        accepted_at=row.accepted_at,
        first_response_at=row.first_response_at,
        resolved_at=row.resolved_at,
        disposition=row.disposition,
        root_cause=row.root_cause,
        outcome=row.outcome,
        csat=row.csat,
        csat_comment=row.csat_comment,
        csat_agent_id=row.csat_agent_id,
        nps=row.nps,
        source=row.source,
        language=row.language,
        skills=tuple(row.skills),
        weight=row.weight,
        plan=row.plan,
        tier=Tier(row.tier),
        in_hand_since=row.in_hand_since,
        waiting_for=WaitingFor(row.waiting_for) if row.waiting_for else None,
        waiting_since=row.waiting_since,
        last_agent_word_at=row.last_agent_word_at,
        next_deadline_at=row.next_deadline_at,
        next_deadline=row.next_deadline,
        deadline_marks=tuple(row.deadline_marks),
        merged_into=row.merged_into,
        incident_id=row.incident_id,
        follow_up_on=row.follow_up_on,
        resolution_count=row.resolution_count,
        version=row.version,
    )


def _context_of(data: dict[str, Any]) -> CaseContext:
    return CaseContext(
        kind=EscalationKind(data["kind"]) if data["kind"] else None,
        reasons=_REASONS.validate_python(data["reasons"]),
        facts=data["facts"],
        attempts=_ATTEMPTS.validate_python(data["attempts"]),
        policy_version=data["policy_version"],
        # Cases of before the handoff card have neither.
        corrections=_CORRECTIONS.validate_python(data.get("corrections", ())),
        lines=tuple(data.get("lines", ())),
    )


def _context_values(context: CaseContext) -> dict[str, Any]:
    return {
        "kind": context.kind,
        "reasons": _REASONS.dump_python(context.reasons, mode="json"),
        "facts": context.facts,
        "attempts": _ATTEMPTS.dump_python(context.attempts, mode="json"),
        "policy_version": context.policy_version,
        "corrections": _CORRECTIONS.dump_python(context.corrections, mode="json"),
        "lines": list(context.lines),
    }


def _mutable_values(case: Case) -> dict[str, Any]:
    return {
        "status": case.status,
        "category": case.category,
        "severity": case.severity,
        "problem": case.problem,
        "context": _context_values(case.context),
        "triage": case.triage.model_dump(mode="json") if case.triage is not None else None,
        "level": case.level,
        "priority": case.priority,
        "agent_id": case.agent_id,
        "first_response_due": case.targets.first_response_due,
        "next_update_due": case.targets.next_update_due,
        "resolution_due": case.targets.resolution_due,
        "queued_at": case.queued_at,
        "rank_at": case.rank_at,
        "accepted_at": case.accepted_at,
        "first_response_at": case.first_response_at,
        "resolved_at": case.resolved_at,
        "disposition": case.disposition,
        "root_cause": case.root_cause,
        "outcome": case.outcome,
        "csat": case.csat,
        "csat_comment": case.csat_comment,
        "csat_agent_id": case.csat_agent_id,
        "nps": case.nps,
        "language": case.language,
        "skills": list(case.skills),
        "weight": case.weight,
        "plan": case.plan,
        "tier": case.tier,
        "in_hand_since": case.in_hand_since,
        "waiting_for": case.waiting_for,
        "waiting_since": case.waiting_since,
        "last_agent_word_at": case.last_agent_word_at,
        "next_deadline_at": case.next_deadline_at,
        "next_deadline": case.next_deadline,
        "deadline_marks": list(case.deadline_marks),
        "merged_into": case.merged_into,
        "incident_id": case.incident_id,
        "follow_up_on": case.follow_up_on,
        "resolution_count": case.resolution_count,
        "version": case.version,
    }


async def next_case_number(db: AsyncConnection) -> int:
    """The next number of the sequence that people see; taken inside the transaction that opens the case."""
    make = sqlite_insert if db.dialect.name == "sqlite" else postgres_insert
    take = (
        make(counters)
        .values(name="case", value=FIRST_CASE_NUMBER)
        .on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
        .returning(counters.c.value)
    )
    return int((await db.execute(take)).scalar_one())


async def insert_case(db: AsyncConnection, case: Case, *, idempotency_key: str) -> None:
    """Store a new case; raises ``IntegrityError`` when its conversation has an open one already."""
    await db.execute(
        insert(cases).values(
            id=case.id,
            number=int(case.number.removeprefix("WL-")),
            conversation_id=case.conversation_id,
            customer_id=case.customer_id,
            idempotency_key=idempotency_key,
            reason=case.reason,
            topic=case.topic,
            contact_number=case.contact_number,
            source=case.source,
            opened_at=case.opened_at,
            **_mutable_values(case),
        )
    )


async def save_case(db: AsyncConnection, before: Case, after: Case) -> None:
    """Compare-and-set the case; raises ``CaseChanged`` when somebody else changed it since ``before`` was read."""
    result = await db.execute(_SAVE, {"saved": before.id, "version_before": before.version, **_mutable_values(after)})
    if result.rowcount != 1:
        raise CaseChanged(f"Case {before.number} was changed by somebody else. Read it again.")


async def get_case(db: AsyncConnection, case_id: str) -> Case:
    """Read one case; raises ``NotFound``."""
    row = (await db.execute(_BY_ID, {"wanted": case_id})).first()
    if row is None:
        raise NotFound("There is no such case.")
    return case_of(row)


async def hold_case(db: AsyncConnection, case_id: str) -> Case:
    """Read one case and hold it with its conversation until the transaction ends; raises ``NotFound``.

    Where another transaction held them, both are as that one left them. On SQLite, whoever writes holds everything.
    """
    if db.dialect.name == "sqlite":
        return await get_case(db, case_id)
    row = (await db.execute(_HELD, {"wanted": case_id})).first()
    if row is None:
        raise NotFound("There is no such case.")
    return case_of(row)


async def get_cases(db: AsyncConnection, case_ids: Collection[str]) -> dict[str, Case]:
    """Several cases at once, by id; those that are not there are left out."""
    rows = (await db.execute(_BY_IDS, {"wanted": list(case_ids)})).all() if case_ids else ()
    return {row.id: case_of(row) for row in rows}


async def case_by_key(db: AsyncConnection, idempotency_key: str) -> Case | None:
    """The case that a request with this key opened, if there is one."""
    return await _first(db, select(cases).where(cases.c.idempotency_key == idempotency_key))


async def latest_case(db: AsyncConnection, conversation_id: str) -> Case | None:
    """The newest case of a conversation: the open one, or else the last that was closed."""
    row = (await db.execute(_LATEST_OF, {"wanted": conversation_id})).first()
    return case_of(row) if row else None


async def open_case_of(db: AsyncConnection, conversation_id: str) -> Case | None:
    """The case of a conversation that is not closed; the database allows at most one."""
    row = (await db.execute(_OPEN_OF, {"wanted": conversation_id})).first()
    return case_of(row) if row else None


async def _first(db: AsyncConnection, query: Select[Any]) -> Case | None:
    row = (await db.execute(query)).first()
    return case_of(row) if row else None


async def list_cases(
    db: AsyncConnection,
    *,
    categories: Sequence[Category],
    statuses: Sequence[CaseStatus],
    agent_id: str | None = None,
    limit: int = 500,
) -> tuple[Case, ...]:
    """Cases of these queues in the order in which they are to be served; closed ones newest first."""
    query = select(cases).where(cases.c.category.in_(categories), cases.c.status.in_(statuses))
    if CaseStatus.CLOSED not in statuses:
        # Said twice, so that the indexes without the closed ones serve: those are all there is, after a few years.
        query = query.where(cases.c.status != CaseStatus.CLOSED)
    if agent_id is not None:
        query = query.where(cases.c.agent_id == agent_id)
    if list(statuses) == [CaseStatus.CLOSED]:
        query = query.order_by(cases.c.resolved_at.desc())
    else:
        query = query.order_by(cases.c.rank_at, cases.c.number)
    return tuple(case_of(row) for row in (await db.execute(query.limit(limit))).all())


async def cases_of_customer(db: AsyncConnection, customer_id: str, *, limit: int = 20) -> tuple[Case, ...]:
    """The customer's cases, newest first."""
    query = select(cases).where(cases.c.customer_id == customer_id).order_by(cases.c.opened_at.desc()).limit(limit)
    return tuple(case_of(row) for row in (await db.execute(query)).all())


async def queue_position(db: AsyncConnection, case: Case) -> int | None:
    """The place of a waiting case in its queue, from 1; None once it does not wait."""
    if case.status is not CaseStatus.OPEN:
        return None
    ahead = (
        select(func.count())
        .select_from(cases)
        .where(
            cases.c.category == case.category,
            cases.c.status == CaseStatus.OPEN,
            cases.c.id != case.id,
            or_(
                cases.c.rank_at < case.rank_at,
                and_(cases.c.rank_at == case.rank_at, cases.c.number < int(case.number.removeprefix("WL-"))),
            ),
        )
    )
    return int((await db.execute(ahead)).scalar_one()) + 1


async def front_of_queue(db: AsyncConnection, category: Category) -> datetime | None:
    """The rank of the first case that waits in a queue."""
    query = select(func.min(cases.c.rank_at)).where(cases.c.category == category, cases.c.status == CaseStatus.OPEN)
    found: datetime | None = (await db.execute(query)).scalar_one()
    return found


async def queue_positions(db: AsyncConnection, found: Sequence[Case]) -> dict[str, int]:
    """The places of those of these cases that wait, from 1, by case: one query, however many they are."""
    waiting = {case.id for case in found if case.status is CaseStatus.OPEN}
    if not waiting:
        return {}
    queues = sorted({case.category for case in found if case.id in waiting})
    last = max(case.rank_at for case in found if case.id in waiting)
    given = {"queues": queues, "last": last, "wanted": sorted(waiting)}
    return {row.id: row.place for row in (await db.execute(_PLACES_OF, given)).all()}


async def waiting_conversations(db: AsyncConnection, category: Category) -> tuple[str, ...]:
    """The conversations whose case waits in this queue."""
    query = select(cases.c.conversation_id).where(cases.c.category == category, cases.c.status == CaseStatus.OPEN)
    return tuple((await db.execute(query)).scalars().all())


async def queue_counts(
    db: AsyncConnection, categories: Sequence[Category]
) -> dict[Category, tuple[int, int, datetime | None]]:
    """For each queue: how many wait, how many are active, and since when the oldest waits."""
    query = (
        select(
            cases.c.category,
            cases.c.status,
            func.count().label("how_many"),
            func.min(cases.c.queued_at).label("oldest"),
        )
        .where(cases.c.category.in_(categories), cases.c.status != CaseStatus.CLOSED)
        .group_by(cases.c.category, cases.c.status)
    )
    found: dict[Category, tuple[int, int, datetime | None]] = dict.fromkeys(categories, (0, 0, None))
    for row in (await db.execute(query)).all():
        waiting, active, oldest = found[Category(row.category)]
        if row.status == CaseStatus.OPEN:
            waiting, oldest = row.how_many, row.oldest
        else:
            active = row.how_many
        found[Category(row.category)] = (waiting, active, oldest)
    return found
