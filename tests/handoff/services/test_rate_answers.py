"""Rating an answer, on both databases, and the editor's list that comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from handoff.contract import HandoffReason
from handoff.domain.conversations import BotReply, Conversation, Message, Rating, SenderType, Turn, TurnStatus
from handoff.domain.errors import ConversationClosed, NotFound, NotRatable
from handoff.domain.questions import Why
from handoff.services import conversations, reading
from handoff.services.bot_replies import BotAnswer, store_answer
from handoff.services.events import AnswerRated
from handoff.services.ratings import rate_answer
from handoff.store import conversations as store
from handoff.store import ratings
from handoff.store.questions import questions_to_look_at
from tests.handoff.cast import BEN, GRACE, MAYA, PRIYA, House, decision, record


async def asked(
    house: House, conversation: Conversation, text: str, *replies: BotReply, **understood: Any
) -> tuple[Message, tuple[Message, ...]]:
    """The customer asks and the bot answers; the question, and what the bot said."""
    question = await house.say(conversation, text)
    async with house.db.read() as db:
        (turn,) = await store.pending_turns(db, conversation.id)
        version = (await store.get_conversation(db, conversation.id)).owner.version
    answer = BotAnswer(replies or (BotReply("It is on its way."),), record(question.id, **understood))
    assert await store_answer(house.context, turn, answer, owner_version=version)
    said = await house.messages(conversation)
    return question, tuple(m for m in said if m.seq > question.seq and m.sender is SenderType.BOT)


async def test_an_answer_is_rated_with_the_message_that_it_answers(house: House) -> None:
    conversation = await house.begin()
    question, (answer,) = await asked(house, conversation, "where is my parcel")
    house.clock.move(minutes=1)
    given = await rate_answer(house.context, conversation.id, answer.id, Rating.HELPFUL)

    assert (given.turn_message_id, given.rated_at) == (question.id, house.clock.now)
    assert house.published[-1] == AnswerRated(conversation.id, answer.id, Rating.HELPFUL)
    assert [m.rating for m in await house.messages(conversation)] == [None, Rating.HELPFUL]


async def test_a_rating_can_be_changed_and_the_same_one_again_changes_nothing(house: House) -> None:
    conversation = await house.begin()
    _, (answer,) = await asked(house, conversation, "where is my parcel")
    first = await rate_answer(house.context, conversation.id, answer.id, Rating.HELPFUL)
    house.clock.move(minutes=1)
    again = await rate_answer(house.context, conversation.id, answer.id, Rating.HELPFUL)
    changed = await rate_answer(house.context, conversation.id, answer.id, Rating.UNHELPFUL)
    async with house.db.read() as db:
        kept = await ratings.rating_of(db, answer.id)

    assert again == first
    assert kept == changed
    assert changed.rated_at == first.rated_at + timedelta(minutes=1)


async def test_only_the_answer_of_a_turn_can_be_rated(house: House) -> None:
    conversation = await house.begin()
    question, (answer, ask) = await asked(
        house,
        conversation,
        "how long is the guarantee",
        BotReply("Two years.", response="utter_faq/returns_refunds_guarantee"),
        BotReply("Which order?", response="utter_question_order_number"),
    )
    for message in (question, ask):
        with pytest.raises(NotRatable, match="Only the assistant's answers"):
            await rate_answer(house.context, conversation.id, message.id, Rating.HELPFUL)
    await rate_answer(house.context, conversation.id, answer.id, Rating.HELPFUL)


async def test_nobody_rates_the_answer_to_somebody_else(house: House) -> None:
    mine, theirs = await house.begin(MAYA), await house.begin(PRIYA)
    _, (answer,) = await asked(house, mine, "where is my parcel")
    with pytest.raises(NotFound):
        await rate_answer(house.context, theirs.id, answer.id, Rating.UNHELPFUL)
    with pytest.raises(NotFound):
        await rate_answer(house.context, mine.id, "unheard-of", Rating.UNHELPFUL)


async def test_an_answer_is_not_rated_while_a_human_owns_or_once_the_conversation_ended(house: House) -> None:
    conversation = await house.begin()
    _, (answer,) = await asked(house, conversation, "where is my parcel")
    await house.hand_over(conversation)
    with pytest.raises(NotRatable, match="A person has"):
        await rate_answer(house.context, conversation.id, answer.id, Rating.HELPFUL)
    other = await house.begin(PRIYA)
    _, (theirs,) = await asked(house, other, "where is my parcel")
    await conversations.begin(house.context, identity=PRIYA, fresh=True)
    with pytest.raises(ConversationClosed):
        await rate_answer(house.context, other.id, theirs.id, Rating.HELPFUL)


async def test_the_agent_sees_what_the_customer_thought_of_the_bots_answers(house: House) -> None:
    conversation = await house.begin()
    _, (answer,) = await asked(house, conversation, "where is my parcel")
    await rate_answer(house.context, conversation.id, answer.id, Rating.UNHELPFUL)
    case_id = await house.hand_over(conversation)
    view = await reading.case_view(house.context, case_id, GRACE)
    found, _ = await reading.transcript_after(house.context, case_id, BEN, after=0)

    for transcript in (view.transcript, found):
        assert {m.id: m.rating for m in transcript if m.rating} == {answer.id: Rating.UNHELPFUL}


async def listed(house: House, **wanted: Any) -> dict[str, list[Why]]:
    async with house.db.read() as db:
        return {q.text: list(q.why) for q in await questions_to_look_at(db, **wanted)}


async def test_the_editors_list_holds_what_fell_back_did_not_help_or_went_to_a_person(house: House) -> None:
    lost = {"topic": None, "intent": "nlu_fallback", "in_scope": False}
    maya, priya = await house.begin(MAYA), await house.begin(PRIYA)
    await asked(house, maya, "do you paint plates", **lost)
    house.clock.move(days=1)
    _, (answer,) = await asked(house, priya, "how long is the guarantee")
    await rate_answer(house.context, priya.id, answer.id, Rating.UNHELPFUL)
    house.clock.move(minutes=1)
    await asked(house, maya, "where is my parcel")
    house.clock.move(minutes=1)
    wish = await house.say(maya, "I want a person")
    wish_turn = Turn(wish.id, maya.id, wish.seq, wish.text, TurnStatus.PENDING, house.clock.now)
    understood = record(wish.id, topic=None, intent="talk_to_person").model_copy(update={"decision": decision()})
    assert await store_answer(house.context, wish_turn, BotAnswer((), understood), owner_version=0)

    assert await listed(house) == {
        "where is my parcel": [Why.HANDED_OVER],
        "how long is the guarantee": [Why.UNHELPFUL],
        "do you paint plates": [Why.FELL_BACK],
    }
    assert list(await listed(house)) == ["where is my parcel", "how long is the guarantee", "do you paint plates"]
    assert list(await listed(house, limit=1)) == ["where is my parcel"]
    assert "do you paint plates" not in await listed(house, since=house.clock.now - timedelta(hours=1))


async def test_a_rating_that_was_changed_to_helpful_is_no_longer_listed(house: House) -> None:
    conversation = await house.begin()
    _, (answer,) = await asked(house, conversation, "how long is the guarantee")
    await rate_answer(house.context, conversation.id, answer.id, Rating.UNHELPFUL)
    assert list(await listed(house)) == ["how long is the guarantee"]
    await rate_answer(house.context, conversation.id, answer.id, Rating.HELPFUL)
    assert await listed(house) == {}


async def test_a_case_of_another_reason_lists_nothing(house: House) -> None:
    conversation = await house.begin()
    await asked(house, conversation, "where is my parcel")
    await house.hand_over(conversation, reason=HandoffReason.AUTHORITY)
    assert await listed(house) == {}
