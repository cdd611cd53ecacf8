"""What the customer wrote is read once the owner has it on their desk: not before, and by nobody else's looking.

What an agent wrote is delivered once the customer's chat has it, and read once that is open before them.
"""

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


async def test_what_an_agent_wrote_is_sent_then_delivered_then_read(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    await ben.post(f"/cases/{case_id}/accept")
    desk = await ben.stream()
    await desk.send(type="watch", case_id=case_id, after_seq=0)
    assert (await desk.until("receipts"))["read"] == 0
    said = (await ben.post(f"/cases/{case_id}/messages", {"client_message_id": "agent-0001", "text": "Hello"})).body
    seq = said["message"]["seq"]
    await desk.until("message", lambda frame: frame["message"]["seq"] == seq)
    assert "receipts" not in {frame["type"] for frame in await desk.settled()}, "nobody has the chat open"

    stream = await maya.stream()
    await stream.send(type="received", seq=seq, read=False)
    told = await desk.until("receipts")
    assert (told["case_id"], told["delivered"], told["read"]) == (case_id, seq, 0)
    await stream.send(type="received", seq=seq, read=True)
    assert (await desk.until("receipts"))["read"] == seq
    await stream.send(type="received", seq=seq, read=True)
    await stream.settled()
    assert "receipts" not in {frame["type"] for frame in await desk.settled()}, "nothing new"

    # Whoever opens the case later is told too.
    grace = await (await service.agent(GRACE)).stream()
    await grace.send(type="watch", case_id=case_id, after_seq=0)
    assert (await grace.until("receipts"))["read"] == seq


async def test_a_chat_cannot_have_read_what_it_was_never_sent(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    await ben.post(f"/cases/{case_id}/accept")
    desk = await ben.stream()
    await desk.send(type="watch", case_id=case_id, after_seq=0)
    await desk.until("receipts")
    stream = await maya.stream()
    await stream.send(type="received", seq=2**31 - 1, read=True)
    assert (await desk.until("receipts"))["read"] == stream.first["last_seq"]
    await stream.send(type="received", seq=-1, read=True)
    assert (await stream.until("error"))["error"]["code"] == "bad_value"


async def test_who_fetches_messages_without_a_stream_has_them_delivered(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    desk = await (await service.agent(BEN)).stream()
    await desk.send(type="watch", case_id=case_id, after_seq=0)
    await desk.until("receipts")
    fetched = (await maya.call("GET", "/conversation")).body
    told = await desk.until("receipts")
    assert (told["delivered"], told["read"]) == (fetched["last_seq"], 0)
