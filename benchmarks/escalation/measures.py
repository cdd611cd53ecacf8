"""The arithmetic of the figures: correlation, F1 and its best threshold, the golden-transfer score."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


def correlation(scores: Sequence[float], ratings: Sequence[float]) -> float:
    """Pearson's r. Raises ``ValueError`` where one of the two is the same throughout, or they are not equally many."""
    if len(scores) != len(ratings) or len(set(scores)) < 2 or len(set(ratings)) < 2:
        raise ValueError("a correlation needs as many scores as ratings, and either to vary")
    return float(np.corrcoef(scores, ratings)[0, 1])


@dataclass(frozen=True)
class Hits:
    """What was found: rightly, wrongly, and not at all. A share of nothing is 0."""

    right: int
    wrong: int
    missed: int

    @classmethod
    def of(cls, found: Sequence[bool], truth: Sequence[bool]) -> Hits:
        """Compare what was found with what is true."""
        pairs = list(zip(found, truth, strict=True))
        return cls(pairs.count((True, True)), pairs.count((True, False)), pairs.count((False, True)))

    def plus(self, other: Hits) -> Hits:
        """Both together."""
        return Hits(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Of what was found, the share that is right."""
        return self.right / (self.right + self.wrong) if self.right else 0.0

    @property
    def recall(self) -> float:
        """Of what is there, the share that was found."""
        return self.right / (self.right + self.missed) if self.right else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0


def best_threshold(scores: Sequence[float], truth: Sequence[bool]) -> float:
    """The threshold from which on scores count as found with the highest F1, half-way between two neighbours.

    Of several equally good ones the highest. Raises ``ValueError`` without scores.
    """
    if not scores:
        raise ValueError("a threshold needs scores")
    order = sorted(set(scores))
    between = [order[0], *((low + high) / 2 for low, high in itertools.pairwise(order))]
    return max(between, key=lambda limit: (Hits.of([score >= limit for score in scores], truth).f1, limit))


def cross_validated(scores: Sequence[float], truth: Sequence[bool]) -> tuple[Hits, tuple[float, float]]:
    """What is found at the best threshold, each half (even and odd places) judged by the other half's threshold.

    Returns:
        the hits of both halves together, and the thresholds by which the even and the odd places were judged.
    """
    even, odd = (scores[::2], truth[::2]), (scores[1::2], truth[1::2])
    hits, limits = Hits(0, 0, 0), []
    for (own_scores, own_truth), others in ((even, odd), (odd, even)):
        limit = best_threshold(*others)
        limits.append(limit)
        hits = hits.plus(Hits.of([score >= limit for score in own_scores], own_truth))
    return hits, (limits[0], limits[1])


def golden_transfer(handed: Sequence[int], golden: Sequence[int], tolerance: int) -> float:
    """The golden-transfer score within a tolerance (GT-T) of one dialogue, 0 to 1.

    Liu et al., "Time to Transfer: Predicting and Evaluating Machine-Human Chatting Handoff", AAAI 2021. With the
    places p at which a dialogue was handed over and the places q at which it should have been, both counted in
    messages::

        GT-T = mean over p of max over q of exp(-(1 / (1 - c sgn(p - q))) (p - q)^2 / (2 T^2))

    A dialogue that should not be handed over counts 1 if it was not and 0 if it was; one that should be and was not
    counts 0. T is the tolerance (GT-I, II and III are T = 1, 2, 3). c, between -1 and 1, makes late handoffs cost more
    than early ones; here it is 0, so both cost the same. (The authors' code adds 1e-7 to T, which changes no digit.)

    Raises:
        ValueError: the tolerance is not positive.
    """
    if tolerance <= 0:
        raise ValueError("the tolerance is a positive number of messages")
    if not golden or not handed:
        return float(not golden and not handed)
    nearest = (min(abs(place - right) for right in golden) for place in handed)
    return sum(math.exp(-(distance**2) / (2 * tolerance**2)) for distance in nearest) / len(handed)
