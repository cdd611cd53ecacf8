"""The customer sees what is passed on and corrects it; the agent reads the corrected (P3, P18)."""

from __future__ import annotations

import pytest

from handoff.domain.card import MOST_LINES
from handoff.domain.cases import Case, Step
from handoff.domain.errors import BadValue, CaseClosed, NotFound, WrongState
from handoff.services import case_steps, handoff_card, reading
from handoff.services.events import CaseChanged, ConversationChanged
from handoff.store import case_events
from handoff.store import cases as case_store
from tests.handoff.cast import BEN, PRIYA, House


async def stored(house: House, case_id: str) -> Case:
    async with house.db.read() as db:
        return await case_store.get_case(db, case_id)


async def test_the_card_is_there_with_the_case_and_holds_the_customers_words(house: House) -> None:
    conversation = await house.begin()
    await house.say(conversation, "My lamp was due on Monday. Can you send it again?")
    await house.hand_over(conversation)

    card = (await reading.customer_state(house.context, conversation.id)).card

    assert card is not None
    assert card.quote == "My lamp was due on Monday. Can you send it again?"
    assert [(fact.name, fact.value, fact.former) for fact in card.facts] == [("order_number", "LH-10001", None)]
    assert (card.can_correct, card.can_add, card.lines) == (True, True, ())


async def test_a_corrected_fact_is_what_the_agent_reads_with_what_stood_there_before(house: House) -> None:
    conversation, case_id = await house.case()
    house.published.clear()

    _, card = await handoff_card.correct_card(
        house.context, conversation.id, case_id, facts={"order_number": "LH-10002"}, line="It is the blue one"
    )

    assert [(fact.value, fact.former) for fact in card.facts] == [("LH-10002", "LH-10001")]
    view = await reading.case_view(house.context, case_id, BEN)
    assert view.row.case.problem == "where your order LH-10002 is"
    assert view.row.case.context.facts == {"order_number": "LH-10002"}
    assert "order number LH-10002 (corrected by the customer, before: LH-10001)" in view.summary
    assert "“It is the blue one”" in view.summary
    row = view.history[-1]
    assert (row.step, row.actor_type, row.text) == (Step.CONTEXT, "customer", "It is the blue one")
    assert row.data == {"facts": {"order_number": {"from": "LH-10001", "to": "LH-10002"}}}
    assert {type(event) for event in house.published} >= {CaseChanged, ConversationChanged}


async def test_the_same_correction_again_changes_nothing(house: House) -> None:
    conversation, case_id = await house.case()
    for _ in range(3):
        await handoff_card.correct_card(
            house.context, conversation.id, case_id, facts={"order_number": "LH-10002"}, line="The blue one"
        )

    async with house.db.read() as db:
        steps = [event.step for event in await case_events.events_of(db, case_id)]
    assert steps == [Step.OPEN, Step.CONTEXT]
    assert (await stored(house, case_id)).version == 2


async def test_once_an_agent_has_accepted_lines_can_be_added_but_no_fact_changes(
    house: House,
) -> None:
    conversation, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)

    with pytest.raises(WrongState):
        await handoff_card.correct_card(
            house.context, conversation.id, case_id, facts={"order_number": "LH-2"}, line="more"
        )
    _, card = await handoff_card.correct_card(house.context, conversation.id, case_id, facts={}, line="more")

    assert (card.can_correct, card.can_add, card.lines) == (False, True, ("more",))
    await case_steps.release(house.context, case_id, BEN, reason="End of shift")
    state = await reading.customer_state(house.context, conversation.id)
    assert state.card is not None
    assert not state.card.can_correct, "somebody has worked with these facts"


async def test_a_closed_case_has_no_card(house: House) -> None:
    conversation, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    await case_steps.resolve(
        house.context, case_id, BEN, disposition="solved", root_cause="carrier_late", outcome="Sent again"
    )

    assert (await reading.customer_state(house.context, conversation.id)).card is None
    with pytest.raises(CaseClosed):
        await handoff_card.correct_card(house.context, conversation.id, case_id, facts={}, line="too late")


async def test_nobody_corrects_the_card_of_another_customer_or_a_fact_that_is_not_on_it(house: House) -> None:
    conversation, case_id = await house.case()
    priya = await house.begin(PRIYA)

    with pytest.raises(NotFound):
        await handoff_card.correct_card(house.context, priya.id, case_id, facts={}, line="hello")
    with pytest.raises(BadValue):
        await handoff_card.correct_card(house.context, conversation.id, case_id, facts={"tier": "vip"}, line="")


async def test_the_card_holds_so_many_lines_and_no_more(house: House) -> None:
    conversation, case_id = await house.case()
    for number in range(MOST_LINES):
        _, card = await handoff_card.correct_card(house.context, conversation.id, case_id, facts={}, line=f"{number}")

    assert not card.can_add
    with pytest.raises(WrongState):
        await handoff_card.correct_card(house.context, conversation.id, case_id, facts={}, line="one more")


async def test_a_correction_of_a_correction_shows_what_the_bot_had_understood(house: House) -> None:
    conversation, case_id = await house.case()
    for value in ("LH-2", "LH-3"):
        _, card = await handoff_card.correct_card(
            house.context, conversation.id, case_id, facts={"order_number": value}, line=""
        )
    assert [(fact.value, fact.former) for fact in card.facts] == [("LH-3", "LH-10001")]

    _, back = await handoff_card.correct_card(
        house.context, conversation.id, case_id, facts={"order_number": "LH-10001"}, line=""
    )
    assert [(fact.value, fact.former) for fact in back.facts] == [("LH-10001", None)]
    assert len((await stored(house, case_id)).context.corrections) == 3
