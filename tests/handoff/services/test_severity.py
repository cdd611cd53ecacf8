"""An agent corrects severity and triage: order and targets follow at once, no promise comes later (P12, P15, P23)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.contract import Category, Triage
from handoff.domain.cases import Case, Step
from handoff.domain.errors import BadValue, CaseClosed, NotFound, NotOwner
from handoff.domain.people import Agent
from handoff.history import as_json, stored_conversations
from handoff.services import reading
from handoff.services.after_case import reopen
from handoff.services.case_steps import accept, resolve
from handoff.services.case_talk import send_agent_message
from handoff.services.events import CaseChanged, ConversationChanged, QueueMoved
from handoff.services.triage import change_severity, risks_of
from handoff.store import cases as case_store
from tests.handoff.cast import ANA, BEA, BEN, GRACE, IMANI, MAYA, POLICY, PRIYA, START, House
from tests.handoff.services.test_case_steps import SOLVED

LOST_SUM = Triage(money=True, amount=310.0, legal=("legal",))
WHY = "She named a sum of £310 and her solicitor"


async def stored(house: House, case_id: str) -> Case:
    async with house.db.read() as db:
        return await case_store.get_case(db, case_id)


async def order(house: House) -> list[str]:
    return [row.case.id for row in await reading.case_rows(house.context, BEN)]


async def waiting(house: House, severity: int = 3) -> str:
    _, case_id = await house.case(severity=severity)
    return case_id


async def test_what_the_assistant_answered_stands_on_the_case(house: House) -> None:
    conversation = await house.begin(MAYA)
    said = await house.say(conversation, "a person!")
    case_id = await house.hand_over(conversation, said, triage=LOST_SUM)
    assert (await stored(house, case_id)).triage == LOST_SUM


async def test_an_older_case_without_answers_reads_and_can_be_answered(house: House) -> None:
    case_id = await waiting(house)
    assert (await stored(house, case_id)).triage is None
    await change_severity(house.context, case_id, BEN, severity=3, triage=Triage(), reason=WHY)
    assert (await stored(house, case_id)).triage == Triage()


async def test_a_correction_keeps_answers_reason_and_who_said_it(house: House) -> None:
    case_id = await waiting(house)
    house.published.clear()
    after = await change_severity(house.context, case_id, BEN, severity=2, triage=LOST_SUM, reason=WHY)
    row = (await reading.case_view(house.context, case_id, BEN)).history[-1]

    assert (await stored(house, case_id)) == after
    assert (after.severity, after.triage, after.version) == (2, LOST_SUM, 2)
    assert (row.step, row.actor_name, row.text) == (Step.SEVERITY, BEN.name, WHY)
    assert (row.data["from"], row.data["to"], row.data["answers_before"]) == (3, 2, None)
    assert Triage.model_validate(row.data["answers"]) == LOST_SUM
    assert house.published == [
        ConversationChanged(after.conversation_id),
        CaseChanged(case_id, after.conversation_id),
        QueueMoved(Category.ORDERS_DELIVERY),
    ]


async def test_without_answers_in_the_call_those_that_stand_stay(house: House) -> None:
    case_id = await waiting(house)
    await change_severity(house.context, case_id, BEN, severity=3, triage=LOST_SUM, reason=WHY)
    after = await change_severity(house.context, case_id, BEN, severity=1, triage=None, reason="Worse than that")
    assert (after.severity, after.triage) == (1, LOST_SUM)


async def test_the_queue_is_served_in_the_new_order_at_once(house: House) -> None:
    first = await house.hand_over(await house.begin(MAYA), severity=3)
    house.clock.move(minutes=5)
    second = await house.hand_over(await house.begin(PRIYA), severity=4)
    assert await order(house) == [first, second]
    await change_severity(house.context, second, BEN, severity=1, triage=None, reason=WHY)
    assert await order(house) == [second, first]
    await change_severity(house.context, second, BEN, severity=4, triage=None, reason="It was not so bad")
    assert await order(house) == [first, second]


async def test_points_are_those_that_the_case_would_have_been_opened_with(house: House) -> None:
    opened = await stored(house, await waiting(house, severity=1))
    changed = await waiting_and_corrected(house, to=1)
    assert (changed.priority, changed.severity) == (opened.priority, opened.severity)


async def waiting_and_corrected(house: House, *, to: int) -> Case:
    case_id = await house.hand_over(await house.begin(None), severity=4)
    return await change_severity(house.context, case_id, BEN, severity=to, triage=None, reason=WHY)


@pytest.mark.parametrize("severity", [1, 2, 4])
async def test_no_promise_to_the_customer_comes_later_than_it_was(house: House, severity: int) -> None:
    case_id = await waiting(house)
    before = await stored(house, case_id)
    house.clock.move(minutes=2)
    after = await change_severity(house.context, case_id, BEN, severity=severity, triage=None, reason=WHY)
    spans = POLICY.targets("orders_delivery", severity)

    assert after.next_word_due <= before.next_word_due
    assert after.targets.first_response_due == min(
        before.targets.first_response_due, house.clock.now + spans.first_response
    )
    assert after.targets.next_update_due == after.targets.first_response_due, "nobody has written yet"


@pytest.mark.parametrize("severity", [1, 2, 4])
async def test_the_solution_is_due_as_if_the_case_had_always_been_so_severe(house: House, severity: int) -> None:
    case_id = await waiting(house)
    house.clock.move(minutes=30)
    after = await change_severity(house.context, case_id, BEN, severity=severity, triage=None, reason=WHY)
    span = POLICY.targets("orders_delivery", severity).resolution
    assert after.targets.resolution_due == POLICY.sla_hours("orders_delivery", severity).after(START, span)


async def test_after_a_reopening_the_solution_is_counted_from_it(house: House) -> None:
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, BEN, **SOLVED)
    house.clock.move(hours=3)
    reopened_at = house.clock.now
    await reopen(house.context, conversation.id, case_id, note="It broke again")
    house.clock.move(minutes=5)
    after = await change_severity(house.context, case_id, GRACE, severity=2, triage=None, reason=WHY)
    assert after.targets.resolution_due == reopened_at + POLICY.targets("orders_delivery", 2).resolution


async def test_a_case_in_hand_keeps_its_owner_and_the_promise_that_was_given(house: House) -> None:
    _, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="Hello")
    promised = (await stored(house, case_id)).next_word_due
    house.published.clear()
    after = await change_severity(house.context, case_id, BEN, severity=4, triage=None, reason="Only a question")

    assert (after.agent_id, after.next_word_due) == (BEN.id, promised)
    assert not [event for event in house.published if isinstance(event, QueueMoved)]
    sooner = await change_severity(house.context, case_id, BEN, severity=1, triage=None, reason=WHY)
    assert sooner.next_word_due == START + timedelta(minutes=15)


async def test_the_customer_is_told_nothing_of_a_severity(house: House) -> None:
    conversation, case_id = await house.case()
    before = await house.messages(conversation)
    await change_severity(house.context, case_id, BEN, severity=1, triage=LOST_SUM, reason=WHY)
    assert await house.messages(conversation) == before


async def test_the_same_again_changes_nothing(house: House) -> None:
    case_id = await waiting(house)
    first = await change_severity(house.context, case_id, BEN, severity=2, triage=LOST_SUM, reason=WHY)
    house.clock.move(minutes=1)
    assert await change_severity(house.context, case_id, BEA, severity=2, triage=LOST_SUM, reason="Me too") == first


@pytest.mark.parametrize(("agent", "refusal"), [(ANA, NotFound), (IMANI, NotFound)], ids=["other queue", "editor"])
async def test_who_does_not_serve_the_queue_cannot_correct_a_case(
    house: House, agent: Agent, refusal: type[Exception]
) -> None:
    case_id = await waiting(house)
    with pytest.raises(refusal):
        await change_severity(house.context, case_id, agent, severity=1, triage=None, reason=WHY)


async def test_once_accepted_only_its_agent_or_a_supervisor_corrects_it(house: House) -> None:
    case_id = await waiting(house)
    await accept(house.context, case_id, BEN)
    with pytest.raises(NotOwner):
        await change_severity(house.context, case_id, BEA, severity=1, triage=None, reason=WHY)
    assert (await change_severity(house.context, case_id, GRACE, severity=1, triage=None, reason=WHY)).severity == 1


async def test_a_closed_case_is_not_corrected(house: House) -> None:
    case_id = await waiting(house)
    await accept(house.context, case_id, BEN)
    await resolve(house.context, case_id, BEN, **SOLVED)
    with pytest.raises(CaseClosed):
        await change_severity(house.context, case_id, BEN, severity=1, triage=None, reason=WHY)


@pytest.mark.parametrize(
    ("answers", "field"), [(Triage(legal=("safety",)), "triage.legal"), (Triage(safety=("ghosts",)), "triage.safety")]
)
async def test_a_risk_is_one_that_the_policy_names_for_the_question(house: House, answers: Triage, field: str) -> None:
    case_id = await waiting(house)
    with pytest.raises(BadValue, match=r"escalation\.yml; there are") as told:
        await change_severity(house.context, case_id, BEN, severity=3, triage=answers, reason=WHY)
    assert told.value.data == {"field": field}


async def test_a_risk_that_the_policy_has_no_longer_may_stay_where_it_stood(house: House) -> None:
    conversation = await house.begin(MAYA)
    old = Triage(legal=("antitrust",))
    case_id = await house.hand_over(conversation, triage=old)
    after = await change_severity(house.context, case_id, BEN, severity=1, triage=old, reason=WHY)
    assert after.triage == old


def test_the_risks_that_may_be_named_are_those_of_the_policy() -> None:
    assert risks_of(POLICY, "safety") == {"safety": "Safety", "self_harm": "Risk to life"}


async def test_how_severe_the_assistant_thought_it_stays_known(house: House) -> None:
    """Who learns from past cases must not take the agent's severity for the bot's."""
    case_id = await waiting(house)
    for severity in (2, 1):
        await change_severity(house.context, case_id, BEN, severity=severity, triage=None, reason=WHY)
    ((case,),) = [as_json(whole)["cases"] async for whole in stored_conversations(house.db)]
    assert (case["severity"], case["severity_now"]) == (3, 1)
