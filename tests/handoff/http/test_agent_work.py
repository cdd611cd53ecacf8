"""Offers, presence and moves by name over HTTP and the stream: the whole way, with the loop that offers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handoff.http import agent_work as schemas
from handoff.store import cases
from tests.handoff.cast import BEA, BEN, GRACE, IMANI, POLICY, PRIYA
from tests.handoff.service import Service
from warmline.policy import EscalationPolicy

TRIED = {"tried": "this", "next_step": "that"}


@pytest.fixture
def service_policy() -> EscalationPolicy:
    """Cases are offered."""
    return POLICY


async def test_a_case_is_offered_at_once_and_accepted(service: Service) -> None:
    ben = await service.agent(BEN)
    desk = await ben.stream()
    case_id = await service.case(await service.customer())
    offer = (await desk.until("offer"))["offer"]
    listed = (await ben.get("/offers")).body["offers"]

    assert schemas.OfferView.model_validate(offer).case_id == case_id
    assert [one["id"] for one in listed] == [offer["id"]]
    assert (await service.agent(BEN)) is not None
    again = await ben.stream()
    assert [one["id"] for one in again.first["offers"]] == [offer["id"]], "a reload keeps the offer"
    taken = await ben.post(f"/offers/{offer['id']}/accept")
    assert (taken.status, taken.body["case"]["agent"]["id"]) == (200, BEN.id)
    gone = await desk.until("offer_gone")
    assert gone == {"type": "offer_gone", "offer_id": offer["id"], "case_id": case_id, "status": "accepted"}
    assert (await ben.get("/offers")).body == {"offers": []}


async def test_a_declined_offer_goes_to_the_next_and_needs_a_reason(service: Service) -> None:
    ben = await service.agent(BEN)
    desk = await ben.stream()
    case_id = await service.case(await service.customer())
    offer = (await desk.until("offer"))["offer"]
    bea = await service.agent(BEA)
    other = await bea.stream()

    assert (await ben.post(f"/offers/{offer['id']}/decline", {"reason": " "})).code == "bad_value"
    assert (await bea.post(f"/offers/{offer['id']}/decline", {"reason": "x"})).code == "not_found"
    assert (await ben.post(f"/offers/{offer['id']}/decline", {"reason": "On a call"})).status == 200
    assert (await other.until("offer"))["offer"]["case_id"] == case_id
    late = await ben.post(f"/offers/{offer['id']}/accept")
    assert (late.status, late.code, late.body["error"]["data"]) == (409, "offer_gone", {"status": "declined"})


async def test_who_was_slower_hears_who_was_first(service: Service) -> None:
    ben = await service.agent(BEN)
    desk = await ben.stream()
    case_id = await service.case(await service.customer())
    offer = (await desk.until("offer"))["offer"]
    bea = await service.agent(BEA)
    assert (await bea.post(f"/cases/{case_id}/accept")).status == 200

    assert (await desk.until("offer_gone"))["status"] == "withdrawn"
    assert (await desk.until("notification"))["notification"]["kind"] == "offer_lost"
    late = await ben.post(f"/offers/{offer['id']}/accept")
    assert (late.code, late.body["error"]["data"]) == ("already_accepted", {"agent_name": BEA.name})


async def test_who_is_away_is_offered_nothing_until_they_come_back(service: Service) -> None:
    ben = await service.agent(BEN)
    desk = await ben.stream()
    await ben.post("/presence", {"state": "do_not_disturb"})
    case_id = await service.case(await service.customer())
    reasons = (await ben.get(f"/cases/{case_id}/candidates")).body
    assert schemas.CandidatesAnswer.model_validate(reasons).best is None
    (own,) = [one for one in reasons["candidates"] if one["id"] == BEN.id]
    assert (own["eligible"], own["obstacles"]) == (False, ["do_not_disturb"])
    assert "offer" not in {frame["type"] for frame in await desk.settled()}
    await ben.post("/presence", {"state": "online"})
    assert (await desk.until("offer"))["offer"]["case_id"] == case_id


async def test_a_case_moves_by_name_and_comes_back(service: Service) -> None:
    ben, bea, grace = [await service.agent(one) for one in (BEN, BEA, GRACE)]
    case_id = await service.case(await service.customer())
    assert (await ben.post(f"/cases/{case_id}/accept")).status == 200
    moved = {"agent_id": BEA.id, **TRIED}
    refused = await ben.post(f"/cases/{case_id}/transfer-to-agent", moved)
    assert (refused.status, refused.code) == (409, "agent_not_available")
    assert refused.body["error"]["data"]["obstacles"] == ["offline"]
    desk = await bea.stream()
    assert (await ben.post(f"/cases/{case_id}/transfer-to-agent", moved)).status == 200
    offer = (await desk.until("offer"))["offer"]
    assert offer["reserved"] is True
    assert (await ben.post(f"/cases/{case_id}/accept")).code == "reserved"
    assert (await bea.post(f"/offers/{offer['id']}/accept")).status == 200
    assert (await ben.post(f"/cases/{case_id}/take-over", {"reason": "x"})).status == 403
    taken = await grace.post(f"/cases/{case_id}/take-over", {"reason": "The customer asked for me"})
    assert taken.body["case"]["agent"]["id"] == GRACE.id
    back = await grace.post(f"/cases/{case_id}/return-to-bot", {"line": "All is well"})
    assert (back.body["case"]["status"], back.body["case"]["owner_type"]) == ("closed", "bot")


async def test_duplicates_become_one(service: Service) -> None:
    ben = await service.agent(BEN)
    into = await service.case(await service.customer())
    duplicate = await service.case(await service.customer(None))
    other = await service.case(await service.customer(PRIYA))
    body = {"into": into, "reason": "Same parcel"}
    assert (await ben.post(f"/cases/{other}/merge", body)).code == "cannot_merge"
    kept = await ben.post(f"/cases/{duplicate}/merge", body)
    assert (kept.status, kept.body["case"]["id"]) == (200, into)
    detail = (await ben.get(f"/cases/{into}")).body["case"]
    assert [one["id"] for one in detail["merged"]] == [duplicate]
    assert detail["merged"][0]["messages"]


async def test_editors_neither_see_nor_take_work(service: Service) -> None:
    imani = await service.agent(IMANI)
    for path in ("/agents", "/offers"):
        assert (await imani.get(path)).code == "not_allowed"
    assert (await imani.post("/presence", {"state": "away"})).code == "not_allowed"


async def test_a_lead_may_take_what_they_are_not_eligible_for_with_a_reason(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    async with service.parts.context.db.write() as db:
        case = await cases.get_case(db, case_id)
        await cases.save_case(db, case, replace(case, language="de", version=case.version + 1))
    grace = await service.agent(GRACE)
    refused = await grace.post(f"/cases/{case_id}/accept")
    assert (refused.status, refused.code) == (409, "not_eligible")
    assert refused.body["error"]["data"] == {"obstacles": ["language"], "lead": True}
    assert (await grace.post(f"/cases/{case_id}/accept", {"override_reason": " "})).code == "bad_value"
    taken = await grace.post(f"/cases/{case_id}/accept", {"override_reason": "Nobody else speaks it today"})
    assert (taken.status, taken.body["case"]["agent"]["id"]) == (200, GRACE.id)
