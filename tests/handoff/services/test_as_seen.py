"""A step that was chosen on an older version of the case is refused, however close it comes."""

from __future__ import annotations

import asyncio

import pytest

from handoff.contract import Category
from handoff.domain.cases import Case
from handoff.domain.errors import CaseChanged
from handoff.domain.people import Agent
from handoff.services.as_seen import as_seen
from handoff.services.case_steps import escalate, transfer
from handoff.services.merging import merge
from handoff.store import cases
from tests.handoff.cast import GRACE, OMAR, PRIYA, House

TRIED = {"tried": "Asked the carrier", "next_step": "Send a new one"}


async def now(house: House, case_id: str) -> Case:
    async with house.db.read() as db:
        return await cases.get_case(db, case_id)


async def test_of_two_who_saw_the_same_version_the_first_moves_the_case_and_the_other_is_told(house: House) -> None:
    _, case_id = await house.case()
    version = (await now(house, case_id)).version

    async def move(agent: Agent, to: Category) -> Case:
        with as_seen(case_id, version):
            return await transfer(house.context, case_id, agent, category=to, **TRIED)

    moved = await asyncio.gather(
        move(GRACE, Category.TECHNICAL), move(OMAR, Category.ORDERS_DELIVERY), return_exceptions=True
    )

    (refused,) = [one for one in moved if isinstance(one, CaseChanged)]
    (taken,) = [one for one in moved if isinstance(one, Case)]
    left = await now(house, case_id)
    assert (left.category, left.version) == (taken.category, version + 1)
    assert refused.data == {"version": left.version}


async def test_several_steps_of_one_request_follow_each_other_and_other_cases_are_left_alone(house: House) -> None:
    _, case_id = await house.case()
    other_id = await house.hand_over(await house.begin(PRIYA))
    version = (await now(house, case_id)).version

    with as_seen(case_id, version):
        await escalate(house.context, other_id, OMAR, **TRIED)
        await escalate(house.context, case_id, OMAR, **TRIED)
        await escalate(house.context, case_id, OMAR, **TRIED)
    assert (await now(house, case_id)).version == version + 2

    with as_seen(case_id, version), pytest.raises(CaseChanged):
        await escalate(house.context, case_id, OMAR, **TRIED)
    with as_seen(case_id, None):
        await escalate(house.context, case_id, OMAR, **TRIED)


async def test_a_duplicate_that_a_colleague_has_moved_meanwhile_is_not_merged(house: House) -> None:
    _, into = await house.case()
    duplicate = await house.hand_over(await house.begin(None))
    version = (await now(house, duplicate)).version
    await escalate(house.context, duplicate, OMAR, **TRIED)

    with as_seen(duplicate, version), pytest.raises(CaseChanged):
        await merge(house.context, duplicate, GRACE, into=into, reason="Same parcel")

    assert (await now(house, duplicate)).merged_into is None
