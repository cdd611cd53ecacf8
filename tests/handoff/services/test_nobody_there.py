"""Nobody there: said at once, with when somebody will be; an address asked for; nothing said twice (P16, pain 11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handoff.contract import Category
from handoff.domain.cases import CaseEvent, Step
from handoff.domain.conversations import Conversation
from handoff.domain.errors import EmailInvalid
from handoff.domain.people import Agent
from handoff.services.after_case import reopen
from handoff.services.case_steps import accept, resolve
from handoff.services.contact import take_email
from handoff.services.open_case import open_case
from handoff.store import case_events, reach
from handoff.store import cases as case_store
from tests.handoff.cast import ANA, BEN, GRACE, PRIYA, WORDING, House, request

NIGHT = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
"""A Monday, after the orders team has gone home."""


@pytest.fixture
async def house(house: House) -> House:
    """A house with a mail server: an address is of use."""
    house.context = replace(house.context, mails=True)
    return house


async def visitors_case(house: House) -> tuple[Conversation, str]:
    conversation = await house.begin(None)
    return conversation, await house.hand_over(conversation)


async def notices(house: House, conversation: Conversation) -> list[tuple[str, str]]:
    return [(one.notice, one.text) for one in await house.messages(conversation) if one.notice]


async def email(house: House, conversation: Conversation) -> str | None:
    async with house.db.read() as db:
        return await reach.contact_email(db, conversation.id)


async def history(house: House, case_id: str) -> tuple[CaseEvent, ...]:
    async with house.db.read() as db:
        return await case_events.events_of(db, case_id)


async def test_at_night_the_opening_says_when_somebody_will_be_there_and_asks_for_an_address(house: House) -> None:
    house.clock.now = NIGHT
    conversation, case_id = await visitors_case(house)
    (told,) = await notices(house, conversation)
    async with house.db.read() as db:
        case = await case_store.get_case(db, case_id)
        assert await case_store.queue_position(db, case) == 1

    assert told[0] == "handoff_opened"
    assert told[1].count("tomorrow from 08:00") == 2, "as the next word, and as when they are back"
    assert "within" not in told[1], "a time that nobody can keep is not promised"
    assert "e-mail address" in told[1]
    assert (await history(house, case_id))[0].data["contact_asked"] is True


async def test_a_verified_customer_is_not_asked_for_an_address_that_is_known(house: House) -> None:
    house.clock.now = NIGHT
    conversation = await house.begin(PRIYA)
    await house.hand_over(conversation)

    (told,) = await notices(house, conversation)
    assert PRIYA.email is not None
    assert PRIYA.email in told[1]
    assert "write your e-mail address" not in told[1]


async def test_within_the_hours_with_nobody_at_a_desk_the_truth_is_told_without_a_time(house: House) -> None:
    await house.arrives(ANA)  # who serves billing
    conversation, _ = await visitors_case(house)
    (told,) = await notices(house, conversation)

    assert WORDING.queue(Category.ORDERS_DELIVERY) in told[1].partition("\n\n")[2]
    assert "nobody" in told[1]
    assert "tomorrow" not in told[1]


@pytest.mark.parametrize(("there", "level", "told"), [(BEN, 1, False), (BEN, 3, True), (GRACE, 3, False)])
async def test_somebody_who_may_take_the_case_is_somebody_at_any_hour(
    house: House, there: Agent, level: int, told: bool
) -> None:
    house.clock.now = NIGHT
    await house.arrives(there)
    conversation = await house.begin(None)
    await house.hand_over(conversation, None, level=level)

    assert ("tomorrow" in (await notices(house, conversation))[0][1]) is told


async def test_an_address_in_the_next_message_is_kept_confirmed_and_recorded_once(house: House) -> None:
    house.clock.now = NIGHT
    conversation, case_id = await visitors_case(house)
    await house.say(conversation, "all right")
    await house.say(conversation, "it's Sam.Reed@Mail.Example, thanks")
    await house.say(conversation, "so sam.reed@mail.example it is")

    assert await email(house, conversation) == "Sam.Reed@mail.example"
    assert [key for key, _ in await notices(house, conversation)] == ["handoff_opened", "contact_taken"]
    assert [event.step for event in await history(house, case_id)] == [Step.OPEN, Step.CONTACT]
    assert "Sam.Reed@mail.example" in (await notices(house, conversation))[-1][1]


async def test_an_address_that_cannot_be_right_is_told_why_and_can_be_put_right(house: House) -> None:
    house.clock.now = NIGHT
    conversation, _ = await visitors_case(house)
    await house.say(conversation, "sam@mail")
    assert (await notices(house, conversation))[-1][0] == "contact_wrong"
    assert "ending" in (await notices(house, conversation))[-1][1]
    assert await email(house, conversation) is None

    await house.say(conversation, "sam@mail.example")
    assert await email(house, conversation) == "sam@mail.example"


async def test_nobody_asked_so_an_address_in_a_message_is_only_a_message(house: House) -> None:
    await house.arrives(BEN)
    conversation, _ = await visitors_case(house)
    await house.say(conversation, "the parcel was for sam@mail.example")

    assert await email(house, conversation) is None
    assert [key for key, _ in await notices(house, conversation)] == ["handoff_opened"]


async def test_once_an_agent_has_the_case_the_question_no_longer_stands(house: House) -> None:
    house.clock.now = NIGHT
    conversation, case_id = await visitors_case(house)
    house.clock.move(hours=10)
    await accept(house.context, case_id, BEN)
    await house.say(conversation, "the parcel was for sam@mail.example")

    assert await email(house, conversation) is None


async def test_a_handoff_that_is_asked_for_twice_says_it_once(house: House) -> None:
    house.clock.now = NIGHT
    conversation = await house.begin(None)
    said = await house.say(conversation, "a person, please")
    for _ in range(2):
        await open_case(house.context, request(conversation, said))

    assert len(await notices(house, conversation)) == 1


async def test_an_address_can_be_left_at_any_time_and_replaced(house: House) -> None:
    await house.arrives(BEN)
    conversation, case_id = await visitors_case(house)
    for address in ("sam@mail.example", "sam@mail.example", "sam@work.example"):
        assert await take_email(house.context, conversation.id, address) == address

    assert await email(house, conversation) == "sam@work.example"
    assert [key for key, _ in await notices(house, conversation)][1:] == ["contact_taken", "contact_taken"]
    assert [event.step for event in await history(house, case_id)][1:] == [Step.CONTACT, Step.CONTACT]
    with pytest.raises(EmailInvalid) as refused:
        await take_email(house.context, conversation.id, "sam at mail")
    assert refused.value.data == {"why": "no_at", "field": "email"}


async def test_an_address_is_kept_before_there_is_a_case_and_then_not_asked_for(house: House) -> None:
    house.clock.now = NIGHT
    conversation = await house.begin(None)
    await take_email(house.context, conversation.id, "sam@mail.example")
    await house.hand_over(conversation)

    (told,) = await notices(house, conversation)
    assert "sam@mail.example" in told[1]


async def test_a_case_that_is_reopened_at_night_says_so_as_well(house: House) -> None:
    await house.arrives(BEN)
    conversation, case_id = await visitors_case(house)
    await accept(house.context, case_id, BEN)
    await resolve(
        house.context, case_id, BEN, disposition="solved", root_cause="carrier_late", outcome="A new one is sent"
    )
    house.clock.now = NIGHT
    await house.leaves(BEN)
    await reopen(house.context, conversation.id, case_id, note="It did not come")
    key, text = (await notices(house, conversation))[-1]
    await house.say(conversation, "sam@mail.example")

    assert key == "case_reopened_queue"
    assert text.count("tomorrow from 08:00") == 2
    assert await email(house, conversation) == "sam@mail.example"


async def test_without_a_mail_server_no_address_is_asked_for_and_no_mail_promised(house: House) -> None:
    house.context = replace(house.context, mails=False)
    house.clock.now = NIGHT
    conversation, case_id = await visitors_case(house)

    told = " ".join(text for _, text in await notices(house, conversation))
    assert "e-mail" not in told
    (opened,) = await history(house, case_id)
    assert opened.data["contact_asked"] is False
    await take_email(house.context, conversation.id, "maya@mail.example")
    assert await email(house, conversation) == "maya@mail.example"
    assert "maya@mail.example" not in " ".join(text for _, text in await notices(house, conversation))
