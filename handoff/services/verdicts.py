"""An agent says whether a person was needed on a case, and whether one should have come earlier (P31)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.cases import Case, Step, require_owner, status_after
from handoff.domain.conversations import Message
from handoff.domain.errors import BadValue, NotFound
from handoff.domain.people import Agent
from handoff.domain.verdicts import Verdict, judged
from handoff.services.case_writing import case_to_change, save_step
from handoff.services.context import Context
from handoff.services.events import CaseChanged
from handoff.store import conversations as store
from handoff.store import verdicts


async def judge(
    context: Context, case_id: str, agent: Agent, *, verdict: Verdict, message_id: str | None = None, note: str = ""
) -> Case:
    """Keep the verdict of the case's agent or a supervisor, in place of an earlier one.

    Each verdict leaves a row in the case's history; the same one again changes nothing. Raises ``WrongState`` while the
    case waits in its queue, ``NotOwner``, ``BadValue`` for a message that cannot be meant, ``NotFound``.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status_after(case, Step.JUDGE)
        require_owner(case, agent.id, may_override=agent.sees_all)
        earlier = await _message(db, case, message_id) if message_id is not None else None
        if message_id is not None and earlier is None:
            raise BadValue("There is no such message in this conversation.", field="message_id")
        handed_over = await _message(db, case, case.handoff_message_id)
        given = judged(case, agent, verdict, now, earlier=earlier, handed_over=handed_over, note=note)
        if given.says_the_same(await verdicts.verdict_of(db, case.id)):
            return case
        await verdicts.save_verdict(db, given)
        after = replace(case, version=case.version + 1)
        data = {"verdict": given.verdict, "message_id": given.message_id, "seq": earlier.seq if earlier else None}
        saved = await save_step(context, db, case, after, Step.JUDGE, Actor.of_agent(agent), now, text=note, data=data)
    context.publish((CaseChanged(case.id, case.conversation_id), *saved.events))
    return saved.case


async def _message(db: AsyncConnection, case: Case, message_id: str) -> Message | None:
    try:
        return await store.message_by_id(db, case.conversation_id, message_id)
    except NotFound:
        return None
