"""Incidents from the first customers to the last word, on both databases (P14, P29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from handoff.contract import Category, Tier, TurnRecord
from handoff.domain.cases import Step
from handoff.domain.conversations import Conversation, Message, SenderType, Turn
from handoff.domain.errors import BadValue, NotAllowed, NotFound, WrongState
from handoff.domain.incidents import Incident, IncidentStatus
from handoff.domain.notifications import NotificationKind
from handoff.services import incidents, reading_incidents
from handoff.services.bot_replies import store_answer
from handoff.services.case_steps import accept, resolve
from handoff.services.conversations import Identity, begin
from handoff.services.incident_news import News, confirmed_now, news_for, tell_next
from handoff.services.incident_watch import IncidentWatch
from handoff.services.meaning import Meaning
from handoff.store import case_events as history
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import incidents as incident_store
from handoff.store import notifications
from tests.handoff.cast import ANA, BEN, GRACE, House, echo, record

SUBJECTS = ("app", "charged", "parcel")
SOMETHING = {"title": None, "announcement": None}
SOLVED = {"disposition": "solved", "root_cause": "technical_failure", "outcome": "Done"}
CUSTOMER_0 = Identity("C-0", "Customer 0", "c0@mail.example", Tier.STANDARD)


class Subjects:
    """An encoder of the tests: a text means which of three subjects it names."""

    fingerprint = "subjects"
    dimensions = 4

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), 4), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[next((place for place, word in enumerate(SUBJECTS) if word in text), 3)] = 1.0
        return rows


@pytest.fixture
def watched(house: House) -> tuple[House, IncidentWatch]:
    house.context = replace(house.context, meaning=Meaning(Subjects))
    return house, IncidentWatch(house.context)


async def comes(
    house: House, who: int, text: str, category: Category = Category.ORDERS_DELIVERY
) -> tuple[Conversation, str]:
    """A customer writes and is handed over; their conversation and the case."""
    identity = Identity(f"C-{who}", f"Customer {who}", f"c{who}@mail.example", Tier.STANDARD)
    conversation = await house.begin(identity)
    said = await house.say(conversation, text)
    return conversation, await house.hand_over(conversation, said, category=category)


async def four_come(house: House, text: str = "the app is down") -> list[tuple[Conversation, str]]:
    return [await comes(house, who, f"{text}, says {who}") for who in range(4)]


async def standing(house: House) -> tuple[Incident, ...]:
    async with house.db.read() as db:
        return await incident_store.open_incidents(db)


async def said_to(house: House, conversation: Conversation) -> list[Message]:
    return [m for m in await house.messages(conversation) if (m.notice or "").startswith("incident_")]


async def news_of(house: House, turn: Turn, said: TurnRecord | None) -> News | None:
    """What the customer is told with the answer to this turn, as delivery finds it."""
    return await news_for(house.context, turn, said, await confirmed_now(house.context))


async def noticed(house: House, watch: IncidentWatch) -> tuple[Incident, list[tuple[Conversation, str]]]:
    came = await four_come(house)
    await watch.look(house.context)
    (incident,) = await standing(house)
    return incident, came


async def test_four_customers_with_one_problem_are_noticed_linked_and_told_to_the_leads(
    watched: tuple[House, IncidentWatch],
) -> None:
    house, watch = watched
    incident, came = await noticed(house, watch)
    row, cases = await reading_incidents.incident_with_cases(house.context, incident.id, GRACE)
    async with house.db.read() as db:
        told = await notifications.notifications_of(db, GRACE.id)
        not_told = await notifications.notifications_of(db, BEN.id)
        step = (await history.events_of(db, came[0][1]))[-1]

    assert (incident.status, incident.category, row.customers) == (IncidentStatus.NOTICED, Category.ORDERS_DELIVERY, 4)
    assert {case.case.id for case in cases} == {case_id for _, case_id in came}
    assert {case.case.incident_id for case in cases} == {incident.id}
    assert (step.step, step.data) == (Step.INCIDENT, {"incident_id": incident.id})
    assert [one.kind for one in told] == [NotificationKind.INCIDENT_NOTICED]
    assert told[0].text.startswith("4 customers")
    assert not_told == ()
    assert "LH-10001" not in incident.title + incident.announcement, "nothing of a customer is told to others"


async def test_customers_hear_nothing_before_a_lead_has_confirmed_it(watched: tuple[House, IncidentWatch]) -> None:
    house, watch = watched
    _, came = await noticed(house, watch)
    await tell_next(house.context)
    assert [await said_to(house, conversation) for conversation, _ in came] == [[], [], [], []]


async def test_three_customers_or_other_problems_are_not_noticed(watched: tuple[House, IncidentWatch]) -> None:
    house, watch = watched
    for who, text in enumerate(["the app is down", "the app hangs", "charged twice", "no parcel", "the app again"]):
        await comes(house, who, text)
    await watch.look(house.context)
    assert await standing(house) == ()


async def test_who_asked_for_a_person_in_the_same_words_has_not_the_same_problem(
    watched: tuple[House, IncidentWatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, watch = watched
    monkeypatch.setattr("tests.handoff.cast.record", lambda message_id: record(message_id, topic=None))
    await four_come(house, "I want a person")
    assert await watch.look(house.context) == 4
    assert await standing(house) == ()


async def test_the_next_customer_with_it_is_linked_as_well(watched: tuple[House, IncidentWatch]) -> None:
    house, watch = watched
    incident, _ = await noticed(house, watch)
    await comes(house, 9, "the app, too")
    await watch.look(house.context)

    (same,) = await standing(house)
    assert same.id == incident.id
    assert (await reading_incidents.incident_row(house.context, incident.id)).customers == 5


async def test_a_confirmed_incident_is_announced_once_to_everybody_who_waits(
    watched: tuple[House, IncidentWatch],
) -> None:
    house, watch = watched
    incident, came = await noticed(house, watch)
    words = "The app can't be reached; we expect it back by noon."
    await incidents.confirm(house.context, incident.id, GRACE, title="App down", announcement=words)
    for _ in range(3):
        await tell_next(house.context)

    for conversation, _ in came:
        (told,) = await said_to(house, conversation)
        assert (told.notice, words in told.text) == ("incident_announced", True)
        owner = (await house.now(conversation)).owner
        assert not owner.is_bot, "the case stays with its queue"


async def test_the_bot_tells_the_next_customer_before_its_answer_and_only_once(
    watched: tuple[House, IncidentWatch],
) -> None:
    house, watch = watched
    incident, _ = await noticed(house, watch)
    await incidents.confirm(house.context, incident.id, GRACE, title=None, announcement="The app is being mended.")
    conversation = await house.begin(Identity("C-77", "New", "new@mail.example", Tier.STANDARD))
    for text in ("your app does not open", "the app still does not open"):
        await house.say(conversation, text)
        async with house.db.read() as db:
            (turn,) = await store.pending_turns(db, conversation.id)
        answer = echo(text, turn.message_id)
        news = await news_of(house, turn, answer.record)
        assert await store_answer(house.context, turn, answer, owner_version=0, news=news)

    told = [m for m in await house.messages(conversation) if m.sender is SenderType.BOT]
    assert [m.notice for m in told] == ["incident_known", None, None]
    assert "The app is being mended." in told[0].text


async def test_the_bot_says_nothing_of_it_to_somebody_with_another_problem(
    watched: tuple[House, IncidentWatch],
) -> None:
    house, watch = watched
    incident, _ = await noticed(house, watch)
    conversation = await house.begin(Identity("C-78", "Other", "other@mail.example", Tier.STANDARD))
    await house.say(conversation, "where is my parcel")
    async with house.db.read() as db:
        (turn,) = await store.pending_turns(db, conversation.id)
    about_the_app = replace(turn, payload="the app")
    assert await news_of(house, about_the_app, record(turn.message_id)) is None, "nothing is confirmed"
    await incidents.confirm(house.context, incident.id, GRACE, **SOMETHING)
    assert await news_of(house, turn, record(turn.message_id)) is None
    assert await news_of(house, about_the_app, record(turn.message_id)) is not None
    small_talk = record(turn.message_id, topic=None)
    assert await news_of(house, about_the_app, small_talk) is None


async def test_its_end_is_told_to_all_of_them_and_to_the_owners_of_the_cases(
    watched: tuple[House, IncidentWatch],
) -> None:
    house, watch = watched
    incident, came = await noticed(house, watch)
    await incidents.confirm(house.context, incident.id, GRACE, **SOMETHING)
    await tell_next(house.context)
    await accept(house.context, came[0][1], BEN)
    await incidents.resolve(house.context, incident.id, GRACE, resolution="The app works again.")
    for _ in range(2):
        await tell_next(house.context)

    for conversation, _ in came:
        told = await said_to(house, conversation)
        assert [one.notice for one in told] == ["incident_announced", "incident_over"]
        assert "The app works again." in told[-1].text
    async with house.db.read() as db:
        (line,) = await notifications.notifications_of(db, BEN.id)
    assert (line.kind, line.case_id) == (NotificationKind.INCIDENT_RESOLVED, came[0][1])
    assert await standing(house) == ()


async def test_who_has_begun_anew_is_not_told_in_the_conversation_they_left(
    watched: tuple[House, IncidentWatch],
) -> None:
    house, watch = watched
    incident, came = await noticed(house, watch)
    conversation = came[0][0]
    async with house.db.read() as db:
        case = await case_store.get_case(db, came[0][1])
    await accept(house.context, case.id, BEN)
    await resolve(house.context, case.id, BEN, **SOLVED)
    anew = await begin(house.context, identity=CUSTOMER_0, fresh=True)
    await incidents.confirm(house.context, incident.id, GRACE, **SOMETHING)
    await tell_next(house.context)
    assert await said_to(house, conversation) == []
    assert len(await said_to(house, came[1][0])) == 1

    await incidents.resolve(house.context, incident.id, GRACE, resolution="The app works again.")
    for _ in range(2):
        await tell_next(house.context)
    assert await said_to(house, conversation) == []
    (told,) = await said_to(house, anew.conversation)
    assert told.notice == "incident_over", "where they are now"
    assert "The app works again." in told.text


async def test_who_was_told_in_two_conversations_hears_of_the_end_once(watched: tuple[House, IncidentWatch]) -> None:
    house, watch = watched
    incident, came = await noticed(house, watch)
    await incidents.confirm(house.context, incident.id, GRACE, **SOMETHING)
    await accept(house.context, came[0][1], BEN)
    await resolve(house.context, came[0][1], BEN, **SOLVED)
    anew = (await begin(house.context, identity=CUSTOMER_0, fresh=True)).conversation
    said = await house.say(anew, "the app is down again")
    await incidents.link(house.context, incident.id, GRACE, case_id=await house.hand_over(anew, said))
    await incidents.resolve(house.context, incident.id, GRACE, resolution="The app works again.")
    for _ in range(2):
        await tell_next(house.context)
    assert [one.notice for one in await said_to(house, anew)].count("incident_over") == 1


async def test_whose_case_is_closed_is_not_told_that_it_stays_open(watched: tuple[House, IncidentWatch]) -> None:
    house, watch = watched
    incident, came = await noticed(house, watch)
    await accept(house.context, came[0][1], BEN)
    await resolve(house.context, came[0][1], BEN, **SOLVED)
    await incidents.confirm(house.context, incident.id, GRACE, **SOMETHING)
    await tell_next(house.context)
    (closed,), (waiting,) = await said_to(house, came[0][0]), await said_to(house, came[1][0])
    assert (closed.notice, waiting.notice) == ("incident_announced_later", "incident_announced")
    assert "case" not in closed.text


async def test_what_a_lead_dismissed_is_left_alone_for_a_day(watched: tuple[House, IncidentWatch]) -> None:
    house, watch = watched
    incident, _ = await noticed(house, watch)
    await incidents.dismiss(house.context, incident.id, GRACE)
    for who in range(10, 15):
        await comes(house, who, "the app is down again")
    await watch.look(house.context)
    assert await standing(house) == ()

    house.clock.move(hours=25)
    for who in range(20, 24):
        await comes(house, who, "the app is down again")
    await watch.look(house.context)
    assert len(await standing(house)) == 1


async def test_two_nodes_notice_it_once(watched: tuple[House, IncidentWatch]) -> None:
    house, watch = watched
    other = IncidentWatch(house.context)
    await four_come(house)
    assert await watch.look(house.context) + await other.look(house.context) == 4
    assert len(await standing(house)) == 1


async def test_what_came_before_the_first_start_is_passed_over(watched: tuple[House, IncidentWatch]) -> None:
    house, watch = watched
    await four_come(house)
    house.clock.move(hours=2)
    await comes(house, 9, "the app is down")
    assert await watch.look(house.context) == 1
    assert await standing(house) == ()


async def test_a_declared_incident_is_told_to_the_first_who_writes_about_it(
    watched: tuple[House, IncidentWatch],
) -> None:
    house, watch = watched
    await incidents.declare(
        house.context,
        GRACE,
        category=Category.ORDERS_DELIVERY,
        title="Strike at the carrier",
        announcement="Parcels come a day later this week.",
        centre=(0.0, 0.0, 1.0, 0.0),
    )
    conversation, _ = await comes(house, 1, "where is my parcel")
    await watch.look(house.context)
    await tell_next(house.context)
    assert ["Parcels come a day later" in one.text for one in await said_to(house, conversation)] == [True]


async def test_only_who_leads_the_queue_decides(watched: tuple[House, IncidentWatch]) -> None:
    house, watch = watched
    incident, came = await noticed(house, watch)
    lead = replace(BEN, level=3)
    with pytest.raises(NotAllowed, match="team lead"):
        await incidents.confirm(house.context, incident.id, BEN, **SOMETHING)
    with pytest.raises(NotAllowed):
        await incidents.confirm(house.context, incident.id, replace(ANA, level=4), **SOMETHING)
    with pytest.raises(NotFound):
        await reading_incidents.incident_with_cases(house.context, incident.id, ANA)
    confirmed = await incidents.confirm(house.context, incident.id, lead, **SOMETHING)

    assert (confirmed.status, confirmed.decided_by) == (IncidentStatus.CONFIRMED, BEN.id)
    with pytest.raises(WrongState):
        await incidents.dismiss(house.context, incident.id, lead)
    assert [
        row.incident.id for row in await reading_incidents.incident_rows(house.context, BEN, {confirmed.status})
    ] == [incident.id]
    assert await reading_incidents.incident_rows(house.context, ANA, {confirmed.status}) == ()
    assert came


async def test_an_agent_links_a_case_that_was_not_recognised(watched: tuple[House, IncidentWatch]) -> None:
    house, watch = watched
    incident, _ = await noticed(house, watch)
    _, odd = await comes(house, 30, "nothing opens")
    _, elsewhere = await comes(house, 31, "charged", Category.BILLING)
    for _ in range(2):
        await incidents.link(house.context, incident.id, BEN, case_id=odd)
    with pytest.raises(BadValue, match="another queue"):
        await incidents.link(house.context, incident.id, GRACE, case_id=elsewhere)

    async with house.db.read() as db:
        events = [event.step for event in await history.events_of(db, odd)]
    assert events.count(Step.INCIDENT) == 1
    assert (await reading_incidents.incident_row(house.context, incident.id)).customers == 5


async def test_without_an_encoder_nothing_is_noticed_and_nothing_fails(house: House) -> None:
    await four_come(house)
    watch = IncidentWatch(house.context)
    assert await watch.look(house.context) == 4
    assert await standing(house) == ()
