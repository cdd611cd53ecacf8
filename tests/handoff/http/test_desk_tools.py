"""Saved views, canned responses and macros over HTTP."""

from __future__ import annotations

from handoff.http.canned import CannedAnswer, MacrosAnswer
from handoff.http.kept_responses import KeptResponseAnswer, KeptResponsesAnswer, PreviewAnswer
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
    kept = KeptResponseAnswer.model_validate(own.body).response
    found = CannedAnswer.model_validate((await ben.get(f"/cases/{case_id}/canned")).body)
    assert (found.responses[0].text, found.responses[0].own) == ("Bye Maya", True)
    assert (await ben.delete(f"/canned/{kept.id}")).status == 204
    assert (await ben.delete(f"/canned/{kept.id}")).status == 404

    offered = MacrosAnswer.model_validate((await ben.get(f"/cases/{case_id}/macros")).body).macros
    assert [step.kind for step in offered[0].steps] == ["reply", "next_update"]
    ran = await ben.post(f"/cases/{case_id}/macros/{offered[0].name}", {"client_id": "client-001"})
    assert ran.status == 200
    assert (await ben.post(f"/cases/{case_id}/macros/fly", {"client_id": "client-002"})).status == 404


async def test_kept_responses_answer_as_the_page_says(service: Service) -> None:
    ben, grace = await service.agent(BEN), await service.agent(GRACE)
    case_id = await service.case(await service.customer(MAYA))
    words = {"title": "Late", "language": "en", "text": "Dear {customer_name}, it comes late."}

    refused = await ben.post("/canned", words | {"shared": True})
    assert (refused.status, refused.code) == (403, "not_allowed")
    mine = KeptResponseAnswer.model_validate((await ben.post("/canned", words)).body).response
    team = words | {"title": "Ours", "category": "orders_delivery", "shared": True}
    ours = KeptResponseAnswer.model_validate((await grace.post("/canned", team)).body).response

    seen = KeptResponsesAnswer.model_validate((await ben.get("/canned")).body)
    assert [(one.title, one.shared, one.editable, one.owner_name) for one in seen.responses] == [
        ("Late", False, True, "Ben Okafor"),
        ("Ours", True, False, "Grace Lindqvist"),
    ]
    assert (seen.may_share, "customer_name" in seen.places) == (False, True)
    assert (await ben.post(f"/canned/{ours.id}", words)).code == "not_allowed"
    assert (await ben.delete(f"/canned/{ours.id}")).code == "not_allowed"
    assert (await grace.post(f"/canned/{mine.id}", words)).status == 404
    changed = await ben.post(f"/canned/{mine.id}", words | {"text": "Sorry"})
    assert KeptResponseAnswer.model_validate(changed.body).response.text == "Sorry"
    for text, code in (("Dear {nobody}", "bad_value"), (" ", "message_empty"), ("x" * 4001, "message_too_long")):
        assert (await ben.post("/canned", words | {"text": text})).code == code

    tried = await ben.post(f"/cases/{case_id}/canned/preview", {"text": "{customer_name} {x} {problem} }"})
    preview = PreviewAnswer.model_validate(tried.body)
    assert preview.text.startswith("Maya Lind {x} where your order")
    assert (preview.missing, preview.strange) == (["x"], ["x", "}"])
    assert (await ben.post("/cases/nowhere/canned/preview", {"text": ""})).status == 404
