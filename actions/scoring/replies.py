"""Whether the assistant says again what it said before: a whole answer, a sentence, a question, a link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from actions.scoring.words import normalise, tokens

ANSWER_WORDS: Final = 6
"""Shorter sentences ("Is there anything else?") may come again and again."""
QUESTION_WORDS: Final = 5
"""A question of so many words that was answered and is put again shows that the answer was not taken."""
LATELY: Final = 3
"""A sentence counts when it stood in the last so many answers; later it may well be about something else."""
_SENTENCE: Final = re.compile(r"[^.!?]*[^.!?\s][^.!?]*(?:\.(?!\s|$)[^.!?]*)*[.!?]*")
_LINK: Final = re.compile(r"\b(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)+/[\w/#?=&.-]*\w")
_MANNERS: Final = re.compile(
    r"\b(?:anything else|something else|else i can|(?:may|can|could) i help|help you|sorry|apologi[sz]e|thank you"
    r"|thanks|please wait|one moment|good (?:morning|afternoon|evening))\b"
)
"""What is said out of politeness may be said again."""


def says_again(replies: Sequence[str], earlier: Sequence[str], length: int) -> bool:
    """Say whether one of ``replies`` was given before, or a sentence, question or link of it lately.

    Args:
        replies: the assistant's words since the customer's turn before.
        earlier: those before them, oldest first, of ``length`` characters at most.
        length: so much of a reply is compared.
    """
    cut = [reply[:length] for reply in replies]
    whole = {normalise(reply) for reply in earlier}
    if any(len(tokens(reply)) >= ANSWER_WORDS and normalise(reply) in whole for reply in cut):
        return True
    lately = frozenset(part for reply in earlier[-LATELY:] for part in _telling(reply))
    return any(not lately.isdisjoint(_telling(reply)) for reply in cut)


def _telling(reply: str) -> frozenset[str]:
    """The sentences, questions and links of a reply that nobody says twice without need."""
    plain = normalise(reply)
    links = {link.rstrip("/") for link in _LINK.findall(plain)}
    sentences = (sentence.strip() for sentence in _SENTENCE.findall(plain))
    told = {
        sentence
        for sentence in sentences
        if len(tokens(sentence)) >= (QUESTION_WORDS if sentence.endswith("?") else ANSWER_WORDS)
        and _MANNERS.search(sentence) is None
    }
    return frozenset(links | told)
