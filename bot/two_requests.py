"""Does one message ask for two things? "Where is my parcel, and you charged me twice" does.

A message is cut where a sentence or a clause ends. It makes two requests when both parts, read by themselves, are
clearly requests, of different kinds, and clearer than the message as a whole. Most messages make one request with a
reason, a greeting or a detail beside it, so whatever is in doubt counts as one. Free of Rasa.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Iterator

from bot.intent_model import Prediction

MOST_CUTS = 4
"""Most places where a message is cut: each costs two more encodings."""

LEAST_WORDS = 2
"""A part of fewer words asks for nothing."""

MIN_CONFIDENCE = 0.55
"""Both parts are at least so sure of their label."""

MIN_SCOPE = 0.24
"""Both parts are at least so clearly in scope, whatever the threshold for a whole message."""

MIN_CONFIDENCE_TOLD = 0.9
"""The same where both parts are statements: "I paid a week ago and I've heard nothing" tells one story."""

LOST_SCOPE = 0.35
"""By at most so much may a part be less clearly in scope than the message as a whole."""

LEAST_ORDER_WORDS = 3
"""An order without a subject has so many words at least: "returns and refunds please" orders nothing."""

BACK_REFERENCE_WORDS = 4
"""A second part of so many words or fewer that says "it" speaks of the first: "the order is LH-10002. Cancel it"."""

_CUT = re.compile(
    r"(?P<stop>[.!?]+[\"')]*)\s+(?=\S)|\s*[;\n]\s*|\s+[-–—]+\s+|\s*,\s+(?=\S)"
    r"|\s+(?=(?:and|also|but|plus|besides|as\ well\ as)\b)",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"(?:(?:and|also|but|plus|besides(?:\ that)?|oh|then|so|well|as\ well\ as|after\ that|one\ more\ thing"
    r"|another\ thing|on\ top\ of\ that|by\ the\ way|btw)\b[\s,:]*)+",
    re.IGNORECASE,
)
_SETS_APART = re.compile(
    r"\b(?:also|plus|besides|as well as|after that|one more|another|by the way|btw)\b", re.IGNORECASE
)
_MARKS = frozenset(";-–—\n")
_WORD = re.compile(r"[\w'’£-]+")


def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ASKS = _word_set(
    "what what's whats when when's where where's wheres why who which how how's can could do does did is are am will"
    " would should may has have was were please whether"
)
_WISHES = _word_set("i i'd i'll i'm we we'd we'll we're")
_TELLS = _word_set(
    "i've ive my our we've you you've you're the this that these those there there's it it's its he she they they've"
    " someone somebody one two three"
)
_NO_CLAUSE = _word_set("a an all any some every both another other nobody not no never maybe mine")
_POLITE_ORDERS = _word_set("can could would will")
_SPEAKS_TO_US = _word_set("send tell give show let email explain remind")
_BACK_REFERENCES = _word_set("it its that this them these those one")
_WISH = re.compile(
    r"\b(?:i|we)(?:'d|’d| would)? (?:also |really |just |still )*(?:like|love|want|need|have to|wish|prefer)\b"
    r"|\b(?:i|we) (?:can't|cannot|can’t|cant|forgot)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Part:
    """A part of a message: its words, and where they stand (``start`` and ``end`` count characters)."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class TwoRequests:
    """What is asked first and what is asked second, each with what was understood of it."""

    first: Part
    second: Part
    understood_first: Prediction
    understood_second: Prediction

    @property
    def certainty(self) -> float:
        """The confidence in the label that is less sure."""
        return min(confidence_of(self.understood_first), confidence_of(self.understood_second))


