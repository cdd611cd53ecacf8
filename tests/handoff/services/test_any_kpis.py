"""After any history the KPIs added up by day are what they are straight from the facts."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select

from handoff.contract import Category
from handoff.domain.conversations import Conversation, Rating, SenderType
from handoff.domain.errors import HandoffError
from handoff.domain.kpis.figures import Figure
from handoff.domain.kpis.observations import day_of
from handoff.domain.kpis.periods import Step, last_days
from handoff.domain.kpis.report import Line
from handoff.domain.people import Agent
from handoff.domain.verdicts import Verdict
from handoff.services import after_case, case_steps, case_talk, surveys, verdicts
from handoff.services.bot_replies import store_answer
from handoff.services.conversations import begin
from handoff.services.kpi_memory import KnownDays
from handoff.services.kpi_rollup import days_to_roll_up, roll_up, roll_up_all
from handoff.services.kpis import report
from handoff.services.ratings import rate_answer
from handoff.services.triage import change_severity
from handoff.store import conversations as store
from handoff.store.database import Database
from handoff.store.schema import cases, turns
from tests.handoff.cast import ANA, BEN, GRACE, MAYA, PRIYA, Clock, House, echo, move_in
from tests.handoff.conftest import connect_sqlite
from tests.handoff.services.test_kpis import SOLVED, assert_same, stored, straight

agents = st.sampled_from([ANA, BEN, GRACE])
customers = st.sampled_from([0, 1])
which = st.integers(0, 5)


class AnyHistory(RuleBasedStateMachine):
    """Two customers, three of the staff, days that pass; whenever figures are asked for, they are right."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="warmline-kpis-"))
        shutil.copy(self.template, self.folder / "handoff.db")
        self.runner = asyncio.Runner()
        self.db: Database = connect_sqlite(self.folder / "handoff.db")
        self.house: House = self.run(move_in(self.db, Clock()))
        self.talks: list[Conversation] = []
        self.said = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            self.run(work)
        except HandoffError:
            return

    def teardown(self) -> None:
        self.figures_are_right_whenever_they_are_asked_for()
        self.run(self.db.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    @initialize()
    def two_customers_begin(self) -> None:
        self.talks = [self.run(self.house.begin(who)) for who in (MAYA, PRIYA)]

    @rule(who=customers)
    def a_customer_begins_again(self, who: int) -> None:
        begun = self.run(begin(self.house.context, identity=(MAYA, PRIYA)[who], fresh=True))
        self.talks[who] = begun.conversation

    @rule(who=customers, text=st.sampled_from(["hello", "it is LH-10001"]))
    def a_customer_writes_and_the_bot_answers_if_it_may(self, who: int, text: str) -> None:
        self.run(self.house.say(self.talks[who], text))
        now = self.run(self.house.now(self.talks[who]))
        for turn in self.run(self.pending(self.talks[who].id)):
            self.run(
                store_answer(
                    self.house.context, turn, echo(turn.payload, turn.message_id), owner_version=now.owner.version
                )
            )

    async def pending(self, conversation_id: str) -> list[Any]:
        async with self.db.read() as db:
            rows = await db.execute(
                select(turns).where(turns.c.conversation_id == conversation_id, turns.c.status == "pending")
            )
            return [store.turn_of(row) for row in rows.all()]

    @rule(who=customers, category=st.sampled_from([Category.BILLING, Category.ORDERS_DELIVERY]))
    def the_bot_hands_over(self, who: int, category: Category) -> None:
        self.attempt(self.house.hand_over(self.talks[who], None, category=category))

    @rule(who=customers, helpful=st.booleans())
    def a_customer_rates_an_answer(self, who: int, helpful: bool) -> None:
        said = [m for m in self.run(self.house.messages(self.talks[who])) if m.sender is SenderType.BOT]
        if said:
            rating = Rating.HELPFUL if helpful else Rating.UNHELPFUL
            self.attempt(rate_answer(self.house.context, self.talks[who].id, said[0].id, rating))

    def case(self, at: int) -> str | None:
        async def ids() -> list[str]:
            async with self.db.read() as db:
                return list((await db.execute(select(cases.c.id).order_by(cases.c.number))).scalars())

        found: list[str] = self.run(ids())
        return found[at % len(found)] if found else None

    @rule(agent=agents, at=which)
    def an_agent_accepts(self, agent: Agent, at: int) -> None:
        if (case_id := self.case(at)) is not None:
            self.attempt(case_steps.accept(self.house.context, case_id, agent))

    @rule(agent=agents, at=which)
    def an_agent_writes(self, agent: Agent, at: int) -> None:
        self.said += 1
        if (case_id := self.case(at)) is not None:
            self.attempt(
                case_talk.send_agent_message(
                    self.house.context,
                    case_id,
                    agent,
                    client_message_id=f"agent-{self.said:04d}",
                    text="Which order is it about?",
                )
            )

    @rule(agent=agents, at=which, up=st.booleans())
    def an_agent_passes_on(self, agent: Agent, at: int, up: bool) -> None:
        if (case_id := self.case(at)) is None:
            return
        if up:
            self.attempt(case_steps.escalate(self.house.context, case_id, agent, tried="this", next_step="that"))
        else:
            self.attempt(
                case_steps.transfer(
                    self.house.context, case_id, agent, category=Category.BILLING, tried="this", next_step="that"
                )
            )

    @rule(agent=agents, at=which, disposition=st.sampled_from(["solved", "no_response", "duplicate"]))
    def an_agent_resolves(self, agent: Agent, at: int, disposition: str) -> None:
        if (case_id := self.case(at)) is not None:
            how = {**SOLVED, "disposition": disposition}
            self.attempt(case_steps.resolve(self.house.context, case_id, agent, **how))

    @rule(agent=agents, at=which, verdict=st.sampled_from([Verdict.NEEDED, Verdict.NOT_NEEDED]))
    def an_agent_judges(self, agent: Agent, at: int, verdict: Verdict) -> None:
        if (case_id := self.case(at)) is not None:
            self.attempt(verdicts.judge(self.house.context, case_id, agent, verdict=verdict))

    @rule(at=which, severity=st.integers(1, 4))
    def the_lead_changes_the_severity(self, at: int, severity: int) -> None:
        if (case_id := self.case(at)) is not None:
            self.attempt(
                change_severity(self.house.context, case_id, GRACE, severity=severity, triage=None, reason="as it is")
            )

    @rule(who=customers, at=which, csat=st.integers(1, 5))
    def a_customer_rates_a_case(self, who: int, at: int, csat: int) -> None:
        if (case_id := self.case(at)) is not None:
            self.attempt(surveys.rate(self.house.context, self.talks[who].id, case_id, csat=csat, comment=None))

    @rule(who=customers, at=which)
    def a_customer_reopens(self, who: int, at: int) -> None:
        if (case_id := self.case(at)) is not None:
            self.attempt(after_case.reopen(self.house.context, self.talks[who].id, case_id, note="It did not work"))

    @rule(hours=st.sampled_from([1, 5, 20, 30, 80, 200]))
    def time_passes(self, hours: int) -> None:
        self.house.clock.move(hours=hours)

    @rule()
    def the_loop_comes_round(self) -> None:
        self.run(self._round())

    async def _round(self) -> None:
        await roll_up(self.house.context, await days_to_roll_up(self.house.context))

    @rule()
    def figures_are_right_whenever_they_are_asked_for(self) -> None:
        self.run(roll_up_all(self.house.context))
        assert_same(self.run(stored(self.house)), self.run(straight(self.house)))
        self.reports_from_memory_are_what_would_be_read()

    def reports_from_memory_are_what_would_be_read(self) -> None:
        """However long ago a day was read last, and whatever changed it since."""
        context = self.house.context
        period = last_days(day_of(self.house.clock(), context.policy.kpi_zone), 9)
        for step in (Step.DAY, Step.WEEK):
            remembered = self.run(report(context, period, step=step))
            read = self.run(report(replace(context, known_days=KnownDays()), period, step=step))
            assert_same_lines(remembered.lines, read.lines)


def assert_same_lines(found: Sequence[Line], expected: Sequence[Line]) -> None:
    for line, other in zip(found, expected, strict=True):
        assert [part for part, _ in line.trend] == [part for part, _ in other.trend]
        pairs = zip((line.now, line.before, *trend_of(line)), (other.now, other.before, *trend_of(other)), strict=True)
        for figure, direct in pairs:
            assert replace(figure, mean=None) == replace(direct, mean=None)
            assert figure.mean == pytest.approx(direct.mean)


def trend_of(line: Line) -> list[Figure]:
    return [figure for _, figure in line.trend]


def test_added_up_by_day_the_figures_are_what_they_are_straight_from_the_facts(sqlite_template: Path) -> None:
    AnyHistory.template = sqlite_template
    machine = AnyHistory.TestCase
    machine.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
    machine().runTest()
