"""Trains the frustration head: ``python -m models.frustration.train --goemotions DIR [--out head.json]``.

GoEmotions (Demszky et al., ACL 2020; Apache-2.0) teaches what anger looks like in short texts: anger,
annoyance, disappointment, disapproval and disgust against the rest. ``turns.yml`` teaches what it looks like
at a support desk, and that a problem is not anger. A logistic regression learns both on the frozen encoder's
vector and the surface features; Platt's method calibrates it on turns that it has not seen.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from ruamel.yaml import YAML
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from models.encoder.encode import SentenceEncoder
from models.frustration.features import SURFACE_NAMES, SurfaceReader
from models.frustration.score import DEFAULT_HEAD, HEAD_FORMAT, Head

TURNS: Final = Path(__file__).resolve().parent / "turns.yml"
NEGATIVE_EMOTIONS: Final = frozenset({"anger", "annoyance", "disappointment", "disapproval", "disgust"})
TURN_WEIGHT: Final = 30.0
"""One authored turn counts as much as so many comments, for there are a hundred times fewer of them."""
COMMENT_WEIGHT: Final = 0.5
SURFACE_SCALE: Final = 2.0
REGULARISATION_C: Final = 1.0
HELD_OUT_EVERY: Final = 4
FOLDS: Final = 5
BATCH: Final = 512
FRUSTRATED_FROM: Final = 0.5

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Report = Callable[[str], None]


@dataclass(frozen=True)
class Turns:
    """The authored turns with how frustrated each is and the group that it belongs to."""

    texts: tuple[str, ...]
    frustration: Numbers
    groups: tuple[str, ...]
    held_out: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Fitted:
    """Weights over [vector, surface] and the bias, before calibration."""

    weights: Numbers
    bias: float

    def logits(self, rows: Matrix) -> Numbers:
        """Return the uncalibrated sum for each row."""
        return np.asarray(rows @ self.weights + self.bias, dtype=np.float64)


def read_turns(path: Path = TURNS) -> Turns:
    """Read the authored turns; every fourth of a group is held out."""
    raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    rows = [
        (text, float(group["frustration"]), name, place % HELD_OUT_EVERY == HELD_OUT_EVERY - 1)
        for name, group in raw.items()
        for place, text in enumerate(group["turns"])
    ]
    texts, levels, groups, held = zip(*rows, strict=True)
    return Turns(texts, np.array(levels), groups, np.array(held))


def read_goemotions(path: Path) -> tuple[list[str], Numbers]:
    """Read one GoEmotions file (``id,text,labels``): the texts, and 1.0 where an emotion of frustration is named.

    Raises:
        OSError: the file cannot be read.
        KeyError: it has other columns.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = [float(bool(NEGATIVE_EMOTIONS & set(row["labels"].split("|")))) for row in rows]
    return [row["text"] for row in rows], np.array(labels)


class Featuriser:
    """Texts to rows of [encoder's vector, scaled surface features], with progress."""

    def __init__(self, encoder: SentenceEncoder, report: Report) -> None:
        self._encoder = encoder
        self._reader = SurfaceReader()
        self._report = report

    def rows(self, texts: Sequence[str], name: str) -> Matrix:
        """Return one row for each text."""
        parts = []
        for start in range(0, len(texts), BATCH):
            some = texts[start : start + BATCH]
            parts.append(np.hstack([self._encoder.encode(some), self._reader.matrix(some) * SURFACE_SCALE]))
            if start and start % (BATCH * 16) == 0:
                self._report(f"  {name}: {start} of {len(texts)}")
        return np.vstack(parts).astype(np.float32)


def fit(comments: Matrix, labels: Numbers, turns: Matrix, frustration: Numbers) -> Fitted:
    """Fit the head. A turn of frustration p counts p times as frustrated and 1 - p times as calm."""
    rows = np.vstack([comments, turns, turns])
    targets = np.concatenate([labels, np.ones(len(turns)), np.zeros(len(turns))])
    weights = np.concatenate(
        [np.full(len(comments), COMMENT_WEIGHT), TURN_WEIGHT * frustration, TURN_WEIGHT * (1 - frustration)]
    )
    model = LogisticRegression(C=REGULARISATION_C, max_iter=400).fit(rows, targets, sample_weight=weights)
    return Fitted(model.coef_[0].astype(np.float64), float(model.intercept_[0]))


