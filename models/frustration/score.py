"""Scoring a turn at run time: numpy, onnxruntime, tokenizers and VADER; no training library is imported."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER_DIRECTORY
from models.encoder.encode import TOKENIZER_FILE, open_session
from models.frustration.examples import NEEDS
from models.frustration.features import SURFACE_NAMES, Surface, SurfaceReader
from models.frustration.reading import LONGEST_TEXT, Pieces, Said, TurnReader

logger = logging.getLogger(__name__)

DEFAULT_DIRECTORY: Final = Path(__file__).resolve().parent / "model"
MODEL_FILE: Final = "frustration.int8.onnx"
CARD_FILE: Final = "frustration.json"
CARD_FORMAT: Final = 2
MOODS: Final = ("frustration", "abuse", "urgency", "take_over")
TASKS: Final = (*MOODS, *NEEDS)
MODEL: Final = "model"
VADER: Final = "vader"
VADER_SLOPE: Final = 3.28
VADER_OFFSET: Final = -0.38
"""Logistic calibration of minus VADER's compound on the project's own turns, used where the model cannot be loaded."""
EXPLAIN_FROM: Final = 0.4
"""From this score on, the words that weighed are named."""
BESIDE_LETTERS: Final = "'’*_"
"""What belongs to a word between its letters and digits ("don't", "f***ing", "what_a_joke"), and not around it."""
KEPT_WORDS: Final = 5
FUNCTION_WORDS: Final = frozenset({
    "a", "about", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being", "but", "by",
    "can", "could", "d", "did", "do", "does", "doing", "done", "for", "from", "get", "got", "had", "has", "have",
    "having", "he", "her", "here", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "ll",
    "m", "may", "me", "might", "mine", "must", "my", "of", "on", "one", "or", "our", "ours", "out", "re", "s",
    "shall", "she", "should", "so", "some", "such", "t", "than", "that", "the", "their", "theirs", "them", "then",
    "there", "these", "they", "this", "those", "to", "up", "us", "ve", "was", "we", "were", "what", "when", "where",
    "which", "while", "who", "whom", "whose", "why", "will", "with", "would", "you", "your", "yours",
})  # fmt: skip
"""Words that tell nothing by themselves; negations are not among them."""

Vector = npt.NDArray[np.float32]


class FrustrationModelError(RuntimeError):
    """The model's files are missing, damaged or of another version; the message says how to mend it."""


@dataclass(frozen=True)
class Felt:
    """How a turn reads: frustration, abuse and urgency, each 0 to 1, the words that weighed, and what scored it.

    ``abuse`` is the share of people who would call the turn abusive towards whom it is written to, ``take_over`` how
    likely a support lead would have a person take over here. ``needs`` gives for
    each of ``NEEDS`` how likely the turn tells it, 0 to 1. VADER alone knows frustration and nothing else.
    """

    score: float
    abuse: float = 0.0
    urgency: float = 0.0
    take_over: float = 0.0
    needs: Mapping[str, float] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    scored_by: str = MODEL


@dataclass(frozen=True)
class Card:
    """The numbers beside the graph: bias and weights of the manner of writing by task, and the calibration."""

    version: str
    bias: Vector
    surface: Vector
    slope: Vector
    offset: Vector

    @classmethod
    def load(cls, directory: Path) -> Card:
        """Read and check the card of the model in ``directory``.

        Raises:
            FrustrationModelError: there is none, or it belongs to another version or another graph.
        """
        try:
            raw = json.loads((directory / CARD_FILE).read_text(encoding="utf-8"))
            if (
                raw["format"] != CARD_FORMAT
                or tuple(raw["tasks"]) != TASKS
                or tuple(raw["surface_names"]) != SURFACE_NAMES
            ):
                raise FrustrationModelError(
                    f"the frustration model in {directory} was made by another version: "
                    "run `warmline train-frustration`"
                )
            found = hashlib.sha256((directory / MODEL_FILE).read_bytes()).hexdigest()
            if found != raw["model_sha256"]:
                raise FrustrationModelError(
                    f"{directory / MODEL_FILE} is damaged or of another training than {CARD_FILE}: "
                    "restore both from the repository, or run `warmline train-frustration`"
                )
            calibration = np.array([raw["calibration"][task] for task in TASKS], dtype=np.float32)
            bias, surface = (np.array(raw[name], dtype=np.float32) for name in ("bias", "surface"))
            return cls(found[:12], bias, surface, calibration[:, 0], calibration[:, 1])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FrustrationModelError(
                f"the frustration model in {directory} cannot be read ({error}): restore it from the repository, "
                "or run `warmline train-frustration`"
            ) from error


