"""Is a message something the bot knows at all? The rule is found on the training data alone.

Nobody has written down what customers will ask that the bot does not know, so the training data play that part: a
quarter of the labels is left out in turn, and its examples are then what unknown messages look like; each example left
out alone shows what a known one looks like. Where the training data have examples of what is out of scope, they count
as unknown too. Four observations (``evidence``) count alike, and the threshold is where a stated share of the rightly
understood examples would be refused. Weights fitted to what leaving out shows separated real unknown messages less
well.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Iterator

import numpy as np

from bot.kernel import LeaveOut, softmax

NEIGHBOURS = 10
"""Similarity is the mean over this many nearest training examples; 3 tell near unknown messages less well."""

PARTS = 4
"""The known labels are left out in this many parts. One by one they show only unknown messages next to known ones."""

MIN_LABELS = PARTS
"""With fewer labels too little is left when some are left out; then similarity alone decides."""

BLOCK = 512
"""Rows whose similarities are held at once."""

ROUNDS = 20
"""Of Newton's method; it needs about eight."""

OBSERVATIONS = 4


@dataclass(frozen=True)
class ScopeRule:
    """``score`` = sigmoid of the weighted, standardised evidence; in scope from ``threshold`` on."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    offset: float
    threshold: float

    def scores(self, evidence: np.ndarray) -> np.ndarray:
        """Scores between 0 (nothing we know) and 1, one for each row of evidence."""
        standardised = (evidence - np.array(self.mean)) / np.array(self.scale)
        return _sigmoid(standardised @ np.array(self.weights) + self.offset)

    def to_dict(self) -> dict:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict) -> ScopeRule:
        """The rule that ``to_dict`` wrote."""
        parts = {key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()}
        return cls(**parts)


@dataclass(frozen=True)
class Examples:
    """Training rows: unit ``vectors``, the index of their label, and which labels mean out of scope."""

    vectors: np.ndarray
    targets: np.ndarray
    unknown: np.ndarray

    @property
    def labels(self) -> int:
        """How many labels there are."""
        return len(self.unknown)

    @property
    def is_known(self) -> np.ndarray:
        """Which rows are examples of something that the bot knows."""
        return ~self.unknown[self.targets]

    def sums(self) -> np.ndarray:
        """The sum of each label's vectors; its direction is the label's centre."""
        sums = np.zeros((self.labels, self.vectors.shape[1]), dtype=np.float32)
        np.add.at(sums, self.targets, self.vectors)
        return sums

    def centres(self) -> np.ndarray:
        """The direction of each label's examples, of unit length."""
        return _unit(self.sums())


@dataclass(frozen=True)
class Trials:
    """What leaving out showed: evidence of known and unknown messages, and which known ones were understood."""

    known: np.ndarray
    unknown: np.ndarray
    is_right: np.ndarray


