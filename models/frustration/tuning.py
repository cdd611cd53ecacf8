"""Tuning the network: batches of like length, several sources in one pass, soft targets, averaged weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from models.frustration.examples import EMOTIONS, NEEDS, OWN, PLAIN, VERDICTS, Example
from models.frustration.features import SurfaceReader
from models.frustration.network import SOURCES, Batch, FrustrationNetwork
from models.frustration.reading import TurnReader
from models.frustration.score import MOODS, TASKS

Numbers = npt.NDArray[np.float64]
Report = Callable[[str], None]


@dataclass(frozen=True)
class Recipe:
    """How a network is tuned. One pass over the comments goes with ``own_repeats`` over the project's turns.

    ``epochs`` are the passes of a teacher and of a network that learns alone, ``pupils_epochs`` those of one that has
    teachers; those named ``further_`` are of going on from a network that has learnt, more slowly.
    ``another_reading`` is how often a turn that can be read in several ways is met in another than the usual one, by
    teachers and by the network that serves; ``taught_share`` how much of what is learnt comes from teachers, where
    there are any.
    """

    epochs: int = 3
    pupils_epochs: int = 5
    further_epochs: int = 2
    own_repeats: int = 3
    batch: int = 64
    rate: float = 4e-5
    head_rate: float = 1e-3
    further_rate: float = 2e-5
    further_head_rate: float = 3e-4
    rate_decay_by_layer: float = 0.9
    warm_up: float = 0.06
    emotion_weight: float = 1.0
    goemotions_weight: float = 1.0
    need_weight: float = 0.25
    plain_weight: float = 0.1
    another_reading: float = 0.15
    pupils_other_reading: float = 0.4
    taught_share: float = 0.7
    average_from: float = 0.6
    seed: int = 7


@dataclass(frozen=True)
class Read:
    """One example as numbers; ``taught`` are the shares, 0 to 1, that teachers give its tasks, if they were asked."""

    ids: tuple[int, ...]
    turn_end: int
    surface: tuple[float, ...]
    source: int
    targets: tuple[float, ...]
    weights: tuple[float, ...]
    taught: tuple[float, ...] = ()


@dataclass(frozen=True)
class Readings:
    """An example as it is usually read, and other ways to read it."""

    usual: Read
    others: tuple[Read, ...] = ()


class ExampleReader:
    """Examples to numbers."""

    def __init__(self, reader: TurnReader, recipe: Recipe) -> None:
        self._reader = reader
        self._surface = SurfaceReader()
        self._recipe = recipe

    def read(self, example: Example) -> Read:
        """The example's pieces, surface, and targets with their weights (0 where there is no target)."""
        pieces = self._reader.read(example.text, example.before)
        given = (example.frustration, example.abuse, example.urgency, example.take_over)
        emotions = example.emotions
        hot = 1.0 if example.source in {OWN, VERDICTS} else self._recipe.goemotions_weight
        weights = [0.0 if value is None else hot if task == 0 else 1.0 for task, value in enumerate(given)]
        share = self._recipe.emotion_weight / len(EMOTIONS) if emotions is not None else 0.0
        weight = self._recipe.plain_weight if example.source == PLAIN else self._recipe.need_weight
        need = weight if example.needs is not None else 0.0
        return Read(
            pieces.ids,
            pieces.turn_end,
            self._surface.read(example.text).values,
            SOURCES.index(example.source),
            (
                *(value or 0.0 for value in given),
                *(example.needs or (0.0,) * len(NEEDS)),
                *(emotions or (0.0,) * len(EMOTIONS)),
            ),
            (*weights, *(need,) * len(NEEDS), *(share,) * len(EMOTIONS)),
        )


def tune(
    network: FrustrationNetwork,
    own: Sequence[Readings],
    other: Sequence[Readings],
    recipe: Recipe,
    device: torch.device,
    report: Report,
) -> FrustrationNetwork:
    """Return the network tuned on ``own`` (several times a pass) and ``other``: the mean of its last weights."""
    chance = Random(recipe.seed)
    torch.manual_seed(recipe.seed)
    network.to(device).train()
    report(f"learning from {len(own)} turns and {len(other)} comments")
    rows_a_pass = [*other, *(readings for _ in range(recipe.own_repeats) for readings in own)]
    optimiser = torch.optim.AdamW(_groups(network, recipe), weight_decay=0.01, fused=device.type == "cuda")
    steps_each = math.ceil(len(rows_a_pass) / recipe.batch)
    steps = steps_each * recipe.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _rate(steps, recipe.warm_up))
    averaged = torch.optim.swa_utils.AveragedModel(network)
    step = 0
    for epoch in range(recipe.epochs):
        rows = [
            chance.choice(readings.others)
            if readings.others and chance.random() < recipe.another_reading
            else readings.usual
            for readings in rows_a_pass
        ]
        total = 0.0
        for batch, wanted in _batches(rows, recipe.batch, chance, device):
            with torch.autocast(device.type, torch.bfloat16, enabled=_is_quick_in_16_bits(device)):
                logits, offsets = network(batch), network.offsets(batch)
            loss = _loss(logits.float(), offsets.float(), wanted, recipe)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            if step >= steps * recipe.average_from and step % 10 == 0:
                averaged.update_parameters(network)
            total += float(loss.detach())
            if step % 100 == 0:
                mean = total / (step - epoch * steps_each)
                report(f"pass {epoch + 1} of {recipe.epochs}, step {step} of {steps}, loss {mean:.4f}")
    if averaged.n_averaged > 0:
        network.load_state_dict(averaged.module.state_dict())
    return network.eval()


