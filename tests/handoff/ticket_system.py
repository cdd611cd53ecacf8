"""A ticket system that stands outside, and the connector between it and Warmline.

The connector is what a team writes for a help desk of theirs: it takes what Warmline's webhooks tell and what the
ticket system's own hooks tell, and answers by the integration API. It keeps nothing: the reference ties ticket and
case, and identifiers made of the other side's own make every repetition harmless.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]
Call = Callable[..., Awaitable[tuple[int, Json]]]
"""``await call("POST", "/cases/...", {...})`` of the integration API: status and body."""


@dataclass
class Comment:
    """Something said at a ticket; ``public``: the customer reads it. ``id`` is the ticket system's own."""

    id: str
    author: str
    text: str
    public: bool
    by_customer: bool = False
    origin: str | None = None
    """The identifier of the message that it is a copy of, where the connector made it."""


@dataclass
class Ticket:
    """A ticket with its comments."""

    id: str
    title: str
    case_id: str
    status: str = "open"
    priority: str = "normal"
    comments: list[Comment] = field(default_factory=list)


PRIORITIES = {1: "urgent", 2: "high", 3: "normal", 4: "low"}
"""What a severity is called at the ticket system."""


class TicketSystem(Protocol):
    """What the connector needs of a ticket system. An adapter for a real one must pass ``test_ticket_contract``."""

    async def ticket_of(self, case_id: str) -> Ticket | None:
        """The ticket that was made for a case."""

    async def create(self, case_id: str, title: str) -> Ticket:
        """Make a ticket for a case; of one that has a ticket, that one."""

    async def comment(self, ticket_id: str, comment: Comment) -> None:
        """Copy a comment to a ticket; one of an ``origin`` that is there already is dropped."""

    async def set_status(self, ticket_id: str, status: str) -> None:
        """Open, or solved."""

    async def set_priority(self, ticket_id: str, priority: str) -> None:
        """One of ``PRIORITIES``."""


@dataclass
class FakeTickets:
    """A ticket system in memory, with agents who comment and solve, and hooks that tell the connector of everything."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    hooks: list[Callable[[str, Ticket, Comment | None], Awaitable[None]]] = field(default_factory=list)
    made: int = 4710

    def _number(self) -> str:
        self.made += 1
        return str(self.made)

    async def ticket_of(self, case_id: str) -> Ticket | None:
        return next((ticket for ticket in self.tickets.values() if ticket.case_id == case_id), None)

    async def create(self, case_id: str, title: str) -> Ticket:
        known = await self.ticket_of(case_id)
        if known is not None:
            return known
        ticket = Ticket(self._number(), title, case_id)
        self.tickets[ticket.id] = ticket
        await self._tell("created", ticket)
        return ticket

    async def comment(self, ticket_id: str, comment: Comment) -> None:
        ticket = self.tickets[ticket_id]
        if comment.origin is not None and any(known.origin == comment.origin for known in ticket.comments):
            return
        ticket.comments.append(comment)
        await self._tell("commented", ticket, comment)

    async def set_status(self, ticket_id: str, status: str) -> None:
        ticket = self.tickets[ticket_id]
        if ticket.status != status:
            ticket.status = status
            await self._tell(status, ticket)

    async def set_priority(self, ticket_id: str, priority: str) -> None:
        ticket = self.tickets[ticket_id]
        if ticket.priority != priority:
            ticket.priority = priority
            await self._tell("priority", ticket)

    async def agent_writes(self, ticket: Ticket, author: str, text: str, *, public: bool = True) -> Comment:
        """Somebody who works there comments."""
        comment = Comment(self._number(), author, text, public)
        await self.comment(ticket.id, comment)
        return comment

    async def _tell(self, what: str, ticket: Ticket, comment: Comment | None = None) -> None:
        for hook in self.hooks:
            await hook(what, ticket, comment)


@dataclass
class Connector:
    """Between the two: Warmline's webhook calls ``on_case_event``, the ticket system's calls ``on_ticket_event``."""

    call: Call
    tickets: TicketSystem
    refused: list[Json] = field(default_factory=list)
    """What was answered with an error: to be shown to somebody."""

    async def on_case_event(self, event: Json) -> None:
        """Bring the ticket to where the case is; the event only says that there is something to look at."""
        case = event["case"]
        ticket = await self.tickets.create(case["id"], f"{case['number']}: {case['problem']}")
        await self._call("POST", f"/cases/{case['id']}/references", {"id": ticket.id, "url": url_of(ticket)})
        _, said = await self._call("GET", f"/cases/{case['id']}/messages")
        for message in said["messages"]:
            if not message["own"] and message["sender"] != "system":
                author = message["sender_name"] or message["sender"]
                by_customer = message["sender"] == "customer"
                copy = Comment(message["id"], author, message["text"], True, by_customer, origin=message["id"])
                await self.tickets.comment(ticket.id, copy)
        _, now = await self._call("GET", f"/cases/{case['id']}")
        await self.tickets.set_priority(ticket.id, PRIORITIES[now["case"]["severity"]])
        await self.tickets.set_status(ticket.id, "solved" if now["case"]["status"] == "closed" else "open")

    async def on_ticket_event(self, what: str, ticket: Ticket, comment: Comment | None) -> None:
        """Bring the case to where the ticket is."""
        if what == "commented" and comment is not None and comment.origin is None:
            await self._comment(ticket, comment)
        elif what == "priority":
            severity = next(severity for severity, name in PRIORITIES.items() if name == ticket.priority)
            body: Json = {"severity": severity, "reason": f"Priority of the ticket: {ticket.priority}"}
            await self._call("POST", f"/cases/{ticket.case_id}/severity", body)
        elif what == "solved":
            _, found = await self._call("GET", f"/references?id={ticket.id}")
            if found["case"]["status"] != "closed":
                await self._call(
                    "POST",
                    f"/cases/{found['case']['id']}/resolve",
                    {
                        "disposition": "solved",
                        "root_cause": "carrier_late",
                        "outcome": ticket.comments[-1].text if ticket.comments else ticket.title,
                    },
                )
        elif what == "open":
            _, found = await self._call("GET", f"/references?id={ticket.id}")
            if found["case"]["status"] == "closed":
                body = {"note": f"Ticket {ticket.id} was opened again."}
                await self._call("POST", f"/cases/{found['case']['id']}/reopen", body)

    async def _comment(self, ticket: Ticket, comment: Comment) -> None:
        body: Json = {"client_message_id": f"ticket-{comment.id}", "text": comment.text, "author": comment.author}
        if not comment.public:
            await self._call("POST", f"/cases/{ticket.case_id}/notes", body)
            return
        body["sender"] = "customer" if comment.by_customer else "agent"
        status, answer = await self._call("POST", f"/cases/{ticket.case_id}/messages", body)
        if status == 409 and answer["error"]["code"] == "not_owner":
            # An agent here has the case and alone writes to the customer: they read it as a note.
            del body["sender"]
            await self._call("POST", f"/cases/{ticket.case_id}/notes", body)

    async def _call(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        status, answer = await self.call(method, path, body)
        if status >= 400:
            self.refused.append(answer)
        return status, answer


def url_of(ticket: Ticket) -> str:
    """Where the ticket is read."""
    return f"https://tickets.example/{ticket.id}"
