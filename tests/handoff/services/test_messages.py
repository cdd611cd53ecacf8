"""Taking what the customer says: stored once, in order, before anything else."""

from __future__ import annotations

import asyncio

import pytest

from handoff.domain.conversations import Button, Draft, SenderType
from handoff.domain.errors import BadValue, ButtonNotAvailable, NotFound
from handoff.services.case_steps import accept
from handoff.services.case_talk import send_agent_message
from handoff.services.conversations import (
    PERSON_PAYLOAD,
    Choice,
    receive_choice,
    receive_person_request,
    receive_text,
)
from handoff.services.events import CaseChanged, MessagesStored, TurnPending
from handoff.store import conversations as store
from tests.handoff.cast import BEN, WORDING, House


async def test_a_message_is_stored_and_waits_for_the_bot(house: House) -> None:
    conversation = await house.begin()
    message = await house.say(conversation, "/restart")

    assert (message.seq, message.sender, message.text) == (1, SenderType.CUSTOMER, "/restart")
    async with house.db.read() as db:
        (turn,) = await store.pending_turns(db, conversation.id)
    assert (turn.message_id, turn.seq, turn.payload) == (message.id, 1, "restart")
    assert house.published == [MessagesStored(conversation.id, (message,)), TurnPending(turn, 0)]


async def test_the_same_message_sent_again_is_stored_once(house: House) -> None:
    conversation = await house.begin()
    first = await house.say(conversation, "hello", "client-0001")
    house.published.clear()
    again = await receive_text(house.context, conversation.id, "client-0001", "hello")

    assert again.duplicate
    assert again.message == first
    assert len(await house.messages(conversation)) == 1
    assert not house.published, "nothing new is told, and nothing is sent to the bot again"


async def test_the_same_message_sent_at_once_from_many_sockets_is_stored_once(house: House) -> None:
    conversation = await house.begin()
    taken = await asyncio.gather(
        *(receive_text(house.context, conversation.id, "client-0001", "hello") for _ in range(6))
    )

    assert len({accepted.message.id for accepted in taken}) == 1
    assert sum(not accepted.duplicate for accepted in taken) == 1
    assert [m.seq for m in await house.messages(conversation)] == [1]


async def test_numbers_have_no_gaps_however_many_write_at_once(house: House) -> None:
    conversation = await house.begin()
    await asyncio.gather(*(house.say(conversation, f"message {n}", f"client-{n:04d}") for n in range(12)))

    found = await house.messages(conversation)
    assert [m.seq for m in found] == list(range(1, 13))
    assert {m.text for m in found} == {f"message {n}" for n in range(12)}


async def test_the_wish_for_a_person_is_a_message_in_the_customers_name(house: House) -> None:
    """P3: always, from anywhere."""
    conversation = await house.begin()
    await receive_person_request(house.context, conversation.id, "client-0001")
    async with house.db.read() as db:
        (turn,) = await store.pending_turns(db, conversation.id)

    assert turn.payload == PERSON_PAYLOAD
    assert (await house.messages(conversation))[0].text == WORDING.labels["person_request"]


async def offer(house: House, conversation_id: str, *titles: str) -> int:
    draft = Draft(SenderType.BOT, "Which?", buttons=tuple(Button(t, f"/{t.lower()}") for t in titles))
    async with house.db.write() as db:
        _, (message,) = await store.append_messages(
            db, conversation_id, [draft], now=house.clock(), new_id=house.context.new_id
        )
    return message.seq


async def test_a_chosen_button_reads_as_its_title_and_means_its_payload(house: House) -> None:
    conversation = await house.begin()
    seq = await offer(house, conversation.id, "Yes", "No")
    taken = await receive_choice(house.context, conversation.id, "client-0001", Choice(seq, 1))
    async with house.db.read() as db:
        (turn,) = await store.pending_turns(db, conversation.id)

    assert (taken.message.text, turn.payload) == ("No", "/no")


async def test_a_button_sent_again_after_a_later_bot_message_is_still_the_same_message(house: House) -> None:
    conversation = await house.begin()
    seq = await offer(house, conversation.id, "Yes")
    first = await receive_choice(house.context, conversation.id, "client-0001", Choice(seq, 0))
    await offer(house, conversation.id, "Other")
    again = await receive_choice(house.context, conversation.id, "client-0001", Choice(seq, 0))

    assert again.duplicate
    assert again.message == first.message


@pytest.mark.parametrize(("which", "index"), [("older", 0), ("latest", 2), ("none", 0)])
async def test_only_the_buttons_of_the_latest_bot_message_can_be_chosen(house: House, which: str, index: int) -> None:
    conversation = await house.begin()
    older = await offer(house, conversation.id, "Yes")
    latest = await offer(house, conversation.id, "One", "Two")
    seq = {"older": older, "latest": latest, "none": 77}[which]

    with pytest.raises(ButtonNotAvailable):
        await receive_choice(house.context, conversation.id, "client-0001", Choice(seq, index))
    assert len(await house.messages(conversation)) == 2


async def test_while_a_human_owns_nothing_is_kept_for_the_bot(house: House) -> None:
    conversation, case_id = await house.case()
    house.published.clear()
    await house.say(conversation, "are you there?")

    async with house.db.read() as db:
        assert not await store.pending_turns(db, conversation.id)
    assert CaseChanged(case_id, conversation.id) in house.published
    assert not any(isinstance(event, TurnPending) for event in house.published)


async def test_a_message_for_an_unknown_conversation_is_refused(house: House) -> None:
    with pytest.raises(NotFound):
        await receive_text(house.context, "nowhere", "client-0001", "hello")


async def test_an_identifier_that_an_agent_used_does_not_swallow_the_customers_words(house: House) -> None:
    conversation, case_id = await house.case()
    await accept(house.context, case_id, BEN)
    await send_agent_message(house.context, case_id, BEN, client_message_id="shared-0001", text="Hello Maya")

    with pytest.raises(BadValue):
        await receive_text(house.context, conversation.id, "shared-0001", "My words")
    await house.say(conversation, "My words", "shared-0002")
    with pytest.raises(BadValue):
        await send_agent_message(house.context, case_id, BEN, client_message_id="shared-0002", text="Mine")
    assert [m.text for m in await house.messages(conversation)][-2:] == ["Hello Maya", "My words"]
