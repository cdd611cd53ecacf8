"""Over HTTP: the wrap-up with its follow-up, surveys, proposals and the review, as the pages say (P26 to P28)."""

from __future__ import annotations

from typing import Any

import pytest

from handoff.http import agent_schemas, follow_ups, proposals, review, schemas
from tests.handoff.cast import BEN, GRACE, IMANI
from tests.handoff.service import Customer, Desk, Service

SOLVED: dict[str, Any] = {"disposition": "solved", "root_cause": "missing_content", "outcome": "We do wrap."}


async def owned(service: Service) -> tuple[Customer, Desk, str]:
    """Maya's case with Ben, after a question in words."""
    maya, ben = await service.customer(), await service.agent(BEN)
    await maya.say("do you wrap gifts, my name is Maya")
    case_id = await service.case(maya)
    desk = ben if (await ben.post(f"/cases/{case_id}/accept")).status == 200 else await service.agent(GRACE)
    if desk is not ben:
        await desk.post(f"/cases/{case_id}/accept")
    return maya, desk, case_id


async def test_a_follow_up_from_its_planning_to_what_came_of_it(service: Service) -> None:
    _, desk, case_id = await owned(service)
    for day, code in (("2026-03-02", "bad_value"), ("soon", "wrong_type"), ("2026-02-30", "wrong_type")):
        refused = await desk.post(f"/cases/{case_id}/resolve", {**SOLVED, "follow_up_on": day})
        assert refused.code == code, day
        assert refused.body["error"]["data"]["field"] == "follow_up_on"
    assert (await desk.post(f"/cases/{case_id}/resolve", {**SOLVED, "follow_up_on": "2026-03-05"})).status == 200
    listed = follow_ups.FollowUpsAnswer.model_validate((await desk.get("/follow-ups")).body)
    done = await desk.post(f"/cases/{case_id}/follow-up", {"result": "worked", "note": "All well"})
    again = await desk.post(f"/cases/{case_id}/follow-up", {"result": "worked"})
    detail = agent_schemas.CaseDetail.model_validate((await desk.get(f"/cases/{case_id}")).body["case"])

    assert [(row.case_id, row.follow_up_on, row.due) for row in listed.follow_ups] == [(case_id, "2026-03-05", False)]
    assert (done.status, again.code) == (200, "wrong_state")
    assert detail.resolutions[0].followed_up_at is not None
    assert detail.follows is None
    assert (await desk.get("/follow-ups")).body == {"follow_ups": []}


async def test_a_survey_takes_both_questions_and_it_did_not_work(service: Service) -> None:
    maya, desk, case_id = await owned(service)
    await desk.post(f"/cases/{case_id}/resolve", SOLVED)
    for wrong in ({"nps": 11}, {"nps": -1}, {"csat": 0}, {"solved": "no"}):
        answer = await maya.call("POST", "/survey", json={"case_id": case_id, "csat": 3, **wrong})
        assert answer.status == 422
    body = {"case_id": case_id, "csat": 1, "nps": 2, "solved": False, "comment": "Still torn"}
    answer = await maya.call("POST", "/survey", json=body)
    accepted = schemas.SurveyAccepted.model_validate(answer.body)
    detail = (await desk.get(f"/cases/{case_id}")).body["case"]

    assert (accepted.csat, accepted.nps) == (1, 2)
    assert detail["status"] in ("open", "active")
    assert (detail["resolutions"][0]["csat"], detail["resolutions"][0]["nps"]) == (1, 2)
    assert detail["resolutions"][0]["reopened_at"] is not None


async def test_a_proposal_is_made_at_the_desk_and_read_by_editors(service: Service) -> None:
    _, desk, case_id = await owned(service)
    early = await desk.post(f"/cases/{case_id}/proposals", {"kind": "faq"})
    await desk.post(f"/cases/{case_id}/resolve", SOLVED)
    made = await desk.post(f"/cases/{case_id}/proposals", {"kind": "faq", "label": "faq/general_wrap"})
    proposal = proposals.ProposalAnswer.model_validate(made.body).proposal
    imani = await service.agent(IMANI)
    listed = proposals.ProposalsAnswer.model_validate((await imani.get("/proposals")).body).proposals

    assert early.code == "wrong_state"
    assert made.status == 201
    assert proposal.examples == ["do you wrap gifts, my name is <name>"]
    assert proposal.answer == "We do wrap."
    assert [one.status for one in listed] == ["proposed", "suggested"], "the root cause suggested one by itself"
    assert (await imani.post(f"/cases/{case_id}/proposals", {"kind": "faq"})).code == "not_allowed"
    assert (await imani.get("/proposals?status=lost")).code == "bad_value"


@pytest.mark.parametrize("body", [{}, {"kind": "poem"}, {"kind": "faq", "label": "Not A Label"}])
async def test_a_proposal_that_cannot_be_is_refused(service: Service, body: dict[str, Any]) -> None:
    _, desk, case_id = await owned(service)
    assert (await desk.post(f"/cases/{case_id}/proposals", body)).status == 422


async def test_the_review_is_for_supervisors(service: Service) -> None:
    _, desk, case_id = await owned(service)
    await desk.post(f"/cases/{case_id}/resolve", SOLVED)
    service.clock.move(hours=1)
    grace = await service.agent(GRACE)
    found = review.ReviewAnswer.model_validate((await grace.get("/review?days=7")).body)

    assert found.resolutions == 1
    assert [(row.root_cause, row.count, row.trend) for row in found.causes] == [("missing_content", 1, 1)]
    assert len(found.gaps) == 1
    assert (await (await service.agent(BEN)).get("/review")).code == "not_allowed"
    for days in ("0", "367", "many", "1.5"):
        assert (await grace.get(f"/review?days={days}")).code == "bad_value"
