"""What a trained model understands, without Rasa: its classifier, read from the model file."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bot.encoding import EncoderChangedError, MessageReader, shared_encoder
from bot.intent_model import LISTED_LABELS, IntentModel, Prediction
from warmline.content.corpus import FAQ_PREFIX, TURNED_AWAY
from warmline.content.structure import OUT_OF_SCOPE
from warmline.errors import CommandError

COMPONENTS: Final = "components/"
CLASSIFIER: Final = "EncoderIntentClassifier"


@dataclass(frozen=True)
class Understood:
    """What a message was taken for: an intent, an FAQ key, or ``out_of_scope``; and how sure the model is.

    ``best`` is the label that it would have had in scope.
    """

    label: str
    best: str
    confidence: float
    scope_score: float
    scope_threshold: float


@dataclass(frozen=True)
class Understanding:
    """A trained model's ears."""

    name: str
    reader: MessageReader
    classifier: IntentModel

    @classmethod
    def of_model(cls, file: Path) -> Understanding:
        """Reads a model file that Rasa wrote. Raises :class:`CommandError` when it cannot be used."""
        mend = "run `warmline content train`"
        if not file.exists():
            raise CommandError(f"there is no model {file.name}", mend)
        try:
            with tempfile.TemporaryDirectory() as folder:
                _unpack(file, Path(folder))
                encoder = shared_encoder()
                classifier = next(Path(folder).rglob(f"*{CLASSIFIER}*"))
                reader = MessageReader.load(classifier, encoder)
                return cls(file.name, reader, IntentModel.load(classifier))
        except (OSError, ValueError, KeyError, StopIteration, tarfile.TarError, EncoderChangedError) as error:
            raise CommandError(
                f"{file.name} cannot be read here: {error or 'it is of another pipeline'}", mend
            ) from error

    def understand(self, texts: Sequence[str]) -> list[Understood]:
        """What the assistant takes each message for."""
        if not texts:
            return []
        rows = np.vstack([self.reader.read(text) for text in texts])
        return [understood_of(prediction) for prediction in self.classifier.predict(rows, LISTED_LABELS)]

    def predict(self, text: str) -> Prediction:
        """What the classifier says of one message."""
        return self.classifier.predict(self.reader.read(text), LISTED_LABELS)[0]


def understood_of(prediction: Prediction) -> Understood:
    """What the assistant makes of a prediction."""
    sums: dict[str, float] = {}
    for label, share in prediction.labels:
        intent = label.partition("/")[0]
        sums[intent] = sums.get(intent, 0.0) + share
    best, confidence = max(sums.items(), key=lambda item: item[1])
    if f"{best}/" == FAQ_PREFIX:
        best = next(label for label, _ in prediction.labels if label.startswith(FAQ_PREFIX))
    refused = not prediction.in_scope or best == TURNED_AWAY
    return Understood(
        OUT_OF_SCOPE if refused else best, best, confidence, prediction.scope_score, prediction.scope_threshold
    )


def _unpack(file: Path, folder: Path) -> None:
    with tarfile.open(file, "r:gz") as archive:
        wanted = [member for member in archive.getmembers() if CLASSIFIER in member.name]
        archive.extractall(folder, members=wanted, filter="data")
