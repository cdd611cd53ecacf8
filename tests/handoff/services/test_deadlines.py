"""Deadlines act by themselves, once, in their order, and tell who must know (P7, P13, P24)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from handoff.contract import Category
from handoff.domain.cases import Case, CaseEvent, CaseStatus, Step, WaitingFor
from handoff.domain.deadlines import Deadline
from handoff.domain.notifications import Notification, NotificationKind
from handoff.domain.ownership import OwnerType
from handoff.services import milestones
from handoff.services.case_steps import accept
from handoff.services.case_talk import promise_next_update, send_agent_message
from handoff.services.deadlines import DeadlineWatcher
from handoff.services.events import CaseChanged, QueueMoved
from handoff.store import case_events, notifications
from handoff.store import cases as case_store
from handoff.store.database import Database
from handoff.store.schema import cases
from tests.handoff.cast import BEN, GRACE, OMAR, POLICY, START, Clock, House, Ids, move_in

DUE_FIRST, DUE_NEXT = timedelta(minutes=10), timedelta(hours=2)
"""Targets of severity 3 in the queue of the tests, which is open until 20:00."""


async def case_of(house: House, case_id: str) -> Case:
    async with house.db.read() as db:
        return await case_store.get_case(db, case_id)


async def history(house: House, case_id: str) -> tuple[CaseEvent, ...]:
    async with house.db.read() as db:
        return await case_events.events_of(db, case_id)


async def told(house: House, agent_id: str) -> list[Notification]:
    """What this member of staff was told, oldest first."""
    async with house.db.read() as db:
        return list(reversed(await notifications.notifications_of(db, agent_id)))


async def kinds(house: House, agent_id: str) -> list[NotificationKind]:
    return [line.kind for line in await told(house, agent_id)]


async def recorded(house: House, case_id: str) -> list[str]:
    return [event.data["deadline"] for event in await history(house, case_id) if event.step is Step.DEADLINE]


async def word(house: House, case_id: str, key: str = "agent-word-1") -> None:
    await send_agent_message(house.context, case_id, BEN, client_message_id=key, text="I am looking into it")


async def in_hand(house: House) -> tuple[str, DeadlineWatcher]:
    """A case that Ben has taken and written in."""
    _, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await word(house, case_id)
    return case_id, DeadlineWatcher(house.context)


async def test_a_new_case_knows_what_happens_to_it_next(house: House) -> None:
    _, case_id = await house.case()
    case = await case_of(house, case_id)
    assert (case.next_deadline, case.next_deadline_at) == (Deadline.FIRST_RESPONSE_NEAR, START + DUE_FIRST * 0.7)


@pytest.mark.parametrize(("minutes", "alerts"), [(3, 0), (6, 0), (8, 1)])
async def test_a_first_reply_in_good_time_alerts_nobody_and_a_late_one_alerts_once(
    house: House, minutes: int, alerts: int
) -> None:
    """What always rings is not heard (P24): the shipped numbers, as alerts a case."""
    _, case_id = await house.case()
    watcher = DeadlineWatcher(house.context)
    for _ in range(minutes):
        house.clock.move(minutes=1)
        await watcher.look()
    await accept(house.context, case_id, BEN)
    await word(house, case_id)
    house.clock.move(minutes=30)
    await watcher.look()
    near = [*await kinds(house, GRACE.id), *await kinds(house, BEN.id)].count(NotificationKind.DEADLINE_NEAR)
    assert near == alerts


async def test_before_its_time_nothing_happens(house: House) -> None:
    _, case_id = await house.case()
    house.clock.move(minutes=5)
    assert await DeadlineWatcher(house.context).look() == 0
    assert await recorded(house, case_id) == []


async def test_while_nobody_owns_a_case_the_leads_hear_that_its_first_response_is_near(house: House) -> None:
    _, case_id = await house.case()
    house.published.clear()
    house.clock.move(minutes=8)
    assert await DeadlineWatcher(house.context).look() == 1

    assert await kinds(house, GRACE.id) == await kinds(house, OMAR.id) == [NotificationKind.DEADLINE_NEAR]
    assert (await told(house, GRACE.id))[0].text.startswith("WL-1001: the first reply is due within 2 minutes")
    assert await kinds(house, BEN.id) == []
    assert await recorded(house, case_id) == ["first_response_near"]
    assert CaseChanged in {type(event) for event in house.published}
    case = await case_of(house, case_id)
    assert (case.next_deadline, case.next_deadline_at) == (Deadline.FIRST_RESPONSE_MISSED, START + DUE_FIRST)


async def test_the_owner_is_warned_before_the_next_word_is_due(house: House) -> None:
    _, watcher = await in_hand(house)
    house.clock.move(minutes=91)
    await watcher.look()
    assert [line.text for line in await told(house, BEN.id)] == [
        "WL-1001: the next word is due within 29 minutes (where your order LH-10001 is)"
    ]
    assert await kinds(house, GRACE.id) == []


async def test_a_case_that_waits_past_its_first_response_moves_up_by_itself_and_its_customer_is_told(
    house: House,
) -> None:
    """P7, P13."""
    conversation, case_id = await house.case()
    watcher = DeadlineWatcher(house.context)
    house.clock.move(minutes=11)
    house.published.clear()
    await watcher.look()

    case = await case_of(house, case_id)
    assert (case.level, case.status) == (2, CaseStatus.OPEN)
    assert case.targets.first_response_due == START + DUE_FIRST, "what is measured stays missed"
    assert case.next_word_due == house.clock.now + DUE_FIRST, "what is promised is told anew"
    raised = (await history(house, case_id))[-1]
    assert (raised.step, raised.actor_type, raised.actor_id) == (Step.ESCALATE, "system", None)
    assert raised.data["kind"] == "automatic"
    assert raised.data["tried"] == "Nobody took it in the queue Orders and delivery before the first reply was missed."
    assert raised.data["next_step"] == "Somebody of level 2 or above takes it."
    assert (await house.messages(conversation))[-1].notice == "case_escalated"
    assert (await house.now(conversation)).owner.type is OwnerType.QUEUE
    assert QueueMoved(Category.ORDERS_DELIVERY) in house.published
    assert await kinds(house, GRACE.id) == [NotificationKind.PROMISE_BROKEN]


async def test_each_broken_promise_moves_a_waiting_case_further_up_until_the_top(house: House) -> None:
    _, case_id = await house.case()
    watcher = DeadlineWatcher(house.context)
    for level in (2, 3, 4, 4):
        house.clock.move(minutes=11)
        await watcher.look()
        assert (await case_of(house, case_id)).level == level
    assert await watcher.look() == 0


async def test_a_case_that_nobody_takes_is_told_of_again_and_again(house: House) -> None:
    _, case_id = await house.case()
    watcher = DeadlineWatcher(house.context)
    for _ in range(20):
        house.clock.move(hours=1)
        await watcher.look()
    assert (await recorded(house, case_id)).count("stalled") == 2, "every four hours while the team is there"
    assert (await case_of(house, case_id)).next_deadline is not None


async def test_a_missed_case_in_hand_stays_with_its_owner_and_the_lead_hears(house: House) -> None:
    case_id, watcher = await in_hand(house)
    house.clock.move(hours=2, minutes=1)
    await watcher.look()
    case = await case_of(house, case_id)
    assert (case.agent_id, case.level) == (BEN.id, 1)
    assert await kinds(house, GRACE.id) == [NotificationKind.PROMISE_BROKEN]
    assert await recorded(house, case_id) == ["next_update_near", "next_update_missed"]


async def test_a_customer_whose_promised_word_did_not_come_hears_so_and_when_it_comes_now(house: House) -> None:
    """P23: silence is the worst answer; and a promise that is not kept is not repeated every few minutes."""
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    watcher, spans = DeadlineWatcher(house.context), []
    for _ in range(4):
        house.clock.now = (await case_of(house, case_id)).next_word_due + timedelta(seconds=1)
        await watcher.look()
        spans.append((await case_of(house, case_id)).next_word_due - house.clock())
    assert spans == [DUE_FIRST, DUE_FIRST * 2, DUE_FIRST * 4, DUE_FIRST * 8]
    notices = [message for message in await house.messages(conversation) if message.notice == "promise_missed"]
    assert len(notices) == 4
    assert BEN.name in notices[0].text
    assert house.context.wording.to(None).within(DUE_FIRST) in notices[0].text
    assert (await kinds(house, GRACE.id)).count(NotificationKind.PROMISE_BROKEN) == 4, "the leads hear each time"

    await word(house, case_id)
    house.clock.now = (await case_of(house, case_id)).next_word_due + timedelta(seconds=1)
    await watcher.look()
    assert (await case_of(house, case_id)).next_word_due - house.clock() == DUE_FIRST, "a word begins anew"


async def test_where_nobody_is_above_a_waiting_customer_hears_that_their_word_is_late_and_keeps_the_place(
    house: House,
) -> None:
    conversation, case_id = await house.case(level=4)
    place = (await case_of(house, case_id)).rank_at
    house.clock.move(minutes=11)
    await DeadlineWatcher(house.context).look()
    case = await case_of(house, case_id)
    assert (case.level, case.rank_at) == (4, place)
    assert case.next_word_due == house.clock() + DUE_FIRST
    assert (await house.messages(conversation))[-1].notice == "promise_missed_queue"


async def test_a_missed_solution_is_told_to_the_lead(house: House) -> None:
    case_id, watcher = await in_hand(house)
    await promise_next_update(house.context, case_id, BEN, span=timedelta(days=3), reason="the carrier answers then")
    house.clock.now = (await case_of(house, case_id)).targets.resolution_due + timedelta(seconds=1)
    await word(house, case_id, "agent-word-2")
    await watcher.look()
    assert (await told(house, GRACE.id))[-1].text.startswith("WL-1001: the solution was missed")


async def test_a_case_without_a_word_of_its_agent_for_too_long_is_stalled(house: House) -> None:
    case_id, watcher = await in_hand(house)
    await promise_next_update(house.context, case_id, BEN, span=timedelta(hours=8), reason="waiting for the depot")
    house.clock.move(hours=4, minutes=1)
    await watcher.look()
    assert [(line.kind, line.text) for line in await told(house, GRACE.id)] == [
        (
            NotificationKind.CASE_STALLED,
            "WL-1001: no word from Ben Okafor for 240 minutes (where your order LH-10001 is)",
        )
    ]
    house.clock.move(minutes=30)
    assert await watcher.look() == 0, "once"
    await word(house, case_id, "agent-word-2")
    house.clock.move(hours=4, minutes=1)
    await watcher.look()
    assert (await recorded(house, case_id)).count("stalled") == 2, "and again after a word"


async def test_who_takes_a_case_that_lay_idle_is_not_at_once_found_idle(house: House) -> None:
    _, case_id = await house.case()
    house.clock.move(hours=5)
    await accept(house.context, case_id, BEN)
    await DeadlineWatcher(house.context).look()
    assert "stalled" not in await recorded(house, case_id)


async def test_who_promises_a_word_within_minutes_is_not_warned_that_it_is_near(house: House) -> None:
    case_id, watcher = await in_hand(house)
    await promise_next_update(house.context, case_id, BEN, span=timedelta(minutes=10), reason="ringing the depot")
    house.clock.move(minutes=5)
    assert await watcher.look() == 0
    assert await kinds(house, BEN.id) == []


async def test_a_silent_customer_is_reminded_and_later_the_case_is_closed_and_they_are_told(house: House) -> None:
    conversation = await house.begin()
    case_id = await house.hand_over(conversation)
    await accept(house.context, case_id, BEN)
    await word(house, case_id)
    await milestones.wait(house.context, case_id, BEN, waiting_for=WaitingFor.CUSTOMER, what="the number on the label")
    watcher = DeadlineWatcher(house.context)
    house.clock.move(hours=23)
    assert await watcher.look() == 0, "no target runs while a case waits for its customer"
    house.clock.move(hours=2)
    await watcher.look()
    await watcher.look()
    notices = [message.notice for message in await house.messages(conversation)]
    assert notices.count("waiting_reminder") == 1
    assert "the number on the label." in (await house.messages(conversation))[-1].text, "what is waited for, again"

    house.clock.move(hours=49)
    await watcher.look()
    case = await case_of(house, case_id)
    assert (case.status, case.disposition, case.root_cause) == (CaseStatus.CLOSED, "no_response", "went_silent")
    assert (await house.messages(conversation))[-1].notice == "case_closed_silent"
    assert (await house.now(conversation)).owner.type is OwnerType.BOT
    last = (await history(house, case_id))[-1]
    assert (last.step, last.actor_type) == (Step.RESOLVE, "system")
    assert case.next_deadline_at is None


async def test_a_case_from_before_deadlines_were_stored_is_watched_too(house: House) -> None:
    _, case_id = await house.case()
    async with house.db.write() as db:
        await db.execute(update(cases).values(next_deadline=None, next_deadline_at=None))
    house.clock.move(minutes=8)
    assert await DeadlineWatcher(house.context).look() == 1
    assert await recorded(house, case_id) == ["first_response_near"]


async def test_another_policy_moves_what_is_to_happen(house: House) -> None:
    _, case_id = await house.case()
    watcher = DeadlineWatcher(house.context)
    await watcher.look()
    near = POLICY.sla.near.model_copy(update={"first_response": timedelta(minutes=2)})
    later = POLICY.model_copy(update={"version": "later", "sla": POLICY.sla.model_copy(update={"near": near})})
    watcher = DeadlineWatcher(replace(house.context, policy=later))
    await watcher.look()
    assert (await case_of(house, case_id)).next_deadline_at == START + timedelta(minutes=8)


async def test_one_case_that_cannot_be_acted_on_holds_up_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await house.hand_over(await house.begin(None))
    second = await house.hand_over(await house.begin(None))
    real = case_store.get_case

    async def fails(db: object, case_id: str) -> Case:
        if case_id == first:
            raise OSError("the disk is broken there")
        return await real(db, case_id)  # type: ignore[arg-type]

    watcher = DeadlineWatcher(house.context)
    await watcher.look()
    house.clock.move(minutes=8)
    monkeypatch.setattr(case_store, "get_case", fails)
    assert await watcher.look() == 1
    monkeypatch.undo()
    assert await recorded(house, second) == ["first_response_near"]
    assert await recorded(house, first) == []
    assert await watcher.look() == 1, "the next look takes it again"


async def test_the_watch_ends_when_it_is_closed(sqlite_house: House) -> None:
    watcher = DeadlineWatcher(sqlite_house.context)
    watching = asyncio.create_task(watcher.keep_watching())
    await asyncio.sleep(0)
    watcher.close()
    await asyncio.wait_for(watching, 5)


@pytest.fixture
async def two_nodes(postgres_database: str, db: Database) -> AsyncIterator[tuple[House, House]]:
    """Two nodes of one service on one PostgreSQL database."""
    clock = Clock()
    one = await move_in(db, clock, Ids("one"))
    other = Database.connect(postgres_database)
    context = replace(one.context, db=other, new_id=Ids("other"))
    yield one, House(other, context, clock, one.published)
    await other.close()


@pytest.mark.parametrize("db", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_of_two_watchers_on_one_database_each_deadline_is_acted_on_once(
    two_nodes: tuple[House, House],
) -> None:
    one, other = two_nodes
    found = [await one.hand_over(await one.begin(None), severity=1 + place % 4) for place in range(12)]
    watchers = [DeadlineWatcher(house.context) for house in (one, other)]
    for minutes in (6, 6, 30, 90, 300):
        one.clock.move(minutes=minutes)
        await asyncio.gather(*(watcher.look() for watcher in watchers for _ in range(2)))

    seen: list[tuple[str, str, str]] = []
    for case_id in found:
        events = await history(one, case_id)
        seen += [(case_id, e.data["deadline"], e.data["due_at"]) for e in events if e.step is Step.DEADLINE]
        raised = [event for event in events if event.step is Step.ESCALATE]
        assert len(raised) == (await case_of(one, case_id)).level - 1
    assert len(seen) == len(set(seen)), "none twice"
    assert len(seen) >= 3 * len(found)
    async with one.db.read() as db:
        late = (await db.execute(select(cases.c.id).where(cases.c.next_deadline_at < one.clock()))).all()
    assert late == [], "none left out"


def test_the_tests_are_of_the_shipped_targets() -> None:
    targets = POLICY.targets("orders_delivery", 3)
    assert (targets.first_response, targets.next_update) == (DUE_FIRST, DUE_NEXT)
    assert POLICY.hours_of("orders_delivery").is_open(datetime(2026, 3, 2, 19, 59, tzinfo=UTC))
