"""A conversation follows its customer into another language: notices, mails, and who is asked to help."""

from __future__ import annotations

from dataclasses import replace

from handoff.domain.cases import Step
from handoff.domain.conversations import Conversation
from handoff.services import case_steps
from handoff.services.case_talk import send_agent_message
from handoff.services.conversations import begin
from handoff.services.events import CaseChanged, ConversationChanged
from handoff.services.reading import customer_state
from handoff.store import case_events
from handoff.store import cases as case_store
from tests.handoff.cast import BEN, MAYA, House
from tests.handoff.delivery.mail_room import room_of
from tests.handoff.delivery.post_office import html_of, text_of
from tests.handoff.services.test_case_steps import SOLVED


async def opened_on_a_page_in(house: House, language: str | None) -> Conversation:
    """Maya opens the chat again."""
    return (await begin(house.context, identity=MAYA, language=language)).conversation


async def last_notice(house: House, conversation: Conversation) -> str:
    return next(one.text for one in reversed(await house.messages(conversation)) if one.notice)


async def test_the_notices_are_in_the_language_of_the_page_on_which_the_chat_was_opened_last(house: House) -> None:
    conversation, case_id = await house.case()
    followed = await opened_on_a_page_in(house, "de-AT")
    await case_steps.accept(house.context, case_id, replace(BEN, languages=("de",)))
    state = await customer_state(house.context, conversation.id)

    assert (followed.id, followed.language) == (conversation.id, "de-AT")
    assert "Sie hören innerhalb" in await last_notice(house, conversation)
    assert state.card is not None
    assert state.card.problem == "den Stand Ihrer Bestellung LH-10001"

    await opened_on_a_page_in(house, "es")
    await case_steps.resolve(house.context, case_id, BEN, **SOLVED)
    assert "caso" in await last_notice(house, conversation)


async def test_the_change_stands_in_the_history_once_and_desk_and_chat_are_told(house: House) -> None:
    conversation, case_id = await house.case()
    house.published.clear()
    await opened_on_a_page_in(house, "de")
    told = tuple(house.published)
    await opened_on_a_page_in(house, "de-CH")
    await opened_on_a_page_in(house, None)
    async with house.db.read() as db:
        events = [one for one in await case_events.events_of(db, case_id) if one.step is Step.LANGUAGE]
        case = await case_store.get_case(db, case_id)

    assert ConversationChanged(conversation.id) in told
    assert CaseChanged(case_id, conversation.id, None) in told
    assert [(one.data, one.actor_name) for one in events] == [({"from": None, "to": "de"}, MAYA.name)]
    assert case.language == "de"


async def test_a_solved_case_goes_along_for_what_is_still_said_about_it(house: House) -> None:
    conversation, case_id = await house.case()
    await case_steps.accept(house.context, case_id, BEN)
    await case_steps.resolve(house.context, case_id, BEN, **SOLVED)
    await opened_on_a_page_in(house, "de")
    async with house.db.read() as db:
        case = await case_store.get_case(db, case_id)

    assert case.language == "de"
    assert (await house.now(conversation)).language == "de"


async def test_without_a_case_the_conversation_alone_follows(house: House) -> None:
    conversation = await house.begin()
    await opened_on_a_page_in(house, "es")

    assert (await house.now(conversation)).language == "es"


async def test_the_mail_and_its_link_follow_too_and_say_so_to_screen_readers(house: House) -> None:
    async with room_of(house) as room:
        _, case_id = await room.case_of_ben()
        await opened_on_a_page_in(house, "de")
        await send_agent_message(house.context, case_id, BEN, client_message_id="agent-0009", text="Sie ist im Depot.")
        await room.five_minutes_later()
        (mail,) = room.office.mails

        assert mail["Content-Language"] == "de"
        assert mail["Subject"].startswith("Ihr Vorgang")
        assert "/c?language=de#" in text_of(mail)
        assert '<html lang="de" dir="ltr">' in html_of(mail)
