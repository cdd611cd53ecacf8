"""How people at the desk work on one case of the past: it is offered, taken, talked about, moved, solved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handoff.domain.cases import Case, CaseStatus
from handoff.domain.errors import OfferGone
from handoff.domain.offers import Offer
from handoff.domain.people import Agent
from handoff.past.living import Life
from handoff.past.stories import Ending, Moved, Step
from handoff.services import case_steps, case_talk, conversations, milestones, offers
from handoff.services.offering import offer_waiting
from handoff.store import cases as case_store
from handoff.store import offers as offer_store
from handoff.store import people

DECLINES: Final = 0.05
EXPIRES: Final = 0.05
BUSY_MINUTES: Final = 1.6
"""How long a desk is usually busy before it looks up at what comes."""
PULLED_AFTER_MINUTES: Final = 6.0
"""After so long a lead takes what nobody could be offered."""
ROUNDS: Final = 6


@dataclass(frozen=True)
class Work:
    """A case, its conversation, and how the texts of its story are filled in."""

    life: Life
    case_id: str
    conversation_id: str
    fill: Callable[..., str]

    async def case(self) -> Case:
        """The case as it stands."""
        async with self.life.context.db.read() as db:
            return await case_store.get_case(db, self.case_id)

    async def owner(self) -> Agent | None:
        """Whose it is now; None while it waits, and once it closed by itself."""
        async with self.life.context.db.read() as db:
            case = await case_store.get_case(db, self.case_id)
            is_theirs = case.is_owned and case.agent_id is not None
            return await people.get_agent(db, case.agent_id) if is_theirs and case.agent_id is not None else None

    async def offer(self) -> tuple[Offer, Agent] | None:
        """The offer that stands, and to whom."""
        async with self.life.context.db.read() as db:
            offer = await offer_store.pending_of_case(db, self.case_id)
            return (offer, await people.get_agent(db, offer.agent_id)) if offer is not None else None


async def work_on(work: Work, steps: tuple[Step, ...], ending: Ending | None) -> AsyncIterator[datetime]:
    """Everything that is done until the case is closed, or waits for a customer who never answers."""
    async for then in _taken(work):
        yield then
    for step in steps:
        case = await work.case()
        is_customers = step.customer is not None
        span = work.life.minutes(step.after)
        yield work.life.clock.now + span if is_customers else work.life.in_open_time(case.category, step.after)
        if (await work.case()).status is CaseStatus.CLOSED:
            return
        if await work.owner() is None:
            async for then in _taken(work):
                yield then
        await _do(work, step)
    if ending is None:
        return
    if await work.owner() is None:
        async for then in _taken(work):
            yield then
    yield work.life.in_open_time((await work.case()).category, ending.after)
    await _resolve(work, ending)


async def _taken(work: Work) -> AsyncIterator[datetime]:
    """The case finds its owner: by an offer, or because somebody takes it."""
    life = work.life
    yield life.in_open_time((await work.case()).category, BUSY_MINUTES)
    for _ in range(ROUNDS):
        if await work.owner() is not None or (await work.case()).status is CaseStatus.CLOSED:
            return
        await life.be_there()
        await offer_waiting(life.context)
        found = await work.offer()
        if found is None:
            yield life.in_open_time((await work.case()).category, PULLED_AFTER_MINUTES / ROUNDS)
            continue
        offer, agent = found
        chance = life.random.random()
        if chance < EXPIRES:
            yield offer.expires_at + timedelta(seconds=5)
            continue
        yield life.clock.now + timedelta(seconds=life.random.uniform(4, 30))
        # Another script may have made the offer some while ago: then it ended before they looked, as it does in life.
        with suppress(OfferGone):
            if chance < EXPIRES + DECLINES:
                await offers.decline_offer(life.context, offer.id, agent, reason="On the telephone with a customer")
            else:
                await offers.accept_offer(life.context, offer.id, agent)
    if await work.owner() is None:
        case = await work.case()
        lead = next(agent for agent in life.staff if agent.leads(case.category) and agent.level >= case.level)
        await case_steps.accept(life.context, work.case_id, lead)


async def _do(work: Work, step: Step) -> None:
    context = work.life.context
    if step.customer is not None:
        await conversations.receive_text(context, work.conversation_id, context.new_id(), work.fill(step.customer))
        return
    agent = await work.owner()
    if agent is None:
        return
    if step.agent is not None:
        text = work.fill(step.agent, agent=agent.name.split(" ")[0])
        await case_talk.send_agent_message(context, work.case_id, agent, client_message_id=context.new_id(), text=text)
    elif step.note is not None:
        await case_talk.add_note(context, work.case_id, agent, text=work.fill(step.note))
    elif step.plan is not None:
        await milestones.tell_plan(context, work.case_id, agent, plan=work.fill(step.plan))
    elif step.promise is not None:
        span, reason = timedelta(minutes=step.promise.minutes), work.fill(step.promise.reason)
        await case_talk.promise_next_update(context, work.case_id, agent, span=span, reason=reason)
    elif step.wait is not None:
        await milestones.wait(
            context, work.case_id, agent, waiting_for=step.wait.waiting_for, what=work.fill(step.wait.what)
        )
    else:
        await _move(work, agent, step)


async def _move(work: Work, agent: Agent, step: Step) -> None:
    context = work.life.context
    moved: Moved | None = step.transfer or step.escalate
    if moved is None:
        return
    tried, next_step = work.fill(moved.tried), work.fill(moved.next_step)
    if step.transfer is not None and moved.to is not None:
        await case_steps.transfer(context, work.case_id, agent, category=moved.to, tried=tried, next_step=next_step)
    else:
        await case_steps.escalate(context, work.case_id, agent, tried=tried, next_step=next_step)


async def _resolve(work: Work, ending: Ending) -> None:
    """Closes it, unless it closed by itself or went back into its queue meanwhile."""
    agent = await work.owner()
    if agent is None:
        return
    now, last = work.life.clock.now, work.life.until
    follow_up = (now + timedelta(days=ending.follow_up_days)).date() if ending.follow_up_days else None
    await case_steps.resolve(
        work.life.context,
        work.case_id,
        agent,
        disposition=ending.disposition,
        root_cause=ending.root_cause,
        outcome=work.fill(ending.outcome, agent=agent.name.split(" ")[0]),
        # One that fell due in the past would have been done: only those that lie ahead are left to do.
        follow_up_on=follow_up if follow_up is not None and follow_up > last.date() else None,
    )
