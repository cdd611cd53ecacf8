"""How severe a case is, its end, and its new beginning, as another system reports them."""

from __future__ import annotations

from dataclasses import dataclass

from handoff.domain.api_keys import ApiKey, Scope
from handoff.domain.cases import CaseStatus
from handoff.domain.resolutions import Channel, Survey
from handoff.services import after_case
from handoff.services.case_steps import check_resolution, resolve_in
from handoff.services.context import Context
from handoff.services.integration.reading import OutsideCase, case_to_change, outside_cases, visible_case
from handoff.services.integration.talking import actor_of
from handoff.services.integration.versions import require_version
from handoff.services.surveys import answer_survey
from handoff.services.triage import regrade, tell_regraded
from handoff.store import people


@dataclass(frozen=True, slots=True)
class GivenResolution:
    """How a case ended; ``outcome`` is what the customer is told."""

    disposition: str
    root_cause: str
    outcome: str
    author: str | None = None


async def resolve(
    context: Context, key: ApiKey, case_id: str, given: GivenResolution, *, version: int | None
) -> OutsideCase:
    """Close a case that was solved in the other system, whoever owns it here; the customer is told as always (P26).

    Raises ``ScopeMissing``, ``NotFound``, ``CaseClosed``, ``CaseChanged``, and ``BadValue`` for unknown codes.
    """
    key.require(Scope.CASES_WRITE)
    check_resolution(context, given.disposition, given.root_cause)
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, key)
        require_version(case, version)
        name = given.author or context.wording.to(case.language).labels["some_agent"]
        if given.author is None and case.agent_id is not None:
            name = (await people.get_agent(db, case.agent_id)).name
        after, events = await resolve_in(
            context,
            db,
            case,
            actor_of(key, given.author),
            name,
            now,
            disposition=given.disposition,
            root_cause=given.root_cause,
            outcome=given.outcome,
        )
        found = (await outside_cases(db, [after], key))[0]
    context.publish(events)
    return found


async def change_severity(
    context: Context, key: ApiKey, case_id: str, *, severity: int, reason: str, author: str | None, version: int | None
) -> OutsideCase:
    """Another severity, whoever owns the case (P12); order and targets follow at once, the triage's answers stay.

    The same severity again changes nothing. Raises ``ScopeMissing``, ``NotFound``, ``CaseClosed``, ``CaseChanged``.
    """
    key.require(Scope.CASES_WRITE)
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, key)
        require_version(case, version)
        saved = await regrade(context, db, case, actor_of(key, author), now, severity, case.triage, reason)
        found = (await outside_cases(db, [saved.case if saved is not None else case], key))[0]
    if saved is not None:
        tell_regraded(context, saved)
    return found


async def reopen(
    context: Context, key: ApiKey, case_id: str, *, note: str, author: str | None, version: int | None
) -> OutsideCase:
    """Open a closed case again: with the same owner if they are at the desk, else in its queue (P26).

    Of one that is open nothing is changed. Raises ``ScopeMissing``, ``NotFound``, ``NotReopenable``,
    ``ConversationClosed``, ``CaseChanged``.
    """
    key.require(Scope.CASES_WRITE)
    async with context.db.read() as db:
        case = await visible_case(db, case_id, key)
        if case.status is not CaseStatus.CLOSED:
            return (await outside_cases(db, [case], key))[0]
    require_version(case, version)
    after, _ = await after_case.reopen(context, case.conversation_id, case.id, note=note, by=actor_of(key, author))
    async with context.db.read() as db:
        return (await outside_cases(db, [await visible_case(db, after.id, key)], key))[0]


async def rate(context: Context, key: ApiKey, case_id: str, survey: Survey) -> OutsideCase:
    """Keep how the customer rated the latest solution in a survey elsewhere (P27), as if they had done so here.

    Raises ``ScopeMissing``, ``NotFound`` and ``NotRatable``.
    """
    key.require(Scope.SURVEYS_WRITE)
    async with context.db.read() as db:
        await visible_case(db, case_id, key)
    after = await answer_survey(context, case_id, survey, Channel.API)
    async with context.db.read() as db:
        return (await outside_cases(db, [await visible_case(db, after.id, key)], key))[0]
