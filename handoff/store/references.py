"""References to other systems in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.references import Reference
from handoff.store.schema import external_references


async def case_id_of(db: AsyncConnection, system: str, external_id: str) -> str | None:
    """The case that a record of another system belongs to."""
    query = select(external_references.c.case_id).where(
        external_references.c.system == system, external_references.c.external_id == external_id
    )
    found = (await db.execute(query)).scalar_one_or_none()
    return str(found) if found is not None else None


async def insert_reference(db: AsyncConnection, case_id: str, reference: Reference) -> None:
    """Store a reference; raises ``IntegrityError`` when somebody stored the same one just before."""
    await db.execute(
        insert(external_references).values(
            system=reference.system,
            external_id=reference.id,
            case_id=case_id,
            url=reference.url,
            created_at=reference.created_at,
        )
    )


async def change_url(db: AsyncConnection, reference: Reference) -> None:
    """Keep where the record is found now."""
    await db.execute(
        update(external_references)
        .where(external_references.c.system == reference.system, external_references.c.external_id == reference.id)
        .values(url=reference.url)
    )


async def references_of(db: AsyncConnection, case_ids: Sequence[str]) -> dict[str, tuple[Reference, ...]]:
    """The references of several cases, oldest first."""
    query = (
        select(external_references)
        .where(external_references.c.case_id.in_(case_ids))
        .order_by(external_references.c.created_at, external_references.c.system, external_references.c.external_id)
    )
    found: dict[str, tuple[Reference, ...]] = dict.fromkeys(case_ids, ())
    for row in (await db.execute(query)).all():
        found[row.case_id] += (Reference(row.system, row.external_id, row.url, row.created_at),)
    return found
