"""Every closing of a case leaves a row: who owned it, what was said, whether it held (P26, P30)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handoff.domain.actors import SYSTEM
from handoff.domain.cases import CaseStatus, Step, status_after
from handoff.domain.conversations import Conversation
from handoff.domain.errors import BadValue, NotReopenable
from handoff.domain.resolutions import UNSTATED, Resolution
from handoff.services.after_case import reopen
from handoff.services.case_steps import accept, resolve
from handoff.services.case_writing import save_step
from handoff.services.reading import case_view
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import resolutions
from tests.handoff.cast import BEN, GRACE, START, House
from tests.handoff.services.test_case_steps import SOLVED


async def rows(house: House, case_id: str) -> tuple[Resolution, ...]:
    async with house.db.read() as db:
        return await resolutions.resolutions_of(db, case_id)


async def solved(house: House, **more: date) -> tuple[Conversation, str]:
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, BEN, **SOLVED, **more)
    return conversation, case_id


async def test_resolving_leaves_a_row_with_the_owner_of_that_time(house: House) -> None:
    _, case_id = await solved(house)
    (row,) = await rows(house, case_id)

    assert row == Resolution(case_id, 1, BEN.id, START, "solved", "carrier_late", "A new parcel is on its way"), (
        "nothing of it is rated, followed up or reopened"
    )


async def test_a_case_that_a_lead_resolves_for_its_owner_stays_the_owners(house: House) -> None:
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, GRACE, **SOLVED)
    await house.arrives(BEN, GRACE)
    (row,) = await rows(house, case_id)
    reopened, _ = await reopen(house.context, conversation.id, case_id, note="no")

    assert row.agent_id == BEN.id
    assert reopened.agent_id == BEN.id, "it did not work: back to the same owner (P26)"


async def test_a_second_resolution_has_a_row_of_its_own_and_the_first_says_that_it_did_not_hold(house: House) -> None:
    conversation, case_id = await solved(house, follow_up_on=date(2026, 3, 5))
    house.clock.move(hours=3)
    opened, _ = await reopen(house.context, conversation.id, case_id, note="still broken")
    reopened_at = house.clock()
    house.clock.move(hours=1)
    await accept(house.context, case_id, GRACE)
    case = await resolve(
        house.context, case_id, GRACE, disposition="compensated", root_cause="carrier_lost", outcome="Money back"
    )
    first, second = await rows(house, case_id)

    assert (opened.disposition, opened.root_cause, opened.outcome, opened.follow_up_on) == (None, None, None, None)
    assert (first.number, first.agent_id, first.outcome) == (1, BEN.id, "A new parcel is on its way")
    assert (first.reopened_at, second.reopened_at) == (reopened_at, None)
    assert (second.number, second.agent_id, second.root_cause) == (2, GRACE.id, "carrier_lost")
    assert case.resolution_count == 2


@pytest.mark.parametrize("step", [Step.RETURN_TO_BOT, Step.MERGE])
async def test_a_case_that_ends_without_a_wrap_up_has_a_row_that_says_how_it_ended(house: House, step: Step) -> None:
    conversation, case_id = await house.case()
    async with house.db.write() as db:
        await store.get_conversation(db, conversation.id, for_change=True)
        case = await case_store.get_case(db, case_id)
        after = replace(case, status=status_after(case, step), resolved_at=house.clock(), version=case.version + 1)
        saved = await save_step(house.context, db, case, after, step, SYSTEM, house.clock())
    (row,) = await rows(house, case_id)

    assert saved.case.status is CaseStatus.CLOSED
    assert (row.agent_id, row.disposition, row.root_cause, row.outcome) == (None, str(step), UNSTATED, "")


async def test_the_desk_sees_every_resolution_with_its_owners_name(house: House) -> None:
    conversation, case_id = await solved(house)
    await reopen(house.context, conversation.id, case_id, note="no")
    view = await case_view(house.context, case_id, GRACE)

    assert [(past.resolution.number, past.agent_name) for past in view.resolutions] == [(1, BEN.name)]


async def test_a_follow_up_lies_ahead_and_not_beyond_all_planning(house: House) -> None:
    _, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    for day, mend in ((START.date(), "Choose 2026-03-03"), (START.date() + timedelta(days=91), "at most 90 days")):
        with pytest.raises(BadValue, match=mend) as refused:
            await resolve(house.context, case_id, BEN, **SOLVED, follow_up_on=day)
        assert refused.value.data == {"field": "follow_up_on"}
    case = await resolve(house.context, case_id, BEN, **SOLVED, follow_up_on=START.date() + timedelta(days=90))
    (row,) = await rows(house, case_id)

    assert case.follow_up_on == row.follow_up_on == date(2026, 5, 31)


async def test_long_after_the_solution_a_new_case_takes_over_and_names_the_old_one(house: House) -> None:
    conversation, old_id = await solved(house)
    await house.arrives(BEN)
    house.clock.move(days=14)
    new, said = await reopen(
        house.context, conversation.id, old_id, note="Broken again", client_message_id="client-0001"
    )
    view = await case_view(house.context, new.id, BEN)
    (row,) = await rows(house, old_id)

    assert new.id != old_id
    assert (new.status, new.category, new.problem, new.contact_number) == (
        CaseStatus.OPEN,
        view.past_cases[0].category,
        view.past_cases[0].problem,
        2,
    )
    assert said is not None
    assert said.text == "Broken again"
    assert view.history[0].data["follows"] == old_id
    assert "A new parcel is on its way" in new.context.attempts[-1].outcome, "what was tried goes with it (P18)"
    assert "it is solved, and it is not" in view.why
    assert row.reopened_at is None, "the old case stays closed"
    with pytest.raises(NotReopenable):
        await reopen(house.context, conversation.id, old_id, note="again")


async def test_a_moment_before_that_it_is_the_same_case_with_the_same_owner(house: House) -> None:
    conversation, case_id = await solved(house)
    house.clock.move(days=13, hours=23)
    await house.arrives(BEN)
    case, _ = await reopen(house.context, conversation.id, case_id, note="")
    assert (case.id, case.agent_id) == (case_id, BEN.id)
