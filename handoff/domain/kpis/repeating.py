"""Which facts known to the bot a customer had to give again after the handoff (P18: nobody repeats anything).

A fact was repeated when the customer writes its value again, or when an agent asks for one of its kind. It is read
from words, so it has limits: an order number is recognised however it is written, a name of one common word is not
looked for, and of an agent's questions only those are seen that name the kind in English. What was said later than
``SETTLES_AFTER`` after the handoff does not count.
"""

from __future__ import annotations

import re
from typing import Final

from handoff.domain.kpis.facts import SETTLES_AFTER, CaseFact, SaidFact

SHORTEST_VALUE: Final = 4
"""Values of fewer letters and digits are met by chance."""
ASKED_BY: Final[dict[str, re.Pattern[str]]] = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "order_number": r"\border(?:'s)?\s+(?:number|no\b|id\b|reference)|\b(?:which|what) order\b",
        "email": r"\be-?mail(?:\s+address)?\b",
        "phone": r"\b(?:phone|mobile|telephone)(?:\s+number)?\b",
        "postcode": r"\bpost\s?code\b|\bzip\b",
        "address": r"\baddress\b",
        "amount": r"\bhow much\b|\b(?:what|which) amount\b|\bamount\b",
        "date": r"\bwhen (?:did|was|were|had)\b|\b(?:what|which) (?:date|day)\b",
        "product": r"\b(?:which|what) (?:product|model|device|item)\b",
        "serial_number": r"\bserial\b",
        "invoice_number": r"\binvoice\s+(?:number|no\b)|\bwhich invoice\b",
        "tracking_number": r"\btracking\s+(?:number|code)\b",
    }.items()
}
"""What an agent's question for a fact of each kind looks like; only sentences that end with a question mark count."""
_QUESTION: Final = re.compile(r"[^.!?\n]*\?")
_PARTS_OF_KIND: Final = re.compile(r"[^a-z]+")


def repeated_kinds(case: CaseFact) -> frozenset[str]:
    """The kinds of known facts that an agent asked for, or that the customer typed again."""
    said = [line for line in case.said if line.at <= case.opened_at + SETTLES_AFTER]
    return frozenset(
        kind
        for kind, value in case.known.items()
        if any(_types_again(line, value) or _asks_for(line, kind) for line in said)
    )


def _types_again(line: SaidFact, value: str) -> bool:
    wanted = _letters_and_digits(value)
    enough = (len(wanted) >= SHORTEST_VALUE and any(map(str.isdigit, wanted))) or "@" in value
    return line.sender == "customer" and enough and wanted in _letters_and_digits(line.text)


def _letters_and_digits(text: str) -> str:
    """The text as it is compared: what people leave out or put between when they write a number again is gone."""
    return "".join(filter(str.isalnum, text.casefold()))


def _asks_for(line: SaidFact, kind: str) -> bool:
    pattern = ASKED_BY.get(kind) or _pattern_of(kind)
    return line.sender == "agent" and any(pattern.search(question) for question in _QUESTION.findall(line.text))


def _pattern_of(kind: str) -> re.Pattern[str]:
    """For kinds that a team adds: the kind's own words, in their order."""
    words = [re.escape(word) for word in _PARTS_OF_KIND.split(kind.casefold()) if word]
    return re.compile(r"\b" + r"\s+".join(words) + r"\b" if words else r"(?!)", re.IGNORECASE)
