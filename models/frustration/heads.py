"""Learns the model's last, linear part again, on what the network that serves reads of each turn.

Minutes on one processor core, without torch: from turns of files that the network has not learnt from, and from agents'
verdicts. The network itself stays as it is, so what it cannot tell apart no head can; ``train`` tunes all of it, on the
same turns. Each head is a logistic regression on the added turns, and on what the old head says of the turns that the
network knows: to learn their labels again would only teach it to be sure of what it has seen.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper
from tokenizers import Tokenizer

from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER_DIRECTORY
from models.encoder.encode import TOKENIZER_FILE, open_session
from models.frustration.examples import NEEDS, Example
from models.frustration.features import SURFACE_NAMES, SurfaceReader
from models.frustration.figures import Figures, figures_of, target_of
from models.frustration.material import Questions, read_additions
from models.frustration.reading import TurnReader
from models.frustration.score import CARD_FILE, DEFAULT_DIRECTORY, MODEL_FILE, TASKS, Card

HEADS: Final = "heads"
"""The constant of the graph that :func:`models.encoder.graph.build_piece_graph` multiplies the last layer with."""
LARGEST: Final = 64
"""Seven bits, as :func:`models.encoder.graph.quantise` keeps weights."""
NEARNESS: Final = 5.0
"""How strongly weights are held near the old ones, in turns. With 1, turns of other situations than those added
(``tests/data/needs``) are told no better and more harmless ones are suspected."""
STEPS: Final = 250
STILL: Final = 2e-4
"""Learning ends when no weight moves by more."""
SMALLEST_SCALE: Final = 1e-8
FELT: Final = "frustration"

Numbers = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]
Report = Callable[[str], None]


class HeadsError(RuntimeError):
    """The model that is there has no heads that could be learnt again; the message says how to mend it."""


@dataclass(frozen=True)
class Relearnt:
    """What was learnt again: figures on the added turns that were held out, with the new heads and with the old.

    ``own`` turns were added, ``judged`` by agents; of ``other`` turns, which the network knew, its word was kept.
    """

    figures: Figures
    before: Figures
    own: int
    judged: int
    other: int
    seconds: float
    device: str = "cpu"


class Reading:
    """The network that serves, up to what its heads are multiplied with."""

    def __init__(
        self, directory: Path = DEFAULT_DIRECTORY, tokenizer: Path = ENCODER_DIRECTORY / TOKENIZER_FILE
    ) -> None:
        """Open the model in ``directory``.

        Raises:
            HeadsError: its graph is another than ``export`` writes.
            FrustrationModelError: it is missing or damaged.
        """
        self.card = Card.load(directory)
        about = json.loads((directory / CARD_FILE).read_text(encoding="utf-8"))["about"]
        self.learnt_files: tuple[str, ...] = tuple(about.get("learnt_files", ()))
        self.graph = onnx.load(str(directory / MODEL_FILE))
        with tempfile.TemporaryDirectory() as scratch:
            cut = Path(scratch) / MODEL_FILE
            onnx.save(_cut(self.graph), str(cut))
            self._session = open_session(cut)
        self._reader = TurnReader(Tokenizer.from_file(str(tokenizer)))
        self._surface = SurfaceReader()

    def read(self, example: Example) -> Weights:
        """What a score is a weighted sum of: the turn's pieces on average, the whole input, manner of writing, 1."""
        pieces = self._reader.read(example.text, example.before)
        ids = np.array([pieces.ids], dtype=np.int64)
        (values,) = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        own = values[0, 1 : pieces.turn_end]
        mean = own.mean(axis=0) if len(own) else np.zeros(values.shape[2], dtype=np.float32)
        manner = self._surface.read(example.text).values
        return np.concatenate([mean, values[0, 0], manner, [1.0]]).astype(np.float32)

    def weights(self) -> Numbers:
        """The heads that serve, [tasks, numbers of :meth:`read`]."""
        constants = {constant.name: numpy_helper.to_array(constant) for constant in self.graph.graph.initializer}
        heads = (constants[f"{HEADS}_quantized"].astype(np.float64) * constants[f"{HEADS}_scale"]).T
        count = len(TASKS)
        bias = self.card.bias.astype(np.float64)[:, None]
        return np.concatenate([heads[:count], heads[count:], self.card.surface.astype(np.float64), bias], axis=1)


