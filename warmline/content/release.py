"""Trains a candidate, makes it live when it is good enough, and takes the last model back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from warmline import live, training
from warmline.content.evaluation import Changed, Evaluation, evaluate
from warmline.content.sources import Sources
from warmline.errors import CommandError
from warmline.settings import Settings

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Candidate:
    """A trained model that waits to be made live."""

    model: Path
    trained: bool
    """False when the model of exactly these data was there already."""
    is_live: bool
    """True when the bot answers with exactly these data already."""
    seconds: float


@dataclass(frozen=True)
class Promoted:
    """A model that is live now. ``swapped`` is false where no bot is running; the next start begins with it."""

    model: str
    before: str | None
    swapped: bool
    seconds: float
    evaluation: Evaluation | None = None


class WorseError(CommandError):
    """The candidate does worse on the test set than the configured margin allows."""

    def __init__(self, evaluation: Evaluation, margin: float) -> None:
        now = evaluation.live.accuracy if evaluation.live else 0.0
        super().__init__(
            f"the new model gets {evaluation.candidate.accuracy:.1%} of the test questions right, the live one "
            f"{now:.1%}: more than {margin:.1%} worse, so it was not made live",
            "mend the questions that got worse (below; `warmline content evaluate` shows all), then train again; "
            "--force makes it live all the same",
        )
        self.evaluation = evaluation

    @property
    def worse(self) -> tuple[Changed, ...]:
        """The questions that the live model gets right and the new one does not."""
        return self.evaluation.worse


def train_candidate(settings: Settings, tell: Tell, *, force: bool = False) -> Candidate:
    """Trains the content as it stands, without making it live. Raises :class:`CommandError`."""
    begun = time.monotonic()
    served, candidate = training.model_file(settings), training.candidate_file(settings)
    model = served if served.exists() and not force else candidate
    needed = force or not model.exists()
    if needed:
        training.run_training(settings, candidate, tell)
        training.drop_old_models(candidate.parent, keep=candidate)
    else:
        training.refuse_broken_content(settings)
    is_live = not needed and training.live_model(settings) == model
    return Candidate(model, needed, is_live, time.monotonic() - begun)


def candidate_of_now(settings: Settings) -> Path:
    """The trained model of the content as it stands. Raises :class:`CommandError` when it was never trained."""
    for model in (training.candidate_file(settings), training.model_file(settings)):
        if model.exists():
            return model
    raise CommandError("the content has changed since it was trained", "run `warmline content train` first")


def promote(settings: Settings, sources: Sources, tell: Tell, *, force: bool = False) -> Promoted:
    """Makes the candidate live when it is not worse than the margin allows.

    Raises :class:`WorseError` when it is, and :class:`CommandError` when there is none or the running bot refuses it.
    """
    begun = time.monotonic()
    candidate, before = candidate_of_now(settings), training.live_model(settings)
    if before is not None and candidate.name == before.name:
        training.candidate_file(settings).unlink(missing_ok=True)
        return Promoted(before.name, before.name, False, time.monotonic() - begun)
    evaluation = None
    if not force and before is not None:
        evaluation = evaluate(candidate, before, sources, tell, cross_validation=False)
        now = evaluation.live.accuracy if evaluation.live else 0.0
        if evaluation.candidate.accuracy < now - settings.promote_margin:
            raise WorseError(evaluation, settings.promote_margin)
    model = training.model_file(settings)
    if candidate != model:
        candidate.replace(model)
    swapped = training.make_live(settings, model, before, tell)
    return Promoted(model.name, before.name if before else None, swapped, time.monotonic() - begun, evaluation)


def rollback(settings: Settings, tell: Tell) -> Promoted:
    """Makes the model live that was live before this one. Raises :class:`CommandError` when there is none."""
    begun = time.monotonic()
    now = training.live_model(settings)
    name = live.previous(settings, now.name) if now else None
    if now is None or name is None:
        raise CommandError("no earlier model is known", "`warmline content promote` must have been run before")
    model = settings.models_dir / name
    swapped = training.running_model(settings) not in (None, name)
    if swapped:
        tell("handing the last model to the running bot")
        training.swap_model(settings, model)
    model.touch()  # Rasa starts with the newest file of its folder
    live.went_back(settings, name)
    return Promoted(name, now.name, swapped, time.monotonic() - begun)
