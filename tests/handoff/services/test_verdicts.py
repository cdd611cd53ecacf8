"""Agents judge a handoff, on both databases: needed, not needed, or that it should have come earlier (P10, P31)."""

from __future__ import annotations

import asyncio

import pytest

from handoff.contract import Category
from handoff.domain.cases import CaseStatus, Step
from handoff.domain.conversations import Message
from handoff.domain.errors import BadValue, NotFound, NotOwner, WrongState
from handoff.domain.people import Agent
from handoff.domain.verdicts import CaseVerdict, Verdict
from handoff.services import reading
from handoff.services.case_steps import accept, resolve, transfer
from handoff.services.events import CaseChanged
from handoff.services.verdicts import judge
from handoff.store import verdicts
from tests.handoff.cast import ANA, BEA, BEN, GRACE, IMANI, MAYA, PRIYA, START, House
from tests.handoff.services.test_case_steps import SOLVED, TRIED

EARLIER = Verdict.SHOULD_HAVE_COME_EARLIER


async def taken(house: House) -> tuple[str, tuple[Message, ...]]:
    """Ben has the case of a customer who wrote three times before a person came; the case, and what was written."""
    conversation = await house.begin(MAYA)
    said = tuple([await house.say(conversation, text) for text in ("where is it", "again", "a person!")])
    case_id = await house.hand_over(conversation, said[-1])
    await accept(house.context, case_id, BEN)
    return case_id, said


async def standing(house: House, case_id: str) -> CaseVerdict | None:
    async with house.db.read() as db:
        return await verdicts.verdict_of(db, case_id)


async def test_the_cases_agent_says_whether_a_person_was_needed_and_the_history_keeps_it(house: House) -> None:
    case_id, said = await taken(house)
    house.published.clear()
    case = await judge(house.context, case_id, BEN, verdict=EARLIER, message_id=said[0].id, note="Asked twice")
    view = await reading.case_view(house.context, case_id, BEN)

    assert view.verdict == CaseVerdict(case_id, EARLIER, BEN.id, START, said[0].id, "Asked twice")
    assert (view.judge_name, view.row.case.version) == (BEN.name, case.version)
    row = view.history[-1]
    assert (row.step, row.actor_name, row.text) == (Step.JUDGE, BEN.name, "Asked twice")
    assert row.data == {"verdict": "should_have_come_earlier", "message_id": said[0].id, "seq": said[0].seq}
    assert house.published == [CaseChanged(case_id, view.row.case.conversation_id)]


async def test_the_customer_hears_nothing_of_a_verdict(house: House) -> None:
    case_id, _ = await taken(house)
    before = (await reading.case_view(house.context, case_id, BEN)).transcript
    await judge(house.context, case_id, BEN, verdict=Verdict.NOT_NEEDED)
    assert (await reading.case_view(house.context, case_id, BEN)).transcript == before


async def test_a_verdict_can_be_changed_also_after_the_case_was_closed_and_both_stay_in_the_history(
    house: House,
) -> None:
    case_id, said = await taken(house)
    await judge(house.context, case_id, BEN, verdict=EARLIER, message_id=said[1].id)
    await resolve(house.context, case_id, BEN, **SOLVED)
    house.clock.move(days=1)
    case = await judge(house.context, case_id, GRACE, verdict=Verdict.NEEDED)
    history = (await reading.case_view(house.context, case_id, GRACE)).history

    assert case.status is CaseStatus.CLOSED
    assert await standing(house, case_id) == CaseVerdict(case_id, Verdict.NEEDED, GRACE.id, house.clock.now)
    judged = [(row.actor_name, row.data["verdict"]) for row in history if row.step is Step.JUDGE]
    assert judged == [(BEN.name, "should_have_come_earlier"), (GRACE.name, "needed")]


