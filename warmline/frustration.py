"""``warmline train-frustration``: makes the frustration model again and says how it compares with the last one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from warmline.content.corpus import TURNED_AWAY, read_corpus
from warmline.errors import CommandError, ExitCode
from warmline.progress import Progress

if TYPE_CHECKING:
    from models.frustration.heads import Relearnt
    from models.frustration.material import Questions
    from models.frustration.train import Trained

LIBRARIES: Final = ("torch", "transformers", "sklearn")
HEADS_LIBRARIES: Final = ("sklearn",)
TRAIN_FILE: Final = "train.csv"
WHERE_FROM: Final[Mapping[str, str]] = {
    "goemotions": "fetch GoEmotions (Apache-2.0 / CC BY 4.0) from "
    "github.com/google-research/google-research/tree/master/goemotions and write its training part as train.csv with "
    "the columns id,text,labels, labels as names joined by |",
    "convabuse": "fetch convabuse (CC BY 4.0) from github.com/amandacurry/convabuse and write its training part as "
    "train.csv with the columns prev_agent,prev_user,agent,user,severities, severities joined by |",
}
SECONDS: Final = {"cuda": 400.0, "cpu": 1000.0}
SECONDS_PER_COMMENT: Final = {"cuda": 0.012, "cpu": 0.025}
"""Of a whole command: both trainings, with teachers, on an H200 GPU, one without on two processor cores with
instructions for bfloat16."""
FURTHER: Final = 0.9
"""The second training takes so many times the first one where there are no teachers."""
COMMENTS: Final = 43_410
"""In GoEmotions' training part."""
HEADS_SECONDS: Final = 100.0
"""Of learning the last part alone again, on one processor core."""

EVERY: Final = 3
"""One in so many of the assistant's questions is learnt from; they are alike, and there are thousands."""
WISHES: Final = "talk_to_person"
UNFIT: Final = frozenset(
    {
        "complain", "not_helpful", "resolution_failed", "resolution_worked", "thanks", "compliment", "stop", "goodbye",
        "faq/general_complaint_procedure", TURNED_AWAY,
    }
)  # fmt: skip
"""Labels whose questions may well tell a need, so that they cannot stand for turns that tell none."""
UNFIT_PREFIX: Final = "faq/account_security_"

LOWER_IS_BETTER: Final = frozenset({"frustration: calm turns at 0.5 or above"})
AS_GOOD: Final = 0.005
"""Figures that differ by less are the same: another seed moves them by as much."""


@dataclass(frozen=True)
class Compared:
    """A figure on the held-out turns beside that of the model in service; ``verdict``: better, same, worse or new."""

    name: str
    now: float
    before: float | None
    verdict: str


def train_frustration(
    *,
    data_dir: Path,
    goemotions: Path | None,
    convabuse: Path | None,
    feedback: Path | None,
    out: Path,
    twice: bool,
    progress: Progress,
) -> tuple[Trained, tuple[Compared, ...]]:
    """Trains the model into ``out`` and compares its figures with those of the model that is in service.

    Args:
        data_dir: the assistant's content, whose training questions are plain requests.
        goemotions: folder with GoEmotions' train.csv; None to do without.
        convabuse: folder with convabuse's train.csv; None to do without.
        feedback: export of agents' verdicts; None to do without.
        out: folder for the model's two files.
        twice: learn the held-out turns too also without a GPU.
        progress: tells how far it is.

    Raises:
        CommandError: a library or a file is missing, or not as it should be.
    """
    _can_begin(LIBRARIES, goemotions, convabuse, out)
    import torch

    from models.encoder.weights import EncoderSourceError
    from models.frustration.examples import ExamplesError
    from models.frustration.material import Sources
    from models.frustration.train import train
    from models.frustration.tuning import Recipe

    for name, folder in (("goemotions", goemotions), ("convabuse", convabuse)):
        if folder is None:
            progress.warn(f"without --{name}: {WHERE_FROM[name]}")
    if goemotions is None and convabuse is None:
        progress.warn("learning from the project's own turns alone")
    sources = Sources(goemotions, convabuse, feedback, plain_questions(data_dir))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    usual = SECONDS[device] + (SECONDS_PER_COMMENT[device] * COMMENTS if goemotions else 0.0)
    before = figures_in_service()
    try:
        with progress.step(
            "training the frustration model", usual * (1.0 + FURTHER if twice and device == "cpu" else 1.0)
        ) as tell:
            done = train(sources, out, Recipe(), tell, twice=twice or None)
    except (ExamplesError, EncoderSourceError) as error:
        raise _told(error) from error
    return done, compare(done.figures, before)


