"""``warmline content check``: everything that can be found wrong in the content, within seconds."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from warmline.content.corpus import Corpus, Example, normalised, read_corpus, read_questions
from warmline.content.desk_files import check_desk_files
from warmline.content.findings import Finding, Severity, in_order
from warmline.content.meaning import (
    Pipeline,
    Vectors,
    distinct,
    left_out,
    nearest,
    pairs_within,
    read_pipeline,
    vectors_of,
)
from warmline.content.sources import Sources
from warmline.content.structure import check_structure

NEARLY_THE_SAME: Final = 0.95
"""Cosine from which two examples under two labels are told. Below it they are mostly neighbours that differ in the one
word that matters."""
LEAKED: Final = 0.95
"""Cosine from which a test question counts as a copy of an example."""
CONFUSED_SHARE: Final = 0.3
CONFUSED_COUNT: Final = 3
"""A label is told as confused when so large a share, and so many, of its examples are taken for one other label."""
MOST_CONFUSIONS: Final = 20
SHOWN: Final = 3
FEWEST_FOR_LEAVING_OUT: Final = 3
"""Labels; with fewer there is nothing to confuse."""


@dataclass(frozen=True)
class Checked:
    """The findings, and how much content was looked at."""

    findings: tuple[Finding, ...]
    entries: int
    examples: int
    seconds: float

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def check(sources: Sources, *, desk: bool = True) -> Checked:
    """Looks at everything; without ``desk``, at what the assistant says and learns.

    Encodes what was never encoded before, at about a millisecond a sentence.
    """
    begun = time.monotonic()
    corpus = read_corpus(sources.data_dir)
    found = [*check_structure(sources, corpus), *(check_desk_files(sources.data_dir) if desk else ())]
    examples, questions = distinct(corpus.examples), read_questions(sources.questions_dir)
    found += _the_same(corpus)
    found += _copied(corpus, questions)
    if len(corpus.entries) >= FEWEST_FOR_LEAVING_OUT and sources.config.exists():
        pipeline = read_pipeline(sources.config)
        texts = [example.text for example in (*examples, *questions)]
        rows = vectors_of(texts, pipeline, sources.cache_dir)
        learnt, asked = rows[: len(examples)], rows[len(examples) :]
        found += _nearly_the_same(examples, learnt)
        found += _nearly_copied(examples, learnt, questions, asked, pipeline)
        found += _confused(examples, learnt, corpus)
    return Checked(in_order(found), len(corpus.entries), len(corpus.examples), time.monotonic() - begun)


def _the_same(corpus: Corpus) -> Iterator[Finding]:
    first: dict[str, Example] = {}
    for example in corpus.examples:
        other = first.setdefault(normalised(example.text) or example.text, example)
        if other is example:
            continue
        if other.label != example.label:
            what = f"{example.text!r} stands under {other.label} (line {other.place.line}) and {example.label}"
            yield _finding(example, what, "delete it where it does not belong", Severity.ERROR, "same")
        elif other.text.lower() == example.text.lower():
            what = f"{example.text!r} stands twice under {example.label} (also line {other.place.line})"
            yield _finding(example, what, "delete one of the two", Severity.WARNING, "same")


def _copied(corpus: Corpus, questions: Sequence[Example]) -> Iterator[Finding]:
    learnt = {normalised(example.text) or example.text: example for example in corpus.examples}
    for question in questions:
        example = learnt.get(normalised(question.text) or question.text)
        if example is not None:
            what = f"the test question {question.text!r} is an example of {example.label} ({example.place.line})"
            yield _finding(question, what, "ask it in other words: a test must not be learnt", Severity.ERROR, "leak")


def _nearly_the_same(examples: Sequence[Example], rows: Vectors) -> Iterator[Finding]:
    for near in pairs_within(rows, NEARLY_THE_SAME):
        one, other = examples[near.row], examples[near.other]
        if one.label != other.label and normalised(one.text) != normalised(other.text):
            what = (
                f"{other.text!r} under {other.label} means nearly the same as {one.text!r} under {one.label} "
                f"({one.place.file.name}:{one.place.line}; similarity {near.similarity:.2f})"
            )
            yield _finding(other, what, "keep it where it belongs, or say the difference", Severity.WARNING, "near")


def _nearly_copied(
    examples: Sequence[Example], learnt: Vectors, questions: Sequence[Example], asked: Vectors, pipeline: Pipeline
) -> Iterator[Finding]:
    bare = {mask["text"] for mask in pipeline.masks.to_config()}
    for near in nearest(asked, learnt) if len(learnt) else ():
        question, example = questions[near.row], examples[near.other]
        if near.similarity < LEAKED or normalised(question.text) == normalised(example.text):
            continue
        if pipeline.masks.apply(question.text) not in bare:  # an order number alone can be asked in one way only
            what = f"the test question {question.text!r} is nearly the example {example.text!r} of {example.label}"
            yield _finding(question, what, "ask it in other words", Severity.WARNING, "leak")


def _confused(examples: Sequence[Example], rows: Vectors, corpus: Corpus) -> Iterator[Finding]:
    """Labels whose examples, each left out in turn, a model of the others takes for one other label."""
    taken: Mapping[str, Counter[str]] = defaultdict(Counter)
    said: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example, chosen in zip(examples, left_out(rows, [example.label for example in examples]), strict=True):
        if chosen != example.label:
            taken[example.label][chosen] += 1
            said[example.label, chosen].append(example)
    pairs = [
        (count / len(corpus.by_label[label]), count, label, other)
        for label, others in taken.items()
        for other, count in others.items()
        if count >= CONFUSED_COUNT and count / len(corpus.by_label[label]) >= CONFUSED_SHARE
    ]
    for share, count, label, other in sorted(pairs, reverse=True)[:MOST_CONFUSIONS]:
        quoted = "; ".join(repr(example.text) for example in said[label, other][:SHOWN])
        what = f"{count} examples of {label} ({share:.0%}) sound like {other}, such as {quoted}"
        mend = f"move what belongs to {other}; give both more examples that show the difference"
        yield _finding(said[label, other][0], what, mend, Severity.WARNING, "confused")


def _finding(example: Example, what: str, mend: str, severity: Severity, kind: str) -> Finding:
    return Finding(example.place.file, example.place.line, what, mend, severity, kind)
