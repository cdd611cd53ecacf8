"""After an outage what is overdue is acted on in its order, once, and the gravest of it is told (P7, P24)."""

from __future__ import annotations

from datetime import timedelta

from handoff.domain.cases import CaseStatus, WaitingFor
from handoff.domain.deadlines import Deadline, Due, gravest
from handoff.domain.notifications import NotificationKind
from handoff.services import milestones
from handoff.services.case_steps import accept
from handoff.services.deadlines import DeadlineWatcher
from handoff.services.events import CaseChanged
from tests.handoff.cast import BEN, GRACE, START, House
from tests.handoff.services.test_deadlines import case_of, kinds, recorded, word


async def test_after_an_outage_a_silent_customer_is_reminded_and_has_time_to_answer(house: House) -> None:
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await word(house, case_id)
    await milestones.wait(house.context, case_id, BEN, waiting_for=WaitingFor.CUSTOMER, what="a photo")
    house.clock.move(days=10)
    watcher = DeadlineWatcher(house.context)
    await watcher.look()
    await watcher.look()
    assert (await case_of(house, case_id)).status is CaseStatus.WAITING
    assert (await house.messages(conversation))[-1].notice == "waiting_reminder"
    house.clock.move(hours=47)
    await watcher.look()
    assert (await case_of(house, case_id)).status is CaseStatus.WAITING
    house.clock.move(hours=2)
    await watcher.look()
    assert (await case_of(house, case_id)).status is CaseStatus.CLOSED


async def test_after_an_outage_each_overdue_deadline_is_recorded_in_its_order_and_only_the_latest_acts(
    house: House,
) -> None:
    conversation, case_id = await house.case()
    due = (await case_of(house, case_id)).targets.resolution_due
    house.clock.now = due + timedelta(hours=1)
    await DeadlineWatcher(house.context).look()
    assert await recorded(house, case_id) == [
        "first_response_near",
        "first_response_missed",
        "stalled",
        "resolution_near",
        "resolution_missed",
    ]
    assert (await case_of(house, case_id)).level == 2, "up once, not twice"
    assert [message.notice for message in await house.messages(conversation)].count("case_escalated") == 1
    assert NotificationKind.DEADLINE_NEAR not in await kinds(house, GRACE.id)


async def test_after_an_outage_a_missed_case_moves_up_though_something_else_came_later(house: House) -> None:
    _, case_id = await house.case()
    house.clock.move(hours=4, minutes=1)
    await DeadlineWatcher(house.context).look()
    assert await recorded(house, case_id) == ["first_response_near", "first_response_missed", "stalled"]
    assert (await case_of(house, case_id)).level == 2
    told = await kinds(house, GRACE.id)
    assert NotificationKind.PROMISE_BROKEN in told
    assert NotificationKind.CASE_STALLED not in told, "the leads hear the gravest"


def test_of_what_is_due_at_once_a_missed_target_is_told_before_a_stall_and_a_stall_before_a_warning() -> None:
    missed, stalled, near = (
        Due(START + timedelta(hours=place), what, START)
        for place, what in enumerate((Deadline.RESOLUTION_MISSED, Deadline.STALLED, Deadline.NEXT_UPDATE_NEAR))
    )
    assert gravest((missed, stalled, near)) is missed
    assert gravest((stalled, near)) is stalled


async def test_after_an_outage_cases_are_acted_on_in_the_order_of_their_deadlines(house: House) -> None:
    mild = await house.hand_over(await house.begin(None), severity=4)
    house.clock.move(minutes=1)
    severe = await house.hand_over(await house.begin(None), severity=1)
    house.clock.move(hours=1)
    house.published.clear()
    await DeadlineWatcher(house.context).look()
    acted = list(dict.fromkeys(event.case_id for event in house.published if isinstance(event, CaseChanged)))
    assert acted == [severe, mild]
