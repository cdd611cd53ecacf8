"""How components read messages: one encoder for a process, typing errors mended, training vectors kept."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Iterable, Sequence

import numpy as np

from bot.masking import Masks
from bot.spelling import SpellingCorrector
from models.encoder.encode import DEFAULT_DIRECTORY, SentenceEncoder, View

DEFAULT_CACHE = Path("var") / "cache"

VOCABULARY_FILE = "vocabulary.json"

KEPT_VECTORS = 25_000
"""Most vectors that the store keeps, 77 MB; the ones of the latest training stay."""

VIEW: View = "words"
"""The encoder's view that tells intents apart best."""

KEY_BYTES = 16


_loaded: dict[str | None, SentenceEncoder] = {}


def shared_encoder(directory: str | None = None) -> SentenceEncoder:
    """The encoder in ``directory`` (default: where ``warmline setup`` puts it), loaded once for a process.

    Sharing it means that the classifier and the FAQ selector encode a message once between them.

    Raises:
        EncoderNotPreparedError: it has not been prepared.
    """
    if directory not in _loaded:
        _loaded[directory] = SentenceEncoder.load(directory or DEFAULT_DIRECTORY)
    return _loaded[directory]


def encoded_text(text: str) -> dict[str, str] | None:
    """The text with its vector, for another process with the same encoder; None unless exactly it was encoded lately.

    A message with masked values or mended words was encoded in other words, so it has none.
    """
    return next((found for encoder in _loaded.values() if (found := encoder.export(text))), None)


class EncoderChangedError(RuntimeError):
    """A model was trained with vectors of another encoder than the one that is prepared."""


def training_fingerprint(directory: str | None = None) -> str:
    """Changes when the encoder or the code that learns from its vectors does; then Rasa must train again."""
    digest = hashlib.blake2b(shared_encoder(directory).fingerprint.encode(), digest_size=KEY_BYTES)
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()


class MessageReader:
    """Turns messages into vectors: known values masked, typing errors mended, then encoded."""

    def __init__(self, encoder: SentenceEncoder, corrector: SpellingCorrector, masks: Masks) -> None:
        self._encoder = encoder
        self._corrector = corrector
        self._masks = masks

    @classmethod
    def learn(cls, encoder: SentenceEncoder, texts: Sequence[str], masks: Masks) -> MessageReader:
        """A reader that mends words into those of the training texts.

        The classifier and the FAQ selector learn from the same texts one after the other; they share what was learnt.
        """
        masked = tuple(masks.apply(text) for text in texts)
        return cls(encoder, _corrector(masked, encoder.words), masks)

    def read(self, text: str) -> np.ndarray:
        """The message as one row, float32 [1, width]."""
        return self.read_all([text])

    def read_all(self, texts: Sequence[str]) -> np.ndarray:
        """Messages as rows, float32 [texts, width]; many at once use all cores."""
        return self._encoder.encode([self._corrector.correct(self._masks.apply(text)) for text in texts], VIEW)

    def read_training(self, texts: Sequence[str], directory: Path | None) -> np.ndarray:
        """Training texts as rows, float32 [texts, width]; vectors are kept in ``directory`` for the next time."""
        return TrainingVectors(self._encoder, directory).encode([self._masks.apply(text) for text in texts])

    def read_names(self, labels: Iterable[str]) -> dict[str, np.ndarray]:
        """The vector of each label's name, read as words: ``faq/billing_price_drop`` as "billing price drop".

        A name says in a few words what its label is about; where a label has few examples it is worth one more.
        """
        phrases = {label: phrase for label in dict.fromkeys(labels) if (phrase := name_in_words(label))}
        return dict(zip(phrases, self._encoder.encode(list(phrases.values()), VIEW), strict=True))

    def save(self, directory: Path) -> None:
        """Writes the words with their counts, and the masks."""
        content = {
            "encoder": self._encoder.fingerprint,
            "words": self._corrector.vocabulary,
            "masks": self._masks.to_config(),
        }
        text = json.dumps(content, ensure_ascii=False, indent=0)
        (directory / VOCABULARY_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, directory: Path, encoder: SentenceEncoder) -> MessageReader:
        """The reader that ``save`` wrote.

        Raises:
            EncoderChangedError: it was trained with another encoder.
        """
        stored = json.loads((directory / VOCABULARY_FILE).read_text(encoding="utf-8"))
        if stored["encoder"] != encoder.fingerprint:
            raise EncoderChangedError(
                "the assistant was trained with another sentence encoder. Run `make train` or `warmline train`"
            )
        masks = Masks.of_config(stored["masks"])
        return cls(encoder, SpellingCorrector(stored["words"], encoder.words), masks)


@lru_cache(maxsize=1)
def _corrector(texts: tuple[str, ...], dictionary: frozenset[str]) -> SpellingCorrector:
    return SpellingCorrector.learn(texts, dictionary)


class TrainingVectors:
    """Vectors of training texts, kept on disk by a hash of the text, so that only new texts are encoded.

    Holds no text. Losing the file costs a few seconds at the next training.
    """

    def __init__(self, encoder: SentenceEncoder, directory: Path | None = DEFAULT_CACHE) -> None:
        """Keeps the vectors in ``directory``; None keeps none."""
        self._encoder = encoder
        self._path = directory / f"vectors-{encoder.fingerprint}.npz" if directory else None

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """One row for each text, float32, in the order given."""
        known = self._read()
        keys = [_key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            fresh = self._encoder.encode(list(missing.values()), VIEW)
            known.update(zip(missing, fresh, strict=True))
            self._write(known, keys)
        return np.stack([known[key] for key in keys]) if keys else np.empty((0, self._encoder.width(VIEW)))

    def _read(self) -> dict[bytes, np.ndarray]:
        if self._path is None:
            return {}
        try:
            with np.load(self._path, allow_pickle=False) as stored:
                keys, vectors = stored["keys"], stored["vectors"]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return {}
        return {row.tobytes(): vector for row, vector in zip(keys, vectors, strict=True)}

    def _write(self, known: dict[bytes, np.ndarray], used: Sequence[bytes]) -> None:
        if self._path is None:
            return
        wanted = dict.fromkeys([*used, *reversed(known)])
        kept = list(wanted)[:KEPT_VECTORS]
        keys = np.frombuffer(b"".join(kept), dtype=np.uint8).reshape(len(kept), KEY_BYTES)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, suffix=".npz")
            with os.fdopen(handle, "wb") as file:
                np.savez(file, keys=keys, vectors=np.stack([known[key] for key in kept]))
            Path(name).replace(self._path)
        except OSError:
            # A read-only or full disk makes the next training slower; it must not stop this one.
            return


def name_in_words(label: str) -> str:
    """A label's name as words: without the retrieval intent in front, signs and capitals inside words are gaps."""
    own = label.rpartition("/")[2] or label
    return " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])|[\W_]+", " ", own).lower().split())


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8"), digest_size=KEY_BYTES).digest()
