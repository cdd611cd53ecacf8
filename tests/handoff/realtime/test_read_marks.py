"""What the customer wrote is read once the owner has it on their desk: not before, and by nobody else's looking."""

from __future__ import annotations

from tests.handoff.cast import BEN, GRACE
from tests.handoff.service import Service


async def test_a_message_is_read_once_the_owner_has_the_conversation_open(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    stream = await maya.stream()
    ben = await service.agent(BEN)
    desk = await ben.stream()
    await desk.send(type="watch", case_id=case_id, after_seq=0)
    await desk.until("watched")
    await maya.say("Is anybody there?")
    await stream.until("message")
    # Looked at while it waits: nobody owns it.
    assert "read" not in {frame["type"] for frame in await stream.settled()}

    await ben.post(f"/cases/{case_id}/accept")
    assert (await stream.until("read"))["seq"] >= 3
    told = (await maya.say("It's urgent")).body
    assert (await stream.until("read", lambda frame: frame["seq"] >= told["seq"]))["type"] == "read"
    # Said again to whoever comes back.
    again = await maya.stream()
    assert (await again.until("read"))["seq"] >= told["seq"]


async def test_a_lead_who_looks_on_reads_nothing_for_the_owner(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    await (await service.agent(BEN)).post(f"/cases/{case_id}/accept")
    stream = await maya.stream()
    desk = await (await service.agent(GRACE)).stream()
    await desk.send(type="watch", case_id=case_id, after_seq=0)
    await desk.until("watched")
    await maya.say("Hello?")
    await stream.until("message")
    assert "read" not in {frame["type"] for frame in await stream.settled()}


async def test_who_closed_the_case_on_their_desk_reads_no_further(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    await ben.post(f"/cases/{case_id}/accept")
    desk = await ben.stream()
    await desk.send(type="watch", case_id=case_id, after_seq=0)
    stream = await maya.stream()
    read = (await stream.until("read"))["seq"]
    await desk.send(type="unwatch", case_id=case_id)
    await desk.settled()
    await maya.say("Still there?")
    await stream.until("message")
    assert [frame["seq"] for frame in await stream.settled() if frame["type"] == "read"] in ([], [read])
