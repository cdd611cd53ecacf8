"""What those who lead do with conversations that go on: flag, join, take from the assistant."""

from __future__ import annotations

import pytest

from handoff.domain.audit import AuditFilter
from handoff.domain.cases import CaseEvent, CaseStatus, Step
from handoff.domain.conversations import Conversation
from handoff.domain.errors import BadValue, NotAllowed, NotFound, NotOwner, WrongState
from handoff.domain.notifications import NotificationKind
from handoff.domain.ownership import OwnerType
from handoff.services import case_steps, case_talk, moving, reading, supervising
from handoff.services.board import board
from handoff.services.bot_replies import store_answer
from handoff.store import case_events, notifications
from handoff.store import conversations as conversation_store
from handoff.store.audit import read_entries
from tests.handoff.cast import ANA, BEA, BEN, GRACE, OMAR, House, echo
from tests.handoff.services.test_offers import where_is_my_order_needs_repairs


async def owned_by_ben(house: House) -> str:
    """Maya's case, which Ben has."""
    _, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    return case_id


async def test_a_flag_shows_at_the_desk_and_on_the_board_and_its_owner_is_told(house: House) -> None:
    case_id = await owned_by_ben(house)
    conversation_id = (await reading.case_row(house.context, case_id)).case.conversation_id

    await supervising.flag(house.context, GRACE, conversation_id, reason="A journalist")

    row = await reading.case_row(house.context, case_id)
    assert row.flag is not None
    assert (row.flag.reason, row.flag.agent_name) == ("A journalist", GRACE.name)
    live = (await board(house.context, GRACE)).live
    assert [one.flag and one.flag.reason for one in live] == ["A journalist"]
    async with house.db.read() as db:
        told = await notifications.notifications_of(db, BEN.id, limit=5)
    assert told[0].kind is NotificationKind.CASE_FLAGGED
    assert "A journalist" in told[0].text
    with pytest.raises(WrongState):
        await supervising.flag(house.context, OMAR, conversation_id, reason="Me too")
    await supervising.clear_flag(house.context, OMAR, conversation_id)
    await supervising.clear_flag(house.context, OMAR, conversation_id)
    assert (await reading.case_row(house.context, case_id)).flag is None
    history = (await reading.case_view(house.context, case_id, GRACE)).history
    assert [(event.step, event.actor_name) for event in history[-2:]] == [
        ("flagged", GRACE.name),
        ("flag_cleared", OMAR.name),
    ]


async def test_a_conversation_of_the_bot_is_flagged_too_and_the_audit_log_knows(house: House) -> None:
    maya = await house.begin()
    await house.say(maya, "Hello")

    await supervising.flag(house.context, GRACE, maya.id, reason="Look at this")

    assert [one.flag is not None for one in (await board(house.context, GRACE)).live] == [True]
    async with house.db.read() as db:
        entries = await read_entries(db, AuditFilter(action="conversation.flagged"), limit=5)
    assert [(entry.actor.id, entry.object_id) for entry in entries] == [(GRACE.id, maya.id)]
    for agent in (ANA, BEN):
        with pytest.raises(NotFound):
            await supervising.flag(house.context, agent, maya.id, reason="Not mine")


async def test_who_joins_is_announced_may_write_and_owns_nothing(house: House) -> None:
    """P19: one named owner from start to finish, whoever else takes part."""
    case_id = await owned_by_ben(house)
    with pytest.raises(NotOwner):
        await case_talk.send_agent_message(house.context, case_id, GRACE, client_message_id="before-1", text="Hi")

    await supervising.join(house.context, case_id, GRACE)
    await supervising.join(house.context, case_id, GRACE)
    await case_talk.send_agent_message(house.context, case_id, GRACE, client_message_id="joined-1", text="I lead.")

    row = await reading.case_row(house.context, case_id)
    assert (row.case.agent_id, row.owner.agent_id) == (BEN.id, BEN.id)
    assert [one.name for one in row.participants] == [GRACE.name]
    said = (await reading.case_view(house.context, case_id, GRACE)).transcript
    notices = [message for message in said if message.notice == "supervisor_joined"]
    assert len(notices) == 1
    assert GRACE.name in notices[0].text
    assert BEN.name in notices[0].text
    assert (said[-1].sender_name, said[-1].text) == (GRACE.name, "I lead.")


