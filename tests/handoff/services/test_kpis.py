"""KPIs from the database: added up by day, kept up with every change, and traced back to their cases."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.conversations import Conversation
from handoff.domain.errors import HandoffError
from handoff.domain.kpis.facts import Place
from handoff.domain.kpis.observations import CellKey, Sum, cells_of, day_of
from handoff.domain.kpis.periods import Period, last_days
from handoff.domain.kpis.registry import KPIS
from handoff.domain.verdicts import Verdict
from handoff.services import case_steps, case_talk, kpis, moving, verdicts
from handoff.services.kpi_rollup import days_to_roll_up, roll_up_all, roll_up_day
from handoff.store.kpis import days as days_store
from handoff.store.kpis.days import By, Chosen
from handoff.store.kpis.reading import read_facts
from handoff.store.kpis.span import Span
from handoff.store.schema import conversations, kpi_days
from tests.handoff.cast import ANA, BEN, PRIYA, House

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


async def test_days_are_read_once_until_something_of_them_changes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, case_id = await solved_case(house)
    house.clock.move(days=9)
    await roll_up_all(house.context)
    read: list[tuple[date, date]] = []
    real = days_store.sums

    async def sums(db: AsyncConnection, first: date, last: date, chosen: Chosen, by: By) -> object:
        read.append((first, last))
        return await real(db, first, last, chosen, by)

    monkeypatch.setattr(days_store, "sums", sums)
    today = TODAY + timedelta(days=9)
    period = Period(TODAY, today)
    over, moving = (TODAY, today - timedelta(days=2)), (today - timedelta(days=1), today)

    first = await kpis.report(house.context, period)
    assert (await kpis.report(house.context, period)).lines == first.lines
    assert read == [over, moving]
    await roll_up_day(house.context, today)
    assert (await kpis.report(house.context, period)).lines == first.lines
    assert read == [over, moving, moving]

    await verdicts.judge(house.context, case_id, BEN, verdict=Verdict.NOT_NEEDED)
    await roll_up_day(house.context, TODAY)
    changed = {line.kpi.name: line.now for line in (await kpis.report(house.context, period)).lines}
    assert read == [over, moving, moving, over]
    assert (changed["unneeded_handoffs"].numerator, changed["unneeded_handoffs"].denominator) == (1, 1)


async def test_a_case_that_went_back_to_the_bot_in_time_was_not_solved_and_one_that_went_late_missed_its_time(
    house: House,
) -> None:
    for minutes in (10, 60 * 24 * 7):
        _, case_id = await house.case()
        await case_steps.accept(house.context, case_id, BEN)
        await case_talk.send_agent_message(
            house.context, case_id, BEN, client_message_id=f"agent-{minutes}", text="Hello"
        )
        house.clock.move(minutes=minutes)
        await moving.return_to_bot(house.context, case_id, BEN, line="It is on its way", reason="asked for it only")
    day = house.clock().date()
    async with house.db.read() as db:
        zone = house.context.policy.kpi_zone
        period = Period(TODAY, day)
        facts = await read_facts(db, Span(period.begins(zone), period.ends(zone)), as_of=house.clock())
    met = [one.met_at is not None and one.met_at <= one.due_at for one in facts.targets if one.target == "resolution"]
    assert met == [False]


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
