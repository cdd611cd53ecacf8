"""Waiting, going on, and the plan over the agent API, and the watch that runs in the service (P7, P23)."""

from __future__ import annotations

import pytest

from handoff.http import agent_schemas
from handoff.services import deadlines
from tests.handoff.cast import BEN, GRACE
from tests.handoff.service import Desk, Service

WORD = {"client_message_id": "agent-word-1", "text": "Which number is it?"}


async def in_hand(service: Service) -> tuple[Desk, str]:
    case_id = await service.case(await service.customer())
    desk = await service.agent(BEN)
    await desk.post(f"/cases/{case_id}/accept")
    await desk.post(f"/cases/{case_id}/messages", WORD)
    return desk, case_id


async def test_an_owner_tells_the_plan_waits_and_goes_on(service: Service) -> None:
    desk, case_id = await in_hand(service)
    planned = await desk.post(f"/cases/{case_id}/plan", {"plan": "I ask the depot."})
    waits = await desk.post(f"/cases/{case_id}/wait", {"waiting_for": "customer", "what": "The number on the label"})
    detail = agent_schemas.CaseDetailAnswer.model_validate((await desk.get(f"/cases/{case_id}")).body).case
    resumed = await desk.post(f"/cases/{case_id}/resume", {"reason": "found it"})

    assert [answer.status for answer in (planned, waits, resumed)] == [200, 200, 200]
    case = agent_schemas.CaseAnswer.model_validate(waits.body).case
    assert (case.status, case.waiting_for, case.next_deadline) == ("waiting", "customer", "customer_reminder")
    assert detail.plan == "I ask the depot."
    assert [(promise.kind, promise.status) for promise in detail.promises] == [
        ("first_word", "kept"),
        ("next_word", "void"),
    ]
    assert [row.kind for row in detail.history][-2:] == ["plan", "waits"]
    assert resumed.body["case"]["status"] == "active"


async def test_the_widget_knows_that_it_is_waited_for(service: Service) -> None:
    customer = await service.customer()
    case_id = await service.case(customer)
    desk = await service.agent(BEN)
    await desk.post(f"/cases/{case_id}/accept")
    await desk.post(f"/cases/{case_id}/messages", WORD)
    stream = await customer.stream()
    await desk.post(f"/cases/{case_id}/wait", {"waiting_for": "customer", "what": "The number on the label"})
    state = await stream.until("state", lambda frame: frame["state"]["case"]["waiting_for"] == "customer")
    assert state["state"]["case"]["next_update_due"] is None
    notified = await desk.stream()
    await customer.say("It is 4711")
    told = await notified.until("notification")
    assert told["notification"]["kind"] == "customer_replied"
    await stream.close()
    await notified.close()


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("wait", {"waiting_for": "godot", "what": "him"}, "bad_value"),
        ("wait", {"waiting_for": "customer"}, "missing_field"),
        ("wait", {"waiting_for": "customer", "what": " "}, "bad_value"),
        ("plan", {"plan": ""}, "bad_value"),
        ("resume", {"reason": "not waiting"}, "wrong_state"),
        ("wait", {"waiting_for": "customer", "what": "it", "version": 1}, "case_changed"),
    ],
)
async def test_what_cannot_be_is_refused(service: Service, path: str, body: dict[str, object], code: str) -> None:
    desk, case_id = await in_hand(service)
    assert (await desk.post(f"/cases/{case_id}/{path}", body)).code == code


async def test_the_service_acts_on_deadlines_by_itself_and_tells_the_desks(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P7, P24."""
    case_id = await service.case(await service.customer())
    lead = await (await service.agent(GRACE)).stream()
    service.clock.move(minutes=11)
    await deadlines.DeadlineWatcher(service.parts.context).look()
    told = await lead.until("notification")
    case = await lead.until("case", lambda frame: frame["case"]["level"] == 2)
    assert told["notification"]["case_id"] == case_id == case["case"]["id"]
    await lead.close()