def relearn(
    feedback: Path | None, questions: Questions, out: Path, report: Report, directory: Path = DEFAULT_DIRECTORY
) -> Relearnt:
    """Learn the heads of the model in ``directory`` again, and write the model with them into ``out``.

    Learnt are the needs, and frustration where there are agents' verdicts. First without a fifth of the added turns,
    for the figures, then with them.

    Args:
        feedback: an export of agents' verdicts, if any.
        questions: the assistant's own, of which the model knows what they tell.
        out: folder for the graph and its card; may be ``directory``.
        report: takes one progress line at a time.
        directory: the model to go on from.

    Raises:
        ExamplesError: the examples cannot be used.
        HeadsError, FrustrationModelError: the model that is there cannot be used.
        OSError: ``out`` cannot be written.
    """
    begun = time.monotonic()
    reading = Reading(directory)
    material = read_additions(reading.learnt_files, feedback, questions)
    tasks = (*((FELT,) if material.judged else ()), *NEEDS)
    added, held_out = (_telling(turns, tasks) for turns in (material.added, material.held_out))
    new = [*added, *material.judged, *held_out]
    if not new:
        raise HeadsError(
            "there is nothing that the model has not learnt: "
            "add a file of turns under models/frustration/needs, or give agents' verdicts with --with-feedback"
        )
    read = _read_all(reading, [*new, *material.known], report)
    fresh, known = read[: len(new)], read[len(new) :]
    old = reading.weights()
    report("learning without the held-out turns")
    first = len(added) + len(material.judged)
    measured = learn(new[:first], fresh[:first], known, old, reading.card, tasks)
    figures, before = (_figures(held_out, fresh[first:], weights, reading.card) for weights in (measured, old))
    report("learning from everything")
    weights = learn(new, fresh, known, old, reading.card, tasks)
    report("writing the model")
    own = len(added) + len(held_out)
    counts = {"own": own, "judged": len(material.judged), "known": len(material.known)}
    about = {"learnt_again": list(tasks), "examples": counts, "held_out": figures, "held_out_before": before}
    write(reading.graph, weights, directory, out, about)
    return Relearnt(figures, before, own, len(material.judged), len(material.known), time.monotonic() - begun)


def learn(
    new: Sequence[Example], fresh: Weights, known: Weights, old: Numbers, card: Card, tasks: Sequence[str]
) -> Numbers:
    """Return ``old`` [tasks, numbers] with the rows of ``tasks`` learnt again.

    Convex, so there is one answer whatever the order: accelerated steps (Nesterov, 1983) under the bound on the
    curvature of a logistic regression (Böhning, 1992), for all heads that the same turns teach at once.

    Args:
        new: the turns to learn.
        fresh: them as they were read, [turns, numbers].
        known: turns of which the old heads' word is kept, as they were read.
        old: the heads that serve.
        card: the model's calibration.
        tasks: which heads.
    """
    found = old.copy()
    for group in (tuple(task for task in tasks if task == FELT), tuple(task for task in tasks if task in NEEDS)):
        rows = [place for place, one in enumerate(new) if group and target_of(one, group[0]) is not None]
        if not rows:
            continue
        columns = [TASKS.index(task) for task in group]
        slope, offset = (values[columns].astype(np.float64) for values in (card.slope, card.offset))
        start = old[columns].T * slope
        kept = known.astype(np.float64)
        said = 1.0 / (1.0 + np.exp(-(kept @ start + offset)))
        told = np.array([[target_of(new[place], task) for task in group] for place in rows], dtype=np.float64)
        read = np.concatenate([fresh[rows].astype(np.float64), kept])
        found[columns] = (_nearest(read, np.concatenate([told, said]), start, offset) / slope).T
    return found


