"""Scoring a text at run time: numpy, the sentence encoder and VADER; no training library is imported."""

from __future__ import annotations

import json
import logging
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER_DIRECTORY
from models.encoder.encode import SentenceEncoder
from models.frustration.features import SURFACE_NAMES, Surface, SurfaceReader

logger = logging.getLogger(__name__)

DEFAULT_HEAD: Final = Path(__file__).resolve().parent / "head.json"
HEAD_FORMAT: Final = 1
MODEL: Final = "model"
VADER: Final = "vader"
VADER_SLOPE: Final = 3.28
VADER_OFFSET: Final = -0.38
"""Logistic calibration of minus VADER's compound on ``turns.yml``, used where the model cannot be loaded."""
EXPLAIN_FROM: Final = 0.5
"""From this score on, words are looked for that no lexicon knows."""
MOST_LEFT_OUT: Final = 12
KEPT_WORDS: Final = 5
LEAST_DROP: Final = 0.05
LONGEST_TEXT: Final = 4000

Vector = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors of unit length."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever a text might get another vector."""

    def encode(self, texts: list[str]) -> Vector:
        """Return one row for each text."""


@dataclass(frozen=True)
class Frustration:
    """How frustrated a text is, 0 calm to 1 furious, the words that weighed, and what scored it."""

    score: float
    words: tuple[str, ...] = ()
    scored_by: str = MODEL


@dataclass(frozen=True)
class Head:
    """The trained head: weights for the encoder's vector, then for the surface, and the calibration of their sum."""

    version: str
    encoder: str
    meaning: Vector
    surface: Vector
    bias: float
    slope: float
    offset: float

    @classmethod
    def load(cls, path: Path) -> Head:
        """Read a head as ``train.py`` writes it.

        Raises:
            OSError: it cannot be read.
            ValueError: it is no head of this format.
        """
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.get("format") != HEAD_FORMAT or tuple(raw.get("surface_names", ())) != SURFACE_NAMES:
            raise ValueError(f"{path} was made by another version; run models/frustration/train.py again")
        return cls(
            version=str(raw["version"]),
            encoder=str(raw["encoder"]),
            meaning=np.array(raw["meaning"], dtype=np.float32),
            surface=np.array(raw["surface"], dtype=np.float32),
            bias=float(raw["bias"]),
            slope=float(raw["slope"]),
            offset=float(raw["offset"]),
        )

    def probabilities(self, vectors: Vector, surfaces: Vector) -> npt.NDArray[np.float64]:
        """Return the calibrated score of each row."""
        logits = (vectors @ self.meaning + surfaces @ self.surface + self.bias).astype(np.float64)
        return np.asarray(1.0 / (1.0 + np.exp(-(self.slope * logits + self.offset))))


_ANGRY_EMOJI: Final = re.compile(r"\s*[😡😠🤬👿💢😤🖕][😡😠🤬👿💢😤🖕\s\ufe0f]*")
_ANGRY_WORDS: Final = " this makes me angry "
"""The encoder's vocabulary has no emoji."""


class FrustrationModel:
    """Scores texts with the head, or with VADER alone where the head or the encoder is missing."""

    def __init__(self, head: Head | None = None, encoder: Encoder | None = None) -> None:
        self._head = head if encoder is not None else None
        self._encoder = encoder
        self._reader = SurfaceReader()

    @classmethod
    def load(cls, head: Path = DEFAULT_HEAD, encoder: Encoder | Path | None = ENCODER_DIRECTORY) -> FrustrationModel:
        """Load the head and the encoder; what cannot be loaded is logged, and VADER alone scores.

        Args:
            head: the file that ``train.py`` wrote.
            encoder: a loaded encoder to share, or the folder to load one from; None for VADER alone.
        """
        try:
            loaded = Head.load(head)
            shared = SentenceEncoder.load(encoder) if isinstance(encoder, Path) else encoder
            if shared is None:
                return cls()
            if shared.fingerprint != loaded.encoder:
                logger.warning(
                    "The frustration head was trained on encoder %s, not %s: run models/frustration/train.py again",
                    loaded.encoder,
                    shared.fingerprint,
                )
            return cls(loaded, shared)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            logger.warning("The frustration model cannot be loaded, VADER alone scores: %s", error)
            return cls()

    @property
    def version(self) -> str:
        """The head's version, or ``vader``."""
        return self._head.version if self._head is not None else VADER

    @property
    def scored_by(self) -> str:
        """What the scores come from: the model, or VADER alone."""
        return MODEL if self._head is not None else VADER

    @property
    def sentence_encoder(self) -> SentenceEncoder | None:
        """The encoder, which can take vectors from other processes; None where none is loaded."""
        return self._encoder if isinstance(self._encoder, SentenceEncoder) else None

    def score(self, text: str) -> Frustration:
        """Return how frustrated ``text`` is. An empty text is calm."""
        text = _ANGRY_EMOJI.sub(_ANGRY_WORDS, text[:LONGEST_TEXT])
        if not text.strip():
            return Frustration(0.0, (), self.scored_by)
        surface = self._reader.read(text)
        if self._head is None or self._encoder is None:
            return Frustration(_vader_score(surface), surface.negative_words[:KEPT_WORDS], VADER)
        value = float(self._probabilities([text], [surface])[0])
        words = surface.negative_words[:KEPT_WORDS]
        if value >= EXPLAIN_FROM and not words:
            words = self._words_that_weigh(text, value)
        return Frustration(value, words, MODEL)

    def _probabilities(self, texts: list[str], surfaces: list[Surface]) -> npt.NDArray[np.float64]:
        assert self._head is not None  # noqa: S101
        assert self._encoder is not None  # noqa: S101
        rows = np.array([surface.values for surface in surfaces], dtype=np.float32)
        return self._head.probabilities(self._encoder.encode(texts), rows)

    def _words_that_weigh(self, text: str, value: float) -> tuple[str, ...]:
        """Return the words without which the text would score clearly lower, the weightiest first."""
        words = text.split()[:MOST_LEFT_OUT]
        if len(words) < 2:
            return tuple(words)
        rest = text.split()[MOST_LEFT_OUT:]
        without = [" ".join([*words[:place], *words[place + 1 :], *rest]) for place in range(len(words))]
        scores = self._probabilities(without, [self._reader.read(other) for other in without])
        drops = sorted(
            ((value - float(score), word.strip(".,!?\"'")) for score, word in zip(scores, words, strict=True)),
            reverse=True,
        )
        return tuple(word for drop, word in drops if drop >= LEAST_DROP and word)[:3]


def _vader_score(surface: Surface) -> float:
    return 1.0 / (1.0 + math.exp(-(VADER_SLOPE * -surface.compound + VADER_OFFSET)))
