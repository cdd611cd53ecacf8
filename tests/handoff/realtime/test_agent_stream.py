"""The desk's live connection: a complete snapshot, then every change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from handoff.domain.audit import AuditFilter
from handoff.http import agent_schemas as schemas
from handoff.realtime.desks import renew_desks
from handoff.services import reading
from handoff.services.presence import is_present
from handoff.store import people
from handoff.store.audit import read_entries
from tests.handoff.cast import ANA, BEN, GRACE, IMANI, until
from tests.handoff.service import AGENT, Service, call

TRIED = {"tried": "this", "next_step": "that"}
SOLVED = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "Sent again"}


async def test_the_snapshot_is_complete(service: Service) -> None:
    case_id = await service.case(await service.customer())
    desk = await (await service.agent(BEN)).stream()
    snapshot = desk.first

    assert set(snapshot) == {
        "type",
        "version",
        "agent",
        "queues",
        "cases",
        "presence",
        "offers",
        "unread_notifications",
    }
    assert (snapshot["presence"]["state"], snapshot["offers"]) == ("online", [])
    assert snapshot["version"] == 1
    assert schemas.Agent.model_validate(snapshot["agent"]).id == BEN.id
    assert [schemas.Queue.model_validate(q).category for q in snapshot["queues"]] == list(BEN.visible_queues())
    assert [schemas.CaseSummary.model_validate(c).id for c in snapshot["cases"]] == [case_id]
    other = await (await service.agent(ANA)).stream()
    assert other.first["cases"] == []


async def test_that_a_desk_showed_its_cases_stands_in_the_audit_log_once_for_a_while(service: Service) -> None:
    await service.case(await service.customer())
    ben = await service.agent(BEN)
    for _ in range(2):
        await ben.stream()
    async with service.parts.context.db.read() as db:
        found = await read_entries(db, AuditFilter(action="list.read"), limit=10)
    assert [(one.actor.id, one.object_id, one.data["shown"]) for one in found] == [(BEN.id, "desk", 1)]


async def test_a_new_case_stands_on_the_screen_of_those_who_serve_its_queue(service: Service) -> None:
    ben, ana = await (await service.agent(BEN)).stream(), await (await service.agent(ANA)).stream()
    case_id = await service.case(await service.customer())
    shown = await ben.until("case")

    assert schemas.CaseSummary.model_validate(shown["case"]).id == case_id
    queues = await ben.until("queues")
    assert [q["waiting"] for q in queues["queues"]] == [1, 0]
    assert "case" not in {f["type"] for f in await ana.settled()}


async def test_the_version_of_a_case_grows_with_every_step(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben = await service.agent(BEN)
    desk = await ben.stream()
    versions = [desk.first["cases"][0]["version"]]
    for step, body in (("accept", {}), ("notes", {"text": "x"}), ("release", {"reason": "x"})):
        assert (await ben.post(f"/cases/{case_id}/{step}", body)).status == 200
        versions.append((await desk.until("case", lambda f: f["case"]["version"] > versions[-1]))["case"]["version"])
    assert versions == sorted(set(versions))


async def test_a_case_that_moves_away_is_gone_and_stands_in_its_new_queue(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben = await service.agent(BEN)
    away, there = await ben.stream(), await (await service.agent(ANA)).stream()
    grace = await (await service.agent(GRACE)).stream()
    await away.send(type="watch", case_id=case_id)
    await away.until("watched")
    await ben.post(f"/cases/{case_id}/transfer", {"category": "billing", **TRIED})

    assert (await away.until("case_gone"))["case_id"] == case_id
    assert (await there.until("case"))["case"]["id"] == case_id
    assert (await grace.until("case"))["case"]["category"] == "billing"
    assert "case_gone" not in {f["type"] for f in await grace.settled()}
    await away.settled()
    maya = await service.customer()
    await maya.say("for Ana only")
    assert "for Ana only" not in str(await away.settled()), "a case that is gone is watched no more"


async def test_a_closed_case_is_told_and_gone(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben = await service.agent(BEN)
    desk = await ben.stream()
    await ben.post(f"/cases/{case_id}/accept")
    await ben.post(f"/cases/{case_id}/resolve", SOLVED)
    closed = await desk.until("case", lambda f: f["case"]["status"] == "closed")
    assert closed["case"]["owner_type"] == "bot"
    assert (await desk.until("case_gone"))["case_id"] == case_id


async def test_what_changes_while_the_snapshot_is_read_is_told_after_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await service.case(await service.customer())
    ben = await service.agent(BEN)
    read, go_on = asyncio.Event(), asyncio.Event()
    real = reading.case_rows

    async def slowly(*given: Any, **named: Any) -> Any:
        found = await real(*given, **named)
        read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(reading, "case_rows", slowly)
    opening = asyncio.create_task(ben.stream())
    await read.wait()
    await ben.post(f"/cases/{case_id}/accept")

    async def missed() -> bool:
        return any(socket.missed for socket in service.parts.hub._agents)

    await until(missed)
    go_on.set()
    desk = await opening
    assert desk.first["cases"][0]["status"] == "open", "read before the case was accepted"
    assert (await desk.until("case"))["case"]["status"] == "active"


async def test_a_watched_case_is_read_to_its_end_without_gaps(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    desk = await (await service.agent(BEN)).stream()
    await desk.send(type="watch", case_id=case_id, after_seq=1)
    watched = await desk.until("watched")
    assert set(watched) == {"type", "case_id", "messages", "last_seq"}
    assert [schemas.AgentMessage.model_validate(m).seq for m in watched["messages"]] == [2]
    await asyncio.gather(*(maya.say(f"word {n}") for n in range(8)))
    seqs = [(await desk.until("message"))["message"]["seq"] for _ in range(8)]
    assert seqs == list(range(3, 11))
    await desk.send(type="unwatch", case_id=case_id)
    await desk.settled()
    await maya.say("unseen")
    assert "message" not in {f["type"] for f in await desk.settled()}


BAD: list[tuple[str, str]] = [
    ("{", "not_json"),
    ("[]", "not_json"),
    ('{"type": "dance"}', "unknown_type"),
    ('{"type": null}', "unknown_type"),
    ('{"type": "watch"}', "missing_field"),
    ('{"type": "watch", "case_id": 7}', "wrong_type"),
    ('{"type": "watch", "case_id": "nowhere"}', "not_found"),
    ('{"type": "watch", "case_id": "a\\u0000"}', "bad_value"),
    ('{"type": "watch", "case_id": "\\ud800"}', "bad_value"),
    ('{"type": "watch", "case_id": "x", "after_seq": -1}', "bad_value"),
    ('{"type": "watch", "case_id": "x", "after_seq": ' + "9" * 40 + "}", "bad_value"),
    ('{"type": "unwatch", "case_id": "x", "colour": 1}', "unknown_field"),
    ('{"type": "typing", "case_id": "nowhere"}', "not_found"),
    ('{"type": "typing", "case_id": "x", "what": "poem"}', "bad_value"),
    ('{"type": "viewing"}', "missing_field"),
    ('{"type": "viewing", "case_id": "nowhere"}', "not_found"),
    ('{"type": "viewing", "case_id": null, "quietly": 1}', "wrong_type"),
    ('{"type": "ping", "at": 1}', "unknown_field"),
    ('{"type": "watch", "case_id": "' + "x" * 70_000 + '"}', "body_too_large"),
]


async def test_whatever_an_agent_sends_the_connection_stays(service: Service) -> None:
    desk = await (await service.agent(BEN)).stream()
    await desk.settled()
    for raw, code in BAD:
        await desk.socket.send_str(raw)
        refused = await desk.receive()
        assert (refused["type"], refused["error"]["code"]) == ("error", code), raw[:80]
        assert set(refused) == {"type", "error", "case_id"}
    await desk.socket.send_bytes(b"\x00")
    assert (await desk.receive())["error"]["code"] == "not_json"
    assert await desk.settled() == []


async def test_the_case_of_another_queue_cannot_be_watched_nor_typed_in(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    desk = await (await service.agent(ANA)).stream()
    for kind in ("watch", "typing", "viewing"):
        await desk.send(type=kind, case_id=case_id)
        assert (await desk.until("error"))["error"]["code"] == "not_found"
    await maya.say("for Ben only")
    # How many wait in the queues is told to everybody; what is said in a case is not.
    assert {frame["type"] for frame in await desk.settled()} <= {"queues", "presence"}


async def renewed(service: Service) -> None:
    """What the keeper does every 20 seconds."""
    await renew_desks(service.parts.context, service.parts.hub)


async def test_who_is_deactivated_hears_nothing_more_though_their_desk_is_open(service: Service) -> None:
    desk, other = await (await service.agent(BEN)).stream(), await (await service.agent(GRACE)).stream()
    async with service.parts.context.db.write() as db:
        await people.deactivate(db, BEN.id)
    await renewed(service)

    assert (await desk.closed()) == 4401
    await service.case(await service.customer())
    assert await other.until("case")


async def test_who_serves_other_queues_is_given_what_they_may_see_by_now(service: Service) -> None:
    ben = await service.agent(BEN)
    desk = await ben.stream()
    case_id = await service.case(await service.customer())
    await desk.until("case")
    async with service.parts.context.db.write() as db:
        await people.save_agent(db, replace(BEN, queues=ANA.queues), password_hash="none")
    await renewed(service)

    assert (await desk.closed()) == 1001
    again = await ben.stream()
    assert case_id not in {case["id"] for case in again.first["cases"]}
    await renewed(service)
    assert {frame["type"] for frame in await again.settled()} <= {"queues", "presence"}


async def test_a_frame_of_an_agent_whose_rights_changed_is_not_acted_upon(service: Service) -> None:
    desk = await (await service.agent(BEN)).stream()
    async with service.parts.context.db.write() as db:
        await people.save_agent(db, replace(BEN, queues=ANA.queues), password_hash="none")
    await desk.send(type="ping")

    assert (await desk.closed()) == 1001


async def test_only_the_owners_typing_is_shown(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    stream = await maya.stream()
    desk = await (await service.agent(BEN)).stream()
    await desk.send(type="typing", case_id=case_id)
    await desk.settled()
    assert "typing" not in {f["type"] for f in await stream.settled()}


async def test_nobody_listens_without_a_session_and_editors_have_no_cases(service: Service) -> None:
    assert (await service.call("GET", f"{AGENT}/stream")).code == "not_signed_in"
    imani = await service.agent(IMANI)
    assert (await imani.get("/stream")).code == "not_allowed"


async def test_signing_out_ends_the_streams_of_that_browser_at_once(service: Service) -> None:
    ben, elsewhere = await service.agent(BEN), await service.agent(BEN)
    here, there = await ben.stream(), await elsewhere.stream()
    await call(ben.session, "DELETE", f"{AGENT}/session", headers={"X-CSRF-Token": ben.csrf})
    assert await here.closed() == 4401
    assert await there.settled() == []


async def test_a_session_that_is_over_ends_its_stream(service: Service) -> None:
    desk = await (await service.agent(BEN)).stream()
    service.clock.move(hours=12)
    await desk.send(type="ping")
    assert await desk.closed() == 4401


async def test_a_stream_ends_with_its_session_even_if_nobody_says_a_word(service: Service) -> None:
    ben = await service.agent(BEN)
    service.clock.move(hours=12, milliseconds=-80)
    assert await (await ben.stream()).closed() == 4401


async def test_a_fault_while_the_snapshot_is_read_closes_the_line_properly(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: Any, **_named: Any) -> None:
        raise OSError("the disk is full")

    ben = await service.agent(BEN)
    monkeypatch.setattr(reading, "case_rows", broken)
    socket = await ben.session.ws_connect(f"{AGENT}/stream")
    await socket.receive()
    assert socket.close_code == 1011


async def test_one_thing_that_cannot_be_told_keeps_nobody_from_hearing_the_rest(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await (await service.agent(BEN)).stream()
    real = reading.all_queue_rows

    async def broken(*_given: Any, **_named: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(reading, "all_queue_rows", broken)
    await service.case(await service.customer())
    assert (await desk.until("case"))["case"]["number"] == "WL-1001"
    monkeypatch.setattr(reading, "all_queue_rows", real)
    await service.case(await service.customer(None))
    await desk.until("queues", lambda frame: frame["queues"][0]["waiting"] == 2)


async def test_presence_is_an_open_desk(service: Service) -> None:
    """P16: kept in the database, so that every node knows it."""
    ben, context = await service.agent(BEN), service.parts.context

    async def present() -> bool:
        async with context.db.read() as db:
            return await is_present(context, db, BEN.id)

    async def gone() -> bool:
        return not await present()

    assert await gone()
    desk, second = await ben.stream(), await ben.stream()
    assert await present()
    await second.close()
    assert (await ben.get("/agents")).body["agents"][2]["state"] == "online"
    await desk.close()
    await until(gone)


async def test_who_is_away_is_seen_by_colleagues_and_stays_away_after_a_reload(service: Service) -> None:
    ben, grace = await service.agent(BEN), await service.agent(GRACE)
    desk, lead = await ben.stream(), await grace.stream()
    await desk.send(type="presence", state="away")
    seen = await lead.until("presence", lambda f: f["agent_id"] == BEN.id and f["state"] == "away")
    await desk.close()
    again = await ben.stream()

    assert set(seen) == {"type", "agent_id", "state", "since"}
    assert again.first["presence"]["state"] == "away"
    assert (await ben.post("/presence", {"state": "online"})).body["presence"]["state"] == "online"
    await again.send(type="presence", state="offline")
    assert (await again.until("error"))["error"]["data"]["field"] == "state"


async def test_who_signs_out_is_offline_unless_another_desk_is_open(service: Service) -> None:
    first, second = await service.agent(BEN), await service.agent(BEN)
    grace = await service.agent(GRACE)
    streams = [await first.stream(), await second.stream()]

    async def state() -> str:
        return next(a["state"] for a in (await grace.get("/agents")).body["agents"] if a["id"] == BEN.id)

    async def offline() -> bool:
        return await state() == "offline"

    for desk, expected in ((first, "online"), (second, "offline")):
        answer = await call(desk.session, "DELETE", f"{AGENT}/session", headers={"X-CSRF-Token": desk.csrf})
        assert answer.status == 204
        if expected == "offline":
            await until(offline)
        assert await state() == expected
    assert all([await stream.closed() for stream in streams]), "both were closed by the service"
