"""A short summary of a case, written from the record alone: it can state nothing that is not in it (P18).

No language model writes it. What is quoted is a part of a line of the customer's, figures are counted, and what is not
known is not mentioned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from handoff.contract import TurnRecord
from handoff.domain.card import CardFact, facts_of, tried_of
from handoff.domain.cases import Case
from handoff.domain.conversations import Message, SenderType
from handoff.domain.own_words import WishWords, cut, fullest, named, wish
from handoff.domain.people import Customer

CALM_BELOW: Final = 0.35
TENSE_FROM: Final = 0.6
MOST_TRIED: Final = 6


def summarise(
    case: Case,
    customer: Customer,
    messages: Sequence[Message],
    records: Sequence[TurnRecord],
    words: WishWords,
    topics: Mapping[str, str],
) -> str:
    """A few sentences for the agent: who, the problem in their words, facts, what was tried, mood, what they want."""
    who = customer.name or "A visitor"
    standing = f"{customer.tier} customer, {'verified' if customer.verified else 'unverified'}"
    before, said = lines_of_customer(case, messages)
    parts = [f"{who} ({standing}) writes about {case.problem}."]
    if case.contact_number > 1:
        parts.append(f"This is contact number {case.contact_number} about it.")
    quote, wants = fullest(before), wish(said, words)
    if quote:
        parts.append(f"In their words: “{cut(quote)}”")
    if facts := facts_of(case):
        parts.append(f"Given so far: {', '.join(_fact(fact) for fact in facts)}.")
    if besides := [text for text in named(said) if not any(text in fact.value for fact in facts)]:
        parts.append(f"Named besides: {', '.join(f'“{text}”' for text in besides)}.")
    if tried := tried_of(case, topics):
        more = len(tried) - MOST_TRIED
        parts.append(f"The bot tried: {', '.join(tried[:MOST_TRIED])}{f' and {more} more' if more > 0 else ''}.")
    if records:
        parts.append(_mood(records))
    if wants and wants not in quote:
        parts.append(f"They want: “{cut(wants)}”")
    if case.context.lines:
        parts.append(f"Added by the customer: {' '.join(f'“{line}”' for line in case.context.lines)}")
    return " ".join(parts)


def lines_of_customer(case: Case, messages: Sequence[Message]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the customer wrote up to the handoff of this case, and all that they wrote."""
    at = next((message.seq for message in messages if message.id == case.handoff_message_id), None)
    mine = [message for message in messages if message.sender is SenderType.CUSTOMER]
    before = [m for m in mine if (m.seq <= at if at is not None else m.created_at <= case.opened_at)]
    return tuple(m.text for m in before), tuple(m.text for m in mine)


def _fact(fact: CardFact) -> str:
    told = f"{fact.name.replace('_', ' ')} {fact.value}"
    return f"{told} (corrected by the customer, before: {fact.former})" if fact.former is not None else told


def _mood(records: Sequence[TurnRecord]) -> str:
    scores = [record.frustration for record in records]
    first, latest, peak = scores[0], scores[-1], max(scores)
    course = (
        _named(latest)
        if len(scores) == 1 or _named(first) == _named(latest)
        else f"{_named(first)} at first, {_named(latest)}"
    )
    return f"Mood: {course} now (frustration {latest:.2f}, peak {peak:.2f} over {len(records)} turns)."


def _named(frustration: float) -> str:
    return "calm" if frustration < CALM_BELOW else "tense" if frustration < TENSE_FROM else "frustrated"
