"""All that the model learns from, read together: the project's own turns, those held out, verdicts, and the rest."""

from __future__ import annotations

from collections.abc import Sequence
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
KNOWN_EVERY: Final = 2
"""One in so many of the turns that a network knows already is enough to keep what it says of them."""
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


@dataclass(frozen=True)
class Additions:
    """What a network can be taught afterwards: turns of files that it has not learnt from, some of them held out.

    ``known`` are turns that it has learnt from, which tell what it should go on to say.
    """

    added: tuple[Example, ...]
    held_out: tuple[Example, ...]
    judged: tuple[Example, ...]
    known: tuple[Example, ...]


def own_files() -> dict[str, list[list[Example]]]:
    """The project's own turns by file, in the groups that are held out together: ``needs/home_shop``, ``turns/...``."""
    rows = {
        f"{kind}/{name}": turns
        for kind, read in (("turns", read_turns()), ("needs", read_needs()))
        for name, turns in read.items()
    }
    groups = {
        name: [turns[at : at + HELD_OUT_RUN] for at in range(0, len(turns), HELD_OUT_RUN)]
        for name, turns in rows.items()
    }
    return groups | {f"dialogues/{name}": talks for name, talks in read_conversations().items()}


def read_additions(learnt_files: Sequence[str], feedback: Path | None, questions: Questions) -> Additions:
    """Read what a network that has learnt from ``learnt_files`` has not seen, and every other turn that it has.

    Raises:
        ExamplesError: a file is missing or not as it should be.
    """
    known: list[Example] = []
    added: list[Example] = []
    held_out: list[Example] = []
    for name, groups in own_files().items():
        for place, group in enumerate(groups):
            if name in learnt_files:
                known += group
            else:
                (held_out if place % HELD_OUT_EVERY == HELD_OUT_EVERY - 1 else added).extend(group)
    known += plain_requests(questions.plain, questions.person)
    judged = read_verdicts(feedback) if feedback else []
    return Additions(tuple(added), tuple(held_out), tuple(judged), tuple(known[::KNOWN_EVERY]))


def read_material(sources: Sources) -> Material:
    """Read all examples.

    Raises:
        ExamplesError: a file is missing or not as it should be.
    """
    own: list[Example] = []
    held_out: list[Example] = []
    for groups in own_files().values():
        for place, group in enumerate(groups):
            (held_out if place % HELD_OUT_EVERY == HELD_OUT_EVERY - 1 else own).extend(group)
    judged = read_verdicts(sources.feedback) if sources.feedback else []
    other: list[Example] = []
    if sources.goemotions:
        other += read_goemotions(sources.goemotions / TRAIN_FILE)
    if sources.convabuse:
        other += read_convabuse(sources.convabuse / TRAIN_FILE)
    other += plain_requests(sources.questions.plain, sources.questions.person)
    return Material(tuple(own), tuple(held_out), tuple(judged), tuple(other))