@torch.no_grad()
def logits_of(network: FrustrationNetwork, rows: Sequence[Read], device: torch.device, batch: int = 256) -> Numbers:
    """The logits of the tasks for each row, as the project's own turns are scored, [rows, tasks]."""
    network.to(device).eval()
    order = sorted(range(len(rows)), key=lambda place: len(rows[place].ids))
    result = np.zeros((len(rows), len(TASKS)))
    for start in range(0, len(order), batch):
        places = order[start : start + batch]
        made, _ = _collate([rows[place] for place in places], device)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            result[places] = network(made)[:, : len(TASKS)].float().cpu().numpy()
    return result


def _is_quick_in_16_bits(device: torch.device) -> bool:
    """Processors without instructions for bfloat16 only emulate it, several times slower than 32 bits."""
    if device.type == "cuda":
        return True
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))


def _groups(network: FrustrationNetwork, recipe: Recipe) -> list[dict[str, Any]]:
    layers = list(network.encoder.encoder.layer)
    groups: list[dict[str, Any]] = [
        {
            "params": list(layer.parameters()),
            "lr": recipe.rate * recipe.rate_decay_by_layer ** (len(layers) - 1 - place),
        }
        for place, layer in enumerate(layers)
    ]
    heads = (network.piece, network.whole, network.surface, network.source)
    groups.append({"params": [p for head in heads for p in head.parameters()], "lr": recipe.head_rate})
    return groups


def _rate(steps: int, warm_up: float) -> Callable[[int], float]:
    def share(step: int) -> float:
        first = max(1, int(steps * warm_up))
        return step / first if step < first else max(0.0, (steps - step) / max(1, steps - first))

    return share


@dataclass(frozen=True)
class _Wanted:
    """What a batch should score and how much each counts, [n, tasks + emotions], and what teachers say, [n, tasks]."""

    targets: Tensor
    weights: Tensor
    taught: Tensor | None


def _loss(logits: Tensor, offsets: Tensor, wanted: _Wanted, recipe: Recipe) -> Tensor:
    """Cross-entropy with what the sources say, each with its offset, and with what teachers say, who have none."""

    def crossed(found: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        losses = nn.functional.binary_cross_entropy_with_logits(found, targets, reduction="none")
        return (losses * weights).sum() / len(targets)

    said = crossed(logits + offsets, wanted.targets, wanted.weights)
    if wanted.taught is None:
        return said
    tasks = len(TASKS)
    weights = torch.full((tasks,), recipe.need_weight, device=logits.device)
    weights[: len(MOODS)] = 1.0
    taught = crossed(logits[:, :tasks], wanted.taught, weights)
    return (1.0 - recipe.taught_share) * said + recipe.taught_share * taught


def _batches(rows: list[Read], size: int, chance: Random, device: torch.device) -> Iterator[tuple[Batch, _Wanted]]:
    """Batches of like length in random order: padding is what costs most."""
    order = list(range(len(rows)))
    chance.shuffle(order)
    pool = size * 50
    batches = []
    for start in range(0, len(order), pool):
        some = sorted(order[start : start + pool], key=lambda place: len(rows[place].ids))
        batches += [some[first : first + size] for first in range(0, len(some), size)]
    chance.shuffle(batches)
    for places in batches:
        yield _collate([rows[place] for place in places], device)


def _collate(rows: Sequence[Read], device: torch.device) -> tuple[Batch, _Wanted]:
    longest = max(len(row.ids) for row in rows)
    ids = np.zeros((len(rows), longest), dtype=np.int64)
    mask, turn = np.zeros_like(ids), np.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row.ids)] = row.ids
        mask[place, : len(row.ids)] = 1
        turn[place, 1 : row.turn_end] = 1

    def tensor(values: Any, kind: torch.dtype) -> Tensor:
        return torch.as_tensor(np.asarray(values), dtype=kind).to(device, non_blocking=True)

    batch = Batch(
        tensor(ids, torch.int64),
        tensor(mask, torch.int64),
        tensor(turn, torch.int64),
        tensor([row.surface for row in rows], torch.float32),
        tensor([row.source for row in rows], torch.int64),
    )
    wanted = _Wanted(
        tensor([row.targets for row in rows], torch.float32),
        tensor([row.weights for row in rows], torch.float32),
        tensor([row.taught for row in rows], torch.float32) if rows[0].taught else None,
    )
    return batch, wanted