def calibrate(logits: Numbers, frustration: Numbers) -> tuple[float, float]:
    """Return slope and offset of Platt's sigmoid for soft targets (Platt, 1999), by Newton's method."""
    slope, offset = 1.0, 0.0
    for _ in range(50):
        share = 1.0 / (1.0 + np.exp(-(slope * logits + offset)))
        error, curve = share - frustration, share * (1 - share)
        gradient = np.array([np.sum(error * logits), np.sum(error)])
        hessian = np.array(
            [
                [np.sum(curve * logits * logits), np.sum(curve * logits)],
                [np.sum(curve * logits), np.sum(curve)],
            ]
        ) + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        slope, offset = slope - float(step[0]), offset - float(step[1])
        if float(np.abs(step).max()) < 1e-8:
            break
    return slope, offset


def train(goemotions: Path, out: Path, encoder: SentenceEncoder, report: Report = print) -> Head:
    """Train, write ``out``, report the figures, and return the head.

    Raises:
        OSError: a file cannot be read or written.
    """
    featurise = Featuriser(encoder, report)
    turns = read_turns()
    authored = featurise.rows(turns.texts, "turns")
    report(f"turns: {len(turns.texts)} authored, {int(turns.held_out.sum())} of them held out")
    texts, labels = read_goemotions(goemotions / "train.csv")
    report(f"GoEmotions train: {len(texts)} comments, {int(labels.sum())} frustrated")
    comments = featurise.rows(texts, "GoEmotions train")

    seen = ~turns.held_out
    trial = fit(comments, labels, authored[seen], turns.frustration[seen])
    _report_held_out(trial, comments, labels, authored, turns, report)
    _report_goemotions(trial, goemotions, featurise, report)

    fitted = fit(comments, labels, authored, turns.frustration)
    unseen = _out_of_fold(comments, labels, authored, turns.frustration)
    slope, offset = calibrate(unseen, turns.frustration)
    head = _write(out, fitted, slope, offset, encoder)
    report(f"wrote {out}: version {head.version}, slope {slope:.3f}, offset {offset:.3f}")
    return head


def _out_of_fold(comments: Matrix, labels: Numbers, turns: Matrix, frustration: Numbers) -> Numbers:
    fold = np.arange(len(turns)) % FOLDS
    unseen = np.zeros(len(turns))
    for number in range(FOLDS):
        kept = fold != number
        unseen[~kept] = fit(comments, labels, turns[kept], frustration[kept]).logits(turns[~kept])
    return unseen


def _report_held_out(
    trial: Fitted, comments: Matrix, labels: Numbers, authored: Matrix, turns: Turns, report: Report
) -> None:
    held, frustration = turns.held_out, turns.frustration
    unseen = _out_of_fold(comments, labels, authored[~held], frustration[~held])
    slope, offset = calibrate(unseen, frustration[~held])
    scores = 1.0 / (1.0 + np.exp(-(slope * trial.logits(authored[held]) + offset)))
    truth = frustration[held]
    hot = truth >= FRUSTRATED_FROM
    report(
        f"held-out turns: AUC {roc_auc_score(hot, scores):.3f}, correlation {np.corrcoef(scores, truth)[0, 1]:.3f}, "
        f"calm ones at {FRUSTRATED_FROM} or above {np.mean(scores[truth < 0.2] >= FRUSTRATED_FROM):.1%}, "
        f"angry ones found {np.mean(scores[truth >= 0.7] >= FRUSTRATED_FROM):.1%}"
    )


def _report_goemotions(trial: Fitted, goemotions: Path, featurise: Featuriser, report: Report) -> None:
    texts, labels = read_goemotions(goemotions / "test.csv")
    scores = trial.logits(featurise.rows(texts, "GoEmotions test"))
    report(f"GoEmotions test: AUC {roc_auc_score(labels, scores):.3f} over {len(texts)} comments")


def _write(out: Path, fitted: Fitted, slope: float, offset: float, encoder: SentenceEncoder) -> Head:
    dimensions = len(fitted.weights) - len(SURFACE_NAMES)
    content = {
        "format": HEAD_FORMAT,
        "encoder": encoder.fingerprint,
        "surface_names": list(SURFACE_NAMES),
        "meaning": [round(float(weight), 5) for weight in fitted.weights[:dimensions]],
        "surface": [round(float(weight) * SURFACE_SCALE, 5) for weight in fitted.weights[dimensions:]],
        "bias": round(fitted.bias, 5),
        "slope": round(slope, 5),
        "offset": round(offset, 5),
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
    out.write_text(json.dumps({"version": digest, **content}) + "\n", encoding="utf-8")
    return Head.load(out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(description="Train the frustration head.")
    parser.add_argument("--goemotions", type=Path, required=True, help="folder with GoEmotions' train.csv and test.csv")
    parser.add_argument("--out", type=Path, default=DEFAULT_HEAD, help="where to write the head")
    options = parser.parse_args(arguments)
    try:
        train(options.goemotions, options.out, SentenceEncoder.load())
    except (OSError, KeyError, RuntimeError) as error:
        print(f"cannot train: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
