"""How well turns are told apart that were not learnt from, and the calibration of scores on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score

from models.frustration.examples import NEEDS, Example
from models.frustration.score import MOODS, TASKS

FRUSTRATED_FROM: Final = 0.5
CALM_BELOW: Final = 0.13
HOT_FROM: Final = 0.7

Numbers = npt.NDArray[np.float64]
Figures = dict[str, float]


def calibrate(logits: Numbers, shares: Numbers) -> tuple[float, float]:
    """Return slope and offset of Platt's sigmoid for soft targets (Platt, 1999), by Newton's method."""
    slope, offset = 1.0, 0.0
    for _ in range(50):
        share = 1.0 / (1.0 + np.exp(-(slope * logits + offset)))
        error, curve = share - shares, share * (1 - share)
        gradient = np.array([np.sum(error * logits), np.sum(error)])
        hessian = np.array(
            [
                [np.sum(curve * logits * logits), np.sum(curve * logits)],
                [np.sum(curve * logits), np.sum(curve)],
            ]
        )
        step = np.linalg.solve(hessian + 1e-6 * np.eye(2), gradient)
        slope, offset = slope - float(step[0]), offset - float(step[1])
        if float(np.abs(step).max()) < 1e-8:
            break
    return slope, offset


def target_of(example: Example, task: str) -> float | None:
    """What the example says of the task; None when it says nothing."""
    if task in MOODS:
        value: float | None = getattr(example, task)
        return value
    return None if example.needs is None else example.needs[NEEDS.index(task)]


def calibrations(examples: Sequence[Example], logits: Numbers) -> dict[str, tuple[float, float]]:
    """Slope and offset of each task, from examples that the network has not seen."""
    found = {}
    for column, task in enumerate(TASKS):
        rows = [(row, value) for row, example in enumerate(examples) if (value := target_of(example, task)) is not None]
        places, values = (np.array(part) for part in zip(*rows, strict=True))
        found[task] = calibrate(logits[places, column], values.astype(np.float64))
    return found


def figures_of(examples: Sequence[Example], logits: Numbers, calibration: Mapping[str, tuple[float, float]]) -> Figures:
    """How well unseen examples are told apart: AUC of each task, and for frustration what the policy cares about."""
    figures: Figures = {}
    for column, task in enumerate(TASKS):
        rows = [(row, value) for row, example in enumerate(examples) if (value := target_of(example, task)) is not None]
        if not rows:
            continue
        places, values = (np.array(part) for part in zip(*rows, strict=True))
        slope, offset = calibration[task]
        scores = 1.0 / (1.0 + np.exp(-(slope * logits[places, column] + offset)))
        truth = values >= (FRUSTRATED_FROM if task == "frustration" else 0.35)
        if truth.all() or not truth.any():
            continue
        figures[f"{task}: AUC"] = round(float(roc_auc_score(truth, scores)), 3)
        if task == "frustration":
            figures["frustration: correlation"] = round(float(np.corrcoef(scores, values)[0, 1]), 3)
            over = scores >= FRUSTRATED_FROM
            figures["frustration: calm turns at 0.5 or above"] = round(float(over[values < CALM_BELOW].mean()), 3)
            figures["frustration: hot turns at 0.5 or above"] = round(float(over[values >= HOT_FROM].mean()), 3)
        elif task in NEEDS:
            figures[f"{task}: average precision"] = round(float(average_precision_score(truth, scores)), 3)
    return figures
