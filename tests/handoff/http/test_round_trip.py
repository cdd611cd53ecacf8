"""A case goes to a ticket system and comes back solved, by the integration API alone; and nothing echoes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handoff.cast import BEN
from tests.handoff.service import Customer, Outside, Service
from tests.handoff.ticket_system import Comment, Connector, FakeTickets, Ticket, TicketSystem


class Between:
    """Connector, ticket system and what is new at Warmline, as its webhooks tell it."""

    def __init__(self, outside: Outside) -> None:
        self.tickets = FakeTickets()
        self.connector = Connector(self._call, self.tickets)
        self.tickets.hooks.append(self.connector.on_ticket_event)
        self.outside = outside
        self.cursor: str | None = None
        self.calls = 0

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        self.calls += 1
        answer = await self.outside.call(method, path, body)
        return answer.status, answer.body

    async def carry(self) -> int:
        """Tell the connector of every case that changed, until nothing changes any more; how many events it took."""
        for events in range(50):
            path = "/changes" if self.cursor is None else f"/changes?cursor={self.cursor}"
            answer = await self.outside.call("GET", path)
            if not answer.body["cases"]:
                return events
            self.cursor = answer.body["cursor"]
            for case in answer.body["cases"]:
                await self.connector.on_case_event({"case": case})
        raise AssertionError("the two keep waking each other")

    @property
    def ticket(self) -> Ticket:
        """The one ticket there is."""
        (ticket,) = self.tickets.tickets.values()
        return ticket


async def transcript(maya: Customer) -> list[tuple[str, str]]:
    """Who said what, without notices."""
    found = (await maya.call("GET", "/conversation")).body["messages"]
    return [(m["sender"]["type"], m["text"]) for m in found if m["sender"]["type"] in ("agent", "customer")]


async def test_a_case_goes_round_and_nothing_echoes(service: Service) -> None:
    """Opened here, ticket there, comment there, message here, answered here, solved there, resolved here."""
    maya = await service.customer()
    between = Between(await service.outside())
    case_id = await service.case(maya)
    await between.carry()
    assert [comment.by_customer for comment in between.ticket.comments if comment.by_customer]

    await between.tickets.agent_writes(between.ticket, "Nora Quist", "Which colour did you order?")
    await between.carry()
    assert (await transcript(maya))[-1] == ("agent", "Which colour did you order?")
    await maya.say("The blue one")
    await between.carry()
    assert between.ticket.comments[-1].text == "The blue one"
    await between.tickets.agent_writes(between.ticket, "Nora Quist", "Asked the carrier", public=False)
    await between.carry()
    await between.tickets.set_status(between.ticket.id, "solved")
    await between.carry()

    case = (await between.outside.call("GET", f"/cases/{case_id}")).body["case"]
    said = await transcript(maya)
    assert (case["status"], case["disposition"]) == ("closed", "solved")
    assert case["references"][0] | {"created_at": ""} == {
        "system": "zendesk",
        "id": between.ticket.id,
        "url": f"https://tickets.example/{between.ticket.id}",
        "created_at": "",
    }
    assert len(said) == len(set(said))
    texts = [comment.text for comment in between.ticket.comments]
    assert len(texts) == len(set(texts))
    assert between.connector.refused == []
    quiet = between.calls
    assert await between.carry() == 0
    assert between.calls == quiet


async def test_a_case_that_is_reopened_here_opens_the_ticket_again_and_the_other_way_round(service: Service) -> None:
    maya = await service.customer()
    between = Between(await service.outside())
    case_id = await service.case(maya)
    await between.carry()
    await between.tickets.agent_writes(between.ticket, "Nora", "A new one is on its way")
    await between.tickets.set_status(between.ticket.id, "solved")
    await between.carry()

    again = {"client_message_id": maya.new_id(), "case_id": case_id, "note": "Nothing came"}
    assert (await maya.call("POST", "/reopen", json=again)).status == 200
    await between.carry()
    assert between.ticket.status == "open"
    await between.tickets.set_status(between.ticket.id, "solved")
    await between.carry()
    await between.tickets.set_status(between.ticket.id, "open")
    await between.carry()

    case = (await between.outside.call("GET", f"/cases/{case_id}")).body["case"]
    assert (case["status"], between.ticket.status) == ("open", "open")
    assert between.connector.refused == []


async def test_another_priority_there_is_another_severity_here_and_the_other_way_round(service: Service) -> None:
    """P12."""
    maya = await service.customer()
    between = Between(await service.outside())
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    await between.carry()
    assert between.ticket.priority == "normal"

    await between.tickets.set_priority(between.ticket.id, "urgent")
    await between.carry()
    there = (await between.outside.call("GET", f"/cases/{case_id}")).body["case"]
    corrected = await ben.post(f"/cases/{case_id}/severity", {"severity": 4, "reason": "It was only late"})
    await between.carry()

    assert (there["severity"], corrected.status, between.ticket.priority) == (1, 200, "low")
    history = (await between.outside.call("GET", f"/cases/{case_id}/history")).body["history"]
    changes = [event["data"] for event in history if event["kind"] == "severity_changed"]
    assert [(change["from"], change["to"]) for change in changes] == [(3, 1), (1, 4)], "nothing echoed"
    assert between.connector.refused == []


async def test_while_an_agent_here_owns_the_case_a_comment_there_reaches_them_as_a_note(service: Service) -> None:
    """P19: only the owner speaks."""
    maya = await service.customer()
    between = Between(await service.outside())
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    await ben.post(f"/cases/{case_id}/accept")
    await between.carry()

    await between.tickets.agent_writes(between.ticket, "Nora", "I know this customer")
    detail = (await ben.get(f"/cases/{case_id}")).body["case"]

    assert [(note["agent_name"], note["text"]) for note in detail["notes"]] == [
        ("Nora (zendesk)", "I know this customer")
    ]
    assert "I know this customer" not in str(await transcript(maya))
    assert [error["error"]["code"] for error in between.connector.refused] == ["not_owner"]


async def test_whatever_is_delivered_twice_stands_once(service: Service) -> None:
    """Webhooks and hooks of ticket systems come at least once."""
    maya = await service.customer()
    between = Between(await service.outside())
    case_id = await service.case(maya)
    case = (await between.outside.call("GET", f"/cases/{case_id}")).body["case"]
    for _ in range(3):
        await between.connector.on_case_event({"case": case})
    comment = await between.tickets.agent_writes(between.ticket, "Nora", "Hello Maya")
    note = await between.tickets.agent_writes(between.ticket, "Nora", "A regular", public=False)
    for _ in range(2):
        await between.connector.on_ticket_event("commented", between.ticket, comment)
        await between.connector.on_ticket_event("commented", between.ticket, note)
    await between.carry()

    history = (await between.outside.call("GET", f"/cases/{case_id}/history")).body["history"]
    assert (await transcript(maya)).count(("agent", "Hello Maya")) == 1
    assert [event["text"] for event in history if event["kind"] == "note"] == ["A regular"]
    assert len(between.tickets.tickets) == 1


@pytest.fixture
def tickets() -> TicketSystem:
    """The one that is held to the contract: put an adapter for a real system here."""
    return FakeTickets()


async def test_ticket_contract(tickets: TicketSystem) -> None:
    """What the connector relies on, whatever ticket system stands behind it."""
    made = await tickets.create("case-1", "WL-1001: a late order")
    assert (await tickets.create("case-1", "WL-1001: a late order")).id == made.id
    copy = Comment("m-1", "Maya", "Where is it?", True, by_customer=True, origin="m-1")
    await tickets.comment(made.id, copy)
    await tickets.comment(made.id, copy)
    await tickets.set_status(made.id, "solved")
    await tickets.set_status(made.id, "solved")
    await tickets.set_priority(made.id, "urgent")

    found = await tickets.ticket_of("case-1")
    assert found is not None
    assert found.priority == "urgent"
    assert (found.status, [comment.text for comment in found.comments]) == ("solved", ["Where is it?"])
    assert await tickets.ticket_of("case-2") is None
