"""What customers said, in their own words: never more than a part of one of their lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

QUOTE_CHARACTERS: Final = 160
LATEST_LINES: Final = 6
WORTH_QUOTING: Final = 12
"""Shorter lines ("hello?", "yes") tell nobody what the matter is."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
_SUM: Final = re.compile(
    r"(?:£\s?\d[\d,]*(?:\.\d{1,2})?|\b\d[\d,]*(?:\.\d{1,2})?\s?(?:pounds|quid|gbp)\b)", re.IGNORECASE
)
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DAY: Final = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?"
    r"|\d{4}-\d\d-\d\d)\b",
    re.IGNORECASE,
)
MOST_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class WishWords:
    """How customers begin to say what they want, and what is only the wish for a person; from the wording files."""

    wishes: tuple[str, ...]
    person: tuple[str, ...]


def one_line(text: str) -> str:
    """The text without line breaks and runs of spaces, as it is quoted."""
    return " ".join(text.split())


def cut(text: str, most: int = QUOTE_CHARACTERS) -> str:
    """At most so many characters; an ellipsis says where something is missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def fullest(said: Sequence[str]) -> str:
    """The fullest of the last lines: the last one alone is often no more than the wish for a person."""
    lines = [one_line(text) for text in said]
    told = [text for text in lines if len(text) >= WORTH_QUOTING]
    return max(told[-LATEST_LINES:], key=len, default="")


def wish(said: Sequence[str], words: WishWords) -> str:
    """The last sentence in which the customer says what they want; empty where none does. To want a person is none."""
    for text in reversed(said):
        for sentence in reversed(_SENTENCE_END.split(one_line(text))):
            plain = f" {re.sub(r'[^a-z ]', '', sentence.lower().replace('’', ''))} "
            if any(f" {w} " in plain for w in words.wishes) and not any(f" {w} " in plain for w in words.person):
                return str(sentence)
    return ""


def named(said: Sequence[str]) -> tuple[str, ...]:
    """Sums and days that the customer named, as they wrote them, each once."""
    found = (
        one_line(match[0]) for text in said for pattern in (_SUM, _DAY) for match in pattern.finditer(one_line(text))
    )
    return tuple(dict.fromkeys(found))[:MOST_NAMED]
