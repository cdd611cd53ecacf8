"""Macros: several actions on a case in one request, all of them or none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.desk_content import DeskContent, Macro, MacroStep
from handoff.domain.canned import CannedResponse, Rendered, best_in, render
from handoff.domain.cases import Case
from handoff.domain.errors import BadValue, KeyReused, NotFound
from handoff.domain.people import Agent
from handoff.services import case_steps, case_talk
from handoff.services.case_facts import facts_of
from handoff.services.case_writing import case_to_change, visible_case
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.triage import change_severity
from handoff.store import desk as store
from handoff.store.database import Database


@dataclass(frozen=True, slots=True)
class StepAhead:
    """What a step of a macro would do to this case: its kind, and its texts by name, filled in."""

    kind: str
    texts: Mapping[str, str]
    minutes: int | None = None
    severity: int | None = None


@dataclass(frozen=True, slots=True)
class MacroAhead:
    """What a macro would do. ``missing``: places that nothing is known for, without which it does not run."""

    macro: Macro
    steps: tuple[StepAhead, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RenderedResponse:
    """A canned response as it would be written in this case."""

    response: CannedResponse
    rendered: Rendered


@dataclass(frozen=True, slots=True)
class ResponsesOfCase:
    """What can be written in a case; ``language`` is the customer's, where it is known."""

    responses: tuple[RenderedResponse, ...]
    language: str | None


class _OneTransaction(Database):
    """The open transaction of a macro as the database that its steps write to: none of them ends it."""

    def __init__(self, around: Database, connection: AsyncConnection) -> None:
        super().__init__(around.engine)
        self._connection = connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """The same transaction."""
        yield self._connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """The same transaction, which sees what it has written."""
        yield self._connection


async def responses_for(context: Context, content: DeskContent, case_id: str, agent: Agent) -> ResponsesOfCase:
    """Every canned response as it reads in this case: one's own first, then those for its queue, the team's before."""
    async with context.db.read() as db:
        case = await visible_case(db, case_id, agent)
        facts = await facts_of(context, db, case, agent)
        kept = [one.response(agent.id) for one in await store.responses_for(db, agent.id)]
    own = [one for one in kept if one.own]
    others = [*(one for one in kept if not one.own), *content.responses]
    fitting = sorted(others, key=lambda one: one.category is not case.category)
    rendered = tuple(RenderedResponse(one, render(one.text, facts)) for one in (*own, *fitting))
    return ResponsesOfCase(rendered, case.language)


async def macros_for(context: Context, content: DeskContent, case_id: str, agent: Agent) -> tuple[MacroAhead, ...]:
    """The macros for a case's queue, with what each would do."""
    async with context.db.read() as db:
        case = await visible_case(db, case_id, agent)
        facts = await facts_of(context, db, case, agent)
    return tuple(
        _ahead(macro, content, case, facts)
        for macro in content.macros
        if not macro.categories or case.category in macro.categories
    )


async def run_macro(
    context: Context, content: DeskContent, case_id: str, agent: Agent, name: str, *, client_id: str
) -> Case:
    """Do all that a macro says, in one transaction; the same ``client_id`` again changes nothing.

    Raises ``NotFound`` for no such macro, ``BadValue`` where something that it names is not known of the case,
    ``KeyReused`` where another macro ran under the identifier, and whatever a step refuses; then nothing is done.
    """
    macro = content.macro(name)
    if macro is None:
        raise NotFound(f"There is no macro {name!r} in macros.yml.")
    events: list[Event] = []
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        before = await store.macro_run(db, case.id, client_id)
        if before == (name, agent.id):
            return case
        if before is not None:
            raise KeyReused("This client_id stands for another macro already. Make a new one for every run.")
        ahead = _ahead(macro, content, case, await facts_of(context, db, case, agent))
        if ahead.missing:
            named = ", ".join(ahead.missing)
            raise BadValue(f"{macro.title}: {named} is not known of case {case.number}.", field=ahead.missing[0])
        inside = replace(context, db=_OneTransaction(context.db, db), publish=events.extend)
        for number, step in enumerate(ahead.steps):
            case = await _take(inside, case, agent, step, f"{client_id[:60]}-{number}")
        await store.add_macro_run(db, case.id, client_id, name, agent.id, context.clock())
    context.publish(tuple(events))
    return case


async def _take(context: Context, case: Case, agent: Agent, step: StepAhead, message_id: str) -> Case:
    texts = step.texts
    match step.kind:
        case "reply":
            after, _ = await case_talk.send_agent_message(
                context, case.id, agent, client_message_id=message_id, text=texts["text"]
            )
            return after
        case "note":
            return await case_talk.add_note(context, case.id, agent, text=texts["text"])
        case "next_update":
            span = timedelta(minutes=step.minutes or 0)
            return await case_talk.promise_next_update(context, case.id, agent, span=span, reason=texts["reason"])
        case "severity":
            severity = step.severity or case.severity
            return await change_severity(
                context, case.id, agent, severity=severity, triage=None, reason=texts["reason"]
            )
        case "transfer":
            category = type(case.category)(texts["category"])
            return await case_steps.transfer(
                context, case.id, agent, category=category, tried=texts["tried"], next_step=texts["next_step"]
            )
        case "escalate":
            return await case_steps.escalate(
                context, case.id, agent, tried=texts["tried"], next_step=texts["next_step"]
            )
        case _:
            return await case_steps.resolve(
                context,
                case.id,
                agent,
                disposition=texts["disposition"],
                root_cause=texts["root_cause"],
                outcome=texts["outcome"],
            )


def _ahead(macro: Macro, content: DeskContent, case: Case, facts: Mapping[str, str]) -> MacroAhead:
    missing: dict[str, None] = {}
    steps = []
    for step in macro.steps:
        texts: dict[str, str] = {}
        for name, text in _texts(step, content, case).items():
            rendered = render(text, facts)
            missing |= dict.fromkeys(rendered.missing)
            texts[name] = rendered.text
        minutes = step.next_update.minutes if step.next_update else None
        severity = step.severity.severity if step.severity else None
        steps.append(StepAhead("reply" if step.kind == "canned" else step.kind, texts, minutes, severity))
    return MacroAhead(macro, tuple(steps), tuple(missing))


def _texts(step: MacroStep, content: DeskContent, case: Case) -> dict[str, str]:
    if step.canned is not None:
        response = best_in(content.responses, step.canned, case.language)
        return {"text": response.text if response else ""}
    part = getattr(step, step.kind)
    if isinstance(part, str):
        return {"text": part.strip()}
    return {name: str(value) for name, value in part.model_dump(exclude_none=True).items() if isinstance(value, str)}
