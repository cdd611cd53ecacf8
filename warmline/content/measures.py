"""What an evaluation counts: right answers by label, confusions, how honest confidence is, what is refused."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from warmline.content.corpus import TURNED_AWAY
from warmline.content.structure import OUT_OF_SCOPE
from warmline.content.understanding import Understood

BINS: Final = 10
WORST: Final = 10
SENTENCES: Final = 6
"""How many sentences stand with a confusion."""
CURVE_POINTS: Final = 200


@dataclass(frozen=True)
class Judged:
    """One question with what it should be taken for, and what it was taken for."""

    text: str
    expected: str
    understood: Understood

    @property
    def is_right(self) -> bool:
        """Whether the assistant would answer the right thing, or rightly refuse."""
        return self.understood.label == self.expected


@dataclass(frozen=True)
class LabelMeasure:
    """How well one label is understood. ``precision`` of what was taken for it, ``recall`` of what is it."""

    label: str
    questions: int
    right: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Confusion:
    """Questions of one label taken for another."""

    expected: str
    taken_for: str
    count: int
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class ReliabilityBin:
    """Of the answers with a confidence in this tenth: how many, how sure on average, and how many were right."""

    count: int
    confidence: float
    right: float


@dataclass(frozen=True)
class ScopePoint:
    """At a threshold: the share of known questions that pass, and of unknown ones that are refused."""

    threshold: float
    known_passed: float
    unknown_refused: float


@dataclass(frozen=True)
class Measures:
    """One model on one set of questions."""

    name: str
    questions: int
    right: int
    known_right: float | None
    """Share of the questions in scope that get the right answer."""
    unknown_refused: float | None
    """Share of the questions out of scope that are refused."""
    threshold: float
    scope_auroc: float | None
    calibration_error: float
    """Expected calibration error: mean gap between confidence and rightness, weighed by the tenths' sizes."""
    labels: tuple[LabelMeasure, ...]
    confusions: tuple[Confusion, ...]
    reliability: tuple[ReliabilityBin, ...]
    scope_curve: tuple[ScopePoint, ...]

    @property
    def accuracy(self) -> float:
        """Share of all questions that are understood rightly."""
        return self.right / self.questions if self.questions else 0.0

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {**asdict(self), "accuracy": self.accuracy}


def measure(name: str, judged: Sequence[Judged]) -> Measures:
    """Counts one model's answers."""
    known = [item for item in judged if item.expected != OUT_OF_SCOPE]
    unknown = [item for item in judged if item.expected == OUT_OF_SCOPE]
    reliability, error = _reliability(known)
    return Measures(
        name=name,
        questions=len(judged),
        right=sum(item.is_right for item in judged),
        known_right=_share(known),
        unknown_refused=_share(unknown),
        threshold=judged[0].understood.scope_threshold if judged else 0.0,
        scope_auroc=_auroc([_scope(item) for item in known], [_scope(item) for item in unknown]),
        calibration_error=error,
        labels=_labels(judged),
        confusions=_confusions(judged),
        reliability=reliability,
        scope_curve=_scope_curve(known, unknown),
    )


def _share(judged: Sequence[Judged]) -> float | None:
    return sum(item.is_right for item in judged) / len(judged) if judged else None


def _labels(judged: Sequence[Judged]) -> tuple[LabelMeasure, ...]:
    asked = Counter(item.expected for item in judged)
    taken = Counter(item.understood.label for item in judged)
    right = Counter(item.expected for item in judged if item.is_right)
    measures = []
    for label, count in asked.items():
        precision = right[label] / taken[label] if taken[label] else 0.0
        recall = right[label] / count
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        measures.append(LabelMeasure(label, count, right[label], precision, recall, f1))
    return tuple(sorted(measures, key=lambda item: (item.f1, item.label)))


def _confusions(judged: Sequence[Judged]) -> tuple[Confusion, ...]:
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in judged:
        if not item.is_right:
            said[item.expected, item.understood.label].append(item.text)
    worst = sorted(said.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(Confusion(a, b, len(texts), tuple(texts[:SENTENCES])) for (a, b), texts in worst)


def _reliability(known: Sequence[Judged]) -> tuple[tuple[ReliabilityBin, ...], float]:
    """Whether the best label was right, against its confidence; refusing is another decision, with its own curve."""
    bins: list[list[Judged]] = [[] for _ in range(BINS)]
    for item in known:
        bins[min(int(item.understood.confidence * BINS), BINS - 1)].append(item)
    told, error = [], 0.0
    for members in bins:
        count = len(members)
        confidence = sum(item.understood.confidence for item in members) / count if count else 0.0
        right = (
            sum(_intent(item.understood.best) == _intent(item.expected) for item in members) / count if count else 0.0
        )
        error += abs(confidence - right) * count / max(len(known), 1)
        told.append(ReliabilityBin(count, confidence, right))
    return tuple(told), error


def _intent(label: str) -> str:
    """Confidence is that of the intent; which FAQ entry it is, the selector decides."""
    return label.partition("/")[0]


def _scope_curve(known: Sequence[Judged], unknown: Sequence[Judged]) -> tuple[ScopePoint, ...]:
    if not known or not unknown:
        return ()
    inside = [_scope(item) for item in known]
    outside = [_scope(item) for item in unknown]
    points = []
    for step in range(CURVE_POINTS + 1):
        threshold = step / CURVE_POINTS
        passed = sum(score >= threshold for score in inside) / len(inside)
        refused = sum(score < threshold for score in outside) / len(outside)
        points.append(ScopePoint(threshold, passed, refused))
    return tuple(points)


def _scope(item: Judged) -> float:
    """How much the message counts as known; nothing when it was taken for one that is turned away, at any threshold."""
    return 0.0 if item.understood.best == TURNED_AWAY else item.understood.scope_score


def _auroc(known: Sequence[float], unknown: Sequence[float]) -> float | None:
    """The chance that a known question scores above an unknown one (Mann and Whitney)."""
    if not known or not unknown:
        return None
    wins = sum((a > b) + 0.5 * (a == b) for a in known for b in unknown)
    return wins / (len(known) * len(unknown))
