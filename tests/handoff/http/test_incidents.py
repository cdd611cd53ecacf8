"""Incidents over the agent API and the desk's stream (P14)."""

from __future__ import annotations

from handoff.http import incidents as schemas
from handoff.services.meaning import Meaning
from tests.handoff.cast import ANA, BEN, GRACE, until
from tests.handoff.service import Service
from tests.handoff.services.test_incidents import Subjects

DECLARED = {
    "category": "orders_delivery",
    "title": "Strike at the carrier",
    "announcement": "Parcels come a day later this week.",
}


async def test_a_lead_declares_changes_and_ends_an_incident_and_the_desks_hear_of_it(service: Service) -> None:
    lead, ben = await service.agent(GRACE), await service.agent(BEN)
    stream = await ben.stream()
    declared = await lead.post("/incidents", DECLARED)
    told = await stream.until("incident", lambda frame: True)
    incident = schemas.IncidentAnswer.model_validate(declared.body).incident
    changed = await lead.post(f"/incidents/{incident.id}/confirm", {"announcement": "Two days later."})
    over = await lead.post(f"/incidents/{incident.id}/resolve", {"resolution": "The strike is over."})

    assert (declared.status, incident.status, incident.decided_by) == (201, "confirmed", GRACE.name)
    assert schemas.Incident.model_validate(told["incident"]) == incident
    assert changed.body["incident"]["announcement"] == "Two days later."
    assert changed.body["incident"]["title"] == incident.title
    assert (over.body["incident"]["status"], over.body["incident"]["resolution"]) == ("resolved", "The strike is over.")
    assert (await lead.post(f"/incidents/{incident.id}/dismiss", {})).code == "wrong_state"
    await stream.close()


async def test_everybody_of_the_queue_reads_and_nobody_else(service: Service) -> None:
    lead, ben, ana = (await service.agent(GRACE), await service.agent(BEN), await service.agent(ANA))
    case_id = await service.case(await service.customer())
    incident_id = (await lead.post("/incidents", DECLARED)).body["incident"]["id"]
    linked = await ben.post(f"/incidents/{incident_id}/cases", {"case_id": case_id})
    detail = schemas.IncidentDetailAnswer.model_validate((await ben.get(f"/incidents/{incident_id}")).body)

    assert linked.body["incident"]["customers"] == 1
    assert [case.id for case in detail.cases] == [case_id]
    assert len((await ben.get("/incidents")).body["incidents"]) == 1
    assert (await ben.get("/incidents?status=over")).body == {"incidents": []}
    assert (await ana.get("/incidents?status=all")).body == {"incidents": []}
    assert (await ana.get(f"/incidents/{incident_id}")).code == "not_found"


async def test_what_cannot_be_is_refused_with_a_reason(service: Service) -> None:
    lead, ben = await service.agent(GRACE), await service.agent(BEN)
    assert (await ben.post("/incidents", DECLARED)).code == "not_allowed"
    assert (await lead.post("/incidents", {**DECLARED, "title": " "})).code == "bad_value"
    assert (await lead.post("/incidents", {**DECLARED, "category": "weather"})).code == "bad_value"
    assert (await lead.get("/incidents?status=maybe")).code == "bad_value"
    assert (await lead.get("/incidents/no-such")).code == "not_found"
    assert (await lead.post("/incidents/%00/dismiss", {})).code == "not_found"


async def test_the_running_service_tells_who_writes_about_it_first_and_links_the_case_that_comes_of_it(
    service: Service,
) -> None:
    object.__setattr__(service.parts.wired, "meaning", Meaning(Subjects))
    lead, customer = await service.agent(GRACE), await service.customer()
    example = {**DECLARED, "example": "where is my parcel"}
    incident_id = (await lead.post("/incidents", example)).body["incident"]["id"]
    stream = await customer.stream()
    await stream.send(type="message", client_message_id=customer.new_id(), text="my parcel has not come")
    first = await stream.until("message", lambda frame: frame["message"]["sender"]["type"] == "bot")
    case_id = await service.case(customer)

    async def linked() -> bool:
        detail = (await lead.get(f"/incidents/{incident_id}")).body
        return [case["id"] for case in detail["cases"]] == [case_id]

    assert first["message"]["notice"] == "incident_known"
    assert DECLARED["announcement"] in first["message"]["text"]
    await until(linked)
    await stream.close()
