"""Everybody chooses how they are told (P24): by mail, at the desk, with a sound, quiet while away. Nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from handoff.domain.notifications import Notification, NotificationKind
from handoff.domain.outbox import Channel
from handoff.domain.people import Agent
from handoff.domain.preferences import Chosen, Preferences, Ways
from handoff.domain.presence import PresenceState, PresenceStep
from handoff.services.events import AgentsNotified
from handoff.services.notifications import notify
from handoff.services.preferences import choose_preferences, read_preferences
from handoff.services.presence import choose_presence, step_presence
from handoff.store import cases, notifications
from tests.handoff.cast import BEN, GRACE, House
from tests.handoff.delivery.mail_room import Room, room_of

MISSED, REPLIED = NotificationKind.DEADLINE_MISSED, NotificationKind.CUSTOMER_REPLIED
SILENT = Ways(mail=False, unread=True, announced=False, sound=False)


@pytest.fixture
async def room(house: House) -> AsyncIterator[Room]:
    async with room_of(house) as found:
        yield found


async def tell(room: Room, case_id: str, kind: NotificationKind, *agents: Agent) -> dict[str, Notification]:
    """Tell them of a case; what is published of it, by agent."""
    async with room.house.db.write() as db:
        case = await cases.get_case(db, case_id)
        ids = [agent.id for agent in agents]
        (event,) = await notify(room.house.context, db, ids, kind, case=case, values={"deadline": "the answer"})
    assert isinstance(event, AgentsNotified)
    return {one.agent_id: one for one in event.notifications}


async def mailed(room: Room) -> list[tuple[str, str]]:
    """Whom a mail about what waits in the outbox."""
    found = [one for one in await room.deliveries() if one.channel is Channel.STAFF_MAIL]
    return sorted((str(one.payload["agent_id"]), one.event) for one in found)


async def unread(house: House, agent: Agent) -> int:
    async with house.db.read() as db:
        return await notifications.unread_count(db, agent.id)


async def test_without_a_choice_everybody_is_told_as_the_policy_says(room: Room) -> None:
    _, case_id = await room.house.case()
    assert await read_preferences(room.house.context, BEN) == Preferences()
    await tell(room, case_id, MISSED, BEN, GRACE)
    await tell(room, case_id, REPLIED, BEN, GRACE)
    assert await mailed(room) == [("ben", "deadline_missed"), ("grace", "deadline_missed")]


async def test_each_chooses_for_themselves_what_comes_by_mail(room: Room) -> None:
    _, case_id = await room.house.case()
    await choose_preferences(
        room.house.context, BEN, {MISSED: Chosen(mail=False), REPLIED: Chosen(mail=True)}, quiet_when_away=None
    )
    await tell(room, case_id, MISSED, BEN, GRACE)
    await tell(room, case_id, REPLIED, BEN, GRACE)
    assert await mailed(room) == [("ben", "customer_replied"), ("grace", "deadline_missed")]
    assert (await unread(room.house, BEN), await unread(room.house, GRACE)) == (2, 2), "the bell has all of it"


async def test_what_one_does_not_want_at_the_desk_still_stands_in_the_list(room: Room) -> None:
    _, case_id = await room.house.case()
    chosen = {REPLIED: Chosen(desk=False), MISSED: Chosen(sound=True)}
    await choose_preferences(room.house.context, BEN, chosen, quiet_when_away=None)
    replied = (await tell(room, case_id, REPLIED, BEN))["ben"]
    missed = (await tell(room, case_id, MISSED, BEN))["ben"]
    async with room.house.db.read() as db:
        listed = await notifications.notifications_of(db, BEN.id)

    assert (replied.announced, replied.sound, replied.read_at) == (False, False, room.house.clock())
    assert (missed.announced, missed.sound, missed.read_at) == (True, True, None)
    assert {one.kind for one in listed} == {REPLIED, MISSED}
    assert await unread(room.house, BEN) == 1


@pytest.mark.parametrize("state", [PresenceState.AWAY, PresenceState.DO_NOT_DISTURB])
async def test_quiet_when_away_keeps_it_for_the_return_and_says_it_at_once_to_whoever_is_there(
    room: Room, state: PresenceState
) -> None:
    house = room.house
    _, case_id = await house.case()
    await choose_preferences(house.context, BEN, {MISSED: Chosen(sound=True)}, quiet_when_away=True)
    async with house.db.write() as db:
        await step_presence(house.context, db, BEN.id, PresenceStep.HEARTBEAT)
    there = (await tell(room, case_id, MISSED, BEN))["ben"]
    await choose_presence(house.context, BEN, state)
    away = (await tell(room, case_id, MISSED, BEN))["ben"]
    house.clock.move(seconds=house.context.policy.presence.offline_after.total_seconds() + 1)
    gone = (await tell(room, case_id, MISSED, BEN, GRACE))["ben"]

    assert (there.announced, there.sound) == (True, True)
    assert [(one.announced, one.sound) for one in (away, gone)] == [(False, False)] * 2
    assert await mailed(room) == [("ben", "deadline_missed"), ("grace", "deadline_missed")]
    assert await unread(house, BEN) == 3, "it waits behind the bell"


def test_a_choice_changes_what_it_names_and_null_takes_it_back() -> None:
    first = Preferences().changed({MISSED: Chosen(mail=True, sound=True), REPLIED: Chosen(desk=False)}, True)
    second = first.changed({MISSED: None}, None)
    assert first.chosen(MISSED) == Chosen(mail=True, sound=True)
    assert second == Preferences({REPLIED: Chosen(desk=False)}, quiet_when_away=True)
    assert second.changed({REPLIED: Chosen()}, False) == Preferences()
    assert second.ways(MISSED, usually_by_mail=True, present=False) == SILENT
