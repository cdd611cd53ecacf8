"""What the measured customers say: questions from the FAQ and courtesies, all answered by a response alone.

Both assistants are trained on these sentences, so both should answer each as it is meant; how often they do is
reported. A dialogue asks about something else each time, as a customer who is being served does. No question is put
twice in the same words, because whatever remembers a text would then be spared its work; courtesies do come again.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

COURTESIES: Final = ("greet", "help_menu", "thanks", "how_are_you", "goodbye")
QUESTIONS_BETWEEN_COURTESIES: Final = 4
LEAST_WORDS: Final = 4
"""Of an FAQ question: shorter ones may belong to more than one answer."""
PREFIXES: Final = ("", "Hi, ", "Hello, ", "One question: ", "I'd like to know: ", "Hello again, ")
SUFFIXES: Final = ("", " Thanks!", " please", " Thank you.")
VARIATIONS: Final = tuple(itertools.product(SUFFIXES, PREFIXES))
"""The same question in other words: its first variation is the question itself."""
NOT_FOR_A_BOT: Final = re.compile(
    r"\b(complain|person|people|human|someone|somebody|scam|fraud|legal|ombudsman|court|lawyer|police|speak|agent|stranger)\w*",
    re.I,
)
"""What asks for a person, or may: such a turn can rightly end in a handoff, which the stock Rasa does not know."""
OF_DANGERS: Final = "faq/account_security_"
"""Many questions of these entries tell of a danger ("a login that I know nothing about"): a person gets it at once."""
ANNOTATION: Final = re.compile(r"[\[\]{}]")


@dataclass(frozen=True)
class Utterance:
    """One thing to say, with the texts that would be the right answer."""

    text: str
    answers: frozenset[str]
    may_vary: bool = True

    def varied(self, variation: int) -> Utterance:
        """The same with something polite around it; variation 0 is as it stands."""
        if not self.may_vary:
            return self
        suffix, prefix = VARIATIONS[variation % len(VARIATIONS)]
        return Utterance(f"{prefix}{self.text}{suffix}", self.answers)


class Dialogue:
    """A long sequence of utterances, of which every conversation takes its own stretch."""

    def __init__(self, utterances: tuple[Utterance, ...]) -> None:
        if not utterances:
            raise ValueError("a dialogue needs something to say")
        self._utterances = utterances

    def __len__(self) -> int:
        return len(self._utterances)

    def stretch(self, start: int, count: int, *, variation: int = 0) -> Iterator[Utterance]:
        """``count`` utterances from the one at ``start`` on; after the last comes the first in other words."""
        for place in range(start, start + count):
            again, index = divmod(place, len(self._utterances))
            yield self._utterances[index].varied(again + variation)


def load_dialogue(data: Path) -> Dialogue:
    """The dialogue that the content under ``data`` allows: each round asks every FAQ entry once."""
    documents = [_load(path) for path in sorted((*data.glob("nlu/*.yml"), *data.glob("faq/*.yml")))]
    examples = {str(group["intent"]): _examples(group) for document in documents for group in _groups(document)}
    answers = _answers(data)
    faq = [
        [Utterance(text, answers[f"utter_{intent}"]) for text in texts if len(text.split()) >= LEAST_WORDS]
        for intent, texts in examples.items()
        if intent.startswith("faq/") and not intent.startswith(OF_DANGERS) and f"utter_{intent}" in answers
    ]
    questions = [one for round_ in itertools.zip_longest(*_interleaved(faq)) for one in round_ if one is not None]
    courtesies = [
        [Utterance(text, answers[f"utter_{intent}"], may_vary=False) for text in examples.get(intent, ())]
        for intent in COURTESIES
    ]
    between = itertools.cycle(one for round_ in itertools.zip_longest(*courtesies) for one in round_ if one is not None)
    said: list[Utterance] = []
    for number, question in enumerate(questions):
        if number % QUESTIONS_BETWEEN_COURTESIES == 0:
            said.append(next(between))
        said.append(question)
    return Dialogue(tuple(said))


def _interleaved(faq: list[list[Utterance]]) -> list[list[Utterance]]:
    """Entries of one category lie side by side in the files; neighbours in a dialogue should not."""
    step = 11
    return [entry for first in range(step) for entry in faq[first::step]]


def _groups(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [group for group in document.get("nlu") or () if "intent" in group]


def _examples(group: Mapping[str, Any]) -> list[str]:
    """The examples of an intent without those that mark an entity or may call for a person."""
    lines = (line.removeprefix("- ").strip() for line in str(group.get("examples", "")).splitlines())
    return [line for line in lines if line and not ANNOTATION.search(line) and not NOT_FOR_A_BOT.search(line)]


def _answers(data: Path) -> dict[str, frozenset[str]]:
    """The beginning of each response's texts, by its name: Rasa sends every paragraph as a message of its own."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted((*data.glob("responses/*.yml"), *data.glob("faq/*.yml"))):
        for name, variants in (_load(path).get("responses") or {}).items():
            found[str(name)] = frozenset(
                str(variant["text"]).split("\n\n")[0].strip() for variant in variants if "text" in variant
            )
    return found


def _load(path: Path) -> dict[str, Any]:
    content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}
