"""What desks are told of many changes at once: how things stand at last, and a message before everything else (P17)."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from handoff.contract import Category
from handoff.realtime.changes import Changes
from handoff.services import reading
from handoff.services.events import CaseChanged, ConversationChanged, IncidentChanged, QueueMoved
from tests.handoff.cast import BEN, GRACE
from tests.handoff.service import Desk, Service, Stream


async def accepted_case(service: Service, ben: Desk) -> tuple[Any, str]:
    """A customer with a case of Ben's."""
    maya = await service.customer()
    case_id = await service.case(maya)
    assert (await ben.post(f"/cases/{case_id}/accept")).status == 200
    return maya, case_id


async def version_of(ben: Desk, case_id: str) -> int:
    return int((await ben.get(f"/cases/{case_id}")).body["case"]["version"])


async def test_what_changes_several_times_is_told_once() -> None:
    changes = Changes()
    moved = (
        CaseChanged("case-1", "talk-1", left=Category.BILLING),
        CaseChanged("case-1", "talk-1", left=Category.TECHNICAL),
    )
    for change in (*moved, moved[0], CaseChanged("case-2", "talk-2"), ConversationChanged("talk-1")):
        changes.note(change)
    for change in (ConversationChanged("talk-1"), QueueMoved(Category.BILLING), IncidentChanged("incident-1")):
        changes.note(change)

    assert changes.cases == {"case-1": set(moved), "case-2": {CaseChanged("case-2", "talk-2")}}
    assert (changes.conversations, changes.moved, changes.incidents) == ({"talk-1"}, {Category.BILLING}, {"incident-1"})


async def test_of_a_case_that_changes_all_the_time_every_desk_is_told_how_it_stands_at_last(service: Service) -> None:
    ben = await service.agent(BEN)
    _, case_id = await accepted_case(service, ben)
    desks: list[Stream] = [await ben.stream(), await (await service.agent(GRACE)).stream()]
    for number in range(15):
        assert (await ben.post(f"/cases/{case_id}/notes", {"text": f"note {number}"})).status == 200
    last = await version_of(ben, case_id)

    for desk in desks:
        await desk.until("case", lambda frame: frame["case"]["id"] == case_id and frame["case"]["version"] == last)
        versions = [frame["case"]["version"] for frame in desk.frames if frame["type"] == "case"]
        assert versions == sorted(versions), "an older state never follows a newer one"


async def test_changes_that_come_while_desks_are_told_are_gathered_and_told_as_they_stand_then(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await service.agent(BEN)
    _, case_id = await accepted_case(service, ben)
    desk = await ben.stream()
    await desk.settled()
    reached, go_on, reads = asyncio.Event(), asyncio.Event(), 0
    real = reading.case_rows_of

    async def slowly(*given: Any, **named: Any) -> Any:
        nonlocal reads
        reads += 1
        reached.set()
        await go_on.wait()
        return await real(*given, **named)

    monkeypatch.setattr(reading, "case_rows_of", slowly)
    await ben.post(f"/cases/{case_id}/notes", {"text": "the first"})
    await reached.wait()
    for number in range(6):
        await ben.post(f"/cases/{case_id}/notes", {"text": f"note {number}"})
    last = await version_of(ben, case_id)
    go_on.set()

    await desk.until("case", lambda frame: frame["case"]["version"] == last)
    assert reads <= 2, "seven changes, told in two rounds at most"


async def test_a_message_of_a_watched_case_waits_for_nothing_that_is_told_meanwhile(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await service.agent(BEN)
    maya, case_id = await accepted_case(service, ben)
    desk, widget = await ben.stream(), await maya.stream()
    await desk.send(type="watch", case_id=case_id)
    await desk.until("watched")
    told = asyncio.Event()

    async def held_up(*_given: Any, **_named: Any) -> dict[str, Any]:
        await told.wait()
        return {}

    monkeypatch.setattr(reading, "case_rows_of", held_up)
    await maya.say("does this arrive?")
    assert (await desk.until("message"))["message"]["text"] == "does this arrive?"
    await ben.post(f"/cases/{case_id}/messages", {"client_message_id": "message-1", "text": "It does."})
    answer = await widget.until("message", lambda frame: frame["message"]["sender"]["type"] == "agent")
    assert answer["message"]["text"] == "It does."
    told.set()


async def test_words_of_both_sides_arrive_once_and_in_order_however_much_is_told(service: Service) -> None:
    ben = await service.agent(BEN)
    maya, case_id = await accepted_case(service, ben)
    desk = await ben.stream()
    await desk.send(type="watch", case_id=case_id)
    before = (await desk.until("watched"))["last_seq"]

    async def write(number: int) -> None:
        body = {"client_message_id": f"message-{number}", "text": f"word {number}"}
        assert (await ben.post(f"/cases/{case_id}/messages", body)).status == 200

    await asyncio.gather(*(maya.say(f"question {number}") for number in range(8)), *(write(n) for n in range(8)))
    await desk.until("message", lambda frame: frame["message"]["seq"] == before + 16)
    heard = [frame["message"]["seq"] for frame in desk.frames if frame["type"] == "message"]
    assert heard == list(range(before + 1, before + 17))


async def test_a_case_that_cannot_be_read_keeps_nobody_from_hearing_of_the_others(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = await service.agent(BEN)
    _, broken = await accepted_case(service, ben)
    other = await service.case(await service.customer(None))
    desk = await ben.stream()
    await desk.settled()
    real = reading.case_rows_of

    async def reads(context: Any, case_ids: Any) -> Any:
        if broken in case_ids:
            raise ValueError("a row that nobody understands")
        return await real(context, case_ids)

    monkeypatch.setattr(reading, "case_rows_of", reads)
    for change in (CaseChanged(broken, "talk-1"), CaseChanged(other, "talk-2")):
        service.parts.hub.publish((change,))
    assert (await desk.until("case"))["case"]["id"] == other


async def test_the_numbers_of_queues_are_told_now_and_then_never_twice_the_same_and_the_last_ones_always(
    service: Service,
) -> None:
    desk = await (await service.agent(BEN)).stream()
    for _ in range(6):
        await service.case(await service.customer(None))
    await desk.until("queues", lambda frame: frame["queues"][0]["waiting"] == 6)

    told = [frame["queues"] for frame in desk.frames if frame["type"] == "queues"]
    assert all(one != following for one, following in pairwise(told))