async def test_the_same_verdict_again_changes_nothing(house: House) -> None:
    case_id, _ = await taken(house)
    first = await judge(house.context, case_id, BEN, verdict=Verdict.NEEDED)
    given = await standing(house, case_id)
    house.clock.move(minutes=1)
    assert await judge(house.context, case_id, BEN, verdict=Verdict.NEEDED) == first
    assert await standing(house, case_id) == given
    assert (await judge(house.context, case_id, BEN, verdict=Verdict.NEEDED, note="Sure")).version == first.version + 1


async def test_of_two_who_judge_at_the_same_moment_both_are_heard_and_one_verdict_stands(house: House) -> None:
    case_id, _ = await taken(house)
    await asyncio.gather(
        judge(house.context, case_id, BEN, verdict=Verdict.NEEDED),
        judge(house.context, case_id, GRACE, verdict=Verdict.NOT_NEEDED),
    )
    history = (await reading.case_view(house.context, case_id, BEN)).history
    given = await standing(house, case_id)

    rows = [row.data["verdict"] for row in history if row.step is Step.JUDGE]
    assert sorted(rows) == ["needed", "not_needed"]
    assert given is not None
    assert given.verdict == rows[-1]


@pytest.mark.parametrize(
    ("agent", "refusal"), [(BEA, NotOwner), (ANA, NotFound), (IMANI, NotFound)], ids=lambda value: str(value)[:20]
)
async def test_nobody_else_judges_a_case(house: House, agent: Agent, refusal: type[Exception]) -> None:
    case_id, _ = await taken(house)
    with pytest.raises(refusal):
        await judge(house.context, case_id, agent, verdict=Verdict.NEEDED)
    assert await standing(house, case_id) is None


async def test_a_case_is_judged_by_somebody_who_took_it(house: House) -> None:
    _, case_id = await house.case()
    for agent in (BEN, GRACE):
        with pytest.raises(WrongState, match="cannot be judged"):
            await judge(house.context, case_id, agent, verdict=Verdict.NEEDED)


async def test_a_verdict_goes_with_the_case_to_another_queue(house: House) -> None:
    case_id, _ = await taken(house)
    await judge(house.context, case_id, BEN, verdict=Verdict.NEEDED)
    await transfer(house.context, case_id, BEN, category=Category.BILLING, **TRIED)
    await accept(house.context, case_id, ANA)
    await judge(house.context, case_id, ANA, verdict=Verdict.NOT_NEEDED)
    given = await standing(house, case_id)

    assert given is not None
    assert (given.verdict, given.agent_id) == (Verdict.NOT_NEEDED, ANA.id)


async def test_only_an_earlier_message_of_the_customers_own_can_be_named(house: House) -> None:
    case_id, said = await taken(house)
    notice = (await reading.case_view(house.context, case_id, BEN)).transcript[-1]
    other = await house.begin(PRIYA)
    elsewhere = await house.say(other, "hello")

    for message_id in (said[-1].id, notice.id, elsewhere.id, "nothing"):
        with pytest.raises(BadValue) as told:
            await judge(house.context, case_id, BEN, verdict=EARLIER, message_id=message_id)
        assert told.value.data == {"field": "message_id"}
    with pytest.raises(BadValue, match="leave it out"):
        await judge(house.context, case_id, BEN, verdict=Verdict.NEEDED, message_id=said[0].id)
    assert await standing(house, case_id) is None


async def test_where_it_is_not_known_which_message_handed_over_the_time_decides_what_came_earlier(house: House) -> None:
    conversation = await house.begin()
    before = await house.say(conversation, "hello?")
    house.clock.move(seconds=30)
    case_id = await house.hand_over(conversation, Message("lost", "", 0, before.sender, None, "", START))
    house.clock.move(seconds=30)
    after = await house.say(conversation, "anybody?")
    await accept(house.context, case_id, BEN)

    with pytest.raises(BadValue):
        await judge(house.context, case_id, BEN, verdict=EARLIER, message_id=after.id)
    await judge(house.context, case_id, BEN, verdict=EARLIER, message_id=before.id)
    view = await reading.case_view(house.context, case_id, BEN)
    assert view.verdict is not None
    assert view.verdict.message_id == before.id
