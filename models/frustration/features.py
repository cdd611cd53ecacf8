"""What the score sees besides the sentence's meaning: VADER's sentiment and how the text is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

Vector = npt.NDArray[np.float32]

SURFACE_NAMES: Final = (
    "vader_negative",
    "vader_positive",
    "vader_compound",
    "capitals",
    "exclamations",
    "question_run",
    "swearing",
    "length",
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_CODES: Final = re.compile(r"\b[A-Z]{2,4}-(?=\d)|\b\w*\d\w*\b")
"""Order numbers, postcodes and error codes: capitals in them are no shouting."""
_SWEARING: Final = re.compile(
    r"\b(?:\w*fuck\w*|\w*shit\w*|bullshit|crap\w*|damn\w*|goddamn|bloody|arse\w*|ass|asshole|bastards?|bitch\w*"
    r"|wankers?|piss\w*|hell|wtf|ffs|sodding|idiots?|morons?|stupid|dumb|clowns?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Surface:
    """The numbers of :data:`SURFACE_NAMES`, in their order, and the words that VADER found negative."""

    values: tuple[float, ...]
    negative_words: tuple[str, ...]
    compound: float


class SurfaceReader:
    """Reads VADER's sentiment and the manner of writing; VADER's lexicon is loaded once."""

    def __init__(self) -> None:
        self._vader: Any = SentimentIntensityAnalyzer()

    def read(self, text: str) -> Surface:
        """Return the surface features of ``text``."""
        scores = self._vader.polarity_scores(text)
        plain = _CODES.sub(" ", text)
        words = _WORD.findall(plain)
        letters = sum(len(word) for word in words)
        capital_words = [word for word in words if len(word) > 1 and word.isupper()]
        capitals = sum(map(len, capital_words)) / letters if letters and len(words) > 1 else 0.0
        swear_words = _SWEARING.findall(plain)
        values = (
            float(scores["neg"]),
            float(scores["pos"]),
            float(scores["compound"]),
            capitals,
            min(text.count("!"), 4) / 4,
            1.0 if "??" in text or "?!" in text or "!?" in text else 0.0,
            min(len(swear_words), 2) / 2,
            min(len(words), 40) / 40,
        )
        lexicon = self._vader.lexicon
        negative = tuple(
            dict.fromkeys(
                word for word in words if lexicon.get(word.lower(), 0.0) < 0 or _SWEARING.fullmatch(word) is not None
            )
        )
        return Surface(values, negative, float(scores["compound"]))

    def matrix(self, texts: Sequence[str]) -> Vector:
        """Return one row of surface features for each text."""
        return np.array([self.read(text).values for text in texts], dtype=np.float32)
