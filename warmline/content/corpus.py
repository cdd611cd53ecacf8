"""The content as the tools see it: examples and answers with the place where each stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import yaml

from warmline.content.nodes import UnreadableError, compose, fields, items, line_of, pairs, plain
from warmline.content.schema import training_files

ANNOTATION: Final = re.compile(r"\[(?P<text>[^\]]+)\](?:\((?P<entity>[^)]+)\)|\{(?P<json>[^}]+)\})")
FAQ: Final = "faq"
FAQ_PREFIX: Final = f"{FAQ}/"
UTTER: Final = "utter_"
TURNED_AWAY: Final = "nlu_fallback"
"""Rasa's fallback intent: its examples are questions that the assistant turns away."""


@dataclass(frozen=True)
class Place:
    """A line of a file, from 1."""

    file: Path
    line: int


@dataclass(frozen=True)
class Example:
    """One way in which customers say it; ``label`` is an intent or an FAQ key such as ``faq/billing_refund_time``."""

    label: str
    written: str
    """As it stands in the file, with the marks around data."""
    place: Place

    @cached_property
    def text(self) -> str:
        """As a customer types it."""
        return without_marks(self.written)


@dataclass(frozen=True)
class Answer:
    """What the assistant says under one name, in one or more variants, most of them texts."""

    name: str
    variants: int
    texts: tuple[str, ...]
    place: Place
    payloads: tuple[tuple[str, Place], ...] = ()
    """What its buttons send."""

    @property
    def label(self) -> str | None:
        """The FAQ that it answers, if it is one's."""
        label = self.name.removeprefix(UTTER)
        return label if label.startswith(FAQ_PREFIX) else None

    @property
    def is_written(self) -> bool:
        """Whether it says anything yet."""
        return self.variants > 0 and all(text.strip() for text in self.texts)


@dataclass(frozen=True)
class Corpus:
    """All content of a data folder. ``entries`` has the line at which each label first stands."""

    examples: tuple[Example, ...] = ()
    answers: tuple[Answer, ...] = ()
    entries: Mapping[str, Place] = field(default_factory=dict)

    @cached_property
    def by_label(self) -> Mapping[str, tuple[Example, ...]]:
        """The examples of each label; a label without examples has an empty tuple."""
        found: dict[str, list[Example]] = {label: [] for label in self.entries}
        for example in self.examples:
            found[example.label].append(example)
        return {label: tuple(examples) for label, examples in found.items()}

    @cached_property
    def answer_of(self) -> Mapping[str, Answer]:
        """Answers by name."""
        return {answer.name: answer for answer in self.answers}

    @property
    def faq_keys(self) -> tuple[str, ...]:
        """Labels that are FAQs."""
        return tuple(label for label in self.entries if label.startswith(FAQ_PREFIX))


def read_corpus(data_dir: Path) -> Corpus:
    """The content of the training files; what cannot be read is left out, because the schema check tells of it."""
    examples: list[Example] = []
    answers: list[Answer] = []
    entries: dict[str, Place] = {}
    for path in training_files(data_dir):
        try:
            root = fields(compose(path))
        except UnreadableError:
            continue
        for entry in items(root.get("nlu")):
            label = plain(fields(entry).get("intent"))
            if label:
                entries.setdefault(label, Place(path, line_of(entry)))
                examples += _examples(label, path, fields(entry).get("examples"))
        answers += [_answer(path, name, node) for name, node in pairs(root.get("responses"))]
    return Corpus(tuple(examples), tuple(answers), entries)


def read_questions(folder: Path) -> tuple[Example, ...]:
    """The questions of the test set, ``questions*.yml`` in ``folder``; their label may be ``out_of_scope``.

    They stand under ``questions:``, or misspelt under ``noise:`` and the kind of noise.
    """
    found: list[Example] = []
    for path in sorted(folder.glob("questions*.yml")):
        try:
            root = fields(compose(path))
        except UnreadableError:
            continue
        groups = [root.get("questions"), *(labels for _, labels in pairs(root.get("noise")))]
        for label, texts in (pair for labels in groups for pair in pairs(labels)):
            found += [Example(plain(label), plain(text), Place(path, line_of(text))) for text in items(texts)]
    return tuple(found)


def without_marks(written: str) -> str:
    """The example without the marks around data: ``[LH-10234](order_number)`` becomes ``LH-10234``."""
    return ANNOTATION.sub(lambda found: found["text"], written)


def normalised(text: str) -> str:
    """Lower case, no punctuation, single spaces: what makes two examples the same."""
    return " ".join(re.sub(r"[^\w£ ]", " ", text.lower().replace("'", "")).split())


def _examples(label: str, path: Path, node: yaml.Node | None) -> Iterator[Example]:
    if isinstance(node, yaml.ScalarNode):
        first = line_of(node) + 1  # the text begins on the line after the bar
        for number, line in enumerate(node.value.splitlines()):
            text = line.strip().removeprefix("-").strip()
            if text:
                yield Example(label, text, Place(path, first + number))
    for item in items(node):
        text = plain(fields(item).get("text") or item).strip()
        if text:
            yield Example(label, text, Place(path, line_of(item)))


def _answer(path: Path, name: yaml.Node, node: yaml.Node) -> Answer:
    texts, payloads = [], []
    variants = list(items(node))
    for variant in variants:
        parts = fields(variant)
        if "text" in parts:
            texts.append(plain(parts["text"]))
        for button in items(parts.get("buttons")):
            payload = fields(button).get("payload")
            if payload is not None:
                payloads.append((plain(payload), Place(path, line_of(payload))))
    return Answer(plain(name), len(variants), tuple(texts), Place(path, line_of(name)), tuple(payloads))
