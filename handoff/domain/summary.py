"""A short summary of a case, written from the record alone: it can state nothing that is not in it (P18)."""

from __future__ import annotations

from collections.abc import Sequence

from handoff.contract import TurnRecord
from handoff.domain.cases import Case
from handoff.domain.conversations import Message, SenderType
from handoff.domain.people import Customer

QUOTE_CHARACTERS = 160
CALM_BELOW = 0.35
TENSE_FROM = 0.6


def summarise(case: Case, customer: Customer, messages: Sequence[Message], records: Sequence[TurnRecord]) -> str:
    """A few sentences for the agent: who, what about, the facts given, what was tried, the mood, the last words."""
    who = customer.name or "A visitor"
    standing = f"{customer.tier} customer, {'verified' if customer.verified else 'unverified'}"
    parts = [f"{who} ({standing}) writes about {case.problem}."]
    if case.contact_number > 1:
        parts.append(f"This is contact number {case.contact_number} about it.")
    if case.context.facts:
        facts = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in sorted(case.context.facts.items()))
        parts.append(f"Given so far: {facts}.")
    if case.context.attempts:
        tried = ", ".join(dict.fromkeys(_attempt(a.action) for a in case.context.attempts))
        parts.append(f"The bot tried: {tried}.")
    if records:
        parts.append(_mood(records))
    quote = _last_words(messages)
    if quote:
        parts.append(f"In their words: “{quote}”")
    return " ".join(parts)


def _attempt(action: str) -> str:
    return action.removeprefix("action_").removeprefix("utter_").replace("_", " ")


def _mood(records: Sequence[TurnRecord]) -> str:
    latest, peak = records[-1].frustration, max(record.frustration for record in records)
    words = "calm" if latest < CALM_BELOW else "tense" if latest < TENSE_FROM else "frustrated"
    return f"Mood: {words} now (frustration {latest:.2f}, peak {peak:.2f} over {len(records)} turns)."


def _last_words(messages: Sequence[Message]) -> str:
    said = [message.text for message in messages if message.sender is SenderType.CUSTOMER and len(message.text) > 12]
    if not said:
        return ""
    text = " ".join(max(said[-3:], key=len).split())
    return text if len(text) <= QUOTE_CHARACTERS else text[: QUOTE_CHARACTERS - 1].rstrip() + "…"
