"""What a recorded bot's words tell, where only its texts are known: that it did not understand, or offered a person."""

from __future__ import annotations

import re
from typing import Final

from actions.scoring.words import normalise

_NOT_UNDERSTOOD: Final = re.compile(
    r"\bi(?:'m)? (?:still |really |just |am |was )?(?:did|do|could|can|was|am)?(?:n't|not| not)"
    r"(?: able to)?(?: quite| really| fully)?"
    r" (?:get|got|understand|understood|catch|follow|make sense|help(?:ed)? (?:you )?with that|know what)\b"
    r"|\bcannot (?:understand|follow|make sense)\b"
    r"|\bnot sure (?:what you mean|(?:that )?i (?:understand|understood|follow|got))"
    r"|\b(?:don't|do not) have an answer\b|\bbeyond me\b"
    r"|\b(?:rephrase|put (?:it|that|this) (?:another way|differently|in other words)"
    r"|(?:use|try) (?:other|different) words|say (?:it|that) differently|short sentence)\b"
)
_OFFERS: Final = re.compile(
    r"\b(?:would you like|shall i|should i|do you want|i can|can i|may i|want me to)\b[^.!?]{0,60}"
    r"\b(?:talk|speak|chat|connect|transfer|hand|pass|put|bring|fetch|get)\b[^.!?]{0,40}"
    r"\b(?:person|human|agent|colleague|colleagues|someone|somebody|adviser|advisor|team)\b"
)


def did_not_understand(reply: str) -> bool:
    """Say whether the reply tells that the bot did not understand."""
    return _NOT_UNDERSTOOD.search(normalise(reply)) is not None


def offered_person(reply: str) -> bool:
    """Say whether the reply offers a person."""
    return _OFFERS.search(normalise(reply)) is not None
