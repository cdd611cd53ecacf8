"""Measures a model on the test set beside the live one, and its training data by cross-validation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.intent_model import IntentModel
from warmline.content.corpus import TURNED_AWAY, Example, read_corpus, read_questions
from warmline.content.meaning import distinct, read_pipeline, vectors_of
from warmline.content.measures import Judged, Measures, measure
from warmline.content.sources import Sources
from warmline.content.structure import OUT_OF_SCOPE
from warmline.content.understanding import Understanding, Understood
from warmline.errors import CommandError

FOLDS: Final = 4
NOISY: Final = "noisy"
"""A file with this in its name holds questions of the others, misspelt: it is told beside them and decides nothing."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Changed:
    """A test question that the two models take for different things."""

    text: str
    expected: str
    live: str
    candidate: str


@dataclass(frozen=True)
class Beside:
    """Another test set: how many of its questions each model gets right."""

    name: str
    questions: int
    candidate: float
    live: float | None


@dataclass(frozen=True)
class Evaluation:
    """Everything that an evaluation found. ``live`` is None where no model is live."""

    candidate: Measures
    live: Measures | None
    better: tuple[Changed, ...]
    worse: tuple[Changed, ...]
    others: tuple[Beside, ...]
    cross_validation: Measures | None
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        parts: dict[str, Measures | None] = {
            "candidate": self.candidate,
            "live": self.live,
            "cross_validation": self.cross_validation,
        }
        return {
            **{name: part.as_json() if part else None for name, part in parts.items()},
            "better": [asdict(item) for item in self.better],
            "worse": [asdict(item) for item in self.worse],
            "others": [asdict(item) for item in self.others],
            "seconds": round(self.seconds, 3),
        }


def evaluate(
    candidate: Path, live: Path | None, sources: Sources, tell: Tell, *, cross_validation: bool = True
) -> Evaluation:
    """Asks both models every test question. Raises :class:`CommandError` where there is no test set or model."""
    begun = time.monotonic()
    questions = read_questions(sources.questions_dir)
    main = [question for question in questions if NOISY not in question.place.file.stem]
    if not main:
        raise CommandError(
            f"there are no test questions in {sources.questions_dir}",
            "write some in questions.yml: `questions:`, then an intent or FAQ key, then a list of questions",
        )
    tell("asking the new model")
    new = Understanding.of_model(candidate)
    judged_new = judge(new, questions)
    old = Understanding.of_model(live) if live is not None and live != candidate else None
    if old is not None:
        tell("asking the live model")
    judged_old = judge(old, questions) if old else []
    better, worse = _changes(_of(main, questions, judged_new), _of(main, questions, judged_old))
    crossed = cross_validate(sources, tell) if cross_validation else None
    return Evaluation(
        measure(new.name, _of(main, questions, judged_new)),
        measure(old.name, _of(main, questions, judged_old)) if old else None,
        better,
        worse,
        _others(questions, judged_new, judged_old),
        crossed,
        time.monotonic() - begun,
    )


def judge(model: Understanding, questions: Sequence[Example]) -> list[Judged]:
    """The model's answers to the questions."""
    said = model.understand([question.text for question in questions])
    return [Judged(question.text, question.label, answer) for question, answer in zip(questions, said, strict=True)]


def cross_validate(sources: Sources, tell: Tell) -> Measures:
    """Trains the shipped head ``FOLDS`` times without a part of the examples, and asks it about that part.

    Shows which entries learn from each other what they should not. Whether a message is in scope is left to the test
    set: examples left out one by one say little about it.
    """
    examples = distinct(read_corpus(sources.data_dir).examples)
    pipeline = read_pipeline(sources.config)
    rows = vectors_of([example.text for example in examples], pipeline, sources.cache_dir)
    labels = np.array([example.label for example in examples])
    part = np.random.default_rng(0).permutation(len(examples)) % FOLDS
    judged: list[Judged] = []
    for number in range(FOLDS):
        tell(f"cross-validation {number + 1} of {FOLDS}")
        kept = part != number
        model = IntentModel.train(rows[kept], labels[kept].tolist(), calibrate=False)
        for place, ranked in zip(np.flatnonzero(~kept), model.rank(rows[~kept]), strict=True):
            label, confidence = ranked[0]
            said = Understood(_asked(label), label, confidence, 1.0, 0.0)
            judged.append(Judged(examples[place].text, _asked(examples[place].label), said))
    return measure("cross-validation", judged)


def _asked(label: str) -> str:
    return OUT_OF_SCOPE if label == TURNED_AWAY else label


def _of(wanted: Sequence[Example], questions: Sequence[Example], judged: Sequence[Judged]) -> list[Judged]:
    chosen = set(wanted)
    return [item for question, item in zip(questions, judged, strict=False) if question in chosen]


def _changes(new: Sequence[Judged], old: Sequence[Judged]) -> tuple[tuple[Changed, ...], tuple[Changed, ...]]:
    better: list[Changed] = []
    worse: list[Changed] = []
    for after, before in zip(new, old, strict=False):
        if after.is_right != before.is_right:
            change = Changed(after.text, after.expected, before.understood.label, after.understood.label)
            (better if after.is_right else worse).append(change)
    return tuple(better), tuple(worse)


def _others(questions: Sequence[Example], new: Sequence[Judged], old: Sequence[Judged]) -> tuple[Beside, ...]:
    names = dict.fromkeys(question.place.file.stem for question in questions)
    told = []
    for name in names:
        asked = [question for question in questions if question.place.file.stem == name]
        if NOISY in name:
            after, before = _of(asked, questions, new), _of(asked, questions, old)
            was = sum(item.is_right for item in before) / len(before) if before else None
            told.append(Beside(name, len(asked), sum(item.is_right for item in after) / len(after), was))
    return tuple(told)
