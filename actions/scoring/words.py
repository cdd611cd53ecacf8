"""Finding phrases in what people write: whole words, whatever the capitals, with negations seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

NEGATION_REACH: Final = 3
"""A negation counts when it stands so many words or fewer before the phrase."""

_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_SPACES: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"[\w']+")
_NEGATIONS: Final = frozenset(
    {"not", "no", "never", "without", "don't", "dont", "doesn't", "didn't", "won't", "wouldn't", "isn't", "cannot",
     "can't", "nor", "neither", "rather"}
)  # fmt: skip


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Lower the capitals, straighten apostrophes and spaces."""
    return _SPACES.sub(" ", text.translate(_APOSTROPHES)).strip().lower()


@lru_cache(maxsize=256)
def phrase_pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Compile ``phrases`` to one pattern; the longest wins, a final ``*`` stands for any ending."""
    parts = []
    for phrase in sorted({normalise(p) for p in phrases if p.strip()}, key=len, reverse=True):
        body = re.escape(phrase.removesuffix("*")).replace(r"\ ", r"\s+")
        parts.append(f"{body}\\w*" if phrase.endswith("*") else body)
    return re.compile(rf"(?<![\w])(?:{'|'.join(parts)})(?![\w])" if parts else r"(?!)")


def find_phrases(text: str, phrases: tuple[str, ...], *, even_if_denied: bool = False) -> tuple[str, ...]:
    """Return the phrases that stand in ``text`` (already normalised), without those that are denied before them."""
    return tuple(
        dict.fromkeys(
            found[0]
            for found in phrase_pattern(phrases).finditer(text)
            if even_if_denied or not is_denied(text, found.start())
        )
    )


_CLAUSE: Final = re.compile(
    r"[.!?;,]| but | because |\b(?:i|i'll|i'm|i've|i'd|we|we'll|my|our|you|they|he|she|it)(?= )"
)
"""Where a clause begins: "if this isn't fixed my solicitor will write" denies no solicitor."""


def is_denied(text: str, start: int) -> bool:
    """Say whether a negation stands shortly before position ``start``, in the same clause."""
    clause = _CLAUSE.split(text[:start])[-1]
    return any(word in _NEGATIONS for word in _WORD.findall(clause)[-NEGATION_REACH:])


@lru_cache(maxsize=4096)
def tokens(text: str) -> frozenset[str]:
    """Return the distinct words of ``text``."""
    return frozenset(_WORD.findall(normalise(text)))


def likeness(one: Iterable[str], other: Iterable[str]) -> float:
    """Return the Jaccard similarity of two sets of words, 0 to 1."""
    first, second = frozenset(one), frozenset(other)
    union = first | second
    return len(first & second) / len(union) if union else 0.0
