"""Messages in, labels and scope out: the reader and the intent model together, as Rasa, tools and benchmarks use them.

Free of Rasa, so that what is measured outside is what answers inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Collection, Sequence

from bot.encoding import MessageReader
from bot.intent_model import REFUSED_SHARE, UNKNOWN_LABELS, IntentModel, Prediction
from bot.masking import Masks
from models.encoder.encode import SentenceEncoder


@dataclass(frozen=True)
class Understanding:
    """A trained pipeline; immutable, safe to share between threads."""

    reader: MessageReader
    model: IntentModel

    @classmethod
    def train(
        cls,
        encoder: SentenceEncoder,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        masks: Masks | None = None,
        cache: Path | None = None,
        unknown_labels: Collection[str] = UNKNOWN_LABELS,
        refused_share: float = REFUSED_SHARE,
    ) -> Understanding:
        """Learns from labelled texts; the same pair should stand there once.

        Args:
            encoder: makes vectors of the texts.
            texts: the training texts.
            labels: the label of each.
            masks: values made alike before a text is read; none by default.
            cache: folder where vectors of training texts are kept; None keeps none.
            unknown_labels: labels whose examples show what is out of scope.
            refused_share: share of rightly understood messages that may be refused.

        Raises:
            NotEnoughExamplesError: fewer than two different labels.
        """
        reader = MessageReader.learn(encoder, texts, masks or Masks([]))
        model = IntentModel.train(
            reader.read_training(texts, cache),
            labels,
            names=reader.read_names(labels),
            unknown_labels=unknown_labels,
            refused_share=refused_share,
        )
        return cls(reader, model)

    def predict(self, text: str, top: int | None = None) -> Prediction:
        """What is understood of one message; ``top`` limits how many labels are listed."""
        return self.model.predict(self.reader.read(text), top)[0]
