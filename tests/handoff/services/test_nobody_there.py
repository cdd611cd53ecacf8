"""Where nobody can take a case, its customer hears the truth and the leads are alerted, once each (P16)."""

from __future__ import annotations

from handoff.domain.cases import Step
from handoff.domain.notifications import NotificationKind
from handoff.services.nobody_there import AT_ONCE, tell_of_nobody
from handoff.services.offering import offer_waiting
from tests.handoff.cast import BEN, GRACE, House
from tests.handoff.services.test_offers import expire, steps, told


async def test_when_nobody_can_take_it_the_lead_is_alerted_once_and_the_customer_told_the_truth_once(
    house: House,
) -> None:
    await house.arrives(BEN)
    conversation, case_id = await house.case()
    other = await house.begin(None)
    await house.hand_over(other)
    await house.leaves(BEN)
    await tell_of_nobody(house.context)
    assert await told(house, GRACE) == []
    for _ in range(3):
        house.clock.move(minutes=2)
        await tell_of_nobody(house.context)
    for talk in (conversation, other):
        assert [m.notice for m in await house.messages(talk)].count("nobody_eligible") == 1
    assert await told(house, GRACE) == [NotificationKind.NOBODY_ELIGIBLE], "not for every case of the queue"
    assert (await steps(house, case_id)).count(Step.NOBODY) == 1


async def test_who_heard_at_the_opening_that_nobody_is_there_does_not_hear_it_again(house: House) -> None:
    conversation, case_id = await house.case()
    house.clock.move(minutes=5)
    await tell_of_nobody(house.context)

    assert (await steps(house, case_id)).count(Step.NOBODY) == 1
    assert [m.notice for m in await house.messages(conversation)][-1] == "handoff_opened"
    assert await told(house, GRACE) == [NotificationKind.NOBODY_ELIGIBLE]


async def test_a_case_for_which_somebody_is_free_is_told_of_to_nobody(house: House) -> None:
    _, case_id = await house.case()
    house.clock.move(minutes=5)
    await house.arrives(BEN)
    assert await tell_of_nobody(house.context) == 0
    assert await offer_waiting(house.context) == 1
    house.clock.move(minutes=5)
    assert await tell_of_nobody(house.context) == 0, "it is offered to somebody"
    await expire(house)
    assert await tell_of_nobody(house.context) == 0, "the time begins anew when an offer comes to nothing"
    house.clock.move(minutes=2)
    assert await tell_of_nobody(house.context) == 1
    assert (await steps(house, case_id))[-1] is Step.NOBODY


async def test_of_many_who_found_nobody_a_few_are_told_in_a_round_and_all_in_the_end(sqlite_house: House) -> None:
    house = sqlite_house
    for _ in range(AT_ONCE + 2):
        await house.hand_over(await house.begin(None))
    house.clock.move(minutes=2)
    assert [await tell_of_nobody(house.context) for _ in range(3)] == [AT_ONCE, 2, 0]


async def test_out_of_hours_nobody_is_missed(house: House) -> None:
    house.clock.move(hours=14)
    conversation, _ = await house.case()
    house.clock.move(minutes=10)
    await tell_of_nobody(house.context)
    assert [m.notice for m in await house.messages(conversation)][-1] == "handoff_opened"
    assert await told(house, GRACE) == []
