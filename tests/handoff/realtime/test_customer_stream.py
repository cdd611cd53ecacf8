"""The customer's live connection: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from handoff.http import schemas
from handoff.services import reading
from tests.handoff.cast import BEN, PRIYA, until
from tests.handoff.service import Service


async def test_hello_is_answered_with_everything_and_a_message_comes_back_stored_and_answered(service: Service) -> None:
    maya = await service.customer()
    stream = await maya.stream()
    welcome = dict(stream.first)
    assert welcome.pop("type") == "welcome"
    assert schemas.ConversationAnswer.model_validate(welcome).messages == []

    await stream.send(type="message", client_message_id="abcdefgh-1", text="hello")
    accepted = await stream.until("accepted")
    assert {k: accepted[k] for k in ("client_message_id", "seq")} == {"client_message_id": "abcdefgh-1", "seq": 1}
    schemas.MessageAccepted.model_validate({k: v for k, v in accepted.items() if k != "type"})
    answer = await stream.until("message", lambda f: f["message"]["sender"]["type"] == "bot")
    assert [f["message"]["seq"] for f in stream.frames if f["type"] == "message"] == [1, 2]
    assert schemas.Message.model_validate(answer["message"]).text == "You said: hello"


async def test_the_same_message_again_gets_the_same_answer_and_no_second_message(service: Service) -> None:
    maya = await service.customer()
    stream = await maya.stream()
    for _ in range(3):
        await stream.send(type="message", client_message_id="abcdefgh-1", text="hello")
    answers = [await stream.until("accepted") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    await service.bot.was_asked(1)
    assert service.bot.texts() == ["hello"]


async def test_every_tab_sees_everything(service: Service) -> None:
    maya = await service.customer()
    one, two = await maya.stream(), await maya.stream()
    await one.send(type="message", client_message_id="abcdefgh-1", text="hello")
    assert (await two.until("message"))["message"]["text"] == "hello"


async def test_a_rating_is_told_to_every_tab_and_comes_with_the_history(service: Service) -> None:
    maya = await service.customer()
    one, two = await maya.stream(), await maya.stream()
    await one.send(type="message", client_message_id="abcdefgh-1", text="hello")
    answer = (await one.until("message", lambda f: f["message"]["can_rate"]))["message"]
    await one.send(type="rate", message_id=answer["id"], rating="unhelpful")
    for tab in (one, two):
        assert await tab.until("rated") == {"type": "rated", "message_id": answer["id"], "rating": "unhelpful"}
    assert (await maya.stream()).first["messages"][-1]["rating"] == "unhelpful"
    await one.send(type="rate", message_id="unheard-of", rating="helpful")
    assert (await one.until("error"))["error"]["code"] == "not_found"


async def test_a_rating_that_comes_while_the_welcome_is_read_is_told_after_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = await service.customer()
    first = await maya.stream()
    await first.send(type="message", client_message_id="abcdefgh-1", text="hello")
    answer = (await first.until("message", lambda f: f["message"]["can_rate"]))["message"]
    read = reading.customer_view

    async def rated_meanwhile(*given: Any, **named: Any) -> Any:
        seen = await read(*given, **named)
        await maya.call("POST", "/ratings", json={"message_id": answer["id"], "rating": "helpful"})
        return seen

    monkeypatch.setattr(reading, "customer_view", rated_meanwhile)
    second = await maya.stream()
    assert second.first["messages"][-1]["rating"] is None
    assert (await second.until("rated"))["rating"] == "helpful"


async def test_a_person_takes_over_and_the_state_follows(service: Service) -> None:
    maya = await service.customer()
    stream = await maya.stream()
    await stream.send(type="person", client_message_id="abcdefgh-1")
    waiting = schemas.State.model_validate((await stream.until("state"))["state"])
    assert waiting.case is not None
    assert (waiting.owner.type, waiting.case.status, waiting.case.position) == ("queue", "open", 1)
    ben = await service.agent(BEN)
    await ben.post(f"/cases/{waiting.case.id}/accept")
    taken = schemas.State.model_validate((await stream.until("state"))["state"])
    assert taken.case is not None
    assert (taken.owner.type, taken.owner.name, taken.case.agent_name) == ("agent", BEN.name, BEN.name)
    desk = await ben.stream()
    await desk.send(type="typing", case_id=waiting.case.id)
    typing = await stream.until("typing")
    assert typing == {"type": "typing", "sender": "agent", "name": BEN.name, "for_ms": 5000}


async def test_the_place_in_the_queue_moves_as_the_queue_does(service: Service) -> None:
    maya, priya = await service.customer(), await service.customer(PRIYA)
    first = await service.case(maya)
    service.clock.move(minutes=1)
    second = await service.case(await service.customer(None))
    stream = await (await service.customer()).stream()
    assert stream.first["state"]["case"]["position"] == 1
    await service.case(priya)
    # A word of the second case may come first; a VIP goes ahead, and Maya is told.
    await stream.until("state", lambda frame: frame["state"]["case"]["position"] == 2)
    assert first != second


async def test_after_a_lost_line_nothing_is_missed_and_nothing_comes_twice(service: Service) -> None:
    """Again and again, while messages keep coming from another tab."""
    object.__setattr__(service.parts.messages_limit, "_limit", 1000)
    maya = await service.customer()
    writer = await maya.stream()
    shown: list[int] = []
    texts: list[str] = []

    async def write() -> None:
        for number in range(40):
            await writer.send(type="message", client_message_id=f"message-{number:04d}", text=f"word {number}")
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    async with asyncio.timeout(30):
        while len(shown) < 80:
            stream = await maya.stream(last_seq=shown[-1] if shown else 0)
            got = list(stream.first["messages"])
            shown += [m["seq"] for m in got]
            texts += [m["text"] for m in got]
            for _ in range(7):
                if len(shown) >= 80:
                    break
                message = (await stream.until("message"))["message"]
                shown.append(message["seq"])
                texts.append(message["text"])
            await stream.close()
    await writing
    assert shown == list(range(1, 81))
    assert {text for text in texts if text.startswith("word")} == {f"word {n}" for n in range(40)}
    assert len(texts) == len(set(texts)) == 80


async def test_of_a_long_conversation_the_latest_come_first_and_the_rest_when_asked_for(service: Service) -> None:
    maya = await service.customer()
    writer = await maya.stream()
    for number in range(12):
        await writer.send(type="message", client_message_id=f"message-{number:04d}", text=f"word {number}")
        await writer.until("accepted")
    whole = [m["seq"] for m in (await maya.call("GET", "/conversation")).body["messages"]]
    stream = await maya.stream(last=5)
    shown = [m["seq"] for m in stream.first["messages"]]
    earlier = (await maya.call("GET", f"/conversation?after={shown[0] - 5}&before={shown[0]}")).body

    assert shown == list(range(stream.first["last_seq"] - 4, stream.first["last_seq"] + 1))
    assert [m["seq"] for m in earlier["messages"]] == list(range(shown[0] - 4, shown[0]))
    # Who comes back gets everything that was missed, however much it is.
    again = await maya.stream(last_seq=2, last=5)
    assert [m["seq"] for m in again.first["messages"]][: len(whole) - 2] == whole[2:]


async def test_what_changes_while_the_welcome_is_read_is_told_after_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    read, go_on = asyncio.Event(), asyncio.Event()
    real = reading.customer_view

    async def slowly(*given: Any, **named: Any) -> Any:
        found = await real(*given, **named)
        read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(reading, "customer_view", slowly)
    opening = asyncio.create_task(maya.stream())
    await read.wait()
    await ben.post(f"/cases/{case_id}/accept")
    await until(lambda: _told(service))
    go_on.set()
    stream = await opening
    assert stream.first["state"]["owner"]["type"] == "queue", "read before the agent accepted"
    message = await stream.until("message")
    assert message["message"]["notice"] == "case_assigned"
    state = next((f for f in stream.frames if f["type"] == "state"), None) or await stream.until("state")
    assert state["state"]["owner"]["type"] == "agent"


async def _told(service: Service) -> bool:
    return any(socket.missed for group in service.parts.hub._customers.values() for socket in group)


async def test_a_rating_and_the_wish_to_reopen_go_over_the_line(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    await ben.post(f"/cases/{case_id}/accept")
    solved = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "Sent again"}
    await ben.post(f"/cases/{case_id}/resolve", solved)
    stream = await maya.stream()
    await stream.send(type="survey", case_id=case_id, csat=1, comment="Slow")
    assert (await stream.until("state", lambda f: f["state"]["case"]["csat"] == 1))["state"]["case"]["can_rate"]
    await stream.send(type="reopen", client_message_id="abcdefgh-1", case_id=case_id, note="Not solved")
    said = await stream.until("message", lambda f: f["message"]["sender"]["type"] == "customer")
    assert (said["message"]["text"], said["message"]["client_message_id"]) == ("Not solved", "abcdefgh-1")


async def test_typing_is_passed_on_at_most_every_three_seconds(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    desk = await ben.stream()
    await desk.send(type="watch", case_id=case_id)
    await desk.until("watched")
    stream = await maya.stream()
    for _ in range(5):
        await stream.send(type="typing")
    await stream.settled()
    seen = [f for f in await desk.settled() if f["type"] == "typing"]
    assert seen == [{"type": "typing", "case_id": case_id, "sender": "customer", "name": None, "for_ms": 5000}]
