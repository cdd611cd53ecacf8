"""One set measured: trained with the settings that ship, asked once, compared with what is right."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.figures import area_under_curve
from benchmarks.understanding.sets import EvaluationSet, Target
from bot.encoding import shared_encoder
from bot.masking import Masks
from bot.understanding import Understanding

TIMED: Final = 200
"""Messages understood one at a time for the time of one."""


@dataclass(frozen=True)
class Figures:
    """What was measured on one set; shares in per cent, ``None`` where there is nothing to refuse.

    ``accuracy``: known messages with the right intent, whatever the scope rule says. ``accepted_right``: with the right
    intent and accepted. ``refused``: unknown messages that are refused. ``auroc``: how well the scope score parts the
    known messages of the test from the unknown ones, 0.5 is chance. ``confidence_gap``: mean confidence less accuracy.
    """

    name: str
    examples: int
    intents: int
    tested: int
    accuracy: float
    accepted_right: float
    confidence_gap: float
    refused: float | None
    auroc: float | None
    training_seconds: float
    message_ms: float
    targets: tuple[Target, ...]

    def missed(self) -> tuple[Target, ...]:
        """The targets that are not reached."""
        return tuple(target for target in self.targets if (getattr(self, target.figure) or 0.0) < target.at_least)


def measure(given: EvaluationSet) -> Figures:
    """Trains on the set and asks its test messages."""
    pairs = list(dict.fromkeys(pair for pair in given.train if pair[0].strip()))
    encoder = shared_encoder()
    started = time.perf_counter()
    understanding = Understanding.train(
        encoder, [text for text, _ in pairs], [label for _, label in pairs], masks=Masks.of_config(given.masks)
    )
    seconds = time.perf_counter() - started
    times = []
    for text, _ in given.test[:TIMED]:
        started = time.perf_counter()
        understanding.predict(text)
        times.append(time.perf_counter() - started)
    model, reader = understanding.model, understanding.reader
    known = model.predict(reader.read_all([text for text, _ in given.test]), top=1)
    right = np.array([found.labels[0][0] == label for found, (_, label) in zip(known, given.test, strict=True)])
    accepted = np.array([found.in_scope for found in known])
    confidence = np.array([found.labels[0][1] for found in known])
    refused = auroc = None
    if given.unknown:
        unknown = model.predict(reader.read_all(given.unknown), top=1)
        refused = 100 * float(np.mean([not found.in_scope for found in unknown]))
        auroc = area_under_curve([found.scope_score for found in known], [found.scope_score for found in unknown])
    return Figures(
        name=given.name,
        examples=len(pairs),
        intents=len({label for _, label in pairs}),
        tested=len(given.test),
        accuracy=100 * float(right.mean()),
        accepted_right=100 * float((right & accepted).mean()),
        confidence_gap=100 * float(confidence.mean() - right.mean()),
        refused=refused,
        auroc=auroc,
        training_seconds=seconds,
        message_ms=1000 * statistics.median(times),
        targets=given.targets,
    )
