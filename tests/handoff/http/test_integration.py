"""The integration API: what a key opens and what not, cases from outside, and reading along."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from handoff.contract import Category
from handoff.domain.api_keys import Scope
from handoff.http import integration_wire as wire
from tests.handoff.cast import BEN, GRACE, MAYA, OMAR, POLICY
from tests.handoff.service import AGENT, Outside, Service
from warmline.paths import PROJECT_ROOT

SOFA: dict[str, Any] = {
    "idempotency_key": "ticket-4711",
    "customer": {"external_id": MAYA.external_id},
    "category": "orders_delivery",
    "severity": 2,
    "problem": "the sofa without legs",
}
SAID = {"client_message_id": "line-0001", "text": "a"}
SOLVED = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "Legs are on their way"}
WORSE = {"severity": 1, "reason": "Priority in Zendesk: urgent"}


async def opened(outside: Outside, **changed: Any) -> dict[str, Any]:
    """A case from outside."""
    answer = await outside.call("POST", "/cases", SOFA | changed)
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.body["case"]
    return found


async def test_a_case_from_outside_waits_in_its_queue_and_says_where_it_came_from(service: Service) -> None:
    """P15, P18, P22: targets of the matrix, the transcript so far, a notice to the customer."""
    maya, ben = await service.customer(), await service.agent(BEN)
    outside = await service.outside()
    said = [
        {"sender": "customer", "text": "No legs!"},
        {"sender": "agent", "text": "I pass this on", "name": "Nora"},
    ]
    facts = {"order_number": "LH-10001"}
    case = await opened(
        outside, transcript=said, facts=facts, reference={"id": "4711", "url": "https://t.example/4711"}
    )

    wire.OutsideCase.model_validate(case)
    spans = POLICY.targets("orders_delivery", 2)
    assert case["resolution_due"] == (service.clock() + spans.resolution).isoformat()
    assert (case["status"], case["source"], case["position"], case["severity"]) == ("open", "zendesk", 1, 2)
    assert [(r["system"], r["id"]) for r in case["references"]] == [("zendesk", "4711")]
    assert case["customer"]["id"] == MAYA.external_id
    detail = (await ben.get(f"/cases/{case['id']}")).body["case"]
    assert detail["why"] == "Came from zendesk 4711."
    assert "zendesk 4711" in detail["reason_text"]
    assert (detail["source"], detail["handoff_message_id"]) == ("zendesk", None)
    assert detail["history"][0]["actor_name"] == "zendesk"
    assert [(m["sender"]["type"], m["sender"]["name"], m["text"]) for m in detail["messages"]][:2] == [
        ("customer", None, "No legs!"),
        ("agent", "Nora", "I pass this on"),
    ]
    state = (await maya.call("GET", "/conversation")).body
    assert state["messages"][-1]["notice"] == "opened_by_system"
    assert case["number"] in state["messages"][-1]["text"]
    assert state["state"]["owner"]["type"] == "queue"


async def test_the_same_key_opens_one_case_and_another_problem_is_refused(service: Service) -> None:
    outside = await service.outside()
    first = await opened(outside)
    again = await outside.call("POST", "/cases", SOFA)
    other = await outside.call("POST", "/cases", SOFA | {"problem": "a chair"})
    stands = await outside.call("POST", "/cases", SOFA | {"idempotency_key": "ticket-4712"})

    assert (again.status, again.body["created"], again.body["case"]["id"]) == (200, False, first["id"])
    assert (other.status, other.code) == (409, "idempotency_key_reused")
    assert (stands.status, stands.code) == (409, "case_stands")
    assert stands.body["error"]["data"] == {"case_id": first["id"], "case_number": first["number"]}


async def test_a_customer_is_found_by_e_mail_or_is_new_and_unverified(service: Service) -> None:
    await service.customer()
    outside = await service.outside()
    known = await opened(outside, customer={"email": "MAYA.LIND@mail.example"})
    new = await opened(outside, idempotency_key="ticket-2", customer={"email": "new@mail.example", "name": "Jo"})

    assert known["customer"]["id"] == MAYA.external_id
    assert (new["customer"]["name"], new["customer"]["verified"]) == ("Jo", False)


@pytest.mark.parametrize("email", ["a@b..c", "a@b", "a b@mail.example", "a@-b.example", "a@@mail.example"])
async def test_what_can_be_no_e_mail_address_is_refused_from_outside_as_in_the_chat(
    service: Service, email: str
) -> None:
    outside = await service.outside()
    refused = await outside.call("POST", "/cases", SOFA | {"customer": {"email": email}})
    assert (refused.status, refused.code) == (422, "bad_value")


async def test_a_record_stands_for_one_case(service: Service) -> None:
    outside = await service.outside()
    first = await opened(outside, reference={"id": "4711"})
    await service.customer()
    second = await opened(outside, idempotency_key="ticket-2", customer={"email": "new@mail.example"})
    taken = await outside.call("POST", f"/cases/{second['id']}/references", {"id": "4711"})
    whole = await outside.call(
        "POST",
        "/cases",
        SOFA | {"idempotency_key": "ticket-3", "customer": {"email": "x@y.example"}, "reference": {"id": "4711"}},
    )
    crm = {"id": "0015", "system": "salesforce", "url": "https://crm.example/0015"}
    tied = await outside.call("POST", f"/cases/{second['id']}/references", crm)
    again = await outside.call("POST", f"/cases/{second['id']}/references", crm)

    assert (taken.status, taken.code, whole.code) == (409, "reference_taken", "reference_taken")
    assert tied.body["case"]["version"] == again.body["case"]["version"] == second["version"] + 1
    found = (await outside.call("GET", "/references?system=salesforce&id=0015")).body["case"]
    ticket = (await outside.call("GET", "/references?id=4711")).body["case"]
    assert (found["id"], ticket["id"]) == (second["id"], first["id"])
    assert (await outside.call("GET", "/references?id=4712")).status == 404
    history = (await outside.call("GET", f"/cases/{second['id']}/history")).body["history"]
    assert [(event["kind"], event["own"]) for event in history][-1] == ("external_update", True)


@pytest.mark.parametrize(
    ("scope", "method", "path", "body"),
    [
        (Scope.CASES_READ, "GET", "", None),
        (Scope.CASES_READ, "GET", "/history", None),
        (Scope.MESSAGES_READ, "GET", "/messages", None),
        (Scope.MESSAGES_WRITE, "POST", "/messages", {"client_message_id": "note-0001", "sender": "agent", "text": "a"}),
        (
            Scope.MESSAGES_WRITE,
            "POST",
            "/messages",
            {"client_message_id": "note-001", "sender": "customer", "text": "a"},
        ),
        (Scope.CASES_WRITE, "POST", "/notes", {"client_message_id": "note-0001", "text": "a"}),
        (Scope.CASES_WRITE, "POST", "/severity", WORSE),
        (Scope.CASES_WRITE, "POST", "/resolve", SOLVED),
        (Scope.CASES_WRITE, "POST", "/reopen", {"note": "again"}),
        (Scope.CASES_WRITE, "POST", "/references", {"id": "4711"}),
    ],
)
async def test_a_call_without_its_scope_is_refused_and_says_which_is_missing(
    service: Service, scope: Scope, method: str, path: str, body: dict[str, Any] | None
) -> None:
    case = await opened(await service.outside())
    lacking = await service.outside(*(set(Scope) - {scope}), name="crm")
    having = await service.outside(scope, name="erp")
    refused = await lacking.call(method, f"/cases/{case['id']}{path}", body)

    assert (refused.status, refused.code) == (403, "scope_missing")
    assert refused.body["error"]["data"] == {"scopes": [scope]}
    assert scope in refused.body["error"]["message"]
    assert (await having.call(method, f"/cases/{case['id']}{path}", body)).status == 200


async def test_without_customers_read_nobody_is_named_and_without_messages_read_nothing_is_quoted(
    service: Service,
) -> None:
    case = await opened(await service.outside())
    reader = await service.outside(Scope.CASES_READ, name="bi")
    seen = (await reader.call("GET", f"/cases/{case['id']}")).body["case"]
    history = (await reader.call("GET", f"/cases/{case['id']}/history")).body["history"]

    assert seen["customer"] is None
    assert {event["text"] for event in history} == {None}
    assert {event["data"] for event in history} == {None}
    assert (await reader.call("POST", "/cases", SOFA)).code == "scope_missing"


async def test_a_key_for_one_queue_knows_of_no_other(service: Service) -> None:
    case = await opened(await service.outside())
    billing = await service.outside(name="erp", categories=(Category.BILLING,))
    opening = await billing.call("POST", "/cases", SOFA | {"idempotency_key": "ticket-2"})
    stands = await billing.call("POST", "/cases", SOFA | {"idempotency_key": "ticket-3", "category": "billing"})

    assert (opening.status, opening.code) == (403, "category_not_allowed")
    assert opening.body["error"]["data"] == {"categories": ["billing"]}
    assert stands.body["error"]["data"] == {}
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/messages", None),
        ("GET", "/history", None),
        ("POST", "/resolve", SOLVED),
        ("POST", "/reopen", {"note": "again"}),
        ("POST", "/references", {"id": "1"}),
        ("POST", "/notes", {"client_message_id": "note-0001", "text": "a"}),
        ("POST", "/messages", {"client_message_id": "note-0001", "sender": "customer", "text": "a"}),
        ("POST", "/messages", {"client_message_id": "note-0001", "sender": "agent", "text": "a"}),
    ):
        assert (await billing.call(method, f"/cases/{case['id']}{path}", body)).status == 404
    assert (await billing.call("GET", "/changes")).body["cases"] == []
    assert (await billing.call("GET", "/key")).body["key"]["categories"] == ["billing"]


async def test_keys_are_shown_once_and_refused_from_the_moment_they_are_revoked_or_expire(service: Service) -> None:
    omar = await service.agent(OMAR)
    body = {"name": "zendesk", "scopes": ["cases:read"], "expires_at": "2026-03-05T09:00:00Z"}
    made = await omar.post("/keys", body)
    outside = Outside(service.browser(), made.body["token"], made.body["key"]["id"])
    listed = (await omar.get("/keys")).body["keys"]

    assert made.status == 201
    assert made.body["token"] not in str(listed)
    assert (await outside.call("GET", "/key")).status == 200
    assert (await omar.get("/keys")).body["keys"][0]["last_used_at"] is not None
    service.clock.move(days=4)
    assert (await outside.call("GET", "/key")).code == "key_expired"
    omar = await service.agent(OMAR)
    second = await service.outside(name="crm")
    headers = {"X-CSRF-Token": omar.csrf}
    async with omar.session.delete(f"{AGENT}/keys/{second.key_id}", headers=headers) as gone:
        assert (gone.status, (await gone.json())["key"]["live"]) == (200, False)
    refused = await second.call("GET", "/changes")
    assert (refused.status, refused.code) == (401, "key_revoked")
    assert (await service.call("GET", "/api/integration/v1/key")).code == "key_missing"
    strange = Outside(service.browser(), "wlk_nothing", "")
    assert (await strange.call("GET", "/key")).code == "key_invalid"


async def test_only_admins_look_after_keys_and_the_audit_log(service: Service) -> None:
    grace = await service.agent(GRACE)
    for path in ("/keys", "/audit"):
        assert (await grace.get(path)).code == "not_allowed"
    assert (await grace.post("/keys", {"name": "x", "scopes": ["cases:read"]})).code == "not_allowed"


async def test_a_key_may_call_so_often_in_a_minute_and_no_more(service: Service) -> None:
    object.__setattr__(service.parts.keys_limit, "_limit", 3)
    outside, other = await service.outside(), await service.outside(name="crm")
    for _ in range(3):
        assert (await outside.call("GET", "/key")).status == 200
    refused = await outside.call("GET", "/key")

    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) <= 61
    assert (await other.call("GET", "/key")).status == 200
    service.clock.move(seconds=61)
    assert (await outside.call("GET", "/key")).status == 200


async def test_what_was_changed_meanwhile_is_not_overwritten(service: Service) -> None:
    outside = await service.outside()
    case = await opened(outside)
    old = {"version": case["version"]}
    note = {"client_message_id": "note-0001", "text": "first"}
    assert (await outside.call("POST", f"/cases/{case['id']}/notes", note | old)).status == 200
    for path, body in (
        ("/notes", note | {"client_message_id": "note-0002"}),
        ("/messages", {"client_message_id": "note-0003", "sender": "agent", "text": "a"}),
        ("/messages", {"client_message_id": "note-0003", "sender": "customer", "text": "a"}),
        ("/severity", WORSE),
        ("/resolve", SOLVED),
        ("/references", {"id": "1"}),
    ):
        refused = await outside.call("POST", f"/cases/{case['id']}{path}", body | old)
        assert (refused.status, refused.code) == (409, "case_changed")
        assert refused.body["error"]["data"] == {"version": case["version"] + 1}


async def test_another_severity_moves_the_case_and_what_is_due_and_says_who_changed_it(service: Service) -> None:
    """P12, P15: a case that a queue holds is served sooner at once, one that an agent has keeps its owner."""
    ben, outside = await service.agent(BEN), await service.outside()
    first = await opened(outside)
    second = await opened(outside, idempotency_key="ticket-4712", customer={"email": "jo@y.example"}, severity=3)
    began = service.clock()
    service.clock.move(minutes=2)
    assert second["position"] == 2
    worse = await outside.call("POST", f"/cases/{second['id']}/severity", WORSE | {"author": "Nora Quist"})
    again = await outside.call("POST", f"/cases/{second['id']}/severity", WORSE)

    case, spans = worse.body["case"], POLICY.targets("orders_delivery", 1)
    assert (case["severity"], case["position"], case["version"]) == (1, 1, second["version"] + 1)
    assert again.body["case"]["version"] == case["version"], "the same severity changes nothing"
    assert case["resolution_due"] == (began + spans.resolution).isoformat()
    assert case["first_response_due"] == (service.clock() + spans.first_response).isoformat()
    history = (await outside.call("GET", f"/cases/{second['id']}/history")).body["history"]
    assert [(e["kind"], e["actor_name"], e["text"], e["own"]) for e in history][-1] == (
        "severity_changed",
        "Nora Quist (zendesk)",
        WORSE["reason"],
        True,
    )
    assert (history[-1]["data"]["from"], history[-1]["data"]["to"]) == (3, 1)

    await ben.post(f"/cases/{first['id']}/accept")
    milder = await outside.call("POST", f"/cases/{first['id']}/severity", {"severity": 4, "reason": "Only a question"})
    assert (milder.body["case"]["status"], milder.body["case"]["agent"]["id"]) == ("active", BEN.id)
    assert milder.body["case"]["first_response_due"] == first["first_response_due"], "a promise never comes later"
    await outside.call("POST", f"/cases/{first['id']}/resolve", SOLVED)
    assert (await outside.call("POST", f"/cases/{first['id']}/severity", WORSE)).code == "case_closed"
    wrong = await outside.call("POST", f"/cases/{second['id']}/severity", WORSE | {"severity": 5})
    assert (wrong.status, wrong.body["error"]["data"]["field"]) == (422, "severity")


async def test_the_priority_of_the_page_about_five_systems_is_understood(service: Service) -> None:
    page = (PROJECT_ROOT / "docs/integrations.md").read_text(encoding="utf-8")
    example = json.loads(re.findall(r"```json\n(.*?)```", page, flags=re.DOTALL)[0])
    outside = await service.outside()
    case = await opened(outside)
    answer = await outside.call("POST", f"/cases/{case['id']}/severity", example)
    assert (answer.status, answer.body["case"]["severity"]) == (200, 1)


async def test_a_person_who_answers_elsewhere_keeps_the_promise_of_a_first_response(service: Service) -> None:
    outside = await service.outside()
    case = await opened(outside)
    service.clock.move(minutes=3)
    body = {"client_message_id": "ticket-1", "sender": "agent", "text": "Hello Maya", "author": "Nora"}
    first = await outside.call("POST", f"/cases/{case['id']}/messages", body)
    again = await outside.call("POST", f"/cases/{case['id']}/messages", body)

    assert first.body["case"]["first_response_at"] == service.clock().isoformat()
    assert first.body["message"]["own"] is True
    assert first.body == again.body
    messages = (await outside.call("GET", f"/cases/{case['id']}/messages?after=1")).body
    assert [(m["sender"], m["sender_name"]) for m in messages["messages"]] == [("agent", "Nora")]
    taken = await outside.call("POST", f"/cases/{case['id']}/messages", body | {"sender": "customer"})
    assert (taken.status, taken.code) == (422, "bad_value")


async def test_a_case_solved_elsewhere_is_told_to_the_customer_and_can_be_reopened(service: Service) -> None:
    """P26."""
    maya, outside = await service.customer(), await service.outside()
    case = await opened(outside)
    solved = await outside.call("POST", f"/cases/{case['id']}/resolve", SOLVED | {"author": "Nora"})
    twice = await outside.call("POST", f"/cases/{case['id']}/resolve", SOLVED)
    line = {"client_message_id": "ticket-1", "sender": "customer", "text": "Still no legs"}
    late = await outside.call("POST", f"/cases/{case['id']}/messages", line)
    notice = (await maya.call("GET", "/conversation")).body["messages"][1]

    assert (solved.body["case"]["status"], solved.body["case"]["outcome"]) == ("closed", SOLVED["outcome"])
    assert "Nora" in notice["text"]
    assert (twice.code, late.code) == ("case_closed", "case_closed")
    wrong = await outside.call("POST", f"/cases/{case['id']}/resolve", SOLVED | {"disposition": "magic"})
    assert (wrong.code, wrong.body["error"]["data"]["field"]) == ("bad_value", "disposition")
    reopened = await outside.call("POST", f"/cases/{case['id']}/reopen", {"note": "Still no legs"})
    assert (reopened.status, reopened.body["case"]["status"]) == (200, "open")
    assert (await outside.call("POST", f"/cases/{case['id']}/messages", line)).status == 200
    same = await outside.call("POST", f"/cases/{case['id']}/reopen", {"note": "Still no legs"})
    assert same.body["case"]["version"] == reopened.body["case"]["version"]


async def test_a_rating_of_a_survey_elsewhere_counts_as_if_it_were_given_here(service: Service) -> None:
    """P27."""
    outside = await service.outside()
    case = await opened(outside)
    early = await outside.call("POST", f"/cases/{case['id']}/survey", {"csat": 5})
    await outside.call("POST", f"/cases/{case['id']}/resolve", SOLVED)
    rated = await outside.call("POST", f"/cases/{case['id']}/survey", {"csat": 4, "nps": 9})
    lacking = await service.outside(Scope.CASES_WRITE, name="crm")

    assert (early.status, early.code) == (409, "not_ratable")
    assert (rated.body["case"]["csat"], rated.body["case"]["nps"]) == (4, 9)
    assert (await lacking.call("POST", f"/cases/{case['id']}/survey", {"csat": 5})).code == "scope_missing"


async def test_who_reads_along_learns_of_every_case_that_changed_also_of_a_customers_line(service: Service) -> None:
    maya, outside = await service.customer(), await service.outside()
    case = await opened(outside)
    first = (await outside.call("GET", "/changes")).body
    nothing = (await outside.call("GET", f"/changes?cursor={first['cursor']}")).body
    await maya.say("Hello?")
    line = (await outside.call("GET", f"/changes?cursor={first['cursor']}&limit=1")).body
    for number in range(3):
        note = {"client_message_id": f"note-000{number}", "text": "a"}
        await outside.call("POST", f"/cases/{case['id']}/notes", note)
    part = (await outside.call("GET", f"/changes?cursor={line['cursor']}&limit=2")).body
    rest = (await outside.call("GET", f"/changes?cursor={part['cursor']}&limit=2")).body

    assert [found["id"] for found in first["cases"]] == [case["id"]]
    assert (nothing["cases"], nothing["cursor"], nothing["more"]) == ([], first["cursor"], False)
    assert line["cases"][0]["last_seq"] > first["cases"][0]["last_seq"]
    assert (len(part["cases"]), part["more"], rest["more"]) == (1, True, False)
    ahead = await outside.call("GET", "/changes?cursor=0-999999999")
    assert (ahead.status, ahead.code) == (422, "bad_value")
    assert (await outside.call("GET", "/changes?cursor=x")).code == "bad_value"


async def test_the_example_of_the_page_opens_a_case(service: Service) -> None:
    page = (PROJECT_ROOT / "docs" / "integration-api.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    answer = await (await service.outside()).call("POST", "/cases", json.loads(example))

    wire.OpenedAnswer.model_validate(answer.body)
    assert answer.status == 201
