"""What agents said of the assistant's decisions comes out as labels, on both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handoff.contract import Category, Decision, DecisionAction
from handoff.domain.conversations import BotReply, Conversation, Message, SenderType, TurnStatus
from handoff.domain.labels import MESSAGES_BEFORE, CategoryLabel, LabelledTurn, Line, VerdictLabel
from handoff.domain.verdicts import Verdict
from handoff.services.bot_replies import BotAnswer, store_answer
from handoff.services.case_steps import accept, resolve, transfer
from handoff.services.case_talk import send_agent_message
from handoff.services.open_case import open_case
from handoff.services.verdicts import judge
from handoff.store import conversations as store
from handoff.store.labels import labels_given
from tests.handoff.cast import ANA, BEN, GRACE, MAYA, POLICY, PRIYA, START, House, record, request
from tests.handoff.services.test_case_steps import SOLVED, TRIED


async def asked(house: House, conversation: Conversation, text: str, **understood: Any) -> Message:
    """The customer asks, the bot answers, a minute passes."""
    message = await house.say(conversation, text)
    async with house.db.read() as db:
        (turn,) = await store.pending_turns(db, conversation.id)
        version = (await store.get_conversation(db, conversation.id)).owner.version
    answer = BotAnswer((BotReply(f"About {text}"),), record(message.id, **understood))
    assert await store_answer(house.context, turn, answer, owner_version=version)
    house.clock.move(minutes=1)
    return message


async def labels(
    house: House, since: datetime | None = None
) -> tuple[tuple[VerdictLabel, ...], tuple[CategoryLabel, ...]]:
    async with house.db.read() as db:
        return await labels_given(db, since=since)


async def handed_over(house: House, conversation: Conversation, text: str, **decided: object) -> tuple[str, Message]:
    """The customer's message at which the bot hands over, and the case."""
    message = await house.say(conversation, text)
    accepted = await open_case(house.context, request(conversation, message, **decided))
    house.clock.move(minutes=1)
    return accepted.case_id, message


async def test_a_verdict_comes_with_what_the_customer_wrote_before_and_after_the_handoff(house: House) -> None:
    conversation = await house.begin(MAYA)
    offer = Decision(action=DecisionAction.OFFER)
    first = await asked(house, conversation, "where is it", frustration=0.2)
    second = await asked(house, conversation, "still nothing", frustration=0.7, decision=offer)
    case_id, third = await handed_over(house, conversation, "a person!")
    await accept(house.context, case_id, BEN)
    await send_agent_message(house.context, case_id, BEN, client_message_id="agent-0001", text="Hello Maya")
    fourth = await house.say(conversation, "at last")
    house.clock.move(minutes=1)
    await judge(
        house.context, case_id, BEN, verdict=Verdict.SHOULD_HAVE_COME_EARLIER, message_id=second.id, note="Upset"
    )
    (label,), categories = await labels(house)

    assert categories == ()
    assert (label.case_id, label.case_number, label.conversation_id) == (case_id, "WL-1001", conversation.id)
    assert (label.verdict, label.judged_by, label.note) == ("should_have_come_earlier", BEN.id, "Upset")
    assert label.judged_at == house.clock.now
    assert (label.reason, label.category, label.policy_version) == (
        "explicit_request", Category.ORDERS_DELIVERY, POLICY.version,
    )  # fmt: skip
    assert (label.should_have_come_at, label.handed_over_at) == (second.id, third.id)
    assert [(t.message_id, t.text, t.after_handoff) for t in label.turns] == [
        (first.id, "where is it", False),
        (second.id, "still nothing", False),
        (third.id, "a person!", False),
        (fourth.id, "at last", True),
    ]
    assert [(t.frustration, t.scored_by, t.decision) for t in label.turns] == [
        (0.2, "model", "none"), (0.7, "model", "offer"), (0.4, "model", "none"), (None, None, None),
    ]  # fmt: skip
    assert label.turns[1] == LabelledTurn(
        message_id=second.id,
        seq=second.seq,
        at=second.created_at,
        text="still nothing",
        before=(Line(SenderType.CUSTOMER, "where is it"), Line(SenderType.BOT, "About where is it")),
        after_handoff=False,
        button=False,
        frustration=0.7,
        scored_by="model",
        decision=DecisionAction.OFFER,
    )
    assert len(label.turns[3].before) == MESSAGES_BEFORE
    assert label.turns[3].before[-1] == Line(SenderType.AGENT, "Hello Maya")


