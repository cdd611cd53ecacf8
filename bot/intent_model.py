"""The intent model: labelled sentence vectors in, calibrated labels and an honest "I do not know that" out.

Free of Rasa, so that the components, ``warmline classify`` and the content tools share one model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Collection, Mapping, Sequence

import numpy as np

from bot.comparison import RoundedRows, spread
from bot.kernel import PENALTY, factorise, head_weights, kernel, kernel_system, leave_out, softmax
from bot.scope import (
    MIN_LABELS,
    Examples,
    ScopeRule,
    evidence,
    fit_scope_rule,
    fit_temperature,
    nearest_mean,
    similarity_rule,
    try_leaving_out,
)

FORMAT_VERSION = 4
ARRAYS_FILE = "intent_model.npz"
CARD_FILE = "intent_model.json"

MOST_EXAMPLES = 16_000
"""Of more examples a part is used, spread evenly over the labels: memory and time grow with the square and the cube."""

MOST_TRIED = 6_000
"""Confidence and scope are found by leaving out, which takes much longer than learning: with more examples a part of so
many, spread evenly over the labels, is tried, and the scope looks at these alone."""

LABELS_LOOKED_AT = 32
"""The heads are asked for the labels whose centres are nearest: of 181 labels the best one is among 20 in 99.7 of 100
messages. All of them would be most of the memory that a message goes through, which is what its time goes into."""

LISTED_LABELS = 40
"""How many labels are worth listing for one message; those behind have next to no probability."""

RANKED_LABELS = 8
"""Labels that leave Rasa with a message: what is behind them has next to no probability."""

MOST_AXES = 256
"""Vectors are turned onto so many axes that tell the training examples apart best: as good as all 768, and the
comparison with thousands of examples, most of a message's time, takes a third."""

REFUSED_SHARE = 0.01
"""Share of rightly understood messages that the scope rule may refuse, as left-out examples show it: what is paid for
refusing unknown ones. Real messages are less like the examples than these are like each other: two to three times as
many are refused."""

CALM_PENALTY = 1.0
"""Penalty of a second head, for the scope alone: it trusts single examples less, so near unknown messages show more."""

UNKNOWN_LABELS = ("nlu_fallback", "out_of_scope", "oos")
"""Labels whose examples show what the bot does not know."""


class NotEnoughExamplesError(ValueError):
    """There is nothing to tell apart: the training data have fewer than two intents with examples."""


@dataclass(frozen=True)
class Prediction:
    """What the model says about one message.

    ``labels`` with their calibrated probability, most probable first; ``scope_score`` between 0 and 1 and the threshold
    from which the message counts as known; ``nearest`` the index of the most similar training example.
    ``is_unknown_label`` when the most probable label itself means out of scope.
    """

    labels: tuple[tuple[str, float], ...]
    scope_score: float
    scope_threshold: float
    nearest: int
    similarity: float
    is_unknown_label: bool = False

    @property
    def in_scope(self) -> bool:
        """Whether the bot should trust the label."""
        return self.scope_score >= self.scope_threshold and not self.is_unknown_label


