"""How entities look on the wire, exactly as the protocol pages describe them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from handoff.contract import TurnRecord
from handoff.domain.api_keys import ApiKey
from handoff.domain.attachments import Attachment
from handoff.domain.cases import Case, CaseEvent, Step
from handoff.domain.conversations import Message, Turn
from handoff.domain.notifications import Notification
from handoff.domain.people import Agent
from handoff.domain.promises import Promise, promised_now
from handoff.domain.wait_estimate import WaitRange
from handoff.domain.why import WhyWords, ordinal
from handoff.http.flag_views import flag_view
from handoff.services.after_case import can_rate, can_reopen
from handoff.services.reading import CaseRow, CaseView, CustomerState, PastResolution, QueueRow
from handoff.services.reading_incidents import IncidentRow
from handoff.wording import Wording


def when(moment: datetime | None) -> str | None:
    """A time on the wire."""
    return moment.isoformat() if moment else None


def message_view(message: Message) -> dict[str, Any]:
    """A message as the customer sees it; payloads of buttons stay here."""
    return {
        "seq": message.seq,
        "id": message.id,
        "sender": {"type": message.sender, "name": message.sender_name},
        "text": message.text,
        "buttons": [{"title": button.title, "index": index} for index, button in enumerate(message.buttons)],
        "notice": message.notice,
        "client_message_id": message.client_message_id,
        "created_at": when(message.created_at),
        "can_rate": message.answers_turn is not None,
        "rating": message.rating,
        "attachments": [attachment_view(attachment) for attachment in message.attachments],
        "card": message.card.model_dump(mode="json") if message.card else None,
    }


def attachment_view(attachment: Attachment) -> dict[str, Any]:
    """A file as those see it who may read it."""
    return {
        "id": attachment.id,
        "name": attachment.name,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "status": attachment.status,
    }


def agent_message_view(message: Message, records: Mapping[str, TurnRecord]) -> dict[str, Any]:
    """A message as the agent sees it: with the record of the turn, where there is one."""
    record = records.get(message.id)
    return {**message_view(message), "turn": turn_view(record) if record else None}


def turn_view(record: TurnRecord) -> dict[str, Any]:
    """A turn's record as the agent sees it: the words that weighed, and nothing else of what only a replay needs."""
    words = record.scene.words if record.scene is not None else ()
    return {**record.model_dump(mode="json", exclude={"scene"}), "words": list(words)}


def records_by_message(turns: tuple[Turn, ...]) -> dict[str, TurnRecord]:
    """The records of scored turns by the message they belong to."""
    return {turn.message_id: turn.record for turn in turns if turn.record is not None}


def state_view(state: CustomerState, wording: Wording, now: datetime) -> dict[str, Any]:
    """Owner and case as the customer may know them."""
    case = state.case
    words = wording.to(case.language if case else None)
    return {
        "owner": {"type": state.owner.type, "name": state.owner_name, "version": state.owner.version},
        "case": None
        if case is None
        else {
            "id": case.id,
            "number": case.number,
            "status": case.status,
            "category": case.category,
            "queue": words.queue(case.category),
            "position": state.position,
            "wait": wait_view(state.wait),
            "agent_name": state.agent_name,
            "next_update_due": when(promised_now(case)),
            "waiting_for": case.waiting_for,
            "problem": words.problem_of(case),
            "outcome": case.outcome,
            "csat": case.csat,
            "can_rate": can_rate(case, now),
            "can_reopen": can_reopen(case),
        },
        "bot_busy": state.bot_busy,
        "card": asdict(state.card) if state.card is not None else None,
    }


def wait_view(wait: WaitRange | None) -> dict[str, Any] | None:
    """The range of a wait."""
    return {"low_minutes": wait.low_minutes, "high_minutes": wait.high_minutes} if wait else None


def agent_view(agent: Agent) -> dict[str, Any]:
    """A signed-in agent."""
    return {
        "id": agent.id,
        "name": agent.name,
        "email": agent.email,
        "role": agent.role,
        "level": agent.level,
        "queues": list(agent.visible_queues()),
    }