class FrustrationModel:
    """Scores turns with the tuned network, or with VADER alone where the network cannot be loaded."""

    def __init__(
        self,
        card: Card | None = None,
        session: onnxruntime.InferenceSession | None = None,
        reader: TurnReader | None = None,
        why_not: str = "",
    ) -> None:
        self._card, self._session, self._reader = card, session, reader
        self._surface = SurfaceReader()
        self.why_not = why_not
        """Why VADER alone scores; empty where the model does."""

    @classmethod
    def load(
        cls, directory: Path = DEFAULT_DIRECTORY, tokenizer: Path = ENCODER_DIRECTORY / TOKENIZER_FILE
    ) -> FrustrationModel:
        """Load the model; where that fails it is logged, and VADER alone scores.

        Args:
            directory: the folder that ``warmline train-frustration`` writes.
            tokenizer: the encoder's tokenizer file, which ``warmline setup`` prepares.
        """
        try:
            card = Card.load(directory)
            return cls(card, open_session(directory / MODEL_FILE), TurnReader(Tokenizer.from_file(str(tokenizer))))
        except Exception as error:
            # onnxruntime and tokenizers raise types of their own; whatever it is, turns must still be scored.
            logger.warning("The frustration model cannot be loaded, VADER alone scores: %s", error)
            return cls(why_not=str(error))

    @property
    def version(self) -> str:
        """The model's version, or ``vader``."""
        return self._card.version if self._card is not None else VADER

    @property
    def scored_by(self) -> str:
        """What the scores come from: the model, or VADER alone."""
        return MODEL if self._card is not None else VADER

    def score(self, text: str, before: Sequence[Said] = ()) -> Felt:
        """Return how ``text`` reads after ``before``, in the order in which that was said. Nothing said is calm."""
        text = text[:LONGEST_TEXT]
        if not text.strip():
            return Felt(0.0, scored_by=self.scored_by)
        surface = self._surface.read(text)
        if self._card is None or self._session is None or self._reader is None:
            return Felt(_vader_score(surface), words=surface.negative_words[:KEPT_WORDS], scored_by=VADER)
        pieces = self._reader.read(text, before)
        contributions, logits = self._logits(pieces, surface, self._card, self._session)
        values = 1.0 / (1.0 + np.exp(-(self._card.slope * logits + self._card.offset)))
        frustration, abuse, urgency, take_over, *needs = (float(value) for value in values)
        words = _words_that_weigh(pieces, contributions[:, 0], surface) if frustration >= EXPLAIN_FROM else ()
        return Felt(frustration, abuse, urgency, take_over, dict(zip(NEEDS, needs, strict=True)), words)

    @staticmethod
    def _logits(
        pieces: Pieces, surface: Surface, card: Card, session: onnxruntime.InferenceSession
    ) -> tuple[Vector, Vector]:
        """What each of the turn's pieces contributes [pieces, tasks], and the sum of everything [tasks]."""
        ids = np.array([pieces.ids], dtype=np.int64)
        (raw,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        count = len(TASKS)
        own = raw[0, 1 : pieces.turn_end, :count]
        mean = own.mean(axis=0) if len(own) else np.zeros(count, dtype=np.float32)
        manner = card.surface @ np.array(surface.values, dtype=np.float32)
        return own, mean + raw[0, 0, count:] + manner + card.bias


def _words_that_weigh(pieces: Pieces, contributions: Vector, surface: Surface) -> tuple[str, ...]:
    """The turn's words that speak for frustration, the weightiest first.

    The network spreads what it reads over neighbouring words, so that all words of an angry turn weigh. Named are those
    that mean something: first those that are negative by themselves, then those that weigh more than the others' mean.
    """
    negative = frozenset(word.lower() for word in surface.negative_words)
    weights: dict[str, float] = {}
    written: dict[str, str] = {}
    for (start, end), weight in zip(pieces.spans, contributions, strict=True):
        first, last = _whole_word(pieces.text, start, end)
        word = pieces.text[first:last].strip(BESIDE_LETTERS)
        low = word.lower()
        if any(map(str.isalnum, word)) and not FUNCTION_WORDS.issuperset(re.split("['’]", low)):
            weights[low] = max(weights.get(low, -math.inf), float(weight))
            written.setdefault(low, word)
    mean = sum(weights.values()) / len(weights) if weights else 0.0
    told = [word for word, weight in weights.items() if word in negative or weight >= mean]
    told.sort(key=lambda word: (word not in negative, -weights[word]))
    return tuple(written[word] for word in told[:KEPT_WORDS])


def _whole_word(text: str, start: int, end: int) -> tuple[int, int]:
    def inside(place: int) -> bool:
        return 0 <= place < len(text) and (text[place].isalnum() or text[place] in BESIDE_LETTERS)

    while inside(start) and inside(start - 1):
        start -= 1
    while inside(end - 1) and inside(end):
        end += 1
    return start, end


def _vader_score(surface: Surface) -> float:
    return 1.0 / (1.0 + math.exp(-(VADER_SLOPE * -surface.compound + VADER_OFFSET)))
