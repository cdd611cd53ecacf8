"""KPIs from the database: added up by day they are what they are straight from the facts, after any history."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import func, select

from handoff.contract import Category
from handoff.domain.conversations import Conversation, Rating, SenderType
from handoff.domain.errors import HandoffError
from handoff.domain.kpis.facts import Place
from handoff.domain.kpis.observations import CellKey, Sum, cells_of, day_of
from handoff.domain.kpis.periods import Period, last_days
from handoff.domain.kpis.registry import KPIS
from handoff.domain.people import Agent
from handoff.domain.verdicts import Verdict
from handoff.services import after_case, case_steps, case_talk, kpis, surveys, verdicts
from handoff.services.bot_replies import store_answer
from handoff.services.conversations import begin
from handoff.services.kpi_rollup import days_to_roll_up, roll_up, roll_up_all, roll_up_day
from handoff.services.ratings import rate_answer
from handoff.services.triage import change_severity
from handoff.store import conversations as store
from handoff.store.database import Database
from handoff.store.kpis import days as days_store
from handoff.store.kpis.days import By, Chosen
from handoff.store.kpis.reading import read_facts
from handoff.store.kpis.span import Span
from handoff.store.schema import cases, conversations, kpi_days, turns
from tests.handoff.cast import ANA, BEN, GRACE, MAYA, PRIYA, Clock, House, echo, move_in
from tests.handoff.conftest import connect_sqlite

SOLVED = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "Sent again"}
TODAY = date(2026, 3, 2)


async def stored(house: House) -> dict[CellKey, Sum]:
    """The cells as they stand."""
    async with house.db.read() as db:
        rows = (await db.execute(select(kpi_days))).all()
    return {
        CellKey(row.day, Place(row.category, row.level, row.agent_id), row.measure, row.bucket): Sum(
            row.how_many, row.total
        )
        for row in rows
    }


async def straight(house: House) -> dict[CellKey, Sum]:
    """The same, computed from all facts at once."""
    zone = house.context.policy.kpi_zone
    today = day_of(house.clock(), zone)
    period = Period(TODAY - timedelta(days=5), today)
    async with house.db.read() as db:
        facts = await read_facts(db, Span(period.begins(zone), period.ends(zone)), as_of=house.clock())
    cells: dict[CellKey, Sum] = {}
    for kpi in KPIS.values():
        cells |= cells_of(kpi.name, kpi.observe(facts), zone)
    return cells


def assert_same(found: Mapping[CellKey, Sum], expected: Mapping[CellKey, Sum]) -> None:
    assert found.keys() == expected.keys()
    for key, one in expected.items():
        assert found[key].how_many == one.how_many, key
        assert found[key].total == pytest.approx(one.total), key


async def solved_case(house: House) -> tuple[Conversation, str]:
    """Ben answers after five minutes and solves after ten."""
    talk, case_id = await house.case()
    house.clock.move(minutes=5)
    await case_steps.accept(house.context, case_id, BEN)
    await case_talk.send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="Hello")
    house.clock.move(minutes=5)
    await case_steps.resolve(house.context, case_id, BEN, **SOLVED)
    return talk, case_id


async def figures(house: House, day: date, chosen: Chosen = kpis.EVERYWHERE) -> dict[str, tuple[int, int]]:
    """Numerators and denominators of a day."""
    found = await kpis.report(house.context, Period(day, day), chosen=chosen)
    return {line.kpi.name: (line.now.numerator, line.now.denominator) for line in found.lines}


async def test_a_case_of_today_stands_in_the_figures_once_the_day_is_added_up(house: House) -> None:
    await solved_case(house)

    rolled = await roll_up_all(house.context)
    found = await kpis.report(house.context, last_days(TODAY, 1))

    assert rolled.days == (TODAY,)
    lines = {line.kpi.name: line.now for line in found.lines}
    assert lines["response_time"].mean == 300.0
    assert lines["speed_of_answer"].mean == 300.0
    assert (lines["handoff_rate"].numerator, lines["handoff_rate"].denominator) == (1, 1)
    assert lines["repeat_yourself_rate"].denominator == 1
    assert found.as_of == house.clock()
    assert found.not_added_up == 0


async def test_a_case_after_midnight_belongs_to_the_new_day_of_the_team_though_not_yet_of_utc(house: House) -> None:
    """By the clock of London, which is an hour ahead of UTC in summer."""
    house.clock.now = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    await solved_case(house)
    await roll_up_all(house.context)

    assert (await figures(house, date(2026, 6, 2)))["response_time"] == (1, 1)
    assert (await figures(house, date(2026, 6, 1)))["response_time"] == (0, 0)
    behind = await kpis.behind(house.context, KPIS["response_time"], Period(date(2026, 6, 2), date(2026, 6, 2)))
    assert [one.number for one in behind] == ["WL-1001"]
    assert await kpis.behind(house.context, KPIS["response_time"], Period(date(2026, 6, 1), date(2026, 6, 1))) == ()


async def test_each_case_of_the_days_on_which_the_clock_is_moved_counts_once(house: House) -> None:
    """29 March 2026 has 23 hours in London, 25 October has 25: a case an hour, each in one day only."""
    nights = ((datetime(2026, 3, 28, 22, 30, tzinfo=UTC), 27), (datetime(2026, 10, 24, 21, 30, tzinfo=UTC), 29))
    for first, hours in nights:
        house.clock.now = first
        for _ in range(hours):
            await house.begin(None)
            house.clock.move(hours=1)
    begun = {}
    zone = house.context.policy.kpi_zone
    async with house.db.read() as db:
        for month, days in ((3, (28, 29, 30)), (10, (24, 25, 26))):
            for day in days:
                one = Period(date(2026, month, day), date(2026, month, day))
                held = Span(one.begins(zone), one.ends(zone)).holds(conversations.c.started_at)
                query = select(func.count()).select_from(conversations).where(held)
                begun[day, month] = (await db.execute(query)).scalar_one()
    assert begun == {(28, 3): 2, (29, 3): 23, (30, 3): 2, (24, 10): 2, (25, 10): 25, (26, 10): 2}


async def test_days_that_were_cut_by_another_clock_are_added_up_anew_by_themselves(house: House) -> None:
    house.clock.now = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    await solved_case(house)
    house.clock.move(days=9)
    await roll_up_all(house.context)
    assert await days_to_roll_up(house.context) == ()
    policy = house.context.policy
    board = policy.board.model_copy(update={"time_zone": "America/New_York"})
    elsewhere = replace(house.context, policy=policy.model_copy(update={"board": board}))
    moved = replace(house, context=elsewhere)

    found = await kpis.report(elsewhere, Period(date(2026, 5, 30), date(2026, 6, 10)))
    assert (found.zone, found.not_added_up) == ("America/New_York", 10)
    await roll_up_all(elsewhere)

    assert (await figures(moved, date(2026, 6, 1)))["response_time"] == (1, 1)
    assert (await figures(moved, date(2026, 6, 2)))["response_time"] == (0, 0)


async def test_figures_can_be_had_of_one_queue_one_level_and_one_agent(house: House) -> None:
    await solved_case(house)
    await roll_up_all(house.context)

    assert (await figures(house, TODAY, Chosen(category=Category.ORDERS_DELIVERY)))["response_time"] == (1, 1)
    assert (await figures(house, TODAY, Chosen(category=Category.BILLING)))["response_time"] == (0, 0)
    assert (await figures(house, TODAY, Chosen(level=1)))["response_time"] == (1, 1)
    assert (await figures(house, TODAY, Chosen(agent_id="ben")))["response_time"] == (1, 1)
    assert (await figures(house, TODAY, Chosen(Category.ORDERS_DELIVERY, 1, "ben")))["response_time"] == (1, 1)
    assert (await figures(house, TODAY, Chosen(Category.ORDERS_DELIVERY, agent_id="ana")))["response_time"] == (0, 0)


@pytest.mark.parametrize(
    ("by", "label"), [(By.CATEGORY, "Orders and delivery"), (By.LEVEL, ""), (By.AGENT, "Ben Okafor")]
)
async def test_figures_are_told_by_queue_level_and_agent(house: House, by: By, label: str) -> None:
    await solved_case(house)
    await roll_up_all(house.context)

    found = await kpis.report(house.context, last_days(TODAY, 7), by=by)
    narrowed = await kpis.report(house.context, last_days(TODAY, 7), by=by, chosen=Chosen(Category.ORDERS_DELIVERY))

    with_answer = [part for part in found.parts if part.figures["response_time"].denominator]
    assert len(with_answer) == 1
    assert label in with_answer[0].label
    assert [p for p in narrowed.parts if p.figures["response_time"].denominator] == with_answer


async def test_a_late_verdict_makes_its_day_be_added_up_anew(house: House) -> None:
    _, case_id = await solved_case(house)
    house.clock.move(days=4)
    await roll_up_all(house.context)
    assert await days_to_roll_up(house.context) == ()

    await verdicts.judge(house.context, case_id, BEN, verdict=Verdict.NOT_NEEDED)

    assert TODAY in await days_to_roll_up(house.context)
    assert (await figures(house, TODAY))["unneeded_handoffs"] == (0, 0)
    await roll_up_all(house.context)
    assert (await figures(house, TODAY))["unneeded_handoffs"] == (1, 1)


async def test_a_step_that_is_undone_leaves_no_day_to_do(house: House) -> None:
    _, case_id = await solved_case(house)
    house.clock.move(days=4)
    await roll_up_all(house.context)

    with pytest.raises(HandoffError):
        await verdicts.judge(house.context, case_id, ANA, verdict=Verdict.NOT_NEEDED)

    assert await days_to_roll_up(house.context) == ()


async def test_a_day_that_another_node_added_up_meanwhile_is_left_as_that_one_made_it(house: House) -> None:
    await solved_case(house)
    await roll_up_day(house.context, TODAY)
    async with house.db.read() as db:
        stale = (await days_store.rollups_of(db, TODAY, TODAY))[TODAY]
    assert await roll_up_day(house.context, TODAY)
    before = await stored(house)

    async with house.db.write() as db:
        assert not await days_store.save_day(db, stale, {}, house.context.policy.kpi_zone, as_of=house.clock())

    assert await stored(house) == before


async def test_nodes_that_add_up_the_same_days_at_once_come_to_the_same(house: House) -> None:
    await solved_case(house)

    await asyncio.gather(*(roll_up_all(house.context) for _ in range(4)))

    assert_same(await stored(house), await straight(house))


async def test_a_change_while_a_day_is_being_added_up_is_not_lost(house: House) -> None:
    _, case_id = await solved_case(house)
    house.clock.move(days=4)
    await roll_up_all(house.context)
    async with house.db.read() as db:
        read = (await days_store.rollups_of(db, TODAY, TODAY))[TODAY]

    await verdicts.judge(house.context, case_id, BEN, verdict=Verdict.NOT_NEEDED)
    async with house.db.write() as db:
        assert await days_store.save_day(db, read, {}, house.context.policy.kpi_zone, as_of=house.clock())

    assert TODAY in await days_to_roll_up(house.context)


async def test_days_that_are_over_and_settled_are_not_added_up_again(house: House) -> None:
    await solved_case(house)
    await roll_up_all(house.context)
    house.clock.move(days=1)
    assert TODAY in await days_to_roll_up(house.context)
    await roll_up_all(house.context)
    house.clock.move(days=2)
    assert TODAY in await days_to_roll_up(house.context)
    await roll_up_all(house.context)
    house.clock.move(days=30)

    assert TODAY not in await days_to_roll_up(house.context)


async def test_a_rebuild_adds_up_every_day_since_the_first_fact(house: House) -> None:
    await solved_case(house)
    house.clock.move(days=3)
    await roll_up_all(house.context)
    async with house.db.write() as db:
        await db.execute(kpi_days.delete())

    rolled = await roll_up_all(house.context, rebuild=True)

    assert rolled.days == tuple(TODAY + timedelta(days=n) for n in (3, 2, 1, 0))
    assert_same(await stored(house), await straight(house))


async def test_the_cases_behind_a_number_are_those_it_counts_newest_first(house: House) -> None:
    _, first = await solved_case(house)
    house.clock.move(days=1)
    priya = await house.begin(PRIYA)
    second = await house.hand_over(priya)
    await roll_up_all(house.context)
    period = Period(TODAY, TODAY + timedelta(days=1))

    everything = await kpis.behind(house.context, KPIS["handoff_reasons"], period)
    answered = await kpis.behind(house.context, KPIS["response_time"], period, chosen=Chosen(agent_id="ben"))
    one = await kpis.behind(house.context, KPIS["handoff_reasons"], period, bucket="explicit_request", limit=1)
    none = await kpis.behind(house.context, KPIS["handoff_reasons"], period, bucket="frustration")

    assert [found.subject for found in everything] == [second, first]
    assert [found.subject for found in answered] == [first]
    assert answered[0].number == "WL-1001"
    assert [found.subject for found in one] == [second]
    assert none == ()


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


def test_added_up_by_day_the_figures_are_what_they_are_straight_from_the_facts(sqlite_template: Path) -> None:
    AnyHistory.template = sqlite_template
    machine = AnyHistory.TestCase
    machine.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
    machine().runTest()
