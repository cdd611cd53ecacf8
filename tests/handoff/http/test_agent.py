"""The agent API, and who may do what with it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from handoff.contract import Category, Triage
from handoff.domain.people import Agent
from handoff.http import agent_schemas as schemas
from tests.handoff.cast import ANA, BEN, GRACE, IMANI, OMAR, POLICY
from tests.handoff.service import AGENT, INTERNAL, Service, call

SOLVED = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "Sent again"}
TRIED = {"tried": "this", "next_step": "that"}
STEPS: dict[str, dict[str, Any]] = {
    "accept": {},
    "release": {"reason": "End of shift"},
    "messages": {"client_message_id": "agent-0001", "text": "Hello"},
    "notes": {"text": "A note"},
    "escalate": TRIED,
    "resolve": SOLVED,
    "next-update": {"minutes": 30, "reason": "carrier"},
    "verdict": {"verdict": "needed"},
    "severity": {"severity": 1, "reason": "Worse than it looked"},
    "transfer": {"category": "billing", **TRIED},
}


@pytest.mark.parametrize(
    ("agent", "sees"),
    [(ANA, False), (BEN, True), (GRACE, True), (OMAR, True), (IMANI, None)],
    ids=lambda a: getattr(a, "id", ""),
)
async def test_each_sees_the_queues_they_serve_and_nothing_else(
    service: Service, agent: Agent, sees: bool | None
) -> None:
    """A case in orders and delivery, over every endpoint and every member of the cast."""
    case_id = await service.case(await service.customer())
    desk = await service.agent(agent)
    refusal = "not_allowed" if sees is None else "not_found"
    for path in ("/cases/{id}", "/cases/{id}/messages"):
        answer = await desk.get(path.format(id=case_id))
        assert answer.code == (None if sees else refusal), path
    for path in ("/queues", "/cases", "/options"):
        answer = await desk.get(path)
        assert answer.code == ("not_allowed" if sees is None else None), path
        if path == "/cases" and sees is not None:
            assert [case["id"] for case in answer.body["cases"]] == ([case_id] if sees else [])
        if path == "/queues" and sees is not None:
            assert [q["category"] for q in answer.body["queues"]] == list(agent.visible_queues())
    for step, body in STEPS.items():
        answer = await desk.post(f"/cases/{case_id}/{step}", body)
        if not sees:
            assert answer.code == refusal, step
        else:
            assert answer.code != "not_found", step


async def test_a_customers_token_opens_nothing_at_the_desk_and_the_other_way_round(service: Service) -> None:
    maya = await service.customer()
    ben = await service.agent(BEN)
    headers = {"Authorization": f"Bearer {maya.token}"}
    assert (await service.call("GET", f"{AGENT}/cases", headers=headers)).code == "not_signed_in"
    assert (await call(ben.session, "GET", "/api/customer/v1/conversation")).code == "token_missing"


@pytest.mark.parametrize("prefer", ["return=minimal", "respond-async, Return=Minimal"])
async def test_a_desk_that_hears_of_the_case_by_its_stream_is_answered_with_the_message_alone(
    service: Service, prefer: str
) -> None:
    ben = await service.agent(BEN)
    case_id = await service.case(await service.customer())
    await ben.post(f"/cases/{case_id}/accept")
    little = await ben.post(f"/cases/{case_id}/messages", STEPS["messages"], headers={"Prefer": prefer})
    again = await ben.post(f"/cases/{case_id}/messages", STEPS["messages"], headers={"Prefer": "handling=strict"})

    assert (set(little.body), little.headers["Preference-Applied"]) == ({"message"}, "return=minimal")
    assert little.body["message"] == again.body["message"]
    assert again.body["case"]["id"] == case_id
    assert "Preference-Applied" not in again.headers


async def test_a_case_from_the_queue_to_its_end_answers_as_the_page_says(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben, grace = await service.agent(BEN), await service.agent(GRACE)
    steps = ["accept", "messages", "notes", "next-update"]
    for step in steps:
        answer = await ben.post(f"/cases/{case_id}/{step}", STEPS[step])
        assert answer.status == 200, answer.body
        model = schemas.SentAnswer if step == "messages" else schemas.CaseAnswer
        assert model.model_validate(answer.body)
    taken = await grace.post(f"/cases/{case_id}/accept")
    assert (taken.code, taken.body["error"]["data"]) == ("already_accepted", {"agent_name": BEN.name})
    assert (await grace.post(f"/cases/{case_id}/messages", STEPS["messages"])).code == "not_owner"

    detail = schemas.CaseDetailAnswer.model_validate((await ben.get(f"/cases/{case_id}")).body).case
    assert [row.kind for row in detail.history] == ["opened", "accepted", "note", "next_update"]
    assert [turn.frustration for turn in detail.turns] == [0.4]
    assert detail.notes[0].text == "A note"
    assert detail.why == "Asked for a person."
    assert detail.handoff_message_id == detail.messages[0].id
    assert detail.customer.id == "C-1001"
    assert detail.messages[0].turn is not None
    read = schemas.MessagesAnswer.model_validate((await ben.get(f"/cases/{case_id}/messages?after=1")).body)
    assert [m.seq for m in read.messages] == list(range(2, read.last_seq + 1))

    assert (await ben.post(f"/cases/{case_id}/resolve", SOLVED)).body["case"]["status"] == "closed"
    for step in ("release", "messages", "resolve", "accept"):
        assert (await ben.post(f"/cases/{case_id}/{step}", STEPS[step])).code == "case_closed"
    closed = await ben.get("/cases?status=closed")
    assert [case["id"] for case in closed.body["cases"]] == [case_id]
    assert (await ben.get("/cases")).body == {"cases": []}


async def test_a_verdict_stands_with_the_case_and_what_makes_no_sense_is_refused(service: Service) -> None:
    maya = await service.customer()
    await maya.say("where is it")
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    path = f"/cases/{case_id}/verdict"
    assert (await ben.post(path, {"verdict": "needed"})).code == "wrong_state"
    await ben.post(f"/cases/{case_id}/accept")
    detail = schemas.CaseDetailAnswer.model_validate((await ben.get(f"/cases/{case_id}")).body).case
    assert detail.verdict is None
    first = detail.messages[0].id
    body = {"verdict": "should_have_come_earlier", "message_id": first, "note": " Asked before "}
    assert (await ben.post(path, body)).status == 200
    detail = schemas.CaseDetailAnswer.model_validate((await ben.get(f"/cases/{case_id}")).body).case
    assert detail.verdict is not None
    assert (detail.verdict.verdict, detail.verdict.message_id, detail.verdict.note, detail.verdict.agent_name) == (
        "should_have_come_earlier", first, "Asked before", BEN.name,
    )  # fmt: skip
    assert detail.history[-1].kind == "judged"

    for wrong, code in (
        ({}, "missing_field"),
        ({"verdict": "perhaps"}, "bad_value"),
        ({"verdict": "needed", "message_id": first}, "bad_value"),
        ({**body, "message_id": detail.handoff_message_id}, "bad_value"),
        ({"verdict": "needed", "note": "x" * 1001}, "bad_value"),
        ({"verdict": "needed", "stars": 5}, "unknown_field"),
    ):
        assert (await ben.post(path, wrong)).code == code, wrong
    assert (await ben.get(f"/cases/{case_id}")).body["case"]["verdict"]["verdict"] == "should_have_come_earlier"


async def test_a_severity_is_corrected_with_its_answers_and_what_makes_no_sense_is_refused(service: Service) -> None:
    """P12."""
    case_id = await service.case(await service.customer())
    ben = await service.agent(BEN)
    path = f"/cases/{case_id}/severity"
    answers = {"customers": 2, "money": True, "amount": 310, "reputation": False, "legal": ["regulator"],
               "business_critical": True, "safety": []}  # fmt: skip
    body = {"severity": 2, "triage": answers, "reason": "The refund is for two orders"}
    summary = schemas.CaseAnswer.model_validate((await ben.post(path, body)).body).case
    detail = schemas.CaseDetailAnswer.model_validate((await ben.get(f"/cases/{case_id}")).body).case
    assert (summary.severity, detail.severity) == (2, 2)
    assert detail.triage is not None
    assert detail.triage.model_dump(mode="json") == {**answers, "amount": 310.0}
    row = detail.history[-1]
    assert (row.kind, row.actor_name, row.text) == ("severity_changed", BEN.name, body["reason"])

    for wrong, code in (
        ({"severity": 2}, "missing_field"),
        ({**body, "severity": 0}, "bad_value"),
        ({**body, "severity": "2"}, "wrong_type"),
        ({**body, "reason": " "}, "bad_value"),
        ({**body, "triage": {**answers, "money": False}}, "bad_value"),
        ({**body, "triage": {**answers, "amount": -1}}, "bad_value"),
        ({**body, "triage": {**answers, "customers": 0}}, "bad_value"),
        ({**body, "triage": {**answers, "legal": ["weather"]}}, "bad_value"),
        ({**body, "triage": {**answers, "mood": "bad"}}, "unknown_field"),
        ({**body, "version": 1}, "case_changed"),
    ):
        assert (await ben.post(path, wrong)).code == code, wrong
    assert (await ben.get(f"/cases/{case_id}")).body["case"]["version"] == summary.version


async def test_a_version_that_is_out_of_date_is_refused(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben = await service.agent(BEN)
    case = (await ben.post(f"/cases/{case_id}/accept", {"version": 1})).body["case"]
    late = await ben.post(f"/cases/{case_id}/notes", {"text": "x", "version": 1})

    assert (late.status, late.code, late.body["error"]["data"]) == (409, "case_changed", {"version": case["version"]})
    assert (await ben.post(f"/cases/{case_id}/notes", {"text": "x", "version": case["version"]})).status == 200
    assert (await ben.post(f"/cases/{case_id}/notes", {"text": "x", "version": 10**40})).code == "case_changed"


async def test_of_two_steps_at_once_from_one_version_the_first_is_taken(service: Service) -> None:
    """Each is allowed after the other: nothing but the version tells the second that the case has moved."""
    case_id = await service.case(await service.customer())
    grace, omar = await service.agent(GRACE), await service.agent(OMAR)
    moves = [
        desk.post(f"/cases/{case_id}/transfer", {"category": category, "version": 1, **TRIED})
        for desk, category in ((grace, "technical"), (omar, "orders_delivery"))
    ]
    answers = await asyncio.gather(*moves)

    taken, refused = sorted(answers, key=lambda answer: answer.status)
    assert (taken.status, refused.status, refused.code) == (200, 409, "case_changed")
    assert (await omar.get(f"/cases/{case_id}")).body["case"]["category"] == taken.body["case"]["category"]


async def test_levels_and_queues_are_kept(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben, omar = await service.agent(BEN), await service.agent(OMAR)
    for _ in range(3):
        assert (await omar.post(f"/cases/{case_id}/escalate", TRIED)).status == 200
    assert (await omar.post(f"/cases/{case_id}/escalate", TRIED)).code == "top_level"
    low = await ben.post(f"/cases/{case_id}/accept")
    assert (low.status, low.code, low.body["error"]["data"]) == (409, "level_too_low", {"level": 4})
    moved = await omar.post(f"/cases/{case_id}/transfer", {"category": "orders_delivery", **TRIED})
    assert moved.code == "bad_value"
    assert (await ben.post(f"/cases/{case_id}/release", STEPS["release"])).code == "wrong_state"


BAD_STEPS: list[tuple[str, dict[str, Any], str, str]] = [
    ("release", {}, "missing_field", "reason"),
    ("release", {"reason": "  "}, "bad_value", "reason"),
    ("release", {"reason": "x" * 1001}, "bad_value", "reason"),
    ("messages", {"client_message_id": "agent-0001", "text": " "}, "message_empty", "text"),
    ("messages", {"client_message_id": "agent-0001", "text": "x" * 4001}, "message_too_long", "text"),
    ("notes", {"text": "\x00"}, "bad_value", "text"),
    ("notes", {"text": "x", "colour": 1}, "unknown_field", "colour"),
    ("transfer", {"category": "plumbing", **TRIED}, "bad_value", "category"),
    ("transfer", {"category": "billing", "tried": "x"}, "missing_field", "next_step"),
    ("escalate", {"tried": "x", "next_step": 5}, "wrong_type", "next_step"),
    ("resolve", {**SOLVED, "disposition": "magic"}, "bad_value", "disposition"),
    ("resolve", {**SOLVED, "root_cause": "moon"}, "bad_value", "root_cause"),
    ("resolve", {**SOLVED, "outcome": ""}, "bad_value", "outcome"),
    ("next-update", {"minutes": 4, "reason": "x"}, "bad_value", "minutes"),
    ("next-update", {"minutes": 2881, "reason": "x"}, "bad_value", "minutes"),
    ("next-update", {"minutes": True, "reason": "x"}, "wrong_type", "minutes"),
    ("accept", {"version": 0}, "bad_value", "version"),
]


async def test_steps_that_make_no_sense_are_refused_with_the_field(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben = await service.agent(BEN)
    for step, body, code, field in BAD_STEPS:
        answer = await ben.post(f"/cases/{case_id}/{step}", body)
        told = (answer.status, answer.code, answer.body.get("error", {}).get("data", {}).get("field"))
        if (step, code) != ("resolve", "bad_value"):
            assert told == (422, code, field), (step, body)
        else:
            assert told[:2] == (422, code)


@pytest.mark.parametrize("case_id", ["nowhere", "x" * 65, "%00", "a%20b", "%ff", "..", "%F0%9F%98%80"])
async def test_a_case_that_cannot_be_is_not_found(service: Service, case_id: str) -> None:
    from yarl import URL

    ben = await service.agent(BEN)
    for method, path in (("GET", ""), ("GET", "/messages"), ("POST", "/accept")):
        url = URL(f"{service.server.make_url('/')}api/agent/v1/cases/{case_id}{path}", encoded=True)
        async with ben.session.request(
            method, url, json={} if method == "POST" else None, headers={"X-CSRF-Token": ben.csrf}
        ) as r:
            assert r.status in (404, 405), (method, path, await r.text())


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=all", "status"),
        ("category=plumbing", "category"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=0000001000", "limit"),
        ("limit=000001999999", "limit"),
        ("limit=x", "limit"),
    ],
)
async def test_a_list_that_cannot_be_is_refused(service: Service, query: str, field: str) -> None:
    ben = await service.agent(BEN)
    answer = await ben.get(f"/cases?{query}")
    assert (answer.status, answer.code, answer.body["error"]["data"]) == (422, "bad_value", {"field": field})


async def test_lists_are_by_status_and_queue(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben = await service.agent(BEN)

    async def ids(query: str) -> list[str]:
        answer = await ben.get(f"/cases?{query}")
        return [case.id for case in schemas.CasesAnswer.model_validate(answer.body).cases]

    assert (
        await ids("status=waiting_in_queue")
        == await ids("")
        == await ids("category=orders_delivery&limit=1")
        == [case_id]
    )
    assert await ids("category=returns_refunds") == await ids("category=billing") == await ids("status=mine") == []
    await ben.post(f"/cases/{case_id}/accept")
    assert await ids("status=waiting_in_queue") == []
    assert await ids("status=mine") == [case_id]
    queues = schemas.QueuesAnswer.model_validate((await ben.get("/queues")).body).queues
    assert [(q.category, q.waiting, q.active) for q in queues] == [("orders_delivery", 0, 1), ("returns_refunds", 0, 0)]


async def test_forms_offer_what_the_policy_knows(service: Service) -> None:
    ben = await service.agent(BEN)
    options = schemas.OptionsAnswer.model_validate((await ben.get("/options")).body)

    assert [option.category for option in options.categories] == list(Category)
    assert {option.code for option in options.dispositions} == set(POLICY.dispositions)
    assert [option.level for option in options.levels] == [1, 2, 3, 4]
    assert [option.severity for option in options.severities] == [1, 2, 3, 4]
    questions = {option.code: option for option in options.triage}
    assert set(questions) == set(Triage.model_fields) - {"amount"}
    assert {risk.code for risk in questions["legal"].risks} == {"legal", "regulator", "security"}
    assert questions["customers"].question == POLICY.triage.customers.question
    assert options.message_characters == 4000


SECRET = {"Authorization": "Bearer " + "internal".ljust(40, "-")}


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}, {"Authorization": "Bearer \u00e9"}]
)
@pytest.mark.parametrize("path", ["/cases", "/cases/x/reopen"])
async def test_internal_calls_carry_the_secret(service: Service, path: str, headers: dict[str, str]) -> None:
    answer = await service.call("POST", INTERNAL + path, json={}, headers=headers)
    assert (answer.status, answer.code) == (401, "token_invalid")


async def test_the_action_server_opens_and_reopens_a_case(service: Service) -> None:
    maya = await service.customer()
    said = await maya.say("a person please")
    message_id = (await maya.call("GET", "/conversation")).body["messages"][0]["id"]
    body = {
        "conversation_id": maya.conversation_id,
        "message_id": message_id,
        "idempotency_key": message_id,
        "decision": {"action": "now", "reason": "explicit_request", "category": "billing"},
        "problem": "a charge",
    }
    first = await service.call("POST", f"{INTERNAL}/cases", json=body, headers=SECRET)
    again = await service.call("POST", f"{INTERNAL}/cases", json=body, headers=SECRET)
    assert said.status == 200
    assert (first.status, first.body["created"], first.body["position"]) == (201, True, 1)
    assert (again.status, again.body["created"], again.body["case_id"]) == (200, False, first.body["case_id"])
    ana = await service.agent(ANA)
    case_id = first.body["case_id"]
    await ana.post(f"/cases/{case_id}/accept")
    await ana.post(f"/cases/{case_id}/resolve", SOLVED)
    reopened = await service.call(
        "POST", f"{INTERNAL}/cases/{case_id}/reopen", json={"message_id": message_id, "note": "no"}, headers=SECRET
    )
    assert reopened.body == {"case_id": case_id, "case_number": first.body["case_number"], "status": "open"}
    wrong = await service.call("POST", f"{INTERNAL}/cases", json={**body, "version": 2}, headers=SECRET)
    assert (wrong.status, wrong.code) == (422, "bad_value")
    nowhere = await service.call(
        "POST", f"{INTERNAL}/cases", json={**body, "conversation_id": "x", "idempotency_key": "y"}, headers=SECRET
    )
    assert nowhere.code == "not_found"
