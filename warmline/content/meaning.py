"""Sentences by their meaning: vectors of examples as the assistant's pipeline makes them, and what they tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.encoding import TrainingVectors, shared_encoder
from bot.masking import Masks
from warmline.content.corpus import Example
from warmline.content.nodes import load_yaml

CLASSIFIER: Final = "bot.intent_classifier.EncoderIntentClassifier"
ROWS_AT_ONCE: Final = 1024
"""Rows of a similarity matrix that are made together: 40 MB beside ten thousand examples."""

RIDGE: Final = 0.1
"""Penalty of the quick head; 0.1 to 1 measure alike on the shipped content."""

SENTENCE_SHARE: Final = 0.1
"""Share of the sentence itself beside its topics, in :func:`topics_of`."""

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Pipeline:
    """The settings of ``config.yml`` by which sentences are read."""

    masks: Masks


@dataclass(frozen=True)
class Near:
    """Two examples that mean nearly the same, by their rows, and their cosine similarity."""

    row: int
    other: int
    similarity: float


def read_pipeline(config: Path) -> Pipeline:
    """The classifier's settings; those of the component where the file gives none."""
    content: dict[str, Any] = load_yaml(config.read_text(encoding="utf-8")) or {}
    pipeline: list[dict[str, Any]] = content.get("pipeline") or []
    given = next((part for part in pipeline if part.get("name") == CLASSIFIER), {})
    return Pipeline(Masks.of_config(given.get("masks") or []))


def vectors_of(texts: Sequence[str], pipeline: Pipeline, cache: Path) -> Vectors:
    """One row of unit length for each text, as in training; rows are kept in ``cache`` for the next time."""
    rows: Vectors = TrainingVectors(shared_encoder(), cache).encode([pipeline.masks.apply(text) for text in texts])
    return rows


def distinct(examples: Sequence[Example]) -> tuple[Example, ...]:
    """The examples as training sees them: the same text stands once for a label."""
    return tuple({(example.text, example.label): example for example in reversed(examples)}.values())[::-1]


def near_pairs(left: Vectors, right: Vectors, from_similarity: float) -> Iterator[Near]:
    """Every row of ``left`` with each row of ``right`` that is at least so similar."""
    for first in range(0, len(left), ROWS_AT_ONCE):
        similarities = left[first : first + ROWS_AT_ONCE] @ right.T
        for row, other in np.argwhere(similarities >= from_similarity).tolist():
            yield Near(first + row, other, float(similarities[row, other]))


def pairs_within(rows: Vectors, from_similarity: float) -> Iterator[Near]:
    """Every two rows that are at least so similar, once, the first one first."""
    for first in range(0, len(rows), ROWS_AT_ONCE):
        for near in near_pairs(rows[first : first + ROWS_AT_ONCE], rows[first:], from_similarity):
            if near.row < near.other:
                yield Near(first + near.row, first + near.other, near.similarity)


def nearest(left: Vectors, right: Vectors) -> list[Near]:
    """The most similar row of ``right`` for each row of ``left``."""
    found = []
    for first in range(0, len(left), ROWS_AT_ONCE):
        similarities = left[first : first + ROWS_AT_ONCE] @ right.T
        best = similarities.argmax(axis=1)
        found += [Near(first + row, int(other), float(similarities[row, other])) for row, other in enumerate(best)]
    return found


def left_out(vectors: Vectors, labels: Sequence[str]) -> list[str]:
    """For each example the label that a model without it would choose, for all of them in a fraction of a second.

    The model is least squares on the vectors with a ridge penalty, whose leave-one-out answers have a closed form
    (Allen's PRESS): the residual of each row divided by one minus its leverage. It is right a little less often than
    the shipped head, which ``evaluate`` measures.
    """
    classes, wanted, rows, spread = _quick_head(vectors, labels)
    leverage = np.einsum("ij,ij->i", rows, spread)
    scores = wanted - (wanted - rows @ (spread.T @ wanted)) / (1.0 - leverage)[:, None]
    return [classes[best] for best in scores.argmax(axis=1)]


def topics_of(asked: Vectors, learnt: Vectors, labels: Sequence[str]) -> Vectors:
    """Rows that are alike when two questions are about the same topic, whatever product or person they name.

    A row is what a quick model of the examples makes of the question, label by label, with a little of the sentence
    itself for what no label knows. Of the project's own test questions, sentence vectors alone put half of the members
    of a group with others of their topic, these seven in ten.
    """
    _, wanted, _, spread = _quick_head(learnt, labels)
    sides = np.hstack([asked, np.ones((len(asked), 1), dtype=np.float32)])
    profile = np.clip(sides @ (spread.T @ wanted), 0.0, None)
    profile /= np.linalg.norm(profile, axis=1, keepdims=True) + 1e-9
    mixed: Vectors = np.hstack([SENTENCE_SHARE**0.5 * asked, (1.0 - SENTENCE_SHARE) ** 0.5 * profile])
    return mixed


def _quick_head(vectors: Vectors, labels: Sequence[str]) -> tuple[list[str], Vectors, Vectors, Vectors]:
    """Classes, their wanted scores, the rows with a constant, and what spreads the scores over the rows.

    A label weighs by the square root of its examples, or the large ones would take all.
    """
    classes, targets = np.unique(np.asarray(labels), return_inverse=True)
    rows = np.hstack([vectors, np.ones((len(vectors), 1), dtype=np.float32)])
    wanted = np.zeros((len(vectors), len(classes)), dtype=np.float32)
    wanted[np.arange(len(vectors)), targets] = 1.0
    weight = (1.0 / np.sqrt(np.bincount(targets)[targets])).astype(np.float32)
    weighted = rows * (weight / weight.mean())[:, None]
    gram = weighted.T @ rows + RIDGE * np.eye(rows.shape[1], dtype=np.float32)
    # The ridge keeps the inverse of the symmetric matrix sound, and a product of matrices takes a fifth of the time
    # that solving for thousands of rows does.
    return [str(name) for name in classes], wanted, rows, weighted @ np.linalg.inv(gram)