async def test_each_of_two_cases_of_a_conversation_has_its_own_messages(house: House) -> None:
    conversation = await house.begin(MAYA)
    first, _ = await handed_over(house, conversation, "first problem")
    await accept(house.context, first, BEN)
    await resolve(house.context, first, BEN, **SOLVED)
    house.clock.move(minutes=1)
    async with house.db.write() as db:
        (news,) = await store.pending_turns(db, conversation.id)
        await store.finish_turn(db, news.message_id, TurnStatus.ANSWERED, now=house.clock.now)
    await asked(house, conversation, "another thing")
    second, _ = await handed_over(house, conversation, "second problem")
    await accept(house.context, second, BEN)
    await judge(house.context, first, GRACE, verdict=Verdict.NEEDED)
    house.clock.move(minutes=1)
    await judge(house.context, second, BEN, verdict=Verdict.NOT_NEEDED)
    verdicts, _ = await labels(house)

    assert [(v.case_id, v.verdict, [t.text for t in v.turns]) for v in verdicts] == [
        (first, "needed", ["first problem"]),
        (second, "not_needed", ["another thing", "second problem"]),
    ]


async def test_a_case_that_nobody_judged_or_corrected_is_no_label(house: House) -> None:
    _, case_id = await house.case()
    await transfer(house.context, case_id, BEN, category=Category.BILLING, **TRIED)
    assert await labels(house) == ((), ())


async def test_a_corrected_category_comes_with_the_words_that_told_the_problem(house: House) -> None:
    conversation = await house.begin(MAYA)
    await asked(house, conversation, "hello", topic=None)
    await asked(house, conversation, "I was charged twice for the plan", topic="order_status")
    await asked(house, conversation, "blargh", topic=None, in_scope=False)
    case_id, _ = await handed_over(house, conversation, "a person please")
    moved_at = house.clock.now
    moved = await transfer(house.context, case_id, BEN, category=Category.BILLING, wrong_category=True, **TRIED)
    _, (label,) = await labels(house)

    assert moved.category is Category.BILLING
    assert label == CategoryLabel(
        case_id=case_id,
        case_number="WL-1001",
        conversation_id=conversation.id,
        words=("I was charged twice for the plan", "blargh", "a person please"),
        topic="order_status",
        decided=Category.ORDERS_DELIVERY,
        corrected=Category.BILLING,
        corrected_by=BEN.id,
        corrected_at=moved_at,
    )


async def test_the_last_correction_counts_and_one_that_was_taken_back_is_none(house: House) -> None:
    _, case_id = await house.case()
    for agent, category in ((BEN, Category.BILLING), (ANA, Category.PLAN)):
        await transfer(house.context, case_id, agent, category=category, wrong_category=True, **TRIED)
    _, (label,) = await labels(house)
    assert (label.decided, label.corrected, label.corrected_by) == ("orders_delivery", "plan", ANA.id)
    await transfer(house.context, case_id, GRACE, category=Category.RETURNS_REFUNDS, **TRIED)
    assert (await labels(house))[1] == (label,), "a move for another reason corrects nothing"
    await transfer(house.context, case_id, GRACE, category=Category.ORDERS_DELIVERY, wrong_category=True, **TRIED)
    assert (await labels(house))[1] == ()


async def test_a_day_leaves_out_labels_given_before_it(house: House) -> None:
    _, first = await house.case()
    await accept(house.context, first, BEN)
    await judge(house.context, first, BEN, verdict=Verdict.NEEDED)
    await transfer(house.context, first, BEN, category=Category.BILLING, wrong_category=True, **TRIED)
    house.clock.move(days=1)
    second = await house.hand_over(await house.begin(PRIYA))
    await accept(house.context, second, BEN)
    await judge(house.context, second, BEN, verdict=Verdict.NOT_NEEDED)

    verdicts, categories = await labels(house, house.clock.now)
    assert ([v.case_id for v in verdicts], categories) == ([second], ())
    verdicts, categories = await labels(house, START)
    assert ([v.case_id for v in verdicts], [c.case_id for c in categories]) == ([first, second], [first])


async def test_a_button_is_no_word_of_the_customers(house: House) -> None:
    conversation = await house.begin(MAYA)
    message = await house.say(conversation, "Talk to a person")
    async with house.db.write() as db:
        await db.exec_driver_sql("UPDATE turns SET payload = '/talk_to_person'")
    accepted = await open_case(house.context, request(conversation, message))
    await accept(house.context, accepted.case_id, BEN)
    await judge(house.context, accepted.case_id, BEN, verdict=Verdict.NEEDED)
    await transfer(house.context, accepted.case_id, BEN, category=Category.BILLING, wrong_category=True, **TRIED)
    (verdict,), (category,) = await labels(house)

    assert [turn.button for turn in verdict.turns] == [True]
    assert category.words == ()