def notification_view(notification: Notification) -> dict[str, Any]:
    """A line for a member of staff."""
    return {
        "id": notification.id,
        "kind": notification.kind,
        "case_id": notification.case_id,
        "text": notification.text,
        "data": notification.data,
        "created_at": when(notification.created_at),
        "read_at": when(notification.read_at),
    }


def key_view(key: ApiKey, now: datetime) -> dict[str, Any]:
    """A key of another system, without its secret."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "categories": sorted(key.categories),
        "created_at": when(key.created_at),
        "expires_at": when(key.expires_at),
        "last_used_at": when(key.last_used_at),
        "revoked_at": when(key.revoked_at),
        "live": key.is_live(now),
    }


def incident_view(row: IncidentRow, wording: Wording) -> dict[str, Any]:
    """An incident as agents see it."""
    incident = row.incident
    return {
        "id": incident.id,
        "status": incident.status,
        "category": incident.category,
        "queue": wording.queue(incident.category),
        "title": incident.title,
        "announcement": incident.announcement,
        "resolution": incident.resolution,
        "customers": row.customers,
        "noticed_at": when(incident.noticed_at),
        "decided_at": when(incident.decided_at),
        "decided_by": row.decided_by,
        "resolved_at": when(incident.resolved_at),
        "version": incident.version,
    }


def queue_view(row: QueueRow, wording: Wording) -> dict[str, Any]:
    """A queue with its load."""
    return {
        "category": row.category,
        "label": wording.queue(row.category),
        "waiting": row.waiting,
        "active": row.active,
        "oldest_opened_at": when(row.oldest_opened_at),
    }


def case_summary_view(row: CaseRow, wording: Wording) -> dict[str, Any]:
    """A case in a list."""
    case = row.case
    return {
        "id": case.id,
        "number": case.number,
        "status": case.status,
        "category": case.category,
        "queue": wording.queue(case.category),
        "severity": case.severity,
        "level": case.level,
        "priority": case.priority,
        "reason": case.reason,
        "reason_text": reason_text(case, wording.why),
        "problem": case.problem,
        "source": case.source,
        "customer_name": row.customer.name,
        "customer_tier": row.customer.tier,
        "verified": row.customer.verified,
        "contact_number": case.contact_number,
        "owner_type": row.owner.type,
        "agent": {"id": case.agent_id, "name": row.agent_name} if case.agent_id else None,
        "opened_at": when(case.opened_at),
        "accepted_at": when(case.accepted_at),
        "first_response_due": when(case.targets.first_response_due),
        "next_update_due": when(case.next_word_due),
        "resolution_due": when(case.targets.resolution_due),
        "waiting_for": case.waiting_for,
        "waiting_since": when(case.waiting_since),
        "next_deadline": case.next_deadline,
        "next_deadline_at": when(case.next_deadline_at),
        "near_at": {target: when(at) for target, at in row.near_at.items()},
        "frustration": row.frustration,
        "peak_frustration": row.peak_frustration,
        "unread": row.unread,
        "position": row.position,
        "flag": flag_view(row.flag),
        "participants": [{"id": one.agent_id, "name": one.name} for one in row.participants],
        "version": case.version,
    }


def reason_text(case: Case, words: WhyWords) -> str:
    """Why the case came, in a few words for a list."""
    text = words.reasons[case.reason]
    text = text[:1].upper() + text[1:]
    if case.contact_number > 1:
        text = f"{ordinal(case.contact_number)} contact · {text}"
    evidence = next((e for reason in case.context.reasons for e in reason.evidence), None)
    return f"{text}: {evidence}" if evidence else text


def case_detail_view(view: CaseView, wording: Wording) -> dict[str, Any]:
    """Everything about a case."""
    case, customer = view.row.case, view.row.customer
    records = records_by_message(view.turns)
    said = {message.id for message in view.transcript}
    return {
        **case_summary_view(view.row, wording),
        "customer": {
            "id": customer.external_id or customer.id,
            "name": customer.name,
            "email": customer.email,
            "tier": customer.tier,
            "verified": customer.verified,
            "first_seen_at": when(customer.created_at),
        },
        "why": view.why,
        "summary": view.summary,
        "kind": case.context.kind,
        "triage": case.triage.model_dump(mode="json") if case.triage is not None else None,
        "reasons": [reason.model_dump(mode="json") for reason in case.context.reasons],
        "turns": [
            {**turn_view(turn.record), "seq": turn.seq, "at": when(turn.created_at)}
            for turn in view.turns
            if turn.record is not None and turn.seq > 0
        ],
        "facts": case.context.facts,
        "corrections": [asdict(correction) for correction in case.context.corrections],
        "lines": list(case.context.lines),
        "attempts": [attempt.model_dump(mode="json") for attempt in case.context.attempts],
        "history": [_event_view(event) for event in view.history],
        "customer_history": {
            "conversations": [
                {"id": past.id, "started_at": when(past.started_at), "topics": list(past.topics)}
                for past in view.past_conversations
            ],
            "cases": [
                {
                    "id": past.id,
                    "number": past.number,
                    "category": past.category,
                    "status": past.status,
                    "opened_at": when(past.opened_at),
                    "outcome": past.outcome,
                }
                for past in view.past_cases
            ],
        },
        "notes": [
            {"at": when(event.at), "agent_name": event.actor_name, "text": event.text}
            for event in view.history
            if event.step is Step.NOTE
        ],
        "plan": case.plan,
        "promises": [promise_view(promise) for promise in view.promises],
        "verdict": _verdict_view(view),
        "handoff_message_id": case.handoff_message_id if case.handoff_message_id in said else None,
        "disposition": case.disposition,
        "root_cause": case.root_cause,
        "outcome": case.outcome,
        "csat": case.csat,
        "csat_comment": case.csat_comment,
        "merged": [
            {
                "id": merged.case.id,
                "number": merged.case.number,
                "problem": merged.case.problem,
                "messages": [agent_message_view(message, {}) for message in merged.transcript],
            }
            for merged in view.merged
        ],
        "resolutions": [_resolution_view(past) for past in view.resolutions],
        "follows": _followed_case(view),
        "messages": [agent_message_view(message, records) for message in view.transcript],
        "last_seq": view.transcript[-1].seq if view.transcript else 0,
    }


def promise_view(promise: Promise) -> dict[str, Any]:
    """A promise to the customer and what became of it."""
    return {
        "kind": promise.kind,
        "status": promise.status,
        "made_at": when(promise.made_at),
        "due_at": when(promise.due_at),
        "settled_at": when(promise.settled_at),
        "reason": promise.reason,
    }


def _resolution_view(past: PastResolution) -> dict[str, Any]:
    one = past.resolution
    return {
        "number": one.number,
        "agent_name": past.agent_name,
        "resolved_at": when(one.resolved_at),
        "disposition": one.disposition,
        "root_cause": one.root_cause,
        "outcome": one.outcome,
        "follow_up_on": str(one.follow_up_on) if one.follow_up_on else None,
        "followed_up_at": when(one.followed_up_at),
        "csat": one.csat,
        "nps": one.nps,
        "comment": one.comment,
        "reopened_at": when(one.reopened_at),
    }


def _followed_case(view: CaseView) -> dict[str, Any] | None:
    opening = next((event.data for event in view.history if event.step is Step.OPEN), {})
    return {"id": opening["follows"], "number": opening["follows_number"]} if "follows" in opening else None


def _verdict_view(view: CaseView) -> dict[str, Any] | None:
    verdict = view.verdict
    if verdict is None:
        return None
    return {
        "verdict": verdict.verdict,
        "message_id": verdict.message_id,
        "note": verdict.note,
        "agent_name": view.judge_name,
        "at": when(verdict.judged_at),
    }


def _event_view(event: CaseEvent) -> dict[str, Any]:
    return {
        "at": when(event.at),
        "kind": Step.REOPEN_TO_QUEUE if event.step is Step.REOPEN_TO_AGENT else event.step,
        "actor_type": event.actor_type,
        "actor_name": event.actor_name,
        "text": event.text,
        "data": event.data,
    }
