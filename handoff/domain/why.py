"""Why a case came, in one sentence for the agent, made of the decision's reasons and what was said (P18).

It states nothing that is not in the record: figures are those of the decision, and words are quoted only where they
stand in the customer's own messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from handoff.contract import Category, DecisionAction, HandoffReason, Reason, TurnRecord
from handoff.domain.cases import Case
from handoff.domain.conversations import Turn
from handoff.domain.summary import TENSE_FROM

CLAUSES: Final = 3
"""Reasons told in the sentence; the details below it have them all."""
QUOTES: Final = 3
QUOTE_CHARACTERS: Final = 60
LEAST_RISE: Final = 0.15
"""Frustration that rose by less between the first and the most frustrated turn is told as one figure."""
FRUSTRATION: Final = "frustration"
ACCEPTED_OFFER: Final = "accepted_offer"
WHY_WORDS: Final = frozenset(
    {"signal", "what", "detail", "label", "after", "words", "count", "times", "ordinal", "days", "topic", "sum"}
    | {"limit", "from", "to", "peak"}
)
"""What a phrase of ``data/wording/agents.yml`` may hold in braces."""
_IN_BRACES: Final = re.compile(r"\{(\w*)\}")
_DAYS: Final = re.compile(r"\bin (\d+) days\b")
_ANY_APOSTROPHE: Final = "['’‘`´]"
_APOSTROPHES: Final = re.compile(_ANY_APOSTROPHE)


@dataclass(frozen=True, slots=True)
class WhyWords:
    """The agent's wording of ``data/wording/agents.yml``.

    ``signals`` has for each signal (with ``*`` for anything) its phrases, the most telling first; ``unknown`` those of
    a signal without any. ``reasons`` are for cases without signals.
    """

    signals: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    reasons: Mapping[HandoffReason, str]
    topics: Mapping[str, str]
    ordinals: Mapping[int, str]
    times: Mapping[int, str]

    def phrases(self, signal: str) -> tuple[str, ...]:
        """The phrases of a signal, by its name or the first pattern that fits; empty when there are none."""
        if signal in self.signals:
            return self.signals[signal]
        return next((found for name, found in self.signals.items() if fnmatchcase(signal, name)), ())

    def topic(self, topic: str) -> str:
        """A topic as it stands after "about"; one without words of its own is made readable."""
        if topic in self.topics:
            return self.topics[topic]
        for category in Category:
            if topic.startswith(f"faq/{category}_"):
                return readable(topic.removeprefix(f"faq/{category}_"))
        return readable(topic.removeprefix("faq/"))

    def how_often(self, count: int) -> str:
        """``once``, ``twice``, ``3 times``."""
        return self.times.get(count) or f"{count} times"

    def place(self, number: int) -> str:
        """``third``, ``21st``."""
        return self.ordinals.get(number) or ordinal(number)


def why(case: Case, turns: Sequence[Turn], said: Iterable[str], words: WhyWords) -> str:
    """The sentence for a case.

    ``turns`` are those of the bot that led to it, oldest first (see ``turns_that_led_to``); ``said`` is what the
    customer wrote in them.
    """
    records = [turn.record for turn in turns if turn.record is not None]
    texts = list(said)
    clauses: list[str] = []
    for reason in _told(case.context.reasons, records):
        clause = _clause(reason, _facts(reason, case, records, texts, words), words)
        if clause not in clauses:
            clauses.append(clause)
    sentence = "; ".join(clauses[:CLAUSES]) or words.reasons[case.reason]
    return f"{sentence[:1].upper()}{sentence[1:]}."


def turns_that_led_to(case: Case, turns: Iterable[Turn], others: Iterable[Case]) -> tuple[Turn, ...]:
    """The customer's turns from the case before it in the same conversation, if any, up to this one's opening.

    ``others`` are cases of the same customer.
    """
    earlier = [
        other.opened_at
        for other in others
        if other.conversation_id == case.conversation_id and other.opened_at < case.opened_at
    ]
    begin = max(earlier, default=None)
    return tuple(
        turn
        for turn in turns
        if turn.seq > 0 and turn.created_at <= case.opened_at and (begin is None or turn.created_at > begin)
    )


def readable(code: str) -> str:
    """A code as words: ``order_status`` is "order status"."""
    return code.replace("_", " ").strip()


def ordinal(number: int) -> str:
    """``3rd`` for 3."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _told(reasons: Sequence[Reason], records: Sequence[TurnRecord]) -> Iterator[Reason]:
    """The decision's reasons, then those of an offer that was accepted, then a frustration shown before; no doubles."""
    # What stayed below its threshold only added to the others: by itself it is no reason.
    found = [reason for reason in reasons if reason.value >= reason.threshold] or list(reasons)
    names = {reason.signal for reason in reasons}
    if ACCEPTED_OFFER in names:
        offers = (record for record in reversed(records) if record.decision.action is DecisionAction.OFFER)
        found += next((record.decision.reasons for record in offers), ())
    angriest = max(records, key=lambda record: record.frustration, default=None)
    if angriest is not None and angriest.frustration >= TENSE_FROM:
        found += [reason for reason in angriest.decision.reasons if reason.signal == FRUSTRATION]
    seen: set[str] = set()
    for reason in found:
        if reason.signal not in seen:
            seen.add(reason.signal)
            yield reason


