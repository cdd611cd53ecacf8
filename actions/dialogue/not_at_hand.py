"""What people answer who are asked for a number and do not have it, or do not know what is meant."""

from __future__ import annotations

import re
from typing import Final

_LACKS: Final = re.compile(
    r"\b(?:(?:do not|don't|dont|doesn't|did not|didn't|didnt|haven't|havent|have not|never)"
    r" (?:actually |really |even |currently )?(?:have|got|get|had|know|remember|recall|keep|see|find)"
    r"|(?:can't|cant|cannot|can not|couldn't|couldnt) (?:find|see|remember|recall|get|access)"
    r"|no (?:idea|clue|number|order number|such number)|not sure|without (?:a|the|any) number|forgot|forgotten"
    r"|(?:lost|deleted|threw away) (?:it|the|my|that)|not (?:at|to) hand|dunno)\b"
)
_ASKS: Final = re.compile(
    r"\b(?:what|what's|whats|where|where's|wheres|which)\b.*\b(?:number|it|that|this)\b|\b(?:what|which) number\b"
)
_NAMES_IT: Final = re.compile(r"\b(?:order|invoice|reference|that|this|the) (?:number|no|nr|code)\b|\bwhat number\b")
MOST_WORDS: Final = 16
"""A longer text tells a story, in which somebody may well "not have" something else."""


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


def lacks_it(text: str) -> bool:
    """Whether the text says that the number is not at hand: "I don't have it", "no idea", "can't find the e-mail"."""
    plain = _plain(text)
    return len(plain.split()) <= MOST_WORDS and _LACKS.search(plain) is not None


def asks_what_it_is(text: str) -> bool:
    """Whether the text asks what that number is, or where it stands: "what the hell is an order number"."""
    plain = _plain(text)
    return len(plain.split()) <= MOST_WORDS and _ASKS.search(plain) is not None and _NAMES_IT.search(plain) is not None
