"""Where nobody can take a case, its customer hears the truth and the leads are alerted, once each (P16)."""

from __future__ import annotations

from dataclasses import replace

from handoff.contract import Category
from handoff.domain.cases import Step
from handoff.domain.notifications import NotificationKind
from handoff.domain.presence import PresenceState
from handoff.services import case_steps, presence
from handoff.services.events import QueueMoved
from handoff.services.nobody_there import AT_ONCE, tell_of_changed_desks, tell_of_nobody, tell_who_is_left_waiting
from handoff.services.offering import offer_waiting
from handoff.services.reading import customer_state
from handoff.store import reach
from tests.handoff.cast import BEA, BEN, GRACE, House
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


async def test_who_waits_as_the_queue_closes_hears_once_when_somebody_will_be_there(house: House) -> None:
    """P16, pain 11: not only those who come later."""
    house.context = replace(house.context, mails=True)
    await house.arrives(BEN)
    conversation = await house.begin(None)
    case_id = await house.hand_over(conversation)
    house.clock.move(hours=14)
    assert [await tell_who_is_left_waiting(house.context) for _ in range(2)] == [1, 0]

    last = (await house.messages(conversation))[-1]
    assert last.notice == "nobody_there"
    assert "tomorrow from" in last.text
    assert "e-mail" in last.text
    assert (await steps(house, case_id))[-1] is Step.NOBODY_THERE
    await house.say(conversation, "then write to visitor@mail.example.org")
    async with house.db.read() as db:
        assert await reach.contact_email(db, conversation.id) == "visitor@mail.example.org"
    house.clock.move(days=1)
    assert await tell_who_is_left_waiting(house.context) == 0, "once in a case"


async def test_when_the_last_agent_leaves_who_waits_hears_it_and_is_asked_for_an_address_once(house: House) -> None:
    house.context = replace(house.context, mails=True)
    await house.arrives(BEN, GRACE)
    conversation = await house.begin(None)
    await house.hand_over(conversation)
    await house.leaves(BEN)
    house.clock.move(minutes=3)
    await house.arrives(GRACE)
    assert await tell_who_is_left_waiting(house.context) == 0, "a lead is there"
    await house.leaves(GRACE)
    house.clock.move(minutes=1)
    assert await tell_who_is_left_waiting(house.context) == 0, "a desk may be opened again"
    house.clock.move(minutes=1)
    assert await tell_who_is_left_waiting(house.context) == 1
    assert await tell_of_nobody(house.context) == 1
    notices = [m.notice for m in await house.messages(conversation)]
    assert notices[-1] == "nobody_there"
    assert "nobody_eligible" not in notices, "which would say the same again"


async def test_where_it_is_told_that_nobody_could_take_it_an_address_is_asked_for_once_no_desk_is_open(
    house: House,
) -> None:
    house.context = replace(house.context, mails=True)
    await house.arrives(BEN)
    conversation = await house.begin(None)
    await house.hand_over(conversation)
    await house.leaves(BEN)
    house.clock.move(minutes=2)
    assert await tell_of_nobody(house.context) == 1
    last = (await house.messages(conversation))[-1]
    assert last.notice == "nobody_eligible"
    assert "e-mail address" in last.text
    assert await tell_who_is_left_waiting(house.context) == 0
    await house.say(conversation, "visitor@mail.example.org")
    async with house.db.read() as db:
        assert await reach.contact_email(db, conversation.id) == "visitor@mail.example.org"


async def test_a_case_of_a_level_that_nobody_at_a_desk_has_is_told_of_and_its_neighbours_are_not(house: House) -> None:
    await house.arrives(BEN, GRACE)
    conversation, _ = await house.case(level=2)
    other = await house.begin(None)
    await house.hand_over(other)
    await house.leaves(GRACE)
    house.clock.move(minutes=3)
    await house.arrives(BEN)
    assert await tell_who_is_left_waiting(house.context) == 1
    assert (await house.messages(conversation))[-1].notice == "nobody_there"
    assert (await house.messages(other))[-1].notice == "handoff_opened"


async def test_in_each_queue_into_which_a_case_comes_it_may_find_nobody(house: House) -> None:
    """Told once a stay, not once a life: the leads of the next queue know nothing of the last one."""
    await house.arrives(BEN)
    _, case_id = await house.case()
    await presence.choose_presence(house.context, BEN, PresenceState.DO_NOT_DISTURB)
    house.clock.move(minutes=2)
    assert await tell_of_nobody(house.context) == 1
    await case_steps.escalate(house.context, case_id, BEN, tried="looked for it", next_step="ask the carrier")
    house.clock.move(minutes=2)
    assert await tell_of_nobody(house.context) == 1
    assert await tell_of_nobody(house.context) == 0
    assert (await steps(house, case_id)).count(Step.NOBODY) == 2


async def test_who_waits_sees_another_wait_once_the_first_agent_comes_the_last_one_leaves_or_the_queue_closes(
    house: House,
) -> None:
    conversation, _ = await house.case()
    seen: dict[Category, tuple[bool, frozenset[int]]] = {}

    async def moved() -> set[Category]:
        """The queues that were told of."""
        await customer_state(house.context, conversation.id)
        house.published.clear()
        await tell_of_changed_desks(house.context, seen)
        return {event.category for event in house.published if isinstance(event, QueueMoved)}

    assert await moved() == set(), "nothing is known to have changed"
    await house.arrives(BEN)
    assert await moved() == BEN.queues
    assert house.context.recent_waits.somebody == {}, "which is looked at anew"
    await house.arrives(BEA)
    assert await moved() == set(), "somebody was there already"
    await house.leaves(BEN)
    assert await moved() == set()
    await house.leaves(BEA)
    assert await moved() == BEN.queues
    house.clock.move(hours=14)
    assert Category.ORDERS_DELIVERY in await moved()
