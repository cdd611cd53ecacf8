"""Finding cases and what was said in them, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handoff.contract import Category
from handoff.domain.errors import BadValue
from handoff.domain.search import HitKind
from handoff.services import case_steps, case_talk, contact
from handoff.services.search import search
from handoff.store.schema import audit_log
from tests.handoff.cast import ANA, BEA, BEN, GRACE, MAYA, PRIYA, House


async def found(house: House, agent: object, typed: str) -> list[str]:
    return [one.row.case.id for one in (await search(house.context, agent, typed)).cases]  # type: ignore[arg-type]


async def test_a_case_is_found_by_what_was_said_and_what_is_known_of_it(house: House) -> None:
    conversation = await house.begin(MAYA)
    await house.say(conversation, "The Crème kettle leaks on my worktop")
    case_id = await house.hand_over(conversation)
    await case_steps.accept(house.context, case_id, BEN)
    await case_talk.send_agent_message(
        house.context, case_id, BEN, client_message_id="reply-01", text="Sending a valve"
    )
    await case_talk.add_note(house.context, case_id, BEN, text="Gasket known to fail")

    for typed in (
        "kettle worktop",
        "CREME",
        "kett",
        '"on my worktop"',
        "valve",
        "gasket",
        "WL-1001",
        "LH-10001",
        "maya",
    ):
        assert await found(house, BEN, typed) == [case_id], typed
    for typed in ("worktop valve", '"worktop my"', "ettle", '"kett"'):
        assert await found(house, BEN, typed) == [], typed


async def test_the_hits_say_where_the_words_stand(house: House) -> None:
    conversation = await house.begin(MAYA)
    said = await house.say(conversation, "The kettle leaks")
    await house.hand_over(conversation)

    (case,) = (await search(house.context, BEN, "leak")).cases

    (hit,) = case.hits
    assert (hit.kind, hit.seq) == (HitKind.MESSAGE, said.seq)
    assert [piece.text for piece in hit.pieces if piece.hit] == ["leaks"]


async def test_nobody_finds_what_they_may_not_see(house: House) -> None:
    conversation = await house.begin(MAYA)
    await house.say(conversation, "The kettle leaks")
    case_id = await house.hand_over(conversation, None, category=Category.ORDERS_DELIVERY)

    assert await found(house, ANA, "kettle") == []
    assert await found(house, ANA, "status:unresolved") == []
    assert await found(house, GRACE, "kettle") == [case_id]


async def test_filters_narrow_down_to_status_queue_owner_customer_and_day(house: House) -> None:
    maya = await house.hand_over(await house.begin(MAYA), None, severity=2)
    house.clock.move(days=2)
    priya = await house.hand_over(await house.begin(PRIYA), None, severity=3)
    await case_steps.accept(house.context, maya, BEN)
    await case_steps.resolve(
        house.context, maya, BEN, disposition="solved", root_cause="carrier_late", outcome="It came today"
    )

    assert await found(house, BEN, "status:closed") == [maya]
    assert await found(house, BEN, "status:unresolved queue:orders_delivery") == [priya]
    assert await found(house, BEN, "agent:nobody") == [priya]
    assert await found(house, BEA, "agent:ben") == [maya]
    assert await found(house, BEN, "agent:me cause:carrier_late") == [maya]
    assert await found(house, BEN, "from:shah") == [priya]
    assert await found(house, BEN, "from:priya.shah@mail.example") == [priya]
    assert set(await found(house, BEN, "order:LH-10001")) == {maya, priya}
    assert await found(house, BEN, "severity:2 after:2026-03-02 before:2026-03-03") == [maya]
    assert await found(house, BEN, "on:2026-03-04") == [priya]
    assert await found(house, BEN, "came from:maya") == [maya]


async def test_an_address_left_when_nobody_was_there_finds_the_case(house: House) -> None:
    conversation, case_id = await house.case()
    await contact.take_email(house.context, conversation.id, "someone.else@post.example")

    assert await found(house, BEN, "from:someone.else@post.example") == [case_id]


async def test_what_a_case_is_about_comes_before_what_was_said_in_passing(house: House) -> None:
    passing = await house.begin(PRIYA)
    about = await house.hand_over(await house.begin(MAYA))
    house.clock.move(minutes=5)
    await house.say(passing, "Maya told me to write to you")
    mentioned = await house.hand_over(passing)

    assert await found(house, BEN, "maya") == [about, mentioned]


async def test_a_filter_that_names_nobody_or_several_is_told_with_those_that_there_are(house: House) -> None:
    with pytest.raises(BadValue, match=r"Nobody here is called 'zoe'.*Ben Okafor"):
        await search(house.context, BEN, "agent:zoe")
    with pytest.raises(BadValue, match=r"Several colleagues are meant by 'be'.*Bea Novak, Ben Okafor"):
        await search(house.context, BEN, "agent:be")
    with pytest.raises(BadValue, match="There is no root cause 'ghosts'"):
        await search(house.context, BEN, "cause:ghosts")


async def test_who_searched_for_what_is_written_down(house: House) -> None:
    await house.case()

    await search(house.context, BEN, "from:maya")

    async with house.db.read() as db:
        row = (await db.execute(select(audit_log).where(audit_log.c.action == "search"))).one()
    assert (row.actor_id, row.data) == ("ben", {"query": "from:maya", "shown": 1})


async def test_words_are_never_read_as_commands_of_the_index(house: House) -> None:
    _, case_id = await house.case()

    for typed in ("a OR b", "NOT", "NEAR(maya)", "person* -maya", "' | !x", "(maya)"):
        await search(house.context, BEN, typed)
    assert await found(house, BEN, "(maya)") == [case_id]
