"""The customer says that this is not the first time: "third time I write", "I already called twice" (P2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from actions.scoring.signal import Kind, Scene, Signal, counted
from actions.scoring.words import normalise

_ORDINALS: Final = {
    "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "sixth": 6, "6th": 6,
    "seventh": 7, "eighth": 8, "tenth": 10, "10th": 10, "umpteenth": 5, "hundredth": 9, "100th": 9, "millionth": 9,
}  # fmt: skip
_COUNTS: Final = {
    "once": 1, "twice": 2, "two times": 2, "2 times": 2, "three times": 3, "3 times": 3, "four times": 4,
    "4 times": 4, "five times": 5, "5 times": 5, "several times": 3, "multiple times": 3, "many times": 3,
    "so many times": 3, "countless times": 5, "a few times": 3, "a dozen times": 9,
}  # fmt: skip
_CONTACT: Final = (
    r"(?:contact|call|phon|writ|wrote|rang|ring|messag|e-?mail|chas|complain|report|ask|reach|explain|tell|told|com)\w*"
)
_GLAD: Final = r"(?:order|buy|bought|purchas|shop|book|stay|visit|us(?:e|ing)\b|treat|rent|pick|collect)\w*"
"""Whoever orders for the third time has no problem."""
_NTH: Final = re.compile(
    rf"\b({'|'.join(_ORDINALS)})\s+time\b(?![^.!?]{{0,25}}\b{_GLAD})"
    rf"(?=[^.!?]{{0,60}}\b(?:{_CONTACT}|here|i'm|i am|i've|i have|we)\b)"
)
_NTH_MESSAGE: Final = re.compile(
    rf"\b({'|'.join(_ORDINALS)})\s+(?:message|msg|email|e-mail|letter|text|call|chat|ticket|contact|attempt)\b"
    r"(?! (?:address|number|i (?:got|get|had|received)|(?:that )?(?:you|we got|we received)))"
    rf"(?=[^.!?]{{0,60}}\b(?:{_CONTACT}|here|i|i'm|i've|i'd|we|we've|about|still)\b)"
)
_ASKED_NTH: Final = re.compile(rf"\b{_CONTACT}\b[^.!?]{{0,40}}\b({'|'.join(_ORDINALS)})\s+time\b")
_DONE: Final = re.compile(
    r"\b(?:contacted|called|phoned|written|wrote|rung|rang|messaged|e-?mailed|chased|complained|reported)\b"
    rf"[^.!?]{{0,40}}\b({'|'.join(sorted(_COUNTS, key=len, reverse=True))})\b"
)
_ALREADY: Final = re.compile(
    r"\b(?:i|we)(?:'ve| have)? (?:already|previously) "
    r"(?:contacted|called|phoned|written|wrote|rung|rang|messaged|e-?mailed|chased|complained|reported|spoken|spoke)\b"
    r"|\bhow many (?:more )?times (?:do|must|will) (?:i|we)\b"
    r"|\b(?:i|we) keep (?:calling|writing|contacting|messaging|having to (?:call|write|ask|explain|contact))\b"
)


def detect(scene: Scene) -> Iterator[Signal]:
    """Yield a signal with the number of contacts that the customer counts, this one included."""
    count, words = contacts_in_words(scene.turn.text)
    evidence = f"in words: {words}"
    likely = scene.turn.tells("repeat_contact")
    enough = scene.turn.take_over >= scene.policy.like_handoffs.with_meaning
    if count < 2 and likely >= scene.policy.repeat_meaning_from and enough:
        count, evidence = 2, f"not the first contact, by meaning: {likely:.0%} likely"
    if count >= 2:
        rule = scene.policy.repeat_in_words
        signal = counted("repeat_in_words", "repeat_contact", count, rule, (evidence,))
        yield replace(signal, kind=Kind.PRIORITY)


def contacts_in_words(text: str) -> tuple[int, str]:
    """Return how many contacts the text counts up, this one included, and the words that say so; (0, "") for none."""
    plain = normalise(text)
    found: list[tuple[int, str]] = []
    for pattern in (_NTH, _NTH_MESSAGE, _ASKED_NTH):
        found.extend((_ORDINALS[match[1]], match[0]) for match in pattern.finditer(plain))
    # "called twice" tells of two contacts before this one.
    found.extend((_COUNTS[match[1]] + 1, match[0]) for match in _DONE.finditer(plain))
    found.extend((2, match[0]) for match in _ALREADY.finditer(plain))
    return max(found, default=(0, ""), key=lambda item: item[0])
