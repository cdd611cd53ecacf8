"""The handoff card over HTTP and the stream, as docs/customer-protocol.md says (P18)."""

from __future__ import annotations

import pytest

from handoff.http import agent_schemas, schemas
from tests.handoff.cast import BEN, PRIYA
from tests.handoff.service import Service


async def test_the_customer_corrects_the_card_and_adds_a_line_over_http_and_the_stream(service: Service) -> None:
    maya, ben = await service.customer(), await service.agent(BEN)
    case_id = await service.case(maya)
    stream = await maya.stream()

    answer = await maya.call("POST", "/card", json={"case_id": case_id, "facts": {"order_number": " LH-10002 "}})
    await stream.send(type="card", case_id=case_id, line="It is the blue one")
    state = await stream.until("state", lambda frame: bool(frame["state"]["card"]["lines"]))

    corrected = schemas.CardCorrected.model_validate(answer.body).card
    assert [(fact.value, fact.former) for fact in corrected.facts] == [("LH-10002", "LH-10001")]
    assert schemas.State.model_validate(state["state"]).card is not None
    assert state["state"]["card"]["lines"] == ["It is the blue one"]
    case = agent_schemas.CaseDetailAnswer.model_validate((await ben.get(f"/cases/{case_id}")).body).case
    assert case.facts["order_number"] == "LH-10002"
    assert [correction.former for correction in case.corrections] == ["LH-10001"]
    assert case.lines == ["It is the blue one"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing_field"),
        ({"line": "   "}, "missing_field"),
        ({"facts": {"order_number": "  "}}, "bad_value"),
        ({"facts": {"order_number": "x" * 201}}, "bad_value"),
        ({"facts": {"tier": "vip"}}, "bad_value"),
        ({"line": "a\x00b"}, "bad_value"),
        ({"problem": "mine"}, "unknown_field"),
    ],
)
async def test_what_is_no_correction_is_refused(service: Service, body: dict[str, object], code: str) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)

    assert (await maya.call("POST", "/card", json={"case_id": case_id, **body})).code == code


async def test_the_card_is_the_customers_own(service: Service) -> None:
    case_id = await service.case(await service.customer())
    priya = await service.customer(PRIYA)

    assert (await priya.call("POST", "/card", json={"case_id": case_id, "line": "mine"})).code == "not_found"
    anybody = await service.call("POST", "/api/customer/v1/card", json={"case_id": case_id, "line": "mine"})
    assert anybody.code == "token_missing"