def _clause(reason: Reason, facts: Mapping[str, str], words: WhyWords) -> str:
    """The first phrase for which everything in its braces is known."""
    for phrase in (*words.phrases(reason.signal), *words.unknown):
        if all(facts.get(name) for name in _IN_BRACES.findall(phrase)):
            return phrase.format_map(facts)
    return readable(reason.signal)


def _inside(text: str) -> str:
    """As it stands inside of a sentence: a capital that begins a word in small letters becomes small."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _facts(
    reason: Reason, case: Case, records: Sequence[TurnRecord], said: Sequence[str], words: WhyWords
) -> dict[str, str]:
    first = reason.evidence[0] if reason.evidence else ""
    label, colon, after = first.partition(": ")
    count = round(reason.value)
    facts = {
        "signal": readable(reason.signal),
        "detail": readable(first),
        "what": first.partition(";")[0],
        "label": label if colon else "",
        "after": _inside(after),
        "words": ", ".join(f"“{quote}”" for quote in _quotes(reason.evidence, said)),
        "count": str(count),
        "times": words.how_often(count),
        "ordinal": words.place(count),
        "days": found[1] if (found := _DAYS.search(first)) else "",
        "topic": words.topic(case.topic) if case.topic else "",
        "sum": _money(reason.value),
        "limit": _money(reason.threshold),
        "peak": f"{max((record.frustration for record in records), default=reason.value):.1f}",
    }
    if records:
        start, peak = records[0].frustration, max(record.frustration for record in records)
        if peak - start >= LEAST_RISE:
            facts |= {"from": f"{start:.1f}", "to": f"{peak:.1f}"}
    return facts


def _quotes(evidence: Sequence[str], said: Sequence[str]) -> list[str]:
    """The words in the evidence that the customer wrote, as they were written; before ``: `` stands what they are."""
    found: list[str] = []
    for text in evidence:
        for part in (text, text.partition(": ")[2]):
            quote = _as_written(part.strip(), said)
            if quote is not None and quote not in found:
                found.append(quote)
                break
    return found[:QUOTES]


def _as_written(words: str, said: Sequence[str]) -> str | None:
    if not any(map(str.isalnum, words)) or len(words) > QUOTE_CHARACTERS:
        return None
    parts = (_APOSTROPHES.sub(_ANY_APOSTROPHE, re.escape(word)) for word in words.split())
    pattern = re.compile(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)", re.IGNORECASE)
    for text in reversed(said):
        if match := pattern.search(text):
            return " ".join(match[0].split())
    return None


def _money(amount: float) -> str:
    return f"{amount:,.2f}".removesuffix(".00")