async def test_who_left_may_not_write_any_more(house: House) -> None:
    case_id = await owned_by_ben(house)
    await supervising.join(house.context, case_id, GRACE)
    await supervising.leave(house.context, case_id, GRACE)
    await supervising.leave(house.context, case_id, GRACE)

    with pytest.raises(NotOwner):
        await case_talk.send_agent_message(house.context, case_id, GRACE, client_message_id="after-01", text="Hi")
    said = (await reading.case_view(house.context, case_id, GRACE)).transcript
    assert [message.notice for message in said if message.sender == "system"][-1] == "supervisor_left"
    await supervising.join(house.context, case_id, GRACE)
    assert (await reading.case_row(house.context, case_id)).participants


async def test_taking_part_ends_when_nobody_has_the_case_or_one_becomes_its_owner(house: House) -> None:
    case_id = await owned_by_ben(house)
    await supervising.join(house.context, case_id, GRACE)
    await supervising.join(house.context, case_id, OMAR)

    await moving.take_over(house.context, case_id, GRACE, reason="Mine now")
    assert [one.agent_id for one in (await reading.case_row(house.context, case_id)).participants] == [OMAR.id]
    await case_steps.release(house.context, case_id, GRACE, reason="Back")
    assert not (await reading.case_row(house.context, case_id)).participants


async def test_nobody_joins_a_case_that_waits_or_that_they_do_not_lead(house: House) -> None:
    _, case_id = await house.case()
    with pytest.raises(WrongState):
        await supervising.join(house.context, case_id, GRACE)
    await case_steps.accept(house.context, case_id, BEN)
    with pytest.raises(NotAllowed):
        await supervising.join(house.context, case_id, BEA)


async def test_what_is_taken_from_the_bot_is_a_case_of_ones_own_at_once(house: House) -> None:
    """One alone speaks: the assistant is silent from then on."""
    maya = await house.begin()
    await house.say(maya, "This is hopeless")

    case = await supervising.take_from_bot(house.context, GRACE, maya.id, reason="She is about to leave")

    assert (case.status, case.agent_id) == (CaseStatus.ACTIVE, GRACE.id)
    assert (await house.now(maya)).owner.type is OwnerType.AGENT
    view = await reading.case_view(house.context, case.id, GRACE)
    assert view.history[-1].text == "She is about to leave"
    assert GRACE.name in view.transcript[-1].text
    with pytest.raises(WrongState):
        await supervising.take_from_bot(house.context, OMAR, maya.id, reason="Me too")


async def test_who_takes_from_the_bot_what_needs_a_skill_that_they_lack_gets_it_with_their_reason(house: House) -> None:
    where_is_my_order_needs_repairs(house)
    maya = await about_an_order(house)

    case = await supervising.take_from_bot(house.context, GRACE, maya.id, reason="She is about to leave")

    assert (case.agent_id, case.skills) == (GRACE.id, ("repairs",))
    rows = [(event.step, event.text) for event in await rows_of(house, case.id)]
    assert (Step.ACCEPT, "She is about to leave") in rows


async def test_what_cannot_be_taken_from_the_bot_stays_with_it_and_the_customer_is_told_nothing(house: House) -> None:
    """Imani cannot see the case, so the note that names her is refused, and with it all that came before."""
    maya = await about_an_order(house)
    before, published = await house.messages(maya), len(house.published)

    with pytest.raises(BadValue, match="Imani"):
        await supervising.take_from_bot(house.context, GRACE, maya.id, reason="For @Imani Reyes")

    assert (await house.now(maya)).owner.is_bot
    assert await house.messages(maya) == before
    assert len(house.published) == published


async def about_an_order(house: House) -> Conversation:
    """Maya, whom the assistant has understood and answered."""
    maya = await house.begin()
    message = await house.say(maya, "This is hopeless")
    async with house.db.read() as db:
        (turn,) = await conversation_store.pending_turns(db, maya.id)
        version = (await conversation_store.get_conversation(db, maya.id)).owner.version
    await store_answer(house.context, turn, echo("This is hopeless", message.id), owner_version=version)
    return maya


async def rows_of(house: House, case_id: str) -> tuple[CaseEvent, ...]:
    async with house.db.read() as db:
        return await case_events.events_of(db, case_id)


async def test_nothing_is_taken_from_the_bot_before_somebody_wrote(house: House) -> None:
    maya = await house.begin()
    with pytest.raises(WrongState):
        await supervising.take_from_bot(house.context, GRACE, maya.id, reason="Early")
