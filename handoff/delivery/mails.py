"""What stands in a mail, put together when it is sent: an answer to a customer, a line for a member of staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from handoff.delivery.links import ConversationLinks
from handoff.delivery.mail import Mail, Mailer
from handoff.delivery.survey_links import SurveyLinks
from handoff.domain.conversations import Message, SenderType
from handoff.domain.errors import NotFound
from handoff.domain.outbox import Delivery, Outcome, Verdict
from handoff.services.context import Context
from handoff.services.mailing import address_of
from handoff.store import cases, conversations, outbox, people

CLOSED: Final = frozenset({"case_resolved", "case_closed_silent"})
"""With these goes the link of the survey (P27): whether a case was solved or given up, its customer is asked."""
NOTICES: Final = CLOSED | {
    "returned_to_bot",
    "waiting_customer",
    "waiting_third_party",
    "waiting_reminder",
    "case_resumed",
    "next_update_renewed",
    "promise_missed",
    "promise_missed_queue",
    "plan_told",
    "authority_refund",
    "authority_credit",
    "authority_fee_waiver",
    "case_reopened",
    "case_reopened_queue",
    "incident_over",
}
"""Of our notices, those that answer, ask or promise; the others only make sense in the chat."""
READ: Final = Outcome(Verdict.NOT_NEEDED, "read in the chat")


@dataclass(frozen=True, slots=True)
class Mails:
    """Puts mails together and hands them to the mailer."""

    context: Context
    mailer: Mailer
    links: ConversationLinks
    surveys: SurveyLinks
    last_seen: Callable[[str], datetime | None]
    """When the customer last had this conversation before them; None where nobody knows."""

    async def send_answer(self, delivery: Delivery) -> Outcome:
        """One attempt at telling a customer what was answered while they were away."""
        conversation_id, after = str(delivery.payload["conversation_id"]), int(delivery.payload["after"])
        try:
            async with self.context.db.read() as db:
                case = await cases.get_case(db, str(delivery.case_id))
                found = await conversations.messages_after(db, conversation_id, after)
                address = await address_of(db, case)
                customer = await people.get_customer(db, case.customer_id)
        except NotFound:
            return Outcome(Verdict.NOT_NEEDED, "the conversation is no longer there")
        if address is None:
            return Outcome(Verdict.NOT_NEEDED, "the customer no longer has an address")
        last = delivery.payload.get("last")
        unread = self._unread(found, conversation_id, last)
        if not unread:
            return READ
        if last is None:
            # Kept, so that another attempt says the same, and what is written meanwhile becomes a mail of its own.
            delivery = replace(delivery, payload={**delivery.payload, "last": unread[-1].seq})
            async with self.context.db.write() as db:
                await outbox.save_payload(db, delivery)
        spoken = self.context.wording.to(case.language)
        words, language = spoken.mail, str(spoken.widget["language"])
        values = {"number": case.number, "problem": spoken.problem_of(case)}
        greeting = words.greeting.format(name=customer.name) if customer.name else words.greeting_nameless
        values["greeting"] = greeting
        parts = [words.opening.format_map(values)]
        for message in unread:
            who = message.sender_name or spoken.widget["bot_name"]
            said = message.text if message.notice else f"{words.said.format(who=who)}\n{message.text}"
            parts.append(said)
        parts.append(words.link.format(link=self.links.link(conversation_id, language), days=self.links.days))
        if case.disposition is not None and any(message.notice in CLOSED for message in unread):
            valid = self.context.current().policy.after_resolution.survey_link_valid
            parts.append(words.survey.format(link=self.surveys.link(case.id, case.resolution_count, valid)))
        parts.append(words.closing.format_map(values))
        text = "\n\n".join(part.strip() for part in parts)
        subject = words.subject.format_map(values)
        return await self.mailer.send(Mail(delivery.event_id, address, subject, text, self.context.clock(), language))

    def _unread(self, found: tuple[Message, ...], conversation_id: str, last: int | None) -> tuple[Message, ...]:
        """What the customer has neither had before them nor answered."""
        answered = max((m.seq for m in found if m.sender is SenderType.CUSTOMER), default=0)
        seen = self.last_seen(conversation_id)
        return tuple(
            message
            for message in found
            if (message.sender is SenderType.AGENT or message.notice in NOTICES)
            and message.seq > answered
            and (last is None or message.seq <= last)
            and (seen is None or message.created_at > seen)
        )

    async def send_to_staff(self, delivery: Delivery) -> Outcome:
        """One attempt at telling a member of staff."""
        async with self.context.db.read() as db:
            agent = next(
                (one for one in await people.active_agents(db) if one.id == delivery.payload["agent_id"]), None
            )
            number = (await cases.get_case(db, delivery.case_id)).number if delivery.case_id is not None else ""
        if agent is None:
            return Outcome(Verdict.NOT_NEEDED, "they no longer work here")
        words = self.context.wording.mail
        values = {"text": str(delivery.payload["text"]), "number": number}
        text = words.staff_text.format_map({**values, "link": f"{self.links.public_url}/desk"})
        subject = words.staff_subject.format_map(values)
        return await self.mailer.send(Mail(delivery.event_id, agent.email, subject, text, self.context.clock()))
