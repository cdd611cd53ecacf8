"""All that the model learns from, read together: the project's own turns, those held out, verdicts, and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.frustration.conversations import read_conversations
from models.frustration.examples import (
    Example,
    plain_requests,
    read_convabuse,
    read_goemotions,
    read_needs,
    read_turns,
    read_verdicts,
)

HELD_OUT_RUN: Final = 10
HELD_OUT_EVERY: Final = 5
"""Of every five runs of ten rows of a file the last is held out: neighbours are often variants of one situation."""
TRAIN_FILE: Final = "train.csv"
"""The name of the part of GoEmotions and of convabuse that is learnt from."""


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
