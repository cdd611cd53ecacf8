"""The two protocol pages are the contract: what they name is what the server knows, no more and no less."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from handoff.contract import Attempt, Reason, Triage
from handoff.domain.cases import Step
from handoff.http import agent_schemas, agent_work, incidents, knowing_schemas, schemas, wire
from handoff.http.authority import AuthorityBody
from handoff.http.errors import STATUS
from handoff.http.openapi import AGENT, CUSTOMER
from handoff.http.pages import WEB
from handoff.services.opening_news import NOBODY_THERE
from handoff.wording import NOTICE_WORDS
from tests.handoff.cast import BEN, GRACE, POLICY
from tests.handoff.service import Service
from warmline.paths import PROJECT_ROOT
from warmline.policy import EscalationPolicy

CUSTOMER_PAGE = (PROJECT_ROOT / "docs" / "customer-protocol.md").read_text(encoding="utf-8")
AGENT_PAGE = (PROJECT_ROOT / "docs" / "agent-api.md").read_text(encoding="utf-8")
INTEGRATION_PAGE = (PROJECT_ROOT / "docs" / "integration-api.md").read_text(encoding="utf-8")


@pytest.fixture
def service_policy() -> EscalationPolicy:
    """Cases are offered."""
    return POLICY


def codes_of_the_pages() -> dict[str, int]:
    """Every error code on the pages with its HTTP status."""
    found: dict[str, int] = {}
    for codes, status in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (\d{3}) \|", CUSTOMER_PAGE, re.MULTILINE):
        found.update(dict.fromkeys(re.findall(r"`(\w+)`", codes), int(status)))
    for status, code in re.findall(r"`(\d{3}) (\w+)`", AGENT_PAGE + INTEGRATION_PAGE):
        assert found.get(code, int(status)) == int(status), code
        found[code] = int(status)
    return found


def test_every_error_code_stands_on_a_page_with_its_status_and_no_other_does() -> None:
    assert codes_of_the_pages() == dict(STATUS)


def test_the_page_lists_every_step_that_a_history_may_hold_and_no_other() -> None:
    table = AGENT_PAGE[AGENT_PAGE.index("### Steps of a case") : AGENT_PAGE.index("## Live: the WebSocket")]
    listed = [
        kind for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for kind in re.findall(r"`(\w+)`", row)
    ]

    listed.remove("kind")
    assert sorted(listed) == sorted(set(Step) - {Step.WORD}), "a word stands in the conversation itself"


def example(page: str, start: str) -> Any:
    """The JSON example that begins with ``start``, its ``...`` and type names made into JSON."""
    begin = page.index(start)
    found: Any = json.JSONDecoder().raw_decode(re.sub(r"\n\s+", " ", page[begin : begin + 1500]))[0]
    return found


def fields(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def test_the_examples_of_message_and_state_are_what_is_sent() -> None:
    message = example(CUSTOMER_PAGE, '{"seq": 5, "id"')
    state = example(CUSTOMER_PAGE, '{"owner": {"type": "agent"')

    assert set(message) == fields(schemas.Message)
    assert set(state) == fields(schemas.State)
    assert set(state["case"]) == fields(schemas.CaseState)
    assert set(state["owner"]) == fields(schemas.OwnerState)
    assert set(state["card"]) == fields(schemas.Card)
    schemas.Message.model_validate(message)
    schemas.State.model_validate(state)


def test_the_example_of_the_beginning_is_what_is_answered() -> None:
    begun = example(CUSTOMER_PAGE, '{"version": 1, "conversation_id"')
    asked = example(CUSTOMER_PAGE, '{"identity": "<signed identity>"')

    assert set(begun) == fields(schemas.Begun)
    assert set(asked) == fields(wire.BeginRequest)
    assert set(example(CUSTOMER_PAGE, '{"type": "hello"')) == fields(wire.HelloFrame)


def names_in(page: str, start: str, end: str) -> set[str]:
    return set(re.findall(r'"(\w+)"', page[page.index(start) : page.index(end, page.index(start))]))


def test_the_fields_of_a_case_in_a_list_are_those_of_the_page() -> None:
    named = names_in(AGENT_PAGE, "`CaseSummary`:", "`owner_type` is")
    assert named == fields(agent_schemas.CaseSummary) | fields(agent_schemas.CaseAgent) | fields(agent_schemas.CaseFlag)


def test_the_fields_of_a_whole_case_are_those_of_the_page() -> None:
    table = AGENT_PAGE[AGENT_PAGE.index("`CaseDetail` is") : AGENT_PAGE.index("## Acting")]
    named = {
        name for cell in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    }
    assert named == fields(agent_schemas.CaseDetail) - fields(agent_schemas.CaseSummary)
    parts: dict[str, type[BaseModel]] = {
        "customer": agent_schemas.CaseCustomer,
        "reasons": Reason,
        "attempts": Attempt,
        "corrections": agent_schemas.FactCorrection,
        "history": agent_schemas.HistoryRow,
        "notes": agent_schemas.Note,
        "verdict": agent_schemas.CaseVerdict,
        "triage": Triage,
    }
    for name, model in parts.items():
        row = next(line for line in table.splitlines() if line.startswith(f"| `{name}` |"))
        assert set(re.findall(r'"(\w+)"', row)) == fields(model), name
    history = next(line for line in table.splitlines() if line.startswith("| `customer_history`"))
    past = (
        fields(agent_schemas.PastConversation) | fields(agent_schemas.PastCase) | fields(agent_schemas.CustomerHistory)
    )
    assert set(re.findall(r'"(\w+)"', history)) == past


def test_an_incident_is_as_on_the_page_and_its_calls_take_what_the_page_says() -> None:
    assert names_in(AGENT_PAGE, "`Incident`:", "`status` is `noticed`") == fields(incidents.Incident)
    for call, model in (
        ("/incidents`", incidents.DeclareIncidentRequest),
        ("/confirm`", incidents.ConfirmIncidentRequest),
        ("/dismiss`", incidents.DismissIncidentRequest),
        ("{incident_id}/resolve`", incidents.ResolveIncidentRequest),
        ("{incident_id}/cases`", incidents.LinkIncidentRequest),
    ):
        row = next(line for line in AGENT_PAGE.splitlines() if line.startswith("| `POST") and call in line)
        assert set(re.findall(r'"(\w+)"', row.split("|")[2])) == fields(model), call


def test_the_agent_and_the_queues_are_those_of_the_page() -> None:
    line = next(line for line in AGENT_PAGE.splitlines() if line.startswith("`Agent`:"))
    assert set(re.findall(r'"(\w+)"', line)) - {"billing"} == fields(agent_schemas.Agent)
    queues = next(line for line in AGENT_PAGE.splitlines() if line.startswith("| `GET /queues`"))
    assert set(re.findall(r'"(\w+)"', queues)) == fields(agent_schemas.Queue) | {"queues"}
    options = next(line for line in AGENT_PAGE.splitlines() if line.startswith("| `GET /options`"))
    assert fields(agent_schemas.OptionsAnswer) <= set(re.findall(r'"(\w+)"', options))


def test_what_is_known_beside_a_case_is_that_of_the_page() -> None:
    def parts(model: type[BaseModel]) -> set[str]:
        inner = [a for f in model.model_fields.values() for a in (f.annotation, *getattr(f.annotation, "__args__", ()))]
        return fields(model).union(*(parts(a) for a in inner if isinstance(a, type) and issubclass(a, BaseModel)))

    for call, model in (
        ("/cases/{id}/similar", knowing_schemas.SimilarAnswer),
        ("/cases/{id}/answers", knowing_schemas.NearAnswers),
        ("/matrix", knowing_schemas.MatrixAnswer),
    ):
        row = next(line for line in AGENT_PAGE.splitlines() if line.startswith(f"| `GET {call}`"))
        assert set(re.findall(r'"(\w+)"', row)) == parts(model), call


def test_every_call_of_the_pages_exists_and_every_call_stands_on_them() -> None:
    for operation in AGENT:
        path = operation.path.replace("{case_id}", "{id}")
        assert path in AGENT_PAGE, path
    for operation in CUSTOMER:
        assert f"{operation.method.upper()} /api/customer/v1{operation.path}" in CUSTOMER_PAGE


def test_the_example_of_an_offer_and_the_fields_of_colleagues_are_those_of_the_page() -> None:
    offer = example(AGENT_PAGE, '{"id": "offer-1", "case_id"')
    assert set(offer) == fields(agent_work.OfferView)
    agent_work.OfferView.model_validate(offer)
    for path, model, key in (
        ("/agents", agent_work.Colleague, "agents"),
        ("/cases/{id}/candidates", agent_work.CandidateView, "candidates"),
    ):
        row = next(line for line in AGENT_PAGE.splitlines() if line.startswith(f"| `GET {path}` |"))
        assert set(re.findall(r'"(\w+)"', row)) - {"best"} == fields(model) | {key}


@pytest.mark.parametrize(
    ("step", "model"),
    [
        ("release", wire.ReleaseRequest),
        ("messages", wire.AgentMessageRequest),
        ("notes", wire.NoteRequest),
        ("transfer", wire.TransferRequest),
        ("escalate", wire.EscalateRequest),
        ("resolve", wire.ResolveRequest),
        ("next-update", wire.NextUpdateRequest),
        ("verdict", wire.VerdictRequest),
        ("severity", wire.SeverityRequest),
        ("transfer-to-agent", agent_work.TransferToAgentRequest),
        ("take-over", agent_work.TakeOverRequest),
        ("return-to-bot", agent_work.ReturnToBotRequest),
        ("merge", agent_work.MergeRequest),
        ("authority", AuthorityBody),
    ],
)
def test_the_body_of_every_step_is_that_of_the_page(step: str, model: type[BaseModel]) -> None:
    row = next(line for line in AGENT_PAGE.splitlines() if line.startswith(f"| `/cases/{{id}}/{step}`"))
    body = row.split("|")[2]
    assert set(re.findall(r'"(\w+)"', body)) == fields(model) - {"version"}


def frame_types(page: str, start: str, end: str) -> set[str]:
    part = page[page.index(start) : page.index(end, page.index(start))]
    return set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)) - {"type"}


def sent_frames(*modules: str) -> set[str]:
    """The types of the frames that the source of the streams makes."""
    source = "".join((Path(WEB.parent) / "realtime" / f"{name}.py").read_text(encoding="utf-8") for name in modules)
    return set(re.findall(r'"type": "(\w+)"', source))


def test_the_servers_frames_are_those_of_the_pages() -> None:
    customer = frame_types(CUSTOMER_PAGE, "### From the server", "Close codes") | {"welcome"}
    agent = frame_types(AGENT_PAGE, "Server frames:", "Client frames")

    assert customer | agent == sent_frames(
        "hub", "telling", "customer_stream", "agent_stream", "work_frames", "viewers"
    )
    assert customer == {"welcome", "message", "accepted", "rated", "read", "file", "state", "typing", "error", "pong"}


def test_every_notice_that_the_page_names_exists() -> None:
    part = CUSTOMER_PAGE[CUSTOMER_PAGE.index("`notice` names it") :].split("and so on")[0]
    named = set(re.findall(r"`(\w+)`", part)) - {"notice"}

    # That nobody is there is put together of several: until when, and where the answer can be sent.
    assert named <= {*NOTICE_WORDS, NOBODY_THERE}


def test_close_codes_are_those_of_the_page() -> None:
    from handoff.realtime import connection

    ours = {value for name, value in vars(connection).items() if name.startswith("CLOSE_")}
    assert ours <= {int(code) for code in re.findall(r"`(\d{4})`", CUSTOMER_PAGE)}


def test_both_pages_carry_the_version_that_is_served() -> None:
    assert CUSTOMER_PAGE.startswith("# The customer protocol, version 1")
    assert AGENT_PAGE.startswith("# The agent API, version 1")


async def test_every_frame_of_a_whole_case_has_the_fields_of_the_page(service: Service) -> None:
    """A customer is helped, handed over, talked to, solved, rates: each frame of both streams is checked."""
    maya = await service.customer()
    ben = await service.agent(BEN)
    customer, desk = await maya.stream(), await ben.stream()
    colleague = await (await service.agent(GRACE)).stream()
    await customer.send(type="message", client_message_id="abcdefgh-1", text="hello")
    answer = await customer.until("message", lambda f: f["message"]["sender"]["type"] == "bot")
    await customer.send(type="rate", message_id=answer["message"]["id"], rating="helpful")
    await customer.until("rated")
    await customer.send(type="person", client_message_id="abcdefgh-2")
    while not {"case", "offer"} <= {frame["type"] for frame in desk.frames}:
        await desk.receive()
    case_id = next(frame for frame in desk.frames if frame["type"] == "case")["case"]["id"]
    await desk.send(type="watch", case_id=case_id)
    await desk.until("watched")
    await desk.send(type="viewing", case_id=case_id)
    await colleague.send(type="viewing", case_id=case_id)
    await desk.until("viewers", lambda f: f["viewers"] != [])
    await colleague.send(type="typing", case_id=case_id, what="note")
    typing = await desk.until("typing", lambda f: f["sender"] == "agent")
    assert set(typing) == {"type", "case_id", "sender", "agent_id", "name", "what", "for_ms"}
    desk.frames.remove(typing)
    await ben.post(f"/cases/{case_id}/accept")
    await customer.send(type="typing")
    await desk.send(type="typing", case_id=case_id)
    await ben.post(f"/cases/{case_id}/messages", {"client_message_id": "agent-0001", "text": "Hello"})
    await customer.until("message", lambda f: f["message"]["sender"]["type"] == "agent")
    body = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "Sent again"}
    await ben.post(f"/cases/{case_id}/resolve", body)
    await customer.until("state", lambda f: f["state"]["case"]["status"] == "closed")
    await customer.send(type="survey", case_id=case_id, csat=5)
    await customer.until("state", lambda f: f["state"]["case"]["csat"] == 5)
    await desk.until("case_gone")
    await customer.settled()
    await desk.settled()

    expected: dict[str, set[str]] = {
        "welcome": {"version", "conversation_id", "state", "messages", "last_seq"},
        "message": {"message"},
        "accepted": {"client_message_id", "seq", "created_at"},
        "rated": {"message_id", "rating"},
        "read": {"seq"},
        "state": {"state"},
        "typing": {"sender", "name", "for_ms"},
        "pong": set(),
    }
    for frame in customer.frames:
        assert set(frame) == {"type", *expected[frame["type"]]}, frame
        if frame["type"] == "message":
            schemas.Message.model_validate(frame["message"])
        if frame["type"] == "state":
            schemas.State.model_validate(frame["state"])
    assert {frame["type"] for frame in customer.frames} == set(expected)
    desks: dict[str, set[str]] = {
        "snapshot": {"version", "agent", "queues", "cases", "presence", "offers", "unread_notifications"},
        "presence": fields(agent_work.PresenceView),
        "offer": {"offer"},
        "offer_gone": {"offer_id", "case_id", "status"},
        "case": {"case"},
        "case_gone": {"case_id"},
        "queues": {"queues"},
        "message": {"case_id", "message"},
        "watched": {"case_id", "messages", "last_seq"},
        "typing": {"case_id", "sender", "name", "for_ms"},
        "viewers": {"case_id", "viewers"},
        "receipts": {"case_id", "delivered", "read"},
        "pong": set(),
    }
    for frame in desk.frames:
        assert set(frame) == {"type", *desks[frame["type"]]}, frame
        if frame["type"] == "case":
            agent_schemas.CaseSummary.model_validate(frame["case"])
        if frame["type"] == "offer":
            agent_work.OfferView.model_validate(frame["offer"])
        if frame["type"] == "message":
            agent_schemas.AgentMessage.model_validate(frame["message"])
    assert {frame["type"] for frame in desk.frames} == set(desks)