def evidence(scores: np.ndarray, unknown: np.ndarray, nearest: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """The evidence of each row, float [n, ``OBSERVATIONS``].

    Args:
        scores: of the head, [n, labels]; minus infinity for a label that is left out.
        unknown: which labels mean out of scope.
        nearest: mean similarity to the nearest examples of known labels.
        centre: similarity to the nearest centre of a known label.

    Returns:
        The best score of a known label, its lead over the next label, ``nearest`` and ``centre``.
    """
    known = np.where(unknown, -np.inf, scores)
    best = known.argmax(axis=1)
    rows = np.arange(len(scores))
    top = scores[rows, best]
    others = scores.copy()
    others[rows, best] = -np.inf
    return np.stack([top, top - np.maximum(others.max(axis=1), 0.0), nearest, centre], axis=1)


def nearest_mean(similarities: np.ndarray) -> np.ndarray:
    """The mean of the ``NEIGHBOURS`` largest of each row."""
    count = min(NEIGHBOURS, similarities.shape[1])
    return np.partition(similarities, similarities.shape[1] - count, axis=1)[:, -count:].mean(axis=1)


def try_leaving_out(examples: Examples, similarities: np.ndarray, solved: LeaveOut) -> Trials:
    """Evidence of every example without itself, and of each part of the labels' examples without those labels.

    Args:
        examples: the training rows.
        similarities: cosines between them.
        solved: the head; it may have more rows, behind these.
    """
    sums = examples.sums()
    alone = np.bincount(examples.targets, minlength=examples.labels)[examples.targets] < 2
    known_rows = np.flatnonzero(examples.is_known & ~alone)
    given_rows = np.flatnonzero(~examples.is_known)
    scores = solved.without_itself()
    nothing = np.zeros(examples.labels, dtype=bool)
    known = _evidence_without(examples, similarities, sums, known_rows, scores[known_rows], nothing)
    unknown = [_evidence_without(examples, similarities, sums, given_rows, scores[given_rows], nothing)]
    for hidden, rows, without in _left_out_labels(examples, solved):
        unknown.append(_evidence_without(examples, similarities, sums, rows, without, hidden))
    is_right = scores[known_rows].argmax(axis=1) == examples.targets[known_rows]
    return Trials(known, np.concatenate(unknown), is_right)


def fit_scope_rule(trials: Trials, refused_share: float) -> ScopeRule:
    """All observations alike, with the slope that makes their sum a probability, and the threshold.

    The threshold refuses ``refused_share`` of the known examples that were rightly understood when left out: what was
    misunderstood had better be refused, so it has no say.
    """
    both = np.concatenate([trials.known, trials.unknown])
    is_known = np.concatenate([np.ones(len(trials.known), dtype=bool), np.zeros(len(trials.unknown), dtype=bool)])
    mean, scale = both.mean(axis=0), both.std(axis=0) + 1e-9
    slope, offset = _separate(((both - mean) / scale).mean(axis=1), is_known)
    weights = (slope / OBSERVATIONS,) * OBSERVATIONS
    rule = ScopeRule(_floats(mean), _floats(scale), weights, offset, 0.0)
    return _with_threshold(
        rule, trials.known[trials.is_right] if trials.is_right.any() else trials.known, refused_share
    )


def similarity_rule(similarities: np.ndarray, refused_share: float) -> ScopeRule:
    """The rule for a very small bot: similarity to the nearest other examples alone."""
    others = similarities.copy()
    np.fill_diagonal(others, -1.0)
    known = np.zeros((len(others), OBSERVATIONS))
    known[:, 2] = nearest_mean(others)
    mean, scale = (0.0, 0.0, float(known[:, 2].mean()), 0.0), (1.0, 1.0, float(known[:, 2].std() + 1e-9), 1.0)
    return _with_threshold(ScopeRule(mean, scale, (0.0, 0.0, 1.0, 0.0), 0.0, 0.0), known, refused_share)


def fit_temperature(scores: np.ndarray, targets: np.ndarray) -> float:
    """The temperature with the least cross-entropy on left-out examples (Guo et al. 2017)."""
    index = np.arange(len(targets))

    def surprise(temperature: float) -> float:
        return -float(np.log(softmax(scores, temperature)[index, targets] + 1e-12).sum())

    return float(min(np.geomspace(0.02, 1.0, 40), key=surprise))


def _left_out_labels(examples: Examples, solved: LeaveOut) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each part of the known labels: which they are, their rows, their scores as if they had not been there."""
    labels_of_all = solved.votes.argmax(axis=1)
    known = np.flatnonzero(~examples.unknown)
    part = np.random.default_rng(0).permutation(len(known)) % PARTS
    for number in range(PARTS):
        hidden = np.zeros(examples.labels, dtype=bool)
        hidden[known[part == number]] = True
        everywhere = np.flatnonzero(hidden[labels_of_all])
        rows = everywhere[everywhere < len(examples.targets)]
        scores = solved.without(everywhere)[: len(rows)]
        scores[:, hidden] = -np.inf
        yield hidden, rows, scores


def _evidence_without(
    examples: Examples,
    similarities: np.ndarray,
    sums: np.ndarray,
    rows: np.ndarray,
    scores: np.ndarray,
    hidden: np.ndarray,
) -> np.ndarray:
    """Evidence of training rows that do not count as their own neighbours and centre, nor do ``hidden`` labels."""
    parts = []
    visible = examples.is_known & ~hidden[examples.targets]
    centres = _unit(sums)
    for start in range(0, len(rows), BLOCK):
        some, their = rows[start : start + BLOCK], scores[start : start + BLOCK]
        near = similarities[some]
        near[:, ~visible] = -1.0
        near[np.arange(len(some)), some] = -1.0
        vectors, labels = examples.vectors[some], examples.targets[some]
        to_centres = vectors @ centres.T
        to_centres[np.arange(len(some)), labels] = (vectors * _unit(sums[labels] - vectors)).sum(axis=1)
        to_centres[:, examples.unknown | hidden] = -1.0
        parts.append(evidence(their, examples.unknown, nearest_mean(near), to_centres.max(axis=1)))
    return np.concatenate(parts) if parts else np.empty((0, OBSERVATIONS))


def _with_threshold(rule: ScopeRule, known: np.ndarray, refused_share: float) -> ScopeRule:
    threshold = float(np.quantile(rule.scores(known), refused_share))
    return ScopeRule(rule.mean, rule.scale, rule.weights, rule.offset, threshold)


def _separate(observed: np.ndarray, is_known: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the logistic curve that separates the two, which weigh the same, by Newton's method."""
    share = np.where(is_known, 0.5 / max(is_known.sum(), 1), 0.5 / max((~is_known).sum(), 1))
    columns = np.column_stack([observed, np.ones(len(observed))])
    ridge = np.diag([1e-3, 1e-9])
    flat = np.array([1.0, 0.0])
    for _ in range(ROUNDS):
        chance = _sigmoid(columns @ flat)
        gradient = columns.T @ (share * (chance - is_known)) + ridge @ flat
        curvature = (columns * (share * chance * (1 - chance))[:, None]).T @ columns + ridge
        flat = np.clip(flat - np.linalg.solve(curvature, gradient), [0.1, -20.0], 20.0)
    return float(flat[0]), float(flat[1])


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(values, -50.0, 50.0)))


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _floats(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
