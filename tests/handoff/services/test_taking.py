"""Taking a case unasked needs what an offer needs: skill, language, room (P16); a lead may say why not (P17)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from handoff.domain.cases import Case, CaseEvent, CaseStatus, Step
from handoff.domain.errors import LevelTooLow, NotEligible
from handoff.services.case_steps import accept
from handoff.services.offering import offer_waiting
from handoff.staff import deactivate_agent
from handoff.store import case_events, people
from handoff.store import cases as case_store
from tests.handoff.cast import BEN, GRACE, OMAR, House

LENA = replace(BEN, id="lena", name="Lena Brandt", email="lena@larkfield.example", capacity=2)
LEAD = replace(LENA, id="luca", name="Luca Moretti", email="luca@larkfield.example", level=3)


@pytest.fixture(autouse=True)
async def _staff(house: House) -> None:
    async with house.db.write() as db:
        for agent in (LENA, LEAD):
            await people.save_agent(db, agent, password_hash="none")


async def case_with(house: House, **changes: object) -> Case:
    """A waiting case of a new visitor, changed as the test needs it."""
    case_id = await house.hand_over(await house.begin(None))
    async with house.db.write() as db:
        case = await case_store.get_case(db, case_id)
        changed: Case = replace(case, version=case.version + 1, **changes)  # type: ignore[arg-type]
        await case_store.save_case(db, case, changed)
    return changed


async def accepted_row(house: House, case_id: str) -> CaseEvent:
    async with house.db.read() as db:
        return next(event for event in await case_events.events_of(db, case_id) if event.step is Step.ACCEPT)


async def test_a_case_that_needs_a_skill_is_refused_in_words_that_say_how_to_go_on(house: House) -> None:
    case = await case_with(house, skills=("repairs",))
    with pytest.raises(NotEligible) as told:
        await accept(house.context, case.id, LENA)

    assert told.value.data == {"obstacles": ["skill"], "lead": False}
    for part in (case.number, "Repairs and faults", "ask your lead", "Whoever leads the queue"):
        assert part in told.value.message
    able = replace(LENA, skills=("repairs",))
    assert (await accept(house.context, case.id, able)).agent_id == LENA.id


@pytest.mark.parametrize(("language", "may"), [(None, True), ("en-GB", True), ("de-AT", False)])
async def test_who_does_not_speak_the_customers_language_leaves_the_case(
    house: House, language: str | None, may: bool
) -> None:
    case = await case_with(house, language=language)
    if may:
        assert (await accept(house.context, case.id, LENA)).status is CaseStatus.ACTIVE
        return
    with pytest.raises(NotEligible, match="speaks de-AT") as told:
        await accept(house.context, case.id, LENA)
    assert told.value.data["obstacles"] == ["language"]


async def test_who_is_full_solves_or_hands_on_first(house: House) -> None:
    for _ in range(2):
        await accept(house.context, (await case_with(house)).id, LENA)
    third = await case_with(house)
    with pytest.raises(NotEligible, match="2 of your 2 units are taken or offered and it takes 1: solve a case"):
        await accept(house.context, third.id, LENA)
    assert (await accept(house.context, third.id, BEN)).agent_id == BEN.id


async def test_who_has_nothing_to_do_may_take_the_heaviest_case(house: House) -> None:
    case = await case_with(house, severity=1, weight=3)
    assert (await accept(house.context, case.id, LENA)).agent_id == LENA.id


async def test_two_cases_at_the_same_moment_do_not_fill_the_last_place_twice(house: House) -> None:
    await house.arrives(LENA)
    await accept(house.context, (await case_with(house)).id, LENA)
    waiting = [await case_with(house), await case_with(house)]
    done = await asyncio.gather(*(accept(house.context, case.id, LENA) for case in waiting), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Case", "NotEligible"]


async def test_what_is_offered_may_be_taken_as_it_is(house: House) -> None:
    case = await case_with(house)
    await house.arrives(LENA)
    assert await offer_waiting(house.context) == 1
    assert (await accept(house.context, case.id, replace(LENA, capacity=1))).agent_id == LENA.id


async def test_a_lead_may_take_it_all_the_same_with_a_reason_that_stays(house: House) -> None:
    case = await case_with(house, skills=("repairs",), language="de")
    with pytest.raises(NotEligible, match="override_reason") as told:
        await accept(house.context, case.id, LEAD)
    assert told.value.data == {"obstacles": ["skill", "language"], "lead": True}

    taken = await accept(house.context, case.id, LEAD, override_reason="Nobody else is in before noon")
    row = await accepted_row(house, case.id)
    assert taken.agent_id == LEAD.id
    assert (row.text, row.data) == ("Nobody else is in before noon", {"overrides": ["skill", "language"]})


async def test_a_reason_helps_neither_who_does_not_lead_nor_while_somebody_of_the_level_is_there(house: House) -> None:
    case = await case_with(house, skills=("repairs",))
    with pytest.raises(NotEligible):
        await accept(house.context, case.id, LENA, override_reason="I would like to")
    high = await case_with(house, level=4)
    await house.arrives(OMAR)
    with pytest.raises(LevelTooLow):
        await accept(house.context, high.id, LEAD, override_reason="I would like to")


async def test_while_nobody_of_its_level_is_there_a_lead_may_take_a_case_with_a_reason(house: House) -> None:
    high = await case_with(house, level=4)
    with pytest.raises(LevelTooLow):
        await accept(house.context, high.id, LENA, override_reason="I would like to")
    with pytest.raises(NotEligible, match="override_reason") as told:
        await accept(house.context, high.id, LEAD)
    assert told.value.data == {"obstacles": ["level"], "lead": True}

    taken = await accept(house.context, high.id, LEAD, override_reason="Omar is back on Monday")
    row = await accepted_row(house, high.id)
    assert (taken.agent_id, taken.level) == (LEAD.id, 4)
    assert (row.text, row.data) == ("Omar is back on Monday", {"overrides": ["level"]})


async def test_in_a_team_without_a_manager_a_case_for_one_goes_to_the_highest_there_is(house: House) -> None:
    """What the assistant opens for level 4 is within somebody's reach all the same (P16)."""
    await deactivate_agent(house.db, OMAR.email)
    await house.arrives(LENA, LEAD)
    conversation, case_id = await house.case(level=4)
    assert "nobody" not in (await house.messages(conversation))[-1].text.lower()
    assert await offer_waiting(house.context) == 1, "at once, and not only once the team had its time"

    with pytest.raises(LevelTooLow, match="level 3; yours is 1"):
        await accept(house.context, case_id, LENA)
    assert (await accept(house.context, case_id, LEAD)).agent_id == LEAD.id
    for _ in range(3):
        lent = await house.hand_over(await house.begin(None), None, level=4)
        assert (await accept(house.context, lent, replace(GRACE, capacity=20))).agent_id == GRACE.id


async def test_who_is_eligible_needs_no_reason_and_none_is_kept(house: House) -> None:
    case = await case_with(house)
    await accept(house.context, case.id, GRACE, override_reason="just because")
    row = await accepted_row(house, case.id)
    assert (row.text, row.data) == ("", {})


async def test_who_has_no_capacity_is_offered_nothing_and_takes_what_they_choose(house: House) -> None:
    helper = replace(LENA, capacity=0)
    for _ in range(3):
        assert (await accept(house.context, (await case_with(house)).id, helper)).agent_id == LENA.id