@dataclass(frozen=True)
class RequestRule:
    """What counts as two requests.

    ``not_requests`` are labels that ask for nothing by themselves, such as a greeting. Each group of ``one_matter``
    holds labels of which one is often the reason for another, as a fault is for a refund.
    """

    not_requests: frozenset[str] = frozenset()
    one_matter: tuple[frozenset[str], ...] = ()

    def find(self, text: str, whole: Prediction, understand: Callable[[str], Prediction]) -> TwoRequests | None:
        """The two requests of ``text``; None when it makes one, or it is not clear that it makes two."""
        best: TwoRequests | None = None
        for before, after in parts_of(text):
            later = self._clearest((after, first_clause(after)), whole, understand)
            earlier = self._clearest((before, last_clause(before)), whole, understand) if later else None
            if later is None or earlier is None or not self._apart(label_of(earlier[1]), label_of(later[1])):
                continue
            found = TwoRequests(earlier[0], later[0], earlier[1], later[1])
            if found.certainty < MIN_CONFIDENCE_TOLD and not (asks(found.first.text) or asks(found.second.text)):
                continue
            if best is None or found.certainty > best.certainty:
                best = found
        return best

    def _clearest(
        self, parts: tuple[Part, Part | None], whole: Prediction, understand: Callable[[str], Prediction]
    ) -> tuple[Part, Prediction] | None:
        """The first of the parts that is clearly a request, with what was understood of it."""
        for part in parts:
            if part is not None and self._clear(understood := understand(part.text), whole):
                return part, understood
        return None

    def _clear(self, part: Prediction, whole: Prediction) -> bool:
        return (
            label_of(part) not in self.not_requests
            and confidence_of(part) >= MIN_CONFIDENCE
            and part.scope_score >= max(MIN_SCOPE, part.scope_threshold, whole.scope_score - LOST_SCOPE)
        )

    def _apart(self, one: str, other: str) -> bool:
        return one != other and not any(one in group and other in group for group in self.one_matter)


def parts_of(text: str) -> Iterator[tuple[Part, Part]]:
    """The places where a message may be cut in two, as the words before and after; at most ``MOST_CUTS``."""
    found = 0
    for cut in _CUT.finditer(text):
        joint = _JOINT.match(text, cut.end())
        start = joint.end() if joint else cut.end()
        first = _part(text, 0, cut.end("stop") if cut["stop"] else cut.start())
        second = _part(text, start, len(text))
        set_apart = bool(cut["stop"] or not _MARKS.isdisjoint(cut[0]) or (joint and _SETS_APART.search(joint[0])))
        if joint is None and cut[0].strip() == "," and not (asks(first.text) and asks(second.text)):
            continue  # what stands before a bare comma is mostly the reason or the circumstances
        if _stands_alone(first.text, second.text, set_apart=set_apart):
            yield first, second
            found += 1
            if found == MOST_CUTS:
                return


def last_clause(part: Part) -> Part | None:
    """The question, wish or order at the end of a part, without the anger or the story that leads to it."""
    cuts = list(_CUT.finditer(part.text))
    return _clause(part, cuts[-1].end(), len(part.text)) if cuts else None


def first_clause(part: Part) -> Part | None:
    """The question, wish or order at the beginning of a part, without what follows it."""
    cut = _CUT.search(part.text)
    return _clause(part, 0, cut.end("stop") if cut["stop"] else cut.start()) if cut else None


def _clause(part: Part, start: int, end: int) -> Part | None:
    found = _part(part.text, start, end)
    if len(_words(found.text)) < LEAST_WORDS or not asks(found.text):
        return None
    return Part(found.text, part.start + found.start, part.start + found.end)


def asks(text: str) -> bool:
    """Whether the words are a question, a wish or an order, and not a statement."""
    words = _words(text)
    return text.rstrip().endswith("?") or (bool(words) and _is_asking(words)) or _WISH.search(text) is not None


def label_of(understood: Prediction) -> str:
    """The label of a prediction."""
    return understood.labels[0][0]


def confidence_of(understood: Prediction) -> float:
    """How sure a prediction is of its label."""
    return understood.labels[0][1]


def _is_asking(words: list[str]) -> bool:
    return words[0] in _ASKS or words[0] not in _WISHES | _TELLS


def _part(text: str, start: int, end: int) -> Part:
    words = text[start:end]
    stripped = words.strip(" \t\n,;")
    start += len(words) - len(words.lstrip(" \t\n,;"))
    return Part(stripped, start, start + len(stripped))


def _stands_alone(first: str, second: str, *, set_apart: bool) -> bool:
    """Whether the second part is a sentence of its own, and no further object or verb of the first one.

    "a kettle and a toaster", "cancel my order and get my money back" go on with the first; an order after an order
    ("end my plan and send me the invoice") does not.
    """
    before, after = _words(first), _words(second)
    if min(len(before), len(after)) < LEAST_WORDS:
        return False
    if len(after) <= BACK_REFERENCE_WORDS and not _BACK_REFERENCES.isdisjoint(after):
        return False
    if after[0] in _NO_CLAUSE:
        return False
    if set_apart or after[0] in _ASKS | _WISHES | _TELLS | _SPEAKS_TO_US:
        return True
    if len(after) < LEAST_ORDER_WORDS:
        return False
    is_order = before[0] not in _ASKS | _WISHES | _TELLS or before[0] == "please"
    return is_order or (before[1] == "you" and before[0] in _POLITE_ORDERS)


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]
