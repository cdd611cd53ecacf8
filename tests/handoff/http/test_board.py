"""The board over HTTP: who may read it, and that what is answered is what the page says."""

from __future__ import annotations

import json
import re

import pytest

from handoff.http import board_schemas as schemas
from tests.handoff.cast import ANA, BEN, GRACE, IMANI, OMAR
from tests.handoff.service import Service
from warmline.paths import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "agent-api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("agent", [GRACE, OMAR])
async def test_a_supervisor_reads_what_is_open_now(service: Service, agent: object) -> None:
    case_id = await service.case(await service.customer())
    ben = await service.agent(BEN)
    await ben.post(f"/cases/{case_id}/accept")
    desk = await service.agent(agent)  # type: ignore[arg-type]

    answer = await desk.get("/board")

    assert answer.status == 200, answer.body
    found = schemas.BoardAnswer.model_validate(answer.body)
    assert [one.case_id for one in found.live] == [case_id]
    assert next(queue for queue in found.queues if queue.category == "orders_delivery").active == 1


@pytest.mark.parametrize("agent", [ANA, IMANI])
async def test_who_leads_nothing_is_told_so(service: Service, agent: object) -> None:
    desk = await service.agent(agent)  # type: ignore[arg-type]

    answer = await desk.get("/board")

    assert (answer.status, answer.code) == (403, "not_allowed")


def test_the_example_of_the_page_is_a_board() -> None:
    begin = PAGE.index('{"at": "2026-03-02T09:30')
    text = re.sub(r"\n\s+", " ", PAGE[begin : begin + 3000]).replace("{...}", "null")
    example = json.JSONDecoder().raw_decode(text)[0]
    assert example["at_risk"][0].pop("case") is None
    assert set(example["at_risk"][0]) == set(schemas.DueCase.model_fields) - {"case"}
    schemas.BoardAnswer.model_validate({**example, "at_risk": []})


async def test_a_supervisor_reads_along_while_the_bot_answers_and_the_log_knows_it(service: Service) -> None:
    maya, grace, omar = await service.customer(), await service.agent(GRACE), await service.agent(OMAR)
    await maya.say("Where is my order?")
    await service.bot.was_asked(1)
    path = f"/board/conversations/{maya.conversation_id}/messages"

    found = (await grace.get(path)).body
    again = (await grace.get(f"{path}?after={found['last_seq']}")).body

    assert found["messages"][0]["text"] == "Where is my order?"
    assert "turn" in found["messages"][0]
    assert again["messages"] == [] or again["last_seq"] > found["last_seq"]
    entries = (await omar.get("/audit?action=conversation.monitored")).body["entries"]
    assert (entries[-1]["actor_id"], entries[-1]["object_id"]) == (GRACE.id, maya.conversation_id)


async def test_who_does_not_lead_it_cannot_read_along(service: Service) -> None:
    maya = await service.customer()
    await maya.say("Hello")
    for agent in (ANA, BEN):
        desk = await service.agent(agent)
        answer = await desk.get(f"/board/conversations/{maya.conversation_id}/messages")
        assert (answer.status, answer.code) == (404, "not_found")
    grace = await service.agent(GRACE)
    assert (await grace.get("/board/conversations/no-such/messages")).code == "not_found"


async def test_a_supervisor_joins_flags_and_leaves_over_the_api(service: Service) -> None:
    case_id = await service.case(maya := await service.customer())
    ben, grace = await service.agent(BEN), await service.agent(GRACE)
    await ben.post(f"/cases/{case_id}/accept")
    conversation = f"/board/conversations/{maya.conversation_id}"

    joined = await grace.post(f"/cases/{case_id}/join")
    flagged = await grace.post(f"{conversation}/flag", {"reason": "Look"})
    again = await grace.post(f"{conversation}/flag", {"reason": "Look"})
    cleared = await grace.post(f"{conversation}/clear-flag")
    left = await grace.post(f"/cases/{case_id}/leave")

    assert joined.body["case"]["participants"] == [{"id": GRACE.id, "name": GRACE.name}]
    assert schemas.FlagAnswer.model_validate(flagged.body).flag is not None
    assert (again.status, again.code) == (409, "wrong_state")
    assert cleared.body == {"flag": None}
    assert left.body["case"]["participants"] == []
    assert (await ben.post(f"{conversation}/flag", {"reason": "No"})).status == 404
    assert (await ben.post(f"/cases/{case_id}/join")).code == "not_allowed"


async def test_a_supervisor_takes_a_conversation_from_the_bot_over_the_api(service: Service) -> None:
    maya, grace = await service.customer(), await service.agent(GRACE)
    await maya.say("Hello")
    taken = await grace.post(f"/board/conversations/{maya.conversation_id}/take-over", {"reason": "Angry"})
    again = await grace.post(f"/board/conversations/{maya.conversation_id}/take-over", {"reason": "Angry"})

    assert (taken.status, taken.body["case"]["agent"]["id"]) == (200, GRACE.id), taken.body
    assert (again.status, again.code) == (409, "wrong_state")


async def test_lists_figures_that_leave_and_a_systems_reading_along_stand_in_the_audit_log(service: Service) -> None:
    """Who saw what: lists and exports are reads too."""
    await service.case(await service.customer())
    omar, zendesk = await service.agent(OMAR), await service.outside()
    for path in ("/cases?status=open&category=orders_delivery", "/board", "/follow-ups", "/review?days=7"):
        assert (await omar.get(path)).status == 200
    await omar.get("/kpis/escalation_frequency/cases?from=2026-03-01&to=2026-03-02")
    await omar.get("/kpis.csv?from=2026-03-01&to=2026-03-02&category=billing")
    await zendesk.call("GET", "/changes")

    entries = (await omar.get("/audit?limit=100")).body["entries"]
    seen = [(e["actor_name"], e["action"], e["object_id"], e["data"]) for e in reversed(entries)]
    found = [row for row in seen if row[1] in ("list.read", "export")]
    days = {"first": "2026-03-01", "last": "2026-03-02"}
    assert found == [
        (OMAR.name, "list.read", "cases", {"status": "open", "category": "orders_delivery", "shown": 1}),
        (OMAR.name, "list.read", "board", {"shown": 1}),
        (OMAR.name, "list.read", "follow_ups", {"shown": 0}),
        (OMAR.name, "list.read", "review", {"days": 7, "shown": 0}),
        (OMAR.name, "list.read", "kpi_cases", {"kpi": "escalation_frequency", "shown": 2} | days),
        (OMAR.name, "export", "kpis", {"category": "billing"} | days),
        ("zendesk", "list.read", "changes", {"shown": 1}),
    ]
