"""The customer's answer to a survey (P27): kept with its resolution, told to the leads when it is low, acted upon."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case, Step, status_after
from handoff.domain.conversations import ConversationStatus, Message
from handoff.domain.errors import NotFound, NotRatable
from handoff.domain.notifications import NotificationKind
from handoff.domain.resolutions import Channel, Resolution, Survey, rated
from handoff.services.after_case import RATABLE_FOR, customer_actor, reopen
from handoff.services.case_writing import save_step, step_events, tell
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.notifications import leads_of, notify
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import people, resolutions


async def rate(
    context: Context,
    conversation_id: str,
    case_id: str,
    *,
    csat: int,
    comment: str | None,
    nps: int | None = None,
    solved: bool | None = None,
) -> Case:
    """Keep what the customer says in the widget of the latest resolution of their conversation's case.

    Raises ``NotRatable``, and ``NotFound`` for the case of another conversation.
    """
    async with context.db.read() as db:
        case = await case_store.get_case(db, case_id)
    if case.conversation_id != conversation_id:
        raise NotFound("There is no such case.")
    return await answer_survey(context, case_id, Survey(csat, nps, comment, solved), Channel.WIDGET)


async def answer_survey(
    context: Context, case_id: str, survey: Survey, channel: Channel, *, number: int | None = None
) -> Case:
    """Keep a rating for resolution ``number`` (the latest one where it is None), with the owner of that time.

    The first rating is answered with a notice. One that is low (``after_resolution.low_csat``) is told to the leads;
    with ``solved`` False the case is opened again, as by the customer's own "it did not work". Raises ``NotRatable``
    and ``NotFound``.
    """
    now = context.clock()
    async with context.db.write() as db:
        found = await case_store.get_case(db, case_id)
        await store.get_conversation(db, found.conversation_id, for_change=True)
        case = await case_store.get_case(db, case_id)
        after, events = await _keep(context, db, case, survey, channel, number or case.resolution_count, now)
    context.publish(events)
    if survey.solved is False:
        return await _did_not_work(context, after, survey)
    return after


async def _keep(
    context: Context, db: AsyncConnection, case: Case, survey: Survey, channel: Channel, number: int, now: datetime
) -> tuple[Case, tuple[Event, ...]]:
    if case.disposition is None or number != case.resolution_count or number == 0:
        raise NotRatable("This case can be rated once it is solved, and only its latest solution.")
    status_after(case, Step.SURVEY)
    before = await resolutions.get_resolution(db, case.id, number)
    resolution = rated(before, survey, channel, now, within=rated_within(context, channel))
    await resolutions.save_resolution(db, resolution)
    changed = replace(
        case,
        csat=resolution.csat,
        csat_comment=resolution.comment,
        csat_agent_id=resolution.agent_id,
        nps=resolution.nps,
        version=case.version + 1,
    )
    data: dict[str, object] = {"csat": survey.csat}
    if survey.nps is not None:
        data["nps"] = survey.nps
    if channel is not Channel.WIDGET:
        data["channel"] = channel
    actor = await customer_actor(db, case)
    saved = await save_step(context, db, case, changed, Step.SURVEY, actor, now, text=survey.comment or "", data=data)
    low = survey.csat <= context.policy.after_resolution.low_csat
    stored: tuple[Message, ...] = ()
    conversation = await store.get_conversation(db, case.conversation_id)
    if before.csat is None and conversation.status is ConversationStatus.OPEN:
        agent = await _owner_name(context, db, saved.case, resolution)
        stored = await tell(context, db, saved.case, now, "survey_sorry" if low else "survey_thanks", agent=agent)
    told = await _tell_leads(context, db, saved.case, before, survey.csat) if low else ()
    return saved.case, (*step_events(saved.case, stored), *saved.events, *told)


async def language_of_survey(context: Context, case_id: str) -> str | None:
    """The language in which the customer of a case reads; None where nobody knows, or there is no such case."""
    async with context.db.read() as db:
        case = (await case_store.get_cases(db, (case_id,))).get(case_id)
    return case.language if case is not None else None


async def surveyed(context: Context, case_id: str, number: int) -> str:
    """What the survey of a resolution is about, in its customer's language, while its link takes a rating.

    Raises ``NotRatable`` and ``NotFound``.
    """
    async with context.db.read() as db:
        case = await case_store.get_case(db, case_id)
        resolution = await resolutions.get_resolution(db, case_id, number)
    if case.disposition is None or number != case.resolution_count:
        raise NotRatable("This case can be rated once it is solved, and only its latest solution.")
    rated(resolution, Survey(1), Channel.EMAIL, context.clock(), within=rated_within(context, Channel.EMAIL))
    return context.wording.to(case.language).problem_of(case)


def rated_within(context: Context, channel: Channel) -> timedelta:
    """How long after the resolution a channel takes ratings: in the widget a day, elsewhere as long as the link."""
    return RATABLE_FOR if channel is Channel.WIDGET else context.policy.after_resolution.survey_link_valid


async def _tell_leads(
    context: Context, db: AsyncConnection, case: Case, before: Resolution, csat: int
) -> tuple[Event, ...]:
    """What the notice ``survey_sorry`` promises; once for a resolution, however often its rating is changed."""
    if before.csat is not None and before.csat <= context.policy.after_resolution.low_csat:
        return ()
    leads = await leads_of(db, case.category)
    return await notify(
        context,
        db,
        (lead.id for lead in leads),
        NotificationKind.LOW_RATING,
        case=case,
        values={"stars": csat},
        data={"csat": csat, "agent_id": before.agent_id, "resolution": before.number},
    )


async def _did_not_work(context: Context, case: Case, survey: Survey) -> Case:
    """The way back; of a conversation that was ended, the leads know by the rating, and nothing can be opened there."""
    async with context.db.read() as db:
        conversation = await store.get_conversation(db, case.conversation_id)
        latest = await case_store.latest_case(db, case.conversation_id)
    if conversation.status is ConversationStatus.CLOSED or latest is None or latest.id != case.id:
        return case
    client_message_id = f"survey-{case.resolution_count}-{case.id}"[:64]
    reopened, _ = await reopen(
        context,
        case.conversation_id,
        case.id,
        note=(survey.comment or "").strip()[:500],
        client_message_id=client_message_id,
    )
    return reopened


async def _owner_name(context: Context, db: AsyncConnection, case: Case, resolution: Resolution) -> str:
    if resolution.agent_id is None:
        return context.wording.to(case.language).labels["some_agent"]
    return (await people.get_agent(db, resolution.agent_id)).name
