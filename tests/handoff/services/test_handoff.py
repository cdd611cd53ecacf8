"""The handoff: case, owner, notice and history in one transaction, once."""

from __future__ import annotations

import asyncio
import re
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select

from handoff.contract import Category, HandoffReason, Mood, Tier
from handoff.domain.cases import CaseStatus, Step
from handoff.domain.conversations import SenderType, TurnStatus
from handoff.domain.errors import NotFound
from handoff.domain.ownership import OwnerType, owner_after
from handoff.services.conversations import begin
from handoff.services.events import CaseChanged, ConversationChanged, MessagesStored, QueueMoved
from handoff.services.open_case import open_case, open_case_without_bot
from handoff.store import case_events as history
from handoff.store import cases as case_store
from handoff.store import contacts as contact_store
from handoff.store import conversations as store
from handoff.store import people
from handoff.store.schema import case_events, cases, contacts, messages, turns
from tests.handoff.cast import MAYA, PRIYA, START, House, request


async def count(house: House, table: Any) -> int:
    async with house.db.read() as db:
        return int((await db.execute(select(func.count()).select_from(table))).scalar_one())


async def test_the_customer_hears_at_once_by_name_problem_queue_position_and_time(house: House) -> None:
    """P22, P23: one notice, written with the case."""
    conversation = await house.begin()
    said = await house.say(conversation, "a person please")
    house.published.clear()
    accepted = await open_case(house.context, request(conversation, said))
    notice = (await house.messages(conversation))[-1]

    assert (accepted.created, accepted.position, accepted.category) == (True, 1, Category.ORDERS_DELIVERY)
    assert (notice.sender, notice.notice) == (SenderType.SYSTEM, "handoff_opened")
    for part in (
        "Maya",
        "where your order LH-10001 is",
        "Orders and delivery",
        "1",
        "10 minutes",
        accepted.case_number,
    ):
        assert part in notice.text
    assert house.published == [
        MessagesStored(conversation.id, (notice,)),
        ConversationChanged(conversation.id),
        CaseChanged(accepted.case_id, conversation.id),
        QueueMoved(Category.ORDERS_DELIVERY),
    ]


async def test_the_case_holds_everything_and_the_queue_owns_the_conversation(house: House) -> None:
    """P18."""
    conversation, case_id = await house.case()
    async with house.db.read() as db:
        case = await case_store.get_case(db, case_id)
        (event,) = await history.events_of(db, case_id)
        scored = await store.scored_turns(db, conversation.id)

    assert (case.number, case.status, case.reason) == ("WL-1001", CaseStatus.OPEN, HandoffReason.EXPLICIT_REQUEST)
    assert case.context.facts == {"order_number": "LH-10001"}
    assert case.context.reasons[0].evidence == ("a person, please",)
    assert (event.step, event.actor_type, event.at) == (Step.OPEN, SenderType.BOT, START)
    assert (await house.now(conversation)).owner.type is OwnerType.QUEUE
    assert [(turn.status, turn.record is not None) for turn in scored] == [(TurnStatus.HANDED_OFF, True)]


async def test_asking_twice_opens_one_case(house: House) -> None:
    conversation = await house.begin()
    said = await house.say(conversation, "a person please")
    first = await open_case(house.context, request(conversation, said))
    again = await open_case(house.context, request(conversation, said))
    other = await open_case(house.context, request(conversation, await house.say(conversation, "hello?")))

    assert (first.created, again.created, other.created) == (True, False, False)
    assert first.case_id == again.case_id == other.case_id
    assert [m.notice for m in await house.messages(conversation)].count("handoff_opened") == 1


async def test_requests_at_the_same_moment_open_one_case(house: House) -> None:
    conversation = await house.begin()
    said = [await house.say(conversation, f"a person please {n}") for n in range(3)]
    opened = await asyncio.gather(
        *(open_case(house.context, request(conversation, message)) for message in said for _ in range(2))
    )

    assert len({accepted.case_id for accepted in opened}) == 1
    assert sum(accepted.created for accepted in opened) == 1
    assert await count(house, cases) == 1
    assert (await house.now(conversation)).owner.version == 1


