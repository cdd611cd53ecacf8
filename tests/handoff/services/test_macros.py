"""Several actions in one request, all or none, once; and what is offered to write."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.contract import Category
from handoff.desk_content import DeskContent, Macro, load_desk_content
from handoff.domain.cases import CaseStatus, Step
from handoff.domain.conversations import SenderType
from handoff.domain.errors import BadValue, KeyReused, NotFound, NotOwner
from handoff.services import case_steps, kept_responses
from handoff.services.events import MessagesStored
from handoff.services.kept_responses import ResponseWords
from handoff.services.macros import macros_for, responses_for, run_macro
from handoff.store import case_events
from handoff.store import cases as case_store
from tests.handoff.cast import ANA, BEA, BEN, POLICY, House
from warmline.paths import PROJECT_ROOT

CONTENT = load_desk_content(PROJECT_ROOT / "data", POLICY)


def content_of(*steps: dict[str, object]) -> DeskContent:
    return DeskContent((), (Macro.model_validate({"name": "one", "title": "One", "about": "One", "steps": steps}),))


async def test_a_reply_the_next_word_and_a_note_happen_in_one_go(house: House) -> None:
    conversation, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    house.published.clear()

    case = await run_macro(house.context, CONTENT, case_id, BEN, "search_parcel", client_id="client-001")

    assert case.targets.next_update_due == house.clock.now + timedelta(minutes=2880)
    said = [message.text for message in await house.messages(conversation) if message.sender is SenderType.AGENT]
    assert len(said) == 1
    assert "search for order LH-10001" in said[0]
    async with house.db.read() as db:
        steps = [event.step for event in await case_events.events_of(db, case_id)]
    assert steps[-2:] == [Step.NEXT_UPDATE, Step.NOTE]
    assert any(isinstance(event, MessagesStored) for event in house.published)


async def test_the_same_request_again_changes_nothing(house: House) -> None:
    conversation, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    await run_macro(house.context, CONTENT, case_id, BEN, "introduce", client_id="client-001")
    before = await house.messages(conversation)
    house.published.clear()

    await run_macro(house.context, CONTENT, case_id, BEN, "introduce", client_id="client-001")

    assert await house.messages(conversation) == before
    assert house.published == []
    with pytest.raises(KeyReused):
        await run_macro(house.context, CONTENT, case_id, BEN, "search_parcel", client_id="client-001")


async def test_where_a_step_is_refused_nothing_is_done(house: House) -> None:
    conversation, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    before = await house.messages(conversation)
    house.published.clear()
    # The case is in that queue already, which only the last step finds.
    content = content_of(
        {"reply": "I am passing you on"},
        {"transfer": {"category": "orders_delivery", "tried": "a", "next_step": "b"}},
    )

    with pytest.raises(BadValue, match="in that queue already"):
        await run_macro(house.context, content, case_id, BEN, "one", client_id="client-001")

    assert await house.messages(conversation) == before
    assert house.published == []
    async with house.db.read() as db:
        assert (await case_store.get_case(db, case_id)).first_response_at is None
    mended = content_of({"reply": "I am with you"})
    await run_macro(house.context, mended, case_id, BEN, "one", client_id="client-001")
    assert len(await house.messages(conversation)) == len(before) + 1


async def test_a_macro_may_end_with_moving_or_closing_the_case(house: House) -> None:
    _, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)

    moved = await run_macro(house.context, CONTENT, case_id, BEN, "account_danger", client_id="client-001")

    assert (moved.category, moved.severity, moved.agent_id) == (Category.ACCOUNT_SECURITY, 1, None)


async def test_a_reply_and_a_resolution_close_the_case_with_its_cause(house: House) -> None:
    _, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)

    closed = await run_macro(house.context, CONTENT, case_id, BEN, "resolved_resent", client_id="client-001")

    assert (closed.status, closed.root_cause) == (CaseStatus.CLOSED, "carrier_lost")
    assert closed.outcome == "We sent order LH-10001 again at no cost"


async def test_nobody_runs_a_macro_on_a_case_of_somebody_else_or_one_they_may_not_see(house: House) -> None:
    _, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)

    with pytest.raises(NotOwner):
        await run_macro(house.context, CONTENT, case_id, BEA, "introduce", client_id="client-001")
    with pytest.raises(NotFound):
        await run_macro(house.context, CONTENT, case_id, ANA, "introduce", client_id="client-001")
    with pytest.raises(NotFound, match=r"no macro 'fly'"):
        await run_macro(house.context, CONTENT, case_id, BEN, "fly", client_id="client-001")


async def test_what_a_macro_needs_and_the_case_lacks_is_told_before_and_refused(house: House) -> None:
    conversation = await house.begin(None)
    case_id = await house.hand_over(conversation)
    await case_steps.accept(house.context, case_id, BEN)
    content = content_of({"reply": "Dear {customer_name}"})

    (ahead,) = await macros_for(house.context, content, case_id, BEN)

    assert ahead.missing == ("customer_name",)
    with pytest.raises(BadValue, match="customer_name is not known"):
        await run_macro(house.context, content, case_id, BEN, "one", client_id="client-001")


async def test_responses_read_as_they_will_be_sent_own_and_fitting_ones_first(house: House) -> None:
    _, case_id = await house.case()
    await kept_responses.keep(house.context, BEN, ResponseWords("Mine", "en", "Bye {customer_first_name}"))

    found = (await responses_for(house.context, CONTENT, case_id, BEN)).responses

    assert found[0].rendered.text == "Bye Maya"
    assert found[1].response.category is Category.ORDERS_DELIVERY
    assert {"{order_number}" in one.rendered.text for one in found} == {False}
    theirs = (await responses_for(house.context, CONTENT, case_id, BEA)).responses
    assert not any(one.response.own for one in theirs)
