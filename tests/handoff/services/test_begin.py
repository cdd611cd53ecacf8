"""Beginning, resuming and ending conversations."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from handoff.contract import Tier
from handoff.domain.conversations import ConversationStatus
from handoff.domain.errors import ConversationClosed
from handoff.domain.ownership import OwnerType
from handoff.services.conversations import begin
from handoff.services.open_case import open_case
from handoff.store import conversations as store
from tests.handoff.cast import MAYA, PRIYA, House, request


async def test_a_visitor_begins_with_the_bot_and_is_unverified(house: House) -> None:
    begun = await begin(house.context, identity=None, name="Sam", page="https://shop.example/")

    assert begun.created
    assert not begun.customer.verified
    assert begun.customer.name == "Sam"
    assert begun.conversation.owner.type is OwnerType.BOT
    assert begun.conversation.last_seq == 0


async def test_a_signed_customer_finds_the_open_conversation_again(house: House) -> None:
    first = await begin(house.context, identity=MAYA)
    again = await begin(house.context, identity=MAYA)

    assert not again.created
    assert again.conversation.id == first.conversation.id


async def test_two_customers_never_share_a_conversation(house: House) -> None:
    maya, priya = await begin(house.context, identity=MAYA), await begin(house.context, identity=PRIYA)

    assert maya.conversation.id != priya.conversation.id


async def test_a_visitor_resumes_by_the_earlier_conversation(house: House) -> None:
    first = await begin(house.context, identity=None)
    again = await begin(house.context, identity=None, resume=first.conversation.id)

    assert again.conversation.id == first.conversation.id


async def test_a_token_alone_never_resumes_a_verified_customer(house: House) -> None:
    maya = await begin(house.context, identity=MAYA)
    somebody = await begin(house.context, identity=None, resume=maya.conversation.id)

    assert somebody.conversation.id != maya.conversation.id
    assert not somebody.customer.verified


async def test_what_the_website_signed_last_is_kept(house: House) -> None:
    await begin(house.context, identity=MAYA)
    again = await begin(house.context, identity=replace(MAYA, name="Maya Lind-Berg", tier=Tier.PLUS))

    assert (again.customer.name, again.customer.tier) == ("Maya Lind-Berg", Tier.PLUS)


async def test_a_fresh_conversation_ends_the_one_that_the_bot_owns(house: House) -> None:
    old = await house.begin()
    said = await house.say(old, "where is my order")
    fresh = await begin(house.context, identity=MAYA, fresh=True)

    assert fresh.created
    assert (await house.now(old)).status is ConversationStatus.CLOSED
    with pytest.raises(ConversationClosed):
        await house.say(old, "hello?")
    async with house.db.read() as db:
        assert not await store.pending_turns(db), "nobody waits for this answer any more"
        assert not await store.is_pending(db, said.id)
    assert [m.text for m in await house.messages(old)] == ["where is my order"]


async def test_a_conversation_with_an_open_case_is_never_left_behind(house: House) -> None:
    conversation, _ = await house.case()
    again = await begin(house.context, identity=MAYA, fresh=True)

    assert not again.created
    assert again.conversation.id == conversation.id


async def test_no_case_is_opened_in_a_conversation_that_was_ended(house: House) -> None:
    old = await house.begin()
    said = await house.say(old, "a person please")
    await begin(house.context, identity=MAYA, fresh=True)

    with pytest.raises(ConversationClosed):
        await open_case(house.context, request(old, said))


async def test_tabs_that_begin_at_once_share_one_conversation(house: House) -> None:
    begun = await asyncio.gather(*(begin(house.context, identity=MAYA, fresh=index % 2 == 1) for index in range(6)))
    standing = await begin(house.context, identity=MAYA)

    assert not standing.created
    assert standing.conversation.id in {b.conversation.id for b in begun}
    assert len({b.customer.id for b in begun}) == 1


async def test_a_handoff_and_a_fresh_start_at_once_leave_no_case_in_an_ended_conversation(house: House) -> None:
    for _ in range(5):
        conversation = await house.begin(None)
        said = await house.say(conversation, "a person please")
        await asyncio.gather(
            open_case(house.context, request(conversation, said)),
            begin(house.context, identity=None, resume=conversation.id, fresh=True),
            return_exceptions=True,
        )
        now = await house.now(conversation)
        assert (now.status, now.owner.type) in {
            (ConversationStatus.OPEN, OwnerType.QUEUE),
            (ConversationStatus.CLOSED, OwnerType.BOT),
        }
