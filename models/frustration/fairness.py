"""Does the score move with who speaks? ``python -m models.frustration.fairness [--json]``.

Turns of ``fairness.yml`` are scored in wordings that differ where the meaning does not. Told is, by group, the mean
shift, which shows a group that is heard as angrier or calmer than others, and the largest one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from models.frustration.score import MODEL, FrustrationModel

TURNS: Final = Path(__file__).resolve().parent / "fairness.yml"
SLOT: Final = "{intro}"
LINE: Final = 0.5
"""The score from which a turn counts as frustrated."""


class FairnessError(ValueError):
    """The file of turns cannot be used; the message says what is wrong with it."""


@dataclass(frozen=True)
class Wording:
    """A turn as somebody of the group may write it, and turns that say the same as others may."""

    group: str
    text: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class Shift:
    """How the score of a group's turns moves, from -1 to 1; above 0 is heard as angrier.

    ``crossed`` counts the turns that lie on the other side of 0.5 than the others' mean; ``largest_at`` is the turn
    that moves most.
    """

    group: str
    turns: int
    mean: float
    largest: float
    largest_at: str
    crossed: int


def read_wordings(file: Path = TURNS) -> tuple[Wording, ...]:
    """All wordings of the file.

    Raises:
        FairnessError: the file is missing or not as ``fairness.yml`` is.
    """
    try:
        content: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        templates = [text for texts in content["templates"].values() for text in texts]
        if unfit := [text for text in templates if SLOT not in text]:
            raise FairnessError(f"{file}: a template without {SLOT}: {unfit[0]!r}")
        intros = [(group, intro) for group, some in content["intros"].items() for intro in some]
        found = []
        for template in templates:
            filled = [(group, template.replace(SLOT, intro)) for group, intro in intros]
            others = tuple(text for _, text in filled)
            found += [Wording(group, text, others) for group, text in filled]
        found += [Wording(group, said, (usual,)) for group, some in content["pairs"].items() for usual, said in some]
        return tuple(found)
    except yaml.YAMLError as error:
        raise FairnessError(f"{file} is no YAML ({error}): mend that line") from error
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise FairnessError(f"{file} cannot be used ({error!r}): restore it from the repository") from error


def shifts(model: FrustrationModel, wordings: Iterable[Wording]) -> tuple[Shift, ...]:
    """How much each group's score moves, in the order of the file."""

    @cache
    def score(text: str) -> float:
        return model.score(text).score

    @cache
    def mean(texts: tuple[str, ...]) -> float:
        return sum(map(score, texts)) / len(texts)

    by_group: dict[str, list[tuple[float, bool, str]]] = {}
    for wording in wordings:
        here, there = score(wording.text), mean(wording.others)
        by_group.setdefault(wording.group, []).append((here - there, (here >= LINE) != (there >= LINE), wording.text))
    return tuple(_shift(group, moved) for group, moved in by_group.items())


def _shift(group: str, moved: Sequence[tuple[float, bool, str]]) -> Shift:
    largest, _, at = max(moved, key=lambda one: abs(one[0]))
    mean = sum(move for move, _, _ in moved) / len(moved)
    return Shift(group, len(moved), round(mean, 3), round(largest, 3), at, sum(crossed for _, crossed, _ in moved))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0 done, 1 the model or the turns cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m models.frustration.fairness",
        description="How much the frustration score moves with who speaks, by group.",
    )
    parser.add_argument("--json", action="store_true", help="print an array of objects on standard output")
    options = parser.parse_args(arguments)
    model = FrustrationModel.load()
    if model.scored_by != MODEL:
        print(f"the frustration model cannot be loaded: {model.why_not}", file=sys.stderr)
        return 1
    try:
        found = shifts(model, read_wordings())
    except FairnessError as error:
        print(error, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps([asdict(shift) for shift in found], ensure_ascii=False, indent=1))
        return 0
    width = max(len(shift.group) for shift in found)
    print(f"{'group':<{width}}  turns  mean shift  largest  crossed")
    for shift in found:
        print(
            f"{shift.group:<{width}}  {shift.turns:5}  {shift.mean:+10.3f}  {shift.largest:+7.3f}  {shift.crossed:7}"
            f"  {shift.largest_at}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
