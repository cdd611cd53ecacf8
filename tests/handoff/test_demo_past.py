"""The demo's past is whole, every figure can be made from it, and a wipe takes it away without a trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import exists, func, select

from handoff.command import at_the_machine
from handoff.demo import load_demo_people
from handoff.domain.kpis.periods import last_days
from handoff.past.living import Life, PastClock
from handoff.past.planning import Planner
from handoff.past.rows import belonging
from handoff.past.stories import PastError, load_past
from handoff.past.writing import Size, Written, has_past, wipe, write_past
from handoff.seed import seed_demo
from handoff.services.context import unguessable_id
from handoff.services.conversations import begin, receive_text
from handoff.services.kpi_rollup import roll_up_all
from handoff.services.kpis import report
from handoff.store.schema import audit_log, cases, conversations, messages, metadata, resolutions
from tests.handoff.cast import POLICY, House
from warmline.paths import PROJECT_ROOT

DATA = PROJECT_ROOT / "data"
FRIDAY = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
WHO = at_the_machine("warmline demo")


async def past_of(house: House, days: int = 4) -> Written:
    house.clock.now = FRIDAY
    house.context = replace(house.context, new_id=unguessable_id)
    demo = load_demo_people(DATA)
    await seed_demo(house.db, demo, POLICY, now=house.clock())
    past = load_past(DATA, POLICY)
    return await write_past(house.context, past, demo, Size(days, 8), actor=WHO, tell=lambda _text: None)


async def everything(house: House) -> Mapping[str, list[Any]]:
    async with house.db.read() as db:
        return {
            table.name: [tuple(row) for row in await db.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }


async def test_the_past_is_whole_and_every_kpi_can_be_made_from_it(sqlite_house: House) -> None:
    written = await past_of(sqlite_house)
    await roll_up_all(sqlite_house.context)
    found = await report(sqlite_house.context, last_days(FRIDAY.date(), 5))

    async with sqlite_house.db.read() as db:
        mute = ~exists().where(messages.c.conversation_id == conversations.c.id)
        assert (await db.execute(select(func.count()).where(mute).select_from(conversations))).scalar_one() <= 2
        told = (await db.execute(select(cases).where(cases.c.id.startswith("demo-")))).all()
        closings = set((await db.execute(select(resolutions.c.case_id))).scalars())
    assert written.cases == len(told) > 4
    for case in told:
        assert case.status == "closed"
        assert case.id in closings
        assert case.opened_at <= case.accepted_at <= case.first_response_at <= case.resolved_at < FRIDAY
        assert case.opened_at < case.first_response_due <= case.resolution_due
        assert case.next_deadline_at is None
    kpis = {one.kpi.name: one for one in found.lines}
    for name in ("escalation_frequency", "response_time", "resolution_time", "containment", "promises_kept"):
        assert kpis[name].now.value is not None, name
    assert kpis["root_causes"].now.parts


async def test_a_wipe_leaves_the_database_as_it_was_and_what_others_wrote(sqlite_house: House) -> None:
    sqlite_house.clock.now = FRIDAY
    sqlite_house.context = replace(sqlite_house.context, new_id=unguessable_id)
    await seed_demo(sqlite_house.db, load_demo_people(DATA), POLICY, now=FRIDAY)
    mine = (await begin(sqlite_house.context, identity=None, name="Somebody who looks")).conversation
    await receive_text(sqlite_house.context, mine.id, "mine-00001", "Is anybody here?")
    await roll_up_all(sqlite_house.context)
    before = await everything(sqlite_house)
    await past_of(sqlite_house, days=3)
    assert await has_past(sqlite_house.db)

    taken = await wipe(sqlite_house.context, actor=WHO)
    await roll_up_all(sqlite_house.context)

    after = await everything(sqlite_house)
    assert taken.conversations
    assert not await has_past(sqlite_house.db)
    kept = {"audit_log", "counters", "kpi_rollups"}
    for name in before.keys() - kept:
        assert after[name] == before[name], name
    logged = [row[audit_log.c.keys().index("action")] for row in after["audit_log"]]
    assert logged[-2:] == ["demo.history_written", "demo.wiped"]


async def test_a_second_wipe_finds_nothing(sqlite_house: House) -> None:
    assert (await wipe(sqlite_house.context, actor=WHO)).rows == {}


def test_every_table_that_names_a_case_or_a_conversation_is_wiped() -> None:
    ours = {table.name for table in belonging()}

    assert {"cases", "messages", "turns", "notifications", "outbox", "case_meanings", "authority_uses"} <= ours
    assert not ours & {"agents", "audit_log", "webhooks", "api_keys", "counters"}


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("root_cause: carrier_lost,", "root_cause: carrier_ate_it,", "no root cause 'carrier_ate_it'"),
        ("topic: end_plan", "topic: end_of_the_world", "no category of escalation.yml has the topic"),
        ("{first}, this is {agent}. Is it", "{frist}, this is {agent}. Is it", "nothing fills in frist"),
    ],
)
def test_a_mistake_in_the_stories_is_told_with_its_place(tmp_path: Path, wrong: str, right: str, told: str) -> None:
    text = (DATA / "demo" / "history.yml").read_text(encoding="utf-8")
    assert wrong in text
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "history.yml").write_text(text.replace(wrong, right), encoding="utf-8")

    with pytest.raises(PastError, match=told):
        load_past(tmp_path, POLICY)


def test_the_shop_grows_and_its_customers_come_in_both_months() -> None:
    """So that the figures of the last month have a month before to stand beside."""
    past, demo = load_past(DATA, POLICY), load_demo_people(DATA)
    planned = Planner(past, demo.customers, Random(7), FRIDAY).plan(Size().days, Size().conversations_a_day)

    first, last = planned[0].at, planned[-1].at
    lately = sum(one.at > FRIDAY - timedelta(days=30) for one in planned)
    assert (FRIDAY - first).days >= 58
    assert last < FRIDAY
    assert len(planned) - lately > 120
    assert lately > 1.2 * (len(planned) - lately)


async def test_the_team_of_the_past_answers_faster_at_its_end(sqlite_house: House) -> None:
    life = Life(replace(sqlite_house.context, random=Random(7)), PastClock(FRIDAY), (), FRIDAY + timedelta(days=60))
    slow = [life.in_open_time("account_security", 10) - life.clock.now for _ in range(200)]
    life.clock.now = life.until
    quick = [life.in_open_time("account_security", 10) - life.clock.now for _ in range(200)]

    assert sum(quick, timedelta()) < 0.75 * sum(slow, timedelta())
