"""The network that serves learns from several that do not: their mean errs less, and one reading is to say as much.

Teachers read each turn twice, alone and after long context, since the two err differently. What they say on average of
every turn, also of turns whose source says nothing of a task, is what the served network learns beside the sources' own
targets (distillation: Hinton, Vinyals and Dean, 2015), from the short context that it will see at run time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from models.frustration.examples import Example
from models.frustration.network import FrustrationNetwork
from models.frustration.score import TASKS
from models.frustration.tuning import ExampleReader, Readings, logits_of

MISTYPED_WORDS: Final = 0.15
"""The share of words that a hurried copy of a turn gets wrong."""

Numbers = npt.NDArray[np.float64]

_WORD: Final = re.compile(r"[A-Za-z]{4,}")


def teachers_readings(examples: Sequence[Example], whole: ExampleReader) -> list[Readings]:
    """What a teacher learns from: each turn after long context, and now and then alone."""
    return [
        Readings(whole.read(example), (whole.read(replace(example, before=())),) if example.before else ())
        for example in examples
    ]


def served_readings(
    examples: Sequence[Example], served: ExampleReader, whole: ExampleReader, lessons: Numbers | None, chance: Random
) -> list[Readings]:
    """What the served network learns from: each turn as it will be read, and otherwise: alone, longer, or mistyped.

    Args:
        examples: the turns.
        served: reads as at run time.
        whole: reads after long context.
        lessons: what teachers say of each turn's tasks, 0 to 1, [turns, tasks]; a mistyped copy means the same.
        chance: what is mistyped.
    """
    found = []
    for place, example in enumerate(examples):
        reads = [served.read(example), served.read(replace(example, text=mistyped(example.text, chance)))]
        if example.before:
            reads += [served.read(replace(example, before=())), whole.read(example)]
        if lessons is not None:
            reads = [replace(read, taught=tuple(lessons[place].tolist())) for read in reads]
        found.append(Readings(reads[0], tuple(reads[1:])))
    return found


def lessons_of(
    teachers: Sequence[FrustrationNetwork], examples: Sequence[Example], whole: ExampleReader, device: torch.device
) -> Numbers:
    """What the teachers say on average of each example's tasks, alone and in context, 0 to 1, [examples, tasks]."""
    in_context = [whole.read(example) for example in examples]
    alone = [whole.read(replace(example, before=())) for example in examples]
    logits = [logits_of(teacher, rows, device) for teacher in teachers for rows in (in_context, alone)]
    shares: Numbers = 1.0 / (1.0 + np.exp(-np.mean(logits, axis=0)))
    return shares


def given_first(lessons: Numbers, examples: Sequence[Example], reader: ExampleReader) -> Numbers:
    """The lessons, [examples, tasks], with the target in the place of each one where the example's source gives one."""
    found = lessons.copy()
    for place, example in enumerate(examples):
        read = reader.read(example)
        for task in range(len(TASKS)):
            if read.weights[task] > 0.0:
                found[place, task] = read.targets[task]
    return found


def mistyped(text: str, chance: Random) -> str:
    """A copy as somebody in a hurry types it: letters left out, doubled or swapped, no apostrophes, small beginning."""

    def wrong(found: re.Match[str]) -> str:
        word = found[0]
        if chance.random() >= MISTYPED_WORDS:
            return word
        place = chance.randrange(1, len(word) - 1)
        return chance.choice(
            (
                word[:place] + word[place + 1 :],
                word[:place] + word[place] + word[place:],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            )
        )

    copy = _WORD.sub(wrong, text)
    if chance.random() < 0.5:
        copy = copy.replace("'", "").replace("’", "")
    return copy[:1].lower() + copy[1:]
