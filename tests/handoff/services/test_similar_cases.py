"""Closed cases like an open one: from the agent's queues alone, with their resolution, on both databases (P21)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from handoff.contract import Category, Tier
from handoff.domain.errors import NotFound
from handoff.domain.likeness import ClosedCase
from handoff.domain.people import Agent
from handoff.services import case_steps, similar_cases
from handoff.services.context import Context
from handoff.services.conversations import Identity
from handoff.services.meaning import Meaning, MeaningUnavailable
from handoff.services.similar_cases import SimilarCases
from handoff.store.schema import case_meanings
from tests.handoff.cast import ANA, BEA, BEN, GRACE, House
from tests.handoff.words import SharedWords

LATE = "my parcel with the lamp is late and nobody tells me anything"
BROKEN = "the kettle leaks water on the table"


def with_meaning(house: House, encoder: SharedWords | None = None) -> Context:
    made = encoder or SharedWords()
    return replace(house.context, meaning=Meaning(lambda: made))


def somebody(number: int) -> Identity:
    return Identity(f"C-2{number:03}", f"Customer {number}", f"c{number}@mail.example", Tier.STANDARD)


async def open_case(house: House, text: str, number: int, **decided: object) -> str:
    conversation = await house.begin(somebody(number))
    return await house.hand_over(conversation, await house.say(conversation, text), **decided)


async def solved(
    house: House, text: str, number: int, *, agent: Agent = BEN, outcome: str = "It is on its way", **decided: object
) -> str:
    case_id = await open_case(house, text, number, **decided)
    await case_steps.accept(house.context, case_id, agent)
    await case_steps.resolve(
        house.context, case_id, agent, disposition="solved", root_cause="carrier_late", outcome=outcome
    )
    return case_id


async def found_by(
    house: House, case_id: str, agent: Agent, context: Context | None = None, of: SimilarCases | None = None
) -> tuple[ClosedCase, ...]:
    context = context or with_meaning(house)
    similar = of or SimilarCases()
    found = await similar.of(context, case_id, agent)
    await similar.close()
    return found


async def test_a_similar_case_comes_with_how_it_ended_and_an_unlike_one_does_not(house: House) -> None:
    late = await solved(house, LATE, 1, outcome="The carrier had lost it; sent again")
    await solved(house, BROKEN, 2, category=Category.BILLING, agent=ANA)
    case_id = await open_case(house, "the parcel with my lamp is late, nobody tells me why", 3)

    (found,) = await found_by(house, case_id, BEN)

    assert (found.id, found.outcome, found.solved) == (late, "The carrier had lost it; sent again", True)
    assert (found.disposition, found.agent_name) == ("Solved", BEN.name)
    assert found.likeness < 1.0


async def test_only_queues_that_the_agent_may_see_are_searched(house: House) -> None:
    elsewhere = await solved(house, LATE, 1, agent=ANA, category=Category.BILLING)
    case_id = await open_case(house, LATE, 2)

    assert await found_by(house, case_id, BEN) == ()
    assert [case.id for case in await found_by(house, case_id, GRACE)] == [elsewhere]
    with pytest.raises(NotFound):
        await found_by(house, case_id, ANA)


async def test_the_customers_own_cases_are_not_repeated_among_the_similar_ones(house: House) -> None:
    await solved(house, LATE, 1)
    conversation = await house.begin(somebody(1))
    case_id = await house.hand_over(conversation, await house.say(conversation, LATE))

    assert await found_by(house, case_id, BEN) == ()


async def test_a_case_that_is_open_again_is_no_example_of_a_solution(house: House) -> None:
    from handoff.services.after_case import reopen

    other = await solved(house, LATE, 1)
    case_id = await open_case(house, LATE, 2)
    similar, context = SimilarCases(), with_meaning(house)
    assert len(await found_by(house, case_id, BEN, context, similar)) == 1

    conversation = await house.begin(somebody(1))
    await reopen(house.context, conversation.id, other, note="")

    assert await found_by(house, case_id, BEN, context, similar) == ()


async def test_what_is_closed_meanwhile_is_found_without_reading_everything_again(house: House) -> None:
    case_id = await open_case(house, LATE, 1)
    encoder, similar = SharedWords(), SimilarCases()
    context = with_meaning(house, encoder)
    assert await found_by(house, case_id, BEN, context, similar) == ()

    house.clock.move(hours=2)
    first = await solved(house, LATE, 2)
    assert [case.id for case in await found_by(house, case_id, BEA, context, similar)] == [first]
    house.clock.move(hours=2)
    second = await solved(house, LATE, 3)
    found = await found_by(house, case_id, BEA, context, similar)

    assert [case.id for case in found] == [second, first]
    assert len(encoder.encoded) == 2 + 3, "each closed case once, and the question each time"


async def test_many_closed_cases_without_vectors_get_theirs_while_the_first_answer_is_given(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = sqlite_house
    monkeypatch.setattr(similar_cases, "ENCODED_AT_ONCE", 2)
    monkeypatch.setattr(similar_cases, "ENCODED_WHILE_ASKED", 2)
    for number in range(1, 6):
        await solved(house, LATE, number)
    case_id = await open_case(house, LATE, 9)
    similar, context = SimilarCases(), with_meaning(house)

    early = await similar.of(context, case_id, BEN)
    assert similar._catching_up is not None
    await similar._catching_up
    late = await similar.of(context, case_id, BEN)

    assert (len(early), len(late)) == (2, 5)


async def test_vectors_of_another_encoder_are_made_anew_and_never_compared(house: House) -> None:
    await solved(house, LATE, 1)
    case_id = await open_case(house, LATE, 2)
    await found_by(house, case_id, BEN, with_meaning(house, SharedWords("old")))
    fresh = SharedWords("new")

    assert len(await found_by(house, case_id, BEN, with_meaning(house, fresh))) == 1

    async with house.db.read() as db:
        rows = (await db.execute(select(case_meanings))).all()
    assert [row.encoder for row in rows] == ["new"]
    assert len(fresh.encoded) == 2


async def test_without_an_encoder_closing_works_and_the_search_says_that_it_is_off(house: House) -> None:
    await solved(house, LATE, 1)
    case_id = await open_case(house, LATE, 2)

    with pytest.raises(MeaningUnavailable):
        await found_by(house, case_id, BEN, house.context)


async def test_the_window_keeps_the_latest_closed_cases(sqlite_house: House) -> None:
    house = sqlite_house
    for number in range(1, 5):
        house.clock.move(hours=1)
        await solved(house, f"{LATE} {number}", number)
    case_id = await open_case(house, LATE, 9)

    found = await found_by(house, case_id, BEN, of=SimilarCases(window=2))

    assert [case.number for case in found] == ["WL-1004", "WL-1003"]