async def test_many_handoffs_at_once_get_numbers_in_a_row(house: House) -> None:
    visitors = [await house.begin(None) for _ in range(6)]
    await asyncio.gather(*(house.hand_over(conversation) for conversation in visitors))
    async with house.db.read() as db:
        numbers = (await db.execute(select(cases.c.number).order_by(cases.c.number))).scalars().all()

    assert list(numbers) == list(range(1001, 1007))


@pytest.mark.parametrize(
    ("module", "breaks"),
    [
        (case_store, "insert_case"),
        (history, "add_event"),
        (contact_store, "note_contact"),
        (case_store, "queue_position"),
    ],
)
async def test_a_fault_between_the_writes_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, module: ModuleType, breaks: str
) -> None:
    conversation = await house.begin()
    said = await house.say(conversation, "a person please")
    house.published.clear()
    real = getattr(module, breaks)

    async def fails(*given: Any, **named: Any) -> None:
        await real(*given, **named)
        raise OSError("the disk is full")

    monkeypatch.setattr(module, breaks, fails)
    with pytest.raises(OSError, match="disk"):
        await open_case(house.context, request(conversation, said))
    monkeypatch.undo()

    now = await house.now(conversation)
    assert (now.owner.type, now.owner.version, now.last_seq) == (OwnerType.BOT, 0, 1)
    assert [await count(house, table) for table in (cases, case_events, contacts, messages)] == [0, 0, 0, 1]
    assert await count(house, turns.select().where(turns.c.status == "pending").subquery()) == 1
    assert house.published == []
    accepted = await open_case(house.context, request(conversation, said))
    assert (accepted.created, accepted.case_number) == (True, "WL-1001")


async def test_turns_that_wait_for_the_bot_are_never_answered_after_the_handoff(house: House) -> None:
    conversation = await house.begin()
    said = await house.say(conversation, "a person please")
    await house.say(conversation, "it is about LH-10001")
    await open_case(house.context, request(conversation, said))

    async with house.db.read() as db:
        assert not await store.pending_turns(db, conversation.id)


async def test_a_case_is_its_own_thing_and_a_second_one_opens_after_the_first(house: House) -> None:
    """A case's id is neither the conversation's nor the customer's."""
    conversation, first = await house.case()
    async with house.db.write() as db:
        await db.execute(cases.update().values(status="closed", resolved_at=START))
        case = await case_store.get_case(db, first)
        current = await store.get_conversation(db, conversation.id)
        await store.change_owner(db, current, owner_after(current.owner, Step.RESOLVE, None))
    second = await house.hand_over(conversation)

    assert len({first, second, conversation.id, case.customer_id}) == 4


async def test_a_repeat_contact_is_told_as_one_and_goes_ahead(house: House) -> None:
    """P2: the third contact about the same problem."""
    calm = await house.begin()
    await house.hand_over(calm)
    angry = await house.begin(PRIYA)
    accepted = await house.hand_over(angry, severity=2, contact_number=3, reason=HandoffReason.REPEAT_CONTACT)
    async with house.db.read() as db:
        case = await case_store.get_case(db, accepted)
        assert await case_store.queue_position(db, case) == 1
        assert (await people.get_customer(db, case.customer_id)).tier is Tier.VIP
    notice = (await house.messages(angry))[-1]
    assert notice.notice == "handoff_priority"
    assert "contact number 3" in notice.text


async def test_earlier_contacts_count_inside_the_window_alone(house: House) -> None:
    """P2: the same topic in another conversation, within seven days."""
    conversation = await house.begin()
    await house.hand_over(conversation)
    async with house.db.read() as db:
        inside = await contact_store.earlier_contacts(
            db, customer_id=conversation.customer_id, since=START, but="another conversation"
        )
        same = await contact_store.earlier_contacts(
            db, customer_id=conversation.customer_id, since=START, but=conversation.id
        )
        house.clock.move(seconds=1)
        outside = await contact_store.earlier_contacts(db, customer_id=conversation.customer_id, since=house.clock())

    assert [(c.topic, c.category, c.at) for c in inside] == [("order_status", Category.ORDERS_DELIVERY, START)]
    assert same == ()
    assert outside == ()


