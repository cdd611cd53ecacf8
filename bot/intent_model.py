"""The intent model: labelled sentence vectors in, calibrated labels and an honest "I do not know that" out.

Free of Rasa, so that the components, ``warmline classify`` and the content tools share one model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import numpy as np

from bot.linear import LinearHead, fit_linear_head, softmax
from bot.scope import (
    MIN_CLASSES,
    ScopeRule,
    fit_scope_rule,
    fit_temperature,
    leave_out_rounds,
    scope_evidence,
    similarity_rule,
)

FORMAT_VERSION = 1
ARRAYS_FILE = "intent_model.npz"
CARD_FILE = "intent_model.json"

STRENGTH = 30.0
"""Inverse penalty of the linear head; 10 to 100 measure alike on unit-length vectors."""

MAX_ITERATIONS = 100

REFUSED_SHARE = 0.04
"""Share of left-out training examples that the scope rule may refuse: what is paid for refusing unknown messages."""


class NotEnoughExamplesError(ValueError):
    """There is nothing to tell apart: the training data have fewer than two intents with examples."""


@dataclass(frozen=True)
class Prediction:
    """What the model says about one message.

    ``labels`` with their calibrated probability, most probable first; ``scope_score`` between 0 and 1 and the threshold
    from which the message counts as known; ``nearest`` the index of the most similar training example.
    """

    labels: tuple[tuple[str, float], ...]
    scope_score: float
    scope_threshold: float
    nearest: int
    similarity: float

    @property
    def in_scope(self) -> bool:
        """Whether the bot should trust the label."""
        return self.scope_score >= self.scope_threshold


@dataclass(frozen=True)
class IntentModel:
    """A trained model; immutable, safe to share between threads."""

    classes: tuple[str, ...]
    head: LinearHead
    examples: np.ndarray
    example_classes: np.ndarray
    temperature: float
    scope: ScopeRule

    @classmethod
    def train(
        cls,
        vectors: np.ndarray,
        labels: Sequence[str],
        *,
        strength: float = STRENGTH,
        refused_share: float = REFUSED_SHARE,
        calibrate: bool = True,
    ) -> IntentModel:
        """Fits the head, calibrates its confidence and finds the scope rule, all on these examples.

        Args:
            vectors: float32 [n, dimensions] of unit length; the same text should stand there once for a label.
            labels: the label of each row.
            strength: inverse penalty of the linear head.
            refused_share: see ``REFUSED_SHARE``.
            calibrate: false saves most of the time where only the order of the labels matters.

        Raises:
            NotEnoughExamplesError: fewer than two different labels.
        """
        classes, targets = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
        if len(classes) < 2:
            raise NotEnoughExamplesError(
                f"at least two intents with examples are needed, found {list(classes)}. Add examples to data/nlu"
            )
        head = fit_linear_head(vectors, targets, len(classes), strength, MAX_ITERATIONS)
        temperature, scope = 1.0, similarity_rule(vectors, refused_share)
        if calibrate and len(classes) >= MIN_CLASSES and np.bincount(targets).min() > 1:
            rounds = leave_out_rounds(vectors, targets, len(classes), strength)
            temperature, scope = fit_temperature(rounds), fit_scope_rule(rounds, refused_share)
        return cls(tuple(classes.tolist()), head, vectors, targets, temperature, scope)

    def predict(self, vectors: np.ndarray, top: int | None = None) -> list[Prediction]:
        """One prediction for each row; ``top`` limits how many labels it lists."""
        logits = self.head.logits(vectors)
        similarities = vectors @ self.examples.T
        scores = self.scope.scores(scope_evidence(similarities, logits))
        labels = self._ranked(logits, top)
        nearest = similarities.argmax(axis=1)
        return [
            Prediction(
                labels[row],
                float(scores[row]),
                self.scope.threshold,
                int(nearest[row]),
                float(similarities[row, nearest[row]]),
            )
            for row in range(len(vectors))
        ]

    def rank(self, vectors: np.ndarray) -> list[tuple[tuple[str, float], ...]]:
        """The labels of each row with their probability, best first; without the scope, which is most of the work."""
        return self._ranked(self.head.logits(vectors), None)

    def _ranked(self, logits: np.ndarray, top: int | None) -> list[tuple[tuple[str, float], ...]]:
        probabilities = softmax(logits, self.temperature)
        order = np.argsort(-probabilities, axis=1)[:, :top]
        ranked = np.take_along_axis(probabilities, order, axis=1)
        return [
            tuple((self.classes[label], share) for label, share in zip(labels, shares, strict=True))
            for labels, shares in zip(order.tolist(), ranked.tolist(), strict=True)
        ]

    def save(self, directory: Path) -> None:
        """Writes two files, arrays and a readable card, without pickle."""
        np.savez(
            directory / ARRAYS_FILE,
            weights=self.head.weights,
            offsets=self.head.offsets,
            examples=self.examples.astype(np.float16),
            example_classes=self.example_classes,
        )
        card: dict[str, Any] = {
            "format": FORMAT_VERSION,
            "classes": list(self.classes),
            "temperature": self.temperature,
            "scope": self.scope.to_dict(),
        }
        (directory / CARD_FILE).write_text(json.dumps(card, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> IntentModel:
        """The model that ``save`` wrote.

        Raises:
            OSError: there is none.
            ValueError: it was written by another version; training again mends it.
        """
        card = json.loads((directory / CARD_FILE).read_text(encoding="utf-8"))
        if card["format"] != FORMAT_VERSION:
            raise ValueError(f"intent model of format {card['format']}, expected {FORMAT_VERSION}: train again")
        with np.load(directory / ARRAYS_FILE, allow_pickle=False) as arrays:
            return cls(
                tuple(card["classes"]),
                LinearHead(arrays["weights"], arrays["offsets"]),
                arrays["examples"].astype(np.float32),
                arrays["example_classes"],
                card["temperature"],
                ScopeRule.from_dict(card["scope"]),
            )
