"""A case that waits: for its customer the clocks stand still, for anybody else nothing does (P23)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.contract import Category
from handoff.domain.cases import Case, CaseStatus, Step, WaitingFor
from handoff.domain.conversations import Conversation, SenderType
from handoff.domain.deadlines import Deadline
from handoff.domain.errors import HandoffError, NotOwner, WrongState
from handoff.domain.notifications import NotificationKind
from handoff.domain.ownership import OwnerType
from handoff.domain.promises import PromiseStatus
from handoff.http.views import state_view
from handoff.services import milestones
from handoff.services.after_case import reopen
from handoff.services.case_steps import accept, release, resolve, transfer
from handoff.services.case_talk import send_agent_message
from handoff.services.events import AgentsNotified, MessagesStored
from handoff.services.reading import customer_state
from handoff.services.triage import change_severity
from handoff.store import case_events, notifications, promises
from handoff.store import cases as case_store
from handoff.store import conversations as store
from tests.handoff.cast import BEA, BEN, GRACE, START, House

WHAT = "the number on the label"


async def in_hand(house: House) -> tuple[Conversation, str]:
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await send_agent_message(house.context, case_id, BEN, client_message_id="agent-word-1", text="Which number is it?")
    return conversation, case_id


async def case_of(house: House, case_id: str) -> Case:
    async with house.db.read() as db:
        return await case_store.get_case(db, case_id)


async def waits(house: House, case_id: str, whom: WaitingFor = WaitingFor.CUSTOMER) -> Case:
    return await milestones.wait(house.context, case_id, BEN, waiting_for=whom, what=WHAT)


async def test_while_its_customer_is_waited_for_a_case_owes_nothing_and_they_know_for_what(house: House) -> None:
    conversation, case_id = await in_hand(house)
    case = await waits(house, case_id)

    assert (case.status, case.waiting_for, case.waiting_since) == (CaseStatus.WAITING, WaitingFor.CUSTOMER, START)
    assert (case.next_deadline, case.next_deadline_at) == (Deadline.CUSTOMER_REMINDER, START + timedelta(days=1))
    assert (await house.now(conversation)).owner.type is OwnerType.AGENT
    notice = (await house.messages(conversation))[-1]
    assert notice.notice == "waiting_customer"
    assert f"{WHAT}." in notice.text
    state = state_view(await customer_state(house.context, conversation.id), house.context.wording, START)
    assert (state["case"]["waiting_for"], state["case"]["next_update_due"]) == ("customer", None)
    async with house.db.read() as db:
        assert await promises.standing_promise(db, case_id) is None
        assert [p.status for p in await promises.promises_of(db, case_id)][-1] is PromiseStatus.VOID


async def test_nothing_can_be_waited_for_before_anything_was_asked(house: House) -> None:
    _, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    with pytest.raises(WrongState, match="Ask them first"):
        await waits(house, case_id)
    assert (await waits(house, case_id, WaitingFor.THIRD_PARTY)).status is CaseStatus.WAITING


async def test_only_the_owner_or_a_supervisor_lets_a_case_wait(house: House) -> None:
    _, case_id = await in_hand(house)
    for act in (
        milestones.wait(house.context, case_id, BEA, waiting_for=WaitingFor.CUSTOMER, what=WHAT),
        milestones.tell_plan(house.context, case_id, BEA, plan=WHAT),
    ):
        with pytest.raises(NotOwner):
            await act
    await milestones.wait(house.context, case_id, GRACE, waiting_for=WaitingFor.CUSTOMER, what=WHAT)
    with pytest.raises(NotOwner):
        await milestones.resume(house.context, case_id, BEA, reason="mine")


async def test_the_customers_answer_makes_the_case_go_on_and_its_owner_hears(house: House) -> None:
    conversation, case_id = await in_hand(house)
    waited = await waits(house, case_id)
    house.clock.move(hours=3)
    house.published.clear()
    answer = await house.say(conversation, "It is 4711")

    case = await case_of(house, case_id)
    assert (case.status, case.waiting_for, case.waiting_since) == (CaseStatus.ACTIVE, None, None)
    assert case.targets.resolution_due == waited.targets.resolution_due + timedelta(hours=3)
    assert case.next_word_due == house.clock.now + timedelta(hours=2)
    said = await house.messages(conversation)
    assert [message.notice for message in said[-2:]] == [None, "answer_received"]
    assert said[-2].id == answer.id
    assert "within 2 hours" in said[-1].text
    async with house.db.read() as db:
        resumed = (await case_events.events_of(db, case_id))[-1]
        (line,) = await notifications.notifications_of(db, BEN.id)
        promise = await promises.standing_promise(db, case_id)
    assert (resumed.step, resumed.actor_type) == (Step.RESUME, SenderType.CUSTOMER)
    assert line.kind is NotificationKind.CUSTOMER_REPLIED
    assert promise is not None
    assert promise.due_at == case.next_word_due
    told = [event for event in house.published if isinstance(event, MessagesStored)]
    assert told[0].messages[0].id == answer.id, "the answer before what follows from it"
    assert any(isinstance(event, AgentsNotified) for event in house.published)


async def test_an_answer_and_what_follows_from_it_stand_or_fall_together(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, case_id = await in_hand(house)
    await waits(house, case_id)
    before = await house.messages(conversation)

    async def fails(*_given: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(case_store, "save_case", fails)
    with pytest.raises(OSError, match="disk"):
        await house.say(conversation, "It is 4711", "the-same-message")
    monkeypatch.undo()
    assert await house.messages(conversation) == before
    await house.say(conversation, "It is 4711", "the-same-message")
    assert (await case_of(house, case_id)).status is CaseStatus.ACTIVE


async def test_the_same_answer_sent_twice_goes_on_once(house: House) -> None:
    conversation, case_id = await in_hand(house)
    await waits(house, case_id)
    await house.say(conversation, "It is 4711", "the-same-message")
    await waits(house, case_id)
    await house.say(conversation, "It is 4711", "the-same-message")
    assert (await case_of(house, case_id)).status is CaseStatus.WAITING


async def test_who_asks_to_reopen_a_case_that_waits_for_them_has_answered(house: House) -> None:
    conversation, case_id = await in_hand(house)
    await waits(house, case_id)
    case, _ = await reopen(house.context, conversation.id, case_id, note="Still broken", client_message_id="again-0001")
    assert case.status is CaseStatus.ACTIVE


async def test_waiting_for_a_third_party_stops_nothing_and_the_next_word_is_promised_anew(house: House) -> None:
    conversation, case_id = await in_hand(house)
    before = await case_of(house, case_id)
    house.clock.move(minutes=30)
    case = await waits(house, case_id, WaitingFor.THIRD_PARTY)

    assert case.next_word_due == house.clock.now + timedelta(hours=2)
    assert case.targets.resolution_due == before.targets.resolution_due
    assert "within 2 hours" in (await house.messages(conversation))[-1].text
    await house.say(conversation, "Any news?")
    assert (await case_of(house, case_id)).status is CaseStatus.WAITING, "the customer is not who it waits for"
    async with house.db.read() as db:
        *_, renewed, standing = await promises.promises_of(db, case_id)
    assert (renewed.status, renewed.reason) == (PromiseStatus.RENEWED, WHAT)
    assert standing.status is PromiseStatus.OPEN
    house.clock.move(hours=2)
    resumed = await milestones.resume(house.context, case_id, BEN, reason="the carrier has answered")
    assert resumed.targets.resolution_due == before.targets.resolution_due


async def test_from_the_customer_to_a_third_party_the_clocks_go_on(house: House) -> None:
    _, case_id = await in_hand(house)
    before = await waits(house, case_id)
    house.clock.move(hours=2)
    case = await waits(house, case_id, WaitingFor.THIRD_PARTY)
    assert case.waiting_since == house.clock.now
    assert case.targets.resolution_due > before.targets.resolution_due


@pytest.mark.parametrize("step", ["resume", "release", "transfer", "resolve"])
async def test_whatever_ends_the_wait_gives_back_the_time_that_it_took(house: House, step: str) -> None:
    _, case_id = await in_hand(house)
    before = await waits(house, case_id)
    house.clock.move(hours=2)
    acts = {
        "resume": lambda: milestones.resume(house.context, case_id, BEN, reason="found it elsewhere"),
        "release": lambda: release(house.context, case_id, BEN, reason="end of shift"),
        "transfer": lambda: transfer(
            house.context, case_id, BEN, category=Category.BILLING, tried="this", next_step="that"
        ),
        "resolve": lambda: resolve(
            house.context, case_id, BEN, disposition="solved", root_cause="carrier_late", outcome="Sent again"
        ),
    }
    case = await acts[step]()
    assert (case.waiting_for, case.waiting_since) == (None, None)
    assert case.targets.resolution_due == before.targets.resolution_due + timedelta(hours=2)


async def test_another_severity_during_a_wait_gives_back_the_wait_once(house: House) -> None:
    _, case_id = await in_hand(house)
    house.clock.move(hours=1)
    await waits(house, case_id)
    house.clock.move(hours=1)
    await change_severity(house.context, case_id, BEN, severity=2, triage=None, reason="it is more urgent")
    house.clock.move(hours=1)
    case = await milestones.resume(house.context, case_id, BEN, reason="found it elsewhere")
    assert case.targets.resolution_due == START + timedelta(hours=8 + 2)


async def test_a_plan_is_told_and_answers_nothing(house: House) -> None:
    """P23: milestones are told as they happen; only a message of the owner is an answer."""
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    case = await milestones.tell_plan(house.context, case_id, BEN, plan="I ask the depot")
    assert case.plan == "I ask the depot"
    assert case.first_response_at is None
    assert case.next_word_due == START + timedelta(minutes=10)
    notice = (await house.messages(conversation))[-1]
    assert notice.notice == "plan_told"
    assert "I ask the depot." in notice.text


async def test_what_the_assistant_or_a_notice_says_answers_nothing(house: House) -> None:
    conversation, case_id = await house.case()
    before = await case_of(house, case_id)
    async with house.db.write() as db:
        draft = store.Draft(SenderType.BOT, "Still there?")
        await store.append_messages(db, conversation.id, [draft], now=house.clock.now, new_id=house.context.new_id)
    await accept(house.context, case_id, BEN)
    after = await case_of(house, case_id)
    assert (after.first_response_at, after.last_agent_word_at) == (None, None)
    assert after.targets == before.targets


async def test_a_case_that_is_not_in_hand_cannot_wait(house: House) -> None:
    _, case_id = await house.case()
    for act in (
        lambda: milestones.wait(house.context, case_id, BEN, waiting_for=WaitingFor.CUSTOMER, what=WHAT),
        lambda: milestones.resume(house.context, case_id, BEN, reason="go on"),
        lambda: milestones.tell_plan(house.context, case_id, BEN, plan=WHAT),
    ):
        with pytest.raises(HandoffError) as refused:
            await act()
        assert refused.value.code == "wrong_state"