async def test_what_the_bot_could_not_answer_goes_to_the_queue_of_its_topic(house: House) -> None:
    conversation = await house.begin()
    told = await house.say(conversation, "where is LH-10001?")
    async with house.db.write() as db:
        await store.finish_turn(
            db, told.id, TurnStatus.ANSWERED, now=START, record=request(conversation, told).turns[0]
        )
    lost = await house.say(conversation, "hello?")
    accepted = await open_case_without_bot(house.context, conversation.id, lost.id, HandoffReason.BOT_ERROR)
    notice = (await house.messages(conversation))[-1]
    async with house.db.read() as db:
        case = await case_store.get_case(db, accepted.case_id)

    assert (case.reason, case.category) == (HandoffReason.BOT_ERROR, Category.ORDERS_DELIVERY)
    assert case.context.facts == {"order_number": "LH-10001"}
    assert notice.notice == "bot_handoff"


async def test_a_handoff_in_an_unknown_conversation_is_refused(house: House) -> None:
    conversation = await house.begin()
    said = await house.say(conversation, "hello")
    with pytest.raises(NotFound):
        await open_case(house.context, request(conversation, said).model_copy(update={"conversation_id": "nowhere"}))


async def test_maya_begins_again_while_her_case_is_open(house: House) -> None:
    conversation, _ = await house.case()

    assert (await begin(house.context, identity=MAYA)).conversation.id == conversation.id


@pytest.mark.parametrize(("risk", "told"), [("safety", "switch it off"), ("self_harm", "116 123")])
async def test_whoever_may_be_in_danger_is_told_first_what_to_do(house: House, risk: str, told: str) -> None:
    """P5: a person comes in minutes; what cannot wait is said at once."""
    conversation = await house.begin()
    await house.hand_over(conversation, severity=1, reason=HandoffReason.POLICY, signal=f"risk_{risk}")
    notice = (await house.messages(conversation))[-1]
    assert notice.notice == f"handoff_risk_{risk}"
    assert told in notice.text


@pytest.mark.parametrize(
    ("severity", "mood", "told"),
    [
        (3, Mood.FRUSTRATED, "sorry"),
        (3, Mood.LET_DOWN, r"sorry that I couldn't|haven't got this right|better than I did"),
        (4, Mood.WORRIED, "how much hangs|the worry"),
        (1, None, "urgent"),
        (2, Mood.ANNOYED, "urgent"),
        (1, Mood.FRUSTRATED, "sorry.*urgent"),
    ],
)
async def test_the_notice_suits_the_mood_and_how_bad_it_is(
    house: House, severity: int, mood: Mood | None, told: str
) -> None:
    """P22: one and the same milestone, in words for this customer."""
    conversation = await house.begin()
    await house.hand_over(conversation, severity=severity, mood=mood)
    notice = (await house.messages(conversation))[-1]
    assert notice.notice == "handoff_opened"
    assert re.search(told, notice.text)
    assert "where your order LH-10001 is" in notice.text


async def test_a_second_handoff_in_a_conversation_is_told_in_other_words(house: House) -> None:
    conversation = await house.begin()
    texts = []
    for _ in range(3):
        case = await house.hand_over(conversation, mood=Mood.FRUSTRATED)
        texts.append((await house.messages(conversation))[-1].text)
        async with house.db.write() as db:
            current = await store.get_conversation(db, conversation.id)
            await store.change_owner(db, current, owner_after(current.owner, Step.RESOLVE, None))
            closed = {"status": CaseStatus.CLOSED}
            await db.execute(cases.update().where(cases.c.id == case).values(closed))
    openings = {text.partition(",")[2][:25] for text in texts}
    assert len(openings) == 3, "there are three variants, and each was said once"
