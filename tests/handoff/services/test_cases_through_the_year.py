"""Whole cases while the clock is moved through daylight saving, holidays, midnight and a leap day (P15, P23, P25).

The queue of the tests is there from 8 to 20, on Saturdays from 9 to 17, in London.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handoff.contract import Category
from handoff.domain.cases import Case, CaseStatus, Step, WaitingFor
from handoff.domain.promises import PromiseStatus
from handoff.services import milestones
from handoff.services.case_steps import accept, resolve
from handoff.services.case_talk import promise_next_update, send_agent_message
from handoff.services.deadlines import DeadlineWatcher
from handoff.store import case_events, promises
from handoff.store import cases as case_store
from tests.handoff.cast import BEN, House

LONDON = ZoneInfo("Europe/London")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


async def case_of(house: House, case_id: str) -> Case:
    async with house.db.read() as db:
        return await case_store.get_case(db, case_id)


async def open_at(house: House, at: str, **decided: object) -> tuple[str, DeadlineWatcher]:
    house.clock.now = local(at)
    return await house.hand_over(await house.begin(None), None, **decided), DeadlineWatcher(house.context)


async def word(house: House, case_id: str, key: str) -> None:
    await send_agent_message(house.context, case_id, BEN, client_message_id=key, text="I am on it")


async def happened(house: House, case_id: str) -> list[str]:
    async with house.db.read() as db:
        return [e.data["deadline"] for e in await case_events.events_of(db, case_id) if e.step is Step.DEADLINE]


@pytest.mark.parametrize(
    ("opened", "first", "solved"),
    [
        ("2026-03-27 19:55", "2026-03-28 09:05", "2026-03-31 11:55"),
        ("2026-03-28 16:55", "2026-03-30 08:05", "2026-03-31 19:55"),
        ("2026-10-24 16:55", "2026-10-26 08:05", "2026-10-27 19:55"),
        ("2026-12-24 19:55", "2026-12-28 08:05", "2026-12-29 19:55"),
        ("2027-03-25 19:55", "2027-03-27 09:05", "2027-03-31 11:55"),
        ("2028-02-28 19:55", "2028-02-29 08:05", "2028-03-01 19:55"),
        ("2026-03-03 00:00", "2026-03-03 08:10", "2026-03-04 20:00"),
    ],
    ids=[
        "over the night on which the clock is put forward",
        "over the Sunday on which it is put forward",
        "over the Sunday on which it is put back",
        "over Christmas",
        "over Good Friday and Easter Monday",
        "into a leap day",
        "at midnight",
    ],
)
async def test_what_is_promised_is_due_when_the_team_is_there(
    sqlite_house: House, opened: str, first: str, solved: str
) -> None:
    house = sqlite_house
    case_id, watcher = await open_at(house, opened)
    case = await case_of(house, case_id)
    assert (case.targets.first_response_due, case.targets.resolution_due) == (local(first), local(solved))

    house.clock.now = local(first)
    await watcher.look()
    assert (await case_of(house, case_id)).level == 1, "nothing is missed while nobody could be there"
    await accept(house.context, case_id, BEN)
    await word(house, case_id, "agent-word-1")
    async with house.db.read() as db:
        kept, _ = await promises.promises_of(db, case_id)
    assert kept.status is PromiseStatus.KEPT

    house.clock.now = local(solved) + timedelta(seconds=1)
    await watcher.look()
    assert (await happened(house, case_id))[-1] in ("resolution_missed", "stalled")
    assert "resolution_missed" in await happened(house, case_id)


async def test_a_severe_case_is_counted_through_the_night_on_which_the_clock_changes(sqlite_house: House) -> None:
    case_id, watcher = await open_at(sqlite_house, "2026-03-29 00:30", severity=1)
    case = await case_of(sqlite_house, case_id)
    assert case.targets.resolution_due - case.opened_at == timedelta(hours=4)
    assert case.targets.resolution_due.astimezone(LONDON).strftime("%H:%M") == "05:30", "an hour is skipped"
    sqlite_house.clock.move(minutes=3)
    await watcher.look()
    assert (await case_of(sqlite_house, case_id)).level == 2, "nobody waits until Monday"


async def test_on_the_night_on_which_an_hour_comes_twice_both_count(sqlite_house: House) -> None:
    case_id, watcher = await open_at(sqlite_house, "2026-10-25 00:30", severity=1)
    case = await case_of(sqlite_house, case_id)
    assert case.targets.resolution_due - case.opened_at == timedelta(hours=4)
    assert case.targets.resolution_due.astimezone(LONDON).strftime("%H:%M") == "03:30", "from one to two o'clock twice"
    sqlite_house.clock.move(minutes=3)
    await watcher.look()
    assert (await case_of(sqlite_house, case_id)).level == 2


@pytest.mark.parametrize(
    ("said_at", "due"),
    [
        ("2026-03-29 00:40", "2026-03-29 02:10"),
        ("2026-10-25 00:40", "2026-10-25 01:10+00:00"),
        ("2026-12-31 23:50", "2027-01-01 00:20"),
        ("2028-02-28 23:50", "2028-02-29 00:20"),
        ("2028-02-29 23:50", "2028-03-01 00:20"),
    ],
    ids=["the clock put forward", "the clock put back", "new year", "into a leap day", "out of a leap day"],
)
async def test_another_time_that_an_agent_promises_is_so_many_real_minutes_away_and_is_held(
    sqlite_house: House, said_at: str, due: str
) -> None:
    """P23: an agent who is there promises minutes, whatever the clock on the wall does, and the ledger holds them."""
    house = sqlite_house
    minutes = 90 if said_at.startswith("2026-10") else 30
    case_id, watcher = await open_at(house, said_at, severity=1)
    await accept(house.context, case_id, BEN)
    await word(house, case_id, "agent-word-1")
    renewed = await promise_next_update(house.context, case_id, BEN, span=timedelta(minutes=minutes), reason="Asked")
    moment = datetime.fromisoformat(due)
    expected = moment.astimezone(UTC) if moment.tzinfo else local(due)

    assert renewed.next_word_due == expected == house.clock.now + timedelta(minutes=minutes)
    house.clock.now = expected - timedelta(seconds=1)
    await watcher.look()
    async with house.db.read() as db:
        assert [p.status for p in (await promises.promises_of(db, case_id)) if p.status is PromiseStatus.BROKEN] == []
    house.clock.now = expected + timedelta(seconds=1)
    await watcher.look()
    async with house.db.read() as db:
        broken = [p for p in await promises.promises_of(db, case_id) if p.status is PromiseStatus.BROKEN]
    assert [p.due_at for p in broken] == [expected], "broken by the clock, once"


async def test_a_queue_that_is_always_there_counts_every_hour(sqlite_house: House) -> None:
    case_id, _ = await open_at(sqlite_house, "2026-12-25 02:00", category=Category.ACCOUNT_SECURITY)
    case = await case_of(sqlite_house, case_id)
    assert case.targets.first_response_due == local("2026-12-25 02:10")


async def test_a_case_waits_for_its_customer_over_christmas_and_goes_on(sqlite_house: House) -> None:
    house = sqlite_house
    house.clock.now = local("2026-12-24 18:00")
    conversation = await house.begin()
    case_id = await house.hand_over(conversation)
    await accept(house.context, case_id, BEN)
    await word(house, case_id, "agent-word-1")
    before = await milestones.wait(house.context, case_id, BEN, waiting_for=WaitingFor.CUSTOMER, what="a photo")
    watcher = DeadlineWatcher(house.context)

    house.clock.now = local("2026-12-26 12:00")
    await watcher.look()
    assert await happened(house, case_id) == ["customer_reminder"], "a customer reads on a holiday too"
    house.clock.now = local("2026-12-27 11:00")
    await house.say(conversation, "Here it is")
    case = await case_of(house, case_id)
    assert case.status is CaseStatus.ACTIVE
    assert case.next_word_due == local("2026-12-28 10:00"), "two hours of business, on the day when somebody is there"
    assert case.targets.resolution_due == before.targets.resolution_due + timedelta(hours=2), "of Christmas Eve"
    house.clock.now = local("2026-12-28 09:00")
    await watcher.look()
    assert "next_update_missed" not in await happened(house, case_id)
    await resolve(house.context, case_id, BEN, disposition="solved", root_cause="carrier_late", outcome="Sent again")
    house.clock.move(days=30)
    assert await watcher.look() == 0, "a closed case has no deadlines"
