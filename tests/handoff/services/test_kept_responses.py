"""Responses that agents keep at the desk: their own are theirs alone, the team's are kept by those who lead."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from handoff.contract import Category
from handoff.desk_content import load_desk_content
from handoff.domain.errors import BadValue, NotAllowed, NotFound
from handoff.services import kept_responses
from handoff.services.kept_responses import MOST_RESPONSES, ResponseWords
from handoff.services.macros import responses_for
from tests.handoff.cast import ANA, BEA, BEN, GRACE, POLICY, House
from warmline.paths import PROJECT_ROOT

CONTENT: Final = load_desk_content(PROJECT_ROOT / "data", POLICY)
WORDS: Final = ResponseWords("Late", "en", "Dear {customer_name}, it comes late.")
LEAD: Final = replace(BEA, level=3)


async def test_what_one_keeps_for_oneself_nobody_else_finds_or_changes(house: House) -> None:
    _, case_id = await house.case()
    kept = await kept_responses.keep(house.context, BEN, WORDS)

    found = (await responses_for(house.context, CONTENT, case_id, BEN)).responses[0]
    assert (found.response.own, found.response.team, found.rendered.text) == (
        True,
        False,
        "Dear Maya Lind, it comes late.",
    )
    others = (await responses_for(house.context, CONTENT, case_id, GRACE)).responses
    assert kept.id not in {one.response.id for one in others}
    for step in (
        kept_responses.change(house.context, GRACE, kept.id, WORDS),
        kept_responses.delete(house.context, GRACE, kept.id),
    ):
        with pytest.raises(NotFound):
            await step


async def test_the_teams_are_found_by_everybody_and_first_where_they_belong(house: House) -> None:
    _, case_id = await house.case()
    words = replace(WORDS, category=Category.ORDERS_DELIVERY, shared=True)
    kept = await kept_responses.keep(house.context, LEAD, words)

    found = (await responses_for(house.context, CONTENT, case_id, BEN)).responses
    assert (found[0].response.id, found[0].response.own, found[0].response.team) == (kept.id, False, True)


async def test_only_who_leads_the_queue_keeps_or_changes_what_is_the_teams(house: House) -> None:
    orders = replace(WORDS, category=Category.ORDERS_DELIVERY, shared=True)
    with pytest.raises(NotAllowed):
        await kept_responses.keep(house.context, BEN, orders)
    with pytest.raises(NotAllowed):
        await kept_responses.keep(house.context, LEAD, replace(orders, category=Category.BILLING))
    kept = await kept_responses.keep(house.context, LEAD, orders)
    with pytest.raises(NotAllowed, match="Bea Novak keeps this response for the team"):
        await kept_responses.delete(house.context, ANA, kept.id)

    changed = await kept_responses.change(house.context, GRACE, kept.id, replace(orders, text="Sorry"))
    assert (changed.text, changed.agent_id) == ("Sorry", LEAD.id)
    assert await kept_responses.responses_of(house.context, BEN) == (changed,)
    await kept_responses.delete(house.context, GRACE, kept.id)
    assert await kept_responses.responses_of(house.context, BEN) == ()


async def test_a_place_that_does_not_exist_is_refused_when_kept_and_when_changed(house: House) -> None:
    with pytest.raises(BadValue, match="There is no place 'name'"):
        await kept_responses.keep(house.context, BEN, replace(WORDS, text="Dear {name}"))
    kept = await kept_responses.keep(house.context, BEN, WORDS)
    with pytest.raises(BadValue, match=r"There is no place '\{'"):
        await kept_responses.change(house.context, BEN, kept.id, replace(WORDS, text="Dear {"))


async def test_one_keeps_no_more_than_one_finds_again(house: House) -> None:
    for number in range(MOST_RESPONSES):
        await kept_responses.keep(house.context, BEN, replace(WORDS, title=f"Number {number}"))
    with pytest.raises(BadValue, match="Delete one"):
        await kept_responses.keep(house.context, BEN, WORDS)
