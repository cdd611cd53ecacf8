"""Saved views, canned responses and macros over HTTP."""

from __future__ import annotations

from handoff.http.canned import CannedAnswer, MacrosAnswer, OwnResponseAnswer
from handoff.http.saved_views import ViewAnswer, ViewsAnswer
from tests.handoff.cast import BEA, BEN, GRACE, MAYA
from tests.handoff.service import Service


async def test_a_view_is_ones_own_until_somebody_who_leads_shares_it(service: Service) -> None:
    ben, bea, grace = await service.agent(BEN), await service.agent(BEA), await service.agent(GRACE)
    mine = {"name": "Mine", "query": "agent:me  STATUS:open"}

    kept = ViewAnswer.model_validate((await ben.post("/views", mine)).body).view
    assert kept.query == 'status:open agent:"me"'
    refused = await ben.post("/views", mine | {"shared": True})
    assert (refused.status, refused.code) == (403, "not_allowed")
    shared = ViewAnswer.model_validate((await grace.post("/views", mine | {"name": "All", "shared": True})).body).view

    seen = ViewsAnswer.model_validate((await bea.get("/views")).body)
    assert [(view.name, view.editable, view.owner_name) for view in seen.views] == [("All", False, "Grace Lindqvist")]
    assert not seen.may_share
    assert (await bea.post(f"/views/{shared.id}", mine)).status == 403
    assert (await bea.post(f"/views/{kept.id}", mine)).status == 404
    assert (await ben.post(f"/views/{kept.id}", mine | {"query": "state:x"})).status == 422
    assert (await ben.post(f"/views/{kept.id}", mine | {"name": "Ours"})).body["view"]["name"] == "Ours"
    assert (await ben.delete(f"/views/{kept.id}")).status == 204
    left = ViewsAnswer.model_validate((await ben.get("/views")).body)
    assert [view.name for view in left.views] == ["All"]


async def test_responses_and_macros_of_a_case_answer_as_the_page_says(service: Service) -> None:
    ben = await service.agent(BEN)
    case_id = await service.case(await service.customer(MAYA))
    await ben.post(f"/cases/{case_id}/accept")

    own = await ben.post("/canned", {"title": "Mine", "language": "en", "text": "Bye {customer_first_name}"})
    kept = OwnResponseAnswer.model_validate(own.body).response
    found = CannedAnswer.model_validate((await ben.get(f"/cases/{case_id}/canned")).body)
    assert (found.responses[0].text, found.responses[0].own) == ("Bye Maya", True)
    assert (await ben.delete(f"/canned/{kept.id}")).status == 204
    assert (await ben.delete(f"/canned/{kept.id}")).status == 404

    offered = MacrosAnswer.model_validate((await ben.get(f"/cases/{case_id}/macros")).body).macros
    assert [step.kind for step in offered[0].steps] == ["reply", "next_update"]
    ran = await ben.post(f"/cases/{case_id}/macros/{offered[0].name}", {"client_id": "client-001"})
    assert ran.status == 200
    assert (await ben.post(f"/cases/{case_id}/macros/fly", {"client_id": "client-002"})).status == 404
