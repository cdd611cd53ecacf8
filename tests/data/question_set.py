"""The test set for understanding: its files, what they may be labelled with, and how a leak from the training is found.

A label is an intent, an FAQ key such as `faq/billing_gift_cards`, or `out_of_scope`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
HERE = Path(__file__).parent
OUT_OF_SCOPE = "out_of_scope"
TURNED_AWAY = "nlu_fallback"  # examples of what is out of scope stand under Rasa's own fallback intent
BUTTONS_ALONE = "choose_topic"
"""An intent that no customer types."""
# Above this share of common words a question is as good as an example: one word more or less in five, or swapped in
# eleven.
MOST_SHARED_WORDS = 0.9

ANNOTATION = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<entity>[^)]+)\)")


class TwoRequests(NamedTuple):
    """A message that holds one request or two; `second` is None where it only looks like two."""

    text: str
    first: str
    second: str | None


class Leak(NamedTuple):
    """A test question that is (nearly) the training example of an intent."""

    question: str
    intent: str
    example: str


def asked() -> dict[str, list[str]]:
    """The questions of both files, by label."""
    together: dict[str, list[str]] = {}
    for name in ("questions.yml", "questions_fresh.yml"):
        for label, texts in _load(HERE / name)["questions"].items():
            together.setdefault(label, []).extend(texts)
    return together


def noisy() -> dict[str, dict[str, list[str]]]:
    """The rewritten questions, by kind of noise and label."""
    kinds: dict[str, dict[str, list[str]]] = _load(HERE / "questions_noisy.yml")["noise"]
    return kinds


def two_requests() -> list[TwoRequests]:
    """The messages with two requests, and those that only look like it."""
    return [TwoRequests(**entry) for entry in _load(HERE / "two_requests.yml")]


def trained() -> list[tuple[str, str]]:
    """Every training example as (intent, text as the customer types it)."""
    examples: list[tuple[str, str]] = []
    for path in sorted([*(DATA / "nlu").glob("*.yml"), *(DATA / "faq").glob("*.yml")]):
        for block in _load(path)["nlu"]:
            for line in block["examples"].splitlines() if "intent" in block else ():
                examples.append((block["intent"], plain(line.removeprefix("- ").strip())))
    return examples


def known_labels() -> set[str]:
    """What a question can be labelled with: the domain's intents that a customer types, the FAQ keys, out_of_scope."""
    declared = [
        next(iter(entry)) if isinstance(entry, dict) else entry for entry in _load(ROOT / "domain.yml")["intents"]
    ]
    typed = {name for name in declared if not name.startswith("EXTERNAL_")} - {"faq", TURNED_AWAY, BUTTONS_ALONE}
    answered = {
        key.removeprefix("utter_") for path in (DATA / "faq").glob("*.yml") for key in _load(path).get("responses", {})
    }
    return typed | answered | {OUT_OF_SCOPE}


def plain(example: str) -> str:
    """The example as a customer would type it, without annotations."""
    return ANNOTATION.sub(lambda found: found["text"], example)


def normalised(text: str) -> str:
    """Lower case, no punctuation, single spaces: what makes two texts the same."""
    return " ".join(re.sub(r"[^\w£ ]", " ", text.lower().replace("'", "").replace("’", "")).split())


def shared_words(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of two texts' words they have in common, 0 to 1, whatever the order (Dice's coefficient)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def leaks(questions: Iterable[str], examples: Iterable[tuple[str, str]]) -> list[Leak]:
    """The questions that share (nearly) all words with a training example, with the first such example of each.

    A text without any word or digit ("...") leaks only from one that is equal to it.
    """
    by_size: dict[int, list[tuple[frozenset[str], str, str]]] = defaultdict(list)
    for intent, example in examples:
        words = _words(example)
        by_size[len(words)].append((words, intent, example))
    found: list[Leak] = []
    for question in questions:
        words = _words(question)
        # Only a text with nearly as many words can share that many of them.
        slack = len(words) // 4
        near = (
            Leak(question, intent, example)
            for size in range(len(words) - slack, len(words) + slack + 1)
            for others, intent, example in by_size.get(size, ())
            if shared_words(words, others) > MOST_SHARED_WORDS
        )
        found.extend(islice(near, 1))
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(normalised(text).split() or [text])


def _load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