def relearn_heads(
    *, data_dir: Path, feedback: Path | None, out: Path, progress: Progress
) -> tuple[Relearnt, tuple[Compared, ...]]:
    """Learns the last, linear part of the model in service again, writes it into ``out``, compares it with the old one.

    Args:
        data_dir: the assistant's content, whose training questions are plain requests.
        feedback: export of agents' verdicts; None to do without.
        out: folder for the model's two files.
        progress: tells how far it is.

    Raises:
        CommandError: a library, a file or the model in service is missing, or not as it should be.
    """
    _can_begin(HEADS_LIBRARIES, None, None, out)
    from models.frustration.examples import ExamplesError
    from models.frustration.heads import HeadsError, relearn
    from models.frustration.score import FrustrationModelError

    try:
        with progress.step("learning the last part of the frustration model", HEADS_SECONDS) as tell:
            done = relearn(feedback, plain_questions(data_dir), out, tell)
    except (ExamplesError, HeadsError, FrustrationModelError) as error:
        raise _told(error) from error
    return done, compare(done.figures, done.before)


def _can_begin(libraries: tuple[str, ...], goemotions: Path | None, convabuse: Path | None, out: Path) -> None:
    """Finds what is missing before anything is learnt."""
    from models.encoder.encode import DEFAULT_DIRECTORY, TOKENIZER_FILE

    if missing := [name for name in libraries if find_spec(name) is None]:
        raise CommandError(
            f"training needs {', '.join(missing)}, which the assistant runs without",
            "python3 -m warmline.bootstrap --dev setup",
        )
    for name, folder in (("goemotions", goemotions), ("convabuse", convabuse)):
        if folder and not (folder / TRAIN_FILE).is_file():
            raise CommandError(f"{folder} has no {TRAIN_FILE}", WHERE_FROM[name], ExitCode.USAGE)
    standing = next(path for path in (out, *out.parents) if path.exists())
    if not standing.is_dir() or not os.access(standing, os.W_OK):
        raise CommandError(f"{out} cannot be written", "name a folder that is yours to write", ExitCode.USAGE)
    if not (DEFAULT_DIRECTORY / TOKENIZER_FILE).exists():
        raise CommandError("the sentence encoder is not prepared", "make setup")


def _told(error: Exception) -> CommandError:
    what, _, mend = str(error).rpartition(": ")
    return CommandError(what or mend, mend if what else "mend it, then run the command again")


def plain_questions(data_dir: Path) -> Questions:
    """A third of the assistant's training questions, by whether they ask for a person; none that may tell a need."""
    from models.frustration.material import Questions

    by_label = read_corpus(data_dir).by_label
    chosen = {
        label: tuple(example.text for example in examples[::EVERY])
        for label, examples in by_label.items()
        if label not in UNFIT and not label.startswith(UNFIT_PREFIX)
    }
    wishes = chosen.pop(WISHES, ())
    return Questions(tuple(text for texts in chosen.values() for text in texts), wishes)


def figures_in_service() -> Mapping[str, float]:
    """The held-out figures on the card of the model in service; none where it cannot be read."""
    from models.frustration.score import CARD_FILE, DEFAULT_DIRECTORY

    try:
        card: Any = json.loads((DEFAULT_DIRECTORY / CARD_FILE).read_text(encoding="utf-8"))
        return {str(name): float(value) for name, value in card["about"]["held_out"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def compare(now: Mapping[str, float], before: Mapping[str, float]) -> tuple[Compared, ...]:
    """Each figure beside the one there was."""
    return tuple(
        Compared(name, value, before.get(name), _verdict(name, value, before.get(name))) for name, value in now.items()
    )


def _verdict(name: str, now: float, before: float | None) -> str:
    if before is None:
        return "new"
    gain = (before - now) if name in LOWER_IS_BETTER else (now - before)
    if abs(gain) < AS_GOOD:
        return "same"
    return "better" if gain > 0 else "worse"


def tell(done: Trained | Relearnt, compared: tuple[Compared, ...], out: Path, progress: Progress) -> None:
    """The summary for people."""
    width = max((len(figure.name) for figure in compared), default=0)
    for figure in compared:
        there = "" if figure.before is None else f"  was {figure.before:.3f}"
        progress.line(f"  {figure.name:<{width}}  {figure.now:.3f}{there}  {figure.verdict}")
    counts = {name: sum(figure.verdict == name for figure in compared) for name in ("better", "same", "worse", "new")}
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    progress.line(
        f"{done.own:,} own turns, {done.judged:,} judged by agents, {done.other:,} others; {done.seconds / 60:.0f} "
        f"minutes on {done.device}; on turns that were held out: {said}. Written to {out}; restart Warmline to use it."
    )
