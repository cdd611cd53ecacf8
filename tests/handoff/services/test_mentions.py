"""A note that names a colleague reaches them (P24)."""

from __future__ import annotations

import pytest

from handoff.domain.errors import BadValue
from handoff.domain.notifications import NotificationKind
from handoff.services import case_talk
from handoff.store import notifications
from tests.handoff.cast import ANA, BEA, BEN, GRACE, House


async def told(house: House, agent_id: str) -> list[str]:
    async with house.db.read() as db:
        found = await notifications.notifications_of(db, agent_id)
    return [one.text for one in found if one.kind is NotificationKind.MENTIONED]


async def test_whom_a_note_names_is_told_once_and_its_author_is_not(house: House) -> None:
    _, case_id = await house.case()

    await case_talk.add_note(house.context, case_id, BEN, text="@Bea, have you seen this? @ben, @Grace Lindqvist, @bea")

    (line,) = await told(house, BEA.id)
    assert line.startswith("Ben Okafor mentions you in a note on WL-1001")
    assert len(await told(house, GRACE.id)) == 1
    assert await told(house, BEN.id) == []


async def test_a_name_of_somebody_who_cannot_see_the_case_is_told_and_nothing_is_kept(house: House) -> None:
    _, case_id = await house.case()

    with pytest.raises(BadValue, match="Ana Duarte cannot see cases of Orders and delivery"):
        await case_talk.add_note(house.context, case_id, BEN, text="@Ana and @Bea, look")

    assert await told(house, ANA.id) == await told(house, BEA.id) == []
