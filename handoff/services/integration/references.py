"""Tying a case to its record in another system."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.api_keys import ApiKey, Scope
from handoff.domain.cases import Step, status_after
from handoff.domain.errors import ReferenceTaken
from handoff.domain.references import Reference
from handoff.services.case_writing import save_step
from handoff.services.context import Context
from handoff.services.events import CaseChanged
from handoff.services.integration.reading import OutsideCase, case_to_change, outside_cases
from handoff.services.integration.versions import require_version
from handoff.store import references as store


@dataclass(frozen=True, slots=True)
class GivenReference:
    """A record of another system; ``system`` None: the key's own."""

    id: str
    url: str | None = None
    system: str | None = None


async def tie(db: AsyncConnection, key: ApiKey, case_id: str, given: GivenReference, now: datetime) -> bool:
    """Keep a reference of a case; returns whether anything changed. Raises ``ReferenceTaken``."""
    reference = Reference(given.system or key.name, given.id, given.url, now)
    holder = await store.case_id_of(db, reference.system, reference.id)
    if holder is None:
        try:
            await store.insert_reference(db, case_id, reference)
        except IntegrityError as error:
            raise _taken(reference) from error
        return True
    if holder != case_id:
        raise _taken(reference)
    known = next(r for r in (await store.references_of(db, [case_id]))[case_id] if r.id == reference.id)
    if known.url == reference.url or reference.url is None:
        return False
    await store.change_url(db, reference)
    return True


def _taken(reference: Reference) -> ReferenceTaken:
    return ReferenceTaken(
        f"{reference.system} {reference.id} belongs to another case. A record stands for one case.",
        system=reference.system,
        id=reference.id,
    )


async def set_reference(
    context: Context, key: ApiKey, case_id: str, given: GivenReference, *, version: int | None
) -> OutsideCase:
    """Tie a case to a record of another system; doing so again changes nothing.

    Raises ``ScopeMissing``, ``NotFound``, ``ReferenceTaken``, ``CaseChanged``.
    """
    key.require(Scope.CASES_WRITE)
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, key)
        require_version(case, version)
        if not await tie(db, key, case.id, given, now):
            return (await outside_cases(db, [case], key))[0]
        after = replace(case, status=status_after(case, Step.EXTERNAL), version=case.version + 1)
        data = {"what": "reference", "system": given.system or key.name, "id": given.id, "url": given.url}
        saved = await save_step(context, db, case, after, Step.EXTERNAL, key.actor, now, data=data)
        found = (await outside_cases(db, [saved.case], key))[0]
    context.publish((CaseChanged(case.id, case.conversation_id), *saved.events))
    return found