def _nearest(read: Numbers, targets: Numbers, start: Numbers, offset: Numbers) -> Numbers:
    """The regression's weights [numbers, tasks]."""
    inverse = np.linalg.inv(read.T @ read / 4 + NEARNESS * np.eye(read.shape[1]))
    current, ahead, pace = start, start, 1.0
    for _ in range(STEPS):
        share = 1.0 / (1.0 + np.exp(-(read @ ahead + offset)))
        step = ahead - inverse @ (read.T @ (share - targets) + NEARNESS * (ahead - start))
        moved = float(np.abs(step - current).max())
        quicker = (1.0 + np.sqrt(1.0 + 4.0 * pace * pace)) / 2.0
        # Going on past a step that led back is what makes acceleration swing: there it begins anew.
        back = float(np.sum((ahead - step) * (step - current))) > 0.0
        ahead = step if back else step + (pace - 1.0) / quicker * (step - current)
        current, pace = step, 1.0 if back else quicker
        if moved < STILL:
            break
    return current


def write(graph: onnx.ModelProto, weights: Numbers, directory: Path, out: Path, about: Mapping[str, object]) -> None:
    """Write the model with these heads into ``out``, in the place of one there once both files are whole.

    Args:
        graph: the whole graph of the model in ``directory``; its heads are replaced in place.
        weights: the heads, [tasks, numbers of :meth:`Reading.read`].
        directory: the model whose card says the rest.
        out: folder for both files.
        about: what the card says of this learning.
    """
    sides = (weights.shape[1] - len(SURFACE_NAMES) - 1) // 2
    heads = np.concatenate([weights[:, :sides], weights[:, sides : 2 * sides]]).T
    scale = np.maximum(np.abs(heads).max(axis=0) / LARGEST, SMALLEST_SCALE).astype(np.float32)
    whole = np.clip(np.round(heads / scale), -LARGEST, LARGEST).astype(np.int8)
    for constant in graph.graph.initializer:
        for name, values in ((f"{HEADS}_quantized", whole), (f"{HEADS}_scale", scale)):
            if constant.name == name:
                constant.CopyFrom(numpy_helper.from_array(values, name))
    card = json.loads((directory / CARD_FILE).read_text(encoding="utf-8"))
    card["surface"] = np.round(weights[:, 2 * sides : -1], 5).tolist()
    card["bias"] = np.round(weights[:, -1], 5).tolist()
    card["about"]["heads"] = dict(about)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".heads-", dir=out) as scratch:
        file, numbers = (Path(scratch) / name for name in (MODEL_FILE, CARD_FILE))
        onnx.save(graph, str(file))
        card["model_sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
        numbers.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
        file.replace(out / MODEL_FILE)
        numbers.replace(out / CARD_FILE)


def _telling(turns: Sequence[Example], tasks: Sequence[str]) -> list[Example]:
    return [turn for turn in turns if any(target_of(turn, task) is not None for task in tasks)]


def _figures(held_out: Sequence[Example], read: Weights, weights: Numbers, card: Card) -> Figures:
    pairs = zip(card.slope.tolist(), card.offset.tolist(), strict=True)
    return figures_of(held_out, read.astype(np.float64) @ weights.T, dict(zip(TASKS, pairs, strict=True)))


def _read_all(reading: Reading, examples: Sequence[Example], report: Report) -> Weights:
    rows = []
    for place, example in enumerate(examples):
        if place % 2000 == 0:
            report(f"reading turn {place:,} of {len(examples):,}")
        rows.append(reading.read(example))
    return np.stack(rows)


def _cut(graph: onnx.ModelProto) -> onnx.ModelProto:
    """The graph up to the values that its heads are multiplied with."""
    nodes = list(graph.graph.node)
    names = {constant.name for constant in graph.graph.initializer}
    last = [place for place, node in enumerate(nodes) if node.op_type == "LayerNormalization"]
    if not last or not {f"{HEADS}_quantized", f"{HEADS}_scale"} <= names:
        raise HeadsError(
            "the model's graph has no heads that could be learnt again: it was made by another version; "
            "restore models/frustration/model from the repository"
        )
    cut: Any = onnx.ModelProto()
    cut.CopyFrom(graph)
    del cut.graph.node[last[-1] + 1 :]
    del cut.graph.output[:]
    (value,) = nodes[last[-1]].output[:1]
    cut.graph.output.append(onnx.helper.make_tensor_value_info(value, onnx.TensorProto.FLOAT, None))
    kept: onnx.ModelProto = cut
    return kept