@dataclass(frozen=True)
class IntentModel:
    """A trained model; immutable, safe to share between threads."""

    classes: tuple[str, ...]
    axes: np.ndarray
    """[width, axes]: what vectors are multiplied with before anything else."""
    weights: np.ndarray
    """Of the head, [examples, labels]: how much each example speaks for each label."""
    calm_weights: np.ndarray
    """The same of the head that the scope rule looks at; 0 for examples that were not tried."""
    examples: RoundedRows
    """Vectors that the head compares with: training examples, then the names of the labels if they were given."""
    example_classes: np.ndarray
    """The label of each training example; the names have none."""
    example_rows: np.ndarray
    """Which training row each example was."""
    tried: int
    """So many of the examples, the first ones, the scope looks at."""
    centres: np.ndarray
    """The direction of each label's examples, [labels, dimensions]."""
    unknown: tuple[str, ...]
    temperature: float
    scope: ScopeRule

    @classmethod
    def train(
        cls,
        vectors: np.ndarray,
        labels: Sequence[str],
        *,
        names: Mapping[str, np.ndarray] | None = None,
        unknown_labels: Collection[str] = UNKNOWN_LABELS,
        refused_share: float = REFUSED_SHARE,
        penalty: float = PENALTY,
        calibrate: bool = True,
    ) -> IntentModel:
        """Fits the head, calibrates its confidence and finds the scope rule, all on these examples.

        Args:
            vectors: float32 [n, dimensions] of unit length; the same text should stand there once for a label.
            labels: the label of each row.
            names: the vector of each label's name in words, which helps where a label has few examples.
            unknown_labels: see ``UNKNOWN_LABELS``.
            refused_share: see ``REFUSED_SHARE``.
            penalty: of the head, see ``bot.kernel``.
            calibrate: false leaves out the scope rule, where only the order of the labels matters.

        Raises:
            NotEnoughExamplesError: fewer than two different labels, or none that is in scope.
        """
        classes, targets = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
        is_unknown = np.isin(classes, list(unknown_labels))
        if len(classes) < 2 or is_unknown.all():
            raise NotEnoughExamplesError(
                f"at least two intents with examples are needed, one of them in scope, found {classes.tolist()}. "
                "Add examples to data/nlu"
            )
        rows = spread_evenly(targets, MOST_EXAMPLES)
        first = spread_evenly(targets[rows], MOST_TRIED)
        rows = np.concatenate([rows[first], np.delete(rows, first)])
        axes = spread(main_axes(vectors[rows]))
        named = [place for place, label in enumerate(classes) if label in (names or {}) and not is_unknown[place]]
        name_rows = np.array([(names or {})[classes[place]] for place in named], dtype=np.float32)
        examples = RoundedRows.of(
            np.concatenate([vectors[rows], name_rows.reshape(len(named), vectors.shape[1])]) @ axes
        )
        everything = examples.vectors
        all_targets = np.concatenate([targets[rows], np.array(named, dtype=np.int64)])
        tried = Examples(everything[: len(first)], targets[rows[: len(first)]], is_unknown)
        # What is tried stands first, with the names: the factor of the whole then begins with the factor of these.
        order = np.concatenate(
            [np.arange(len(first)), np.arange(len(rows), len(everything)), np.arange(len(first), len(rows))]
        )
        places = order[: len(first) + len(named)]
        system = kernel_system(everything[order])
        calm_factor = np.array(system[: len(places), : len(places)])
        factor = factorise(system, penalty)
        weights = np.empty((len(everything), len(classes)), dtype=np.float32)
        weights[order] = head_weights(factor, all_targets[order], len(classes))
        solved = leave_out(factor[: len(places), : len(places)], all_targets[places], len(classes))
        del system, factor  # as large as everything else together
        temperature = fit_temperature(solved.without_itself()[: len(first)], tried.targets)

        calm_weights = np.zeros_like(weights)
        sizes = np.bincount(tried.targets, minlength=tried.labels)[~tried.unknown]
        similarities = tried.vectors @ tried.vectors.T
        if calibrate and len(sizes) >= MIN_LABELS and sizes.max() > 1:
            calm = leave_out(factorise(calm_factor, CALM_PENALTY), all_targets[places], len(classes))
            calm_weights[places] = calm.weights
            scope = fit_scope_rule(try_leaving_out(tried, similarities, calm), refused_share)
        else:
            calm_weights[places] = solved.weights
            of_known = np.flatnonzero(tried.is_known)
            scope = similarity_rule(similarities[np.ix_(of_known, of_known)], refused_share)
        return cls(
            tuple(classes.tolist()),
            axes,
            weights,
            calm_weights,
            examples,
            targets[rows],
            rows,
            len(first),
            tried.centres(),
            tuple(classes[is_unknown].tolist()),
            temperature,
            scope,
        )

    def predict(self, vectors: np.ndarray, top: int | None = None) -> list[Prediction]:
        """One prediction for each row; ``top`` limits how many labels it lists."""
        vectors = vectors @ self.axes
        similarities = self.examples.similarities(vectors)
        to_centres = vectors @ self.centres.T
        scores, calm_scores = self._scores(kernel(similarities), to_centres)
        to_examples = similarities[:, : len(self.example_classes)]
        scope_scores = self.scope.scores(self._evidence(calm_scores, to_examples, to_centres))
        nearest = to_examples.argmax(axis=1)
        return [
            Prediction(
                labels,
                float(scope_scores[row]),
                self.scope.threshold,
                int(self.example_rows[nearest[row]]),
                float(to_examples[row, nearest[row]]),
                labels[0][0] in self.unknown,
            )
            for row, labels in enumerate(self._ranked(scores, top))
        ]

    def rank(self, vectors: np.ndarray) -> list[tuple[tuple[str, float], ...]]:
        """The labels of each row with their probability, best first; without the scope."""
        vectors = vectors @ self.axes
        votes = kernel(self.examples.similarities(vectors))
        return self._ranked(self._scores(votes, vectors @ self.centres.T)[0], None)

    def _scores(self, votes: np.ndarray, to_centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What both heads say for each label, [rows, labels] each; about 0, and so taken, for labels far away."""
        if len(self.classes) <= 2 * LABELS_LOOKED_AT:
            return votes @ self.weights, votes @ self.calm_weights
        scores, calm_scores = np.zeros((2, len(votes), len(self.classes)), dtype=np.float32)
        calm_votes = self._that_were_tried(votes)
        for row, looked_at in enumerate(np.argpartition(-to_centres, LABELS_LOOKED_AT, axis=1)):
            # Label by label, which reads each weight where it lies; the rows together would first be copied.
            for label in np.union1d(looked_at[:LABELS_LOOKED_AT], np.flatnonzero(self._is_unknown)).tolist():
                scores[row, label] = self._weights_of_labels[label] @ votes[row]
                calm_scores[row, label] = self._calm_weights_of_labels[label] @ calm_votes[row]
        return scores, calm_scores

    def _that_were_tried(self, columns: np.ndarray) -> np.ndarray:
        """Of one column for each example those that have calm weights: what was tried, and the names."""
        return np.concatenate([columns[:, : self.tried], columns[:, len(self.example_classes) :]], axis=1)

    @cached_property
    def _weights_of_labels(self) -> np.ndarray:
        return np.ascontiguousarray(self.weights.T)

    @cached_property
    def _calm_weights_of_labels(self) -> np.ndarray:
        return np.ascontiguousarray(self._that_were_tried(self.calm_weights.T))

    def _evidence(self, scores: np.ndarray, to_examples: np.ndarray, to_centres: np.ndarray) -> np.ndarray:
        to_examples = to_examples[:, self._known_examples]
        if self.unknown:
            to_centres = to_centres[:, ~self._is_unknown]
        return evidence(scores, self._is_unknown, nearest_mean(to_examples), to_centres.max(axis=1))

    @cached_property
    def _is_unknown(self) -> np.ndarray:
        return np.isin(self.classes, self.unknown)

    @cached_property
    def _known_examples(self) -> np.ndarray:
        return np.flatnonzero(~self._is_unknown[self.example_classes[: self.tried]])

    def _ranked(self, scores: np.ndarray, top: int | None) -> list[tuple[tuple[str, float], ...]]:
        probabilities = softmax(scores, self.temperature)
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
            axes=self.axes,
            weights=self.weights,
            calm_weights=self.calm_weights,
            examples=self.examples.codes,
            example_classes=self.example_classes,
            example_rows=self.example_rows,
            centres=self.centres,
        )
        card: dict[str, Any] = {
            "format": FORMAT_VERSION,
            "classes": list(self.classes),
            "unknown": list(self.unknown),
            "temperature": self.temperature,
            "tried": self.tried,
            "step": self.examples.step,
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
                arrays["axes"],
                arrays["weights"],
                arrays["calm_weights"],
                RoundedRows(arrays["examples"], card["step"]),
                arrays["example_classes"],
                arrays["example_rows"],
                card["tried"],
                arrays["centres"],
                tuple(card["unknown"]),
                card["temperature"],
                ScopeRule.from_dict(card["scope"]),
            )


def spread_evenly(targets: np.ndarray, most: int) -> np.ndarray:
    """Rows to learn from, in order: all of them, or ``most``, the rarest labels whole."""
    if len(targets) <= most:
        return np.arange(len(targets))
    random = np.random.default_rng(0)
    place = np.empty(len(targets), dtype=np.int64)
    for label in np.unique(targets):
        members = random.permutation(np.flatnonzero(targets == label))
        place[members] = np.arange(len(members))
    return np.sort(np.argsort(place, kind="stable")[:most])


def main_axes(vectors: np.ndarray) -> np.ndarray:
    """The directions in which the rows are longest, at most ``MOST_AXES``, float32 [width, axes]."""
    lengths, directions = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    count = min(MOST_AXES, int((lengths > lengths[-1] * 1e-7).sum()))
    return np.ascontiguousarray(directions[:, -count:], dtype=np.float32)
