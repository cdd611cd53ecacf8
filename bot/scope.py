"""Is a message something the bot knows at all? The rule is found on the training data alone.

Nobody has written down what customers will ask that the bot does not know, so the training data play that part: parts
of the intents are left out in turn, and their examples are then what an unknown message looks like. Left-out examples
of the intents that stayed show what a known one looks like. Three observations separate them (``ScopeEvidence``); their
weights are fitted, and the threshold is where a stated share of the known ones would be refused.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy.optimize import minimize

from bot.linear import LinearHead, fit_linear_head, softmax

NEIGHBOURS = 3
"""Similarity is the mean over this many nearest training examples."""

FOLDS = 4
"""Each intent and each example is left out once in this many rounds."""

MIN_CLASSES = 2 * FOLDS
"""With fewer classes too little is left to learn the weights from; then similarity alone decides."""

ROUND_ITERATIONS = 30
"""Enough for the rounds' heads: more changes the last digit of the evidence."""


@dataclass(frozen=True)
class ScopeRule:
    """``score`` = sigmoid of a weighted sum of the standardised evidence; in scope from ``threshold`` on."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    offset: float
    threshold: float

    def scores(self, evidence: np.ndarray) -> np.ndarray:
        """Scores between 0 (nothing we know) and 1, one for each row of evidence."""
        standardised = (evidence - np.array(self.mean)) / np.array(self.scale)
        return 1.0 / (1.0 + np.exp(-(standardised @ np.array(self.weights) + self.offset)))

    def to_dict(self) -> dict:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict) -> ScopeRule:
        """The rule that ``to_dict`` wrote."""
        parts = {key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()}
        return cls(**parts)


@dataclass(frozen=True)
class Rounds:
    """What the leave-out rounds saw: evidence of known and unknown messages, and logits to calibrate confidence."""

    known: np.ndarray
    unknown: np.ndarray
    logits: list[np.ndarray]
    targets: list[np.ndarray]


def scope_evidence(similarities: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """The evidence of each row: mean similarity to the nearest examples, top probability, log-sum-exp of the logits.

    The last one, the negated free energy of Liu et al. 2020, tells how much the head has seen anything like it.
    """
    count = min(NEIGHBOURS, similarities.shape[1])
    nearest = np.partition(similarities, similarities.shape[1] - count, axis=1)[:, -count:]
    top = logits.max(axis=1)
    total = np.exp(logits - top[:, None]).sum(axis=1)
    return np.stack([nearest.mean(axis=1), 1.0 / total, np.log(total) + top], axis=1)


def leave_out_rounds(vectors: np.ndarray, targets: np.ndarray, classes: int, strength: float, seed: int = 0) -> Rounds:
    """Trains ``FOLDS`` times without a part of the examples and without a part of the intents."""
    random = np.random.default_rng(seed)
    class_round = random.permutation(classes) % FOLDS
    example_round = _spread(targets, random)
    known, unknown, all_logits, all_targets = [], [], [], []
    for round_number in range(FOLDS):
        unseen_class = class_round[targets] == round_number
        left_out = example_round == round_number
        kept = ~unseen_class & ~left_out
        present, kept_targets = np.unique(targets[kept], return_inverse=True)
        head = fit_linear_head(vectors[kept], kept_targets, len(present), strength, ROUND_ITERATIONS)
        probe = left_out & np.isin(targets, present)
        known.append(_evidence(head, vectors[probe], vectors[kept]))
        unknown.append(_evidence(head, vectors[unseen_class], vectors[kept]))
        all_logits.append(head.logits(vectors[probe]))
        all_targets.append(np.searchsorted(present, targets[probe]))
    return Rounds(np.concatenate(known), np.concatenate(unknown), all_logits, all_targets)


def fit_scope_rule(rounds: Rounds, refused_share: float) -> ScopeRule:
    """Weights that best separate known from unknown, and the threshold that refuses ``refused_share`` of the known."""
    evidence = np.concatenate([rounds.known, rounds.unknown])
    is_known = np.concatenate([np.ones(len(rounds.known)), np.zeros(len(rounds.unknown))])
    mean, scale = evidence.mean(axis=0), evidence.std(axis=0) + 1e-9
    weights, offset = _separate((evidence - mean) / scale, is_known)
    rule = ScopeRule(_floats(mean), _floats(scale), _floats(weights), float(offset), 0.0)
    threshold = float(np.quantile(rule.scores(rounds.known), refused_share))
    return ScopeRule(rule.mean, rule.scale, rule.weights, rule.offset, threshold)


def similarity_rule(vectors: np.ndarray, refused_share: float) -> ScopeRule:
    """The rule for a very small bot: similarity to the nearest other examples, by leave-one-out."""
    similarities = vectors @ vectors.T
    np.fill_diagonal(similarities, -1.0)
    nearest = scope_evidence(similarities, np.zeros((len(vectors), 1)))[:, 0]
    rule = ScopeRule((float(nearest.mean()), 0.0, 0.0), (float(nearest.std() + 1e-9), 1.0, 1.0), (1, 0, 0), 0.0, 0.0)
    scores = rule.scores(np.stack([nearest, nearest * 0, nearest * 0], axis=1))
    threshold = float(np.quantile(scores, refused_share))
    return ScopeRule(rule.mean, rule.scale, rule.weights, rule.offset, threshold)


def fit_temperature(rounds: Rounds) -> float:
    """The temperature with the least cross-entropy on left-out examples (Guo et al. 2017)."""
    grid = np.geomspace(0.2, 5.0, 60)

    def surprise(temperature: float) -> float:
        total = 0.0
        for logits, targets in zip(rounds.logits, rounds.targets, strict=True):
            right = softmax(logits, temperature)[np.arange(len(targets)), targets]
            total -= float(np.log(right + 1e-12).sum())
        return total

    return float(min(grid, key=surprise))


def _evidence(head: LinearHead, vectors: np.ndarray, examples: np.ndarray) -> np.ndarray:
    return scope_evidence(vectors @ examples.T, head.logits(vectors))


def _spread(targets: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A round for each example, each class spread as evenly as its size allows."""
    rounds = np.zeros(len(targets), dtype=np.int64)
    for number in np.unique(targets):
        members = random.permutation(np.flatnonzero(targets == number))
        rounds[members] = (np.arange(len(members)) + random.integers(FOLDS)) % FOLDS
    return rounds


def _separate(evidence: np.ndarray, is_known: np.ndarray) -> tuple[np.ndarray, float]:
    """Logistic regression with both sides weighing the same; weights are kept from turning negative.

    More similarity, more certainty or more energy never speak against knowing a message; without the bound two
    correlated observations can take opposite signs that do not carry over to real messages.
    """
    share = np.where(is_known == 1, 0.5 / max(is_known.sum(), 1), 0.5 / max((1 - is_known).sum(), 1))
    sign = 2 * is_known - 1
    columns = evidence.shape[1]

    def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (evidence @ flat[:columns] + flat[columns])
        loss = float((share * np.logaddexp(0, -margin)).sum() + 1e-4 * (flat[:columns] ** 2).sum())
        pull = -share * sign / (1 + np.exp(np.clip(margin, -500, 500)))
        gradient = np.append(evidence.T @ pull + 2e-4 * flat[:columns], pull.sum())
        return loss, gradient

    bounds = [(0, None)] * columns + [(None, None)]
    found = minimize(loss_and_gradient, np.zeros(columns + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    return found.x[:columns], float(found.x[columns])


def _floats(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
