"""What the measured customers say: questions from the FAQ and courtesies, all answered by a response alone.

Both assistants are trained on these very sentences, so both should answer each as it is meant; how often they do is
reported. A dialogue asks about something else each time, as a customer who is being served does.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

COURTESIES: Final = ("greet", "help_menu", "thanks", "how_are_you", "bot_challenge")
QUESTIONS_BETWEEN_COURTESIES: Final = 4
LEAST_WORDS: Final = 4
"""Of an FAQ question: shorter ones may belong to more than one answer."""
ANNOTATION: Final = re.compile(r"[\[\]{}]")


@dataclass(frozen=True)
class Utterance:
    """One thing to say, with the texts that would be the right answer."""

    text: str
    answers: frozenset[str]


class Dialogue:
    """A long sequence of utterances, of which every conversation takes its own stretch."""

    def __init__(self, utterances: tuple[Utterance, ...]) -> None:
        if not utterances:
            raise ValueError("a dialogue needs something to say")
        self._utterances = utterances

    def __len__(self) -> int:
        return len(self._utterances)

    def stretch(self, start: int, count: int) -> Iterator[Utterance]:
        """``count`` utterances from the one at ``start`` on; after the last comes the first again."""
        for place in range(start, start + count):
            yield self._utterances[place % len(self._utterances)]


def load_dialogue(data: Path) -> Dialogue:
    """The dialogue that the content under ``data`` allows: each round asks every FAQ entry once."""
    documents = [_load(path) for path in sorted((*data.glob("nlu/*.yml"), *data.glob("faq/*.yml")))]
    examples = {str(group["intent"]): _examples(group) for document in documents for group in _groups(document)}
    answers = _answers(data)
    faq = [_utterances(examples[i], answers[f"utter_{i}"], LEAST_WORDS) for i in examples if f"utter_{i}" in answers]
    questions = [one for round_ in itertools.zip_longest(*_interleaved(faq)) for one in round_ if one is not None]
    courtesies = [_utterances(examples[i], answers[f"utter_{i}"], 1) for i in COURTESIES if i in examples]
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


def _utterances(examples: list[str], answers: frozenset[str], least_words: int) -> list[Utterance]:
    plain = [text for text in examples if len(text.split()) >= least_words and not ANNOTATION.search(text)]
    return [Utterance(text, answers) for text in plain]


def _groups(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [group for group in document.get("nlu") or () if "intent" in group]


def _examples(group: Mapping[str, Any]) -> list[str]:
    return [line.removeprefix("- ").strip() for line in str(group.get("examples", "")).splitlines() if line.strip()]


def _answers(data: Path) -> dict[str, frozenset[str]]:
    """The texts of each response, by its name."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted((*data.glob("responses/*.yml"), *data.glob("faq/*.yml"))):
        for name, variants in (_load(path).get("responses") or {}).items():
            found[str(name)] = frozenset(str(variant["text"]).strip() for variant in variants if "text" in variant)
    return found


def _load(path: Path) -> dict[str, Any]:
    content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}
