"""The code that scores in production, as the benchmark asks it; each part is loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from benchmarks.escalation.scoring import Mood, Scored, Turn
from models.frustration.reading import Said
from models.frustration.score import MODEL, FrustrationModel
from warmline.escalation.offline import Line, OfflineScorer
from warmline.settings import Settings


class Production:
    """The frustration model for single turns, the offline scorer for whole conversations."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _model(self) -> FrustrationModel:
        return FrustrationModel.load()

    @cached_property
    def _scorer(self) -> OfflineScorer:
        return OfflineScorer.load(self._settings)

    def mood(self, text: str, before: Sequence[Turn]) -> Mood:
        """Read one turn in its context."""
        return self._model.score(text, [Said(turn.role, turn.text) for turn in before])

    def conversation(self, turns: Sequence[Turn]) -> Sequence[Scored | None]:
        """Score a conversation as it would have been scored while it went on."""
        return self._scorer.score([Line(turn.role, turn.text) for turn in turns])

    def notes(self) -> Sequence[str]:
        """Says so where the model cannot be loaded and VADER stands in for it."""
        if self._model.scored_by == MODEL:
            return ()
        return (f"The frustration model could not be loaded: its figures are those of {self._model.scored_by}.",)
