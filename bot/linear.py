"""Softmax regression: the linear head on the sentence vectors.

Written out on scipy's L-BFGS instead of taken from scikit-learn, because the meaning of its stopping tolerance differs
between the versions that Rasa and the rest of the house can use; here both train the same model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize


@dataclass(frozen=True)
class LinearHead:
    """Weights [classes, dimensions] and offsets [classes]; ``logits`` are their affine map."""

    weights: np.ndarray
    offsets: np.ndarray

    def logits(self, vectors: np.ndarray) -> np.ndarray:
        """Unnormalised log probabilities, [n, classes]."""
        return vectors @ self.weights.T + self.offsets


def fit_linear_head(
    vectors: np.ndarray, targets: np.ndarray, classes: int, strength: float, max_iterations: int
) -> LinearHead:
    """Minimises cross-entropy plus an L2 penalty.

    Args:
        vectors: float32 [n, dimensions], unit length.
        targets: class index of each row.
        classes: number of classes.
        strength: inverse of the penalty, scikit-learn's ``C``. Unit-length vectors need a weak penalty (about 30).
        max_iterations: of L-BFGS.
    """
    rows, dimensions = vectors.shape
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    penalty = 1.0 / (strength * rows)
    index = np.arange(rows)
    split = classes * dimensions

    def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = flat.astype(np.float32)
        weights = parameters[:split].reshape(classes, dimensions)
        logits = vectors @ weights.T
        logits += parameters[split:]
        logits -= logits.max(axis=1, keepdims=True)
        right = logits[index, targets]
        np.exp(logits, out=logits)
        total = logits.sum(axis=1)
        loss = float((np.log(total) - right).mean(dtype=np.float64))
        loss += 0.5 * penalty * float(np.square(weights).sum(dtype=np.float64))
        logits /= total[:, None]
        logits[index, targets] -= 1.0
        logits /= rows
        gradient = logits.T @ vectors
        gradient += penalty * weights
        return loss, np.concatenate([gradient.ravel(), logits.sum(axis=0)]).astype(np.float64)

    found = minimize(
        loss_and_gradient,
        np.zeros(split + classes),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": max_iterations, "ftol": 1e-7, "gtol": 1e-5},
    )
    best = found.x.astype(np.float32)
    return LinearHead(best[:split].reshape(classes, dimensions), best[split:])


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities along the last axis; a temperature above 1 makes them less sure."""
    scaled = logits / temperature
    scaled = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return scaled / scaled.sum(axis=-1, keepdims=True)
