"""Sentences to vectors. Runs on Python 3.10 and later with numpy, onnxruntime and tokenizers alone."""

from __future__ import annotations

import base64
import binascii
import json
import os
import string
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

DEFAULT_DIRECTORY: Final = Path(__file__).resolve().parent / "onnx"
MODEL_FILE: Final = "encoder.int8.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
CARD_FILE: Final = "encoder.json"

MAX_TOKENS: Final = 128
"""Longer texts are cut after this many word pieces, the model's own training length."""

CACHED_TEXTS: Final = 512
"""How many recent texts keep their vector: intent, FAQ and frustration ask for the same text within one turn."""

PARALLEL_FROM: Final = 64
"""From this many new texts on, encoding uses several threads (training, not serving)."""

WIRE_TYPE: Final = np.dtype("<f2")
UNIT_LENGTH_TOLERANCE: Final = 0.01

READING_VERSION: Final = 1
"""Counted up when :func:`as_question` changes, and so the vector of a text; part of the encoder's fingerprint."""

CLOSING: Final = ".!?…" + string.whitespace
"""What may stand at the end of a text without saying anything of what it is about."""

Vectors = npt.NDArray[np.float32]

View = Literal["embedding", "words"]
"""``embedding`` is the model's own mean over all tokens; ``words`` the means over the words alone after the last two
layers, twice as wide, which tell intents apart better. One run of the model gives both."""

VIEWS: Final[tuple[View, ...]] = ("embedding", "words")


Views = dict[View, Vectors]


class EncoderNotPreparedError(RuntimeError):
    """The encoder's files are missing or damaged; the message names the command that makes them."""


class SentenceEncoder:
    """all-MiniLM-L6-v2: a sentence becomes a vector of unit length, so a dot product is the cosine similarity.

    Every text is read as a question (:func:`as_question`), and by itself, never padded together with others:
    quantisation scales depend on the whole batch, and so the same text always has the same vector, in training and in
    service.
    """

    def __init__(
        self, session: onnxruntime.InferenceSession, tokenizer: Tokenizer, dimensions: int, fingerprint: str
    ) -> None:
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        self._session = session
        self._tokenizer = tokenizer
        self._recent: OrderedDict[str, Views] = OrderedDict()
        self._lock = Lock()
        self.dimensions = dimensions
        self.fingerprint = fingerprint
        """Changes whenever the same text might get another vector; part of every cache key."""

    @classmethod
    def load(cls, directory: Path | str = DEFAULT_DIRECTORY) -> SentenceEncoder:
        """The encoder prepared in ``directory`` by ``python -m models.encoder.prepare``.

        Raises:
            EncoderNotPreparedError: it has not been prepared there, or its files are damaged.
        """
        directory = Path(directory)
        try:
            card = json.loads((directory / CARD_FILE).read_text(encoding="utf-8"))
            session = open_session(directory / MODEL_FILE)
            tokenizer = Tokenizer.from_file(str(directory / TOKENIZER_FILE))
            return cls(session, tokenizer, int(card["dimensions"]), f"{card['fingerprint']}-{READING_VERSION}")
        except Exception as error:
            # onnxruntime and tokenizers raise types of their own; all of them mean the same to whoever starts us.
            raise EncoderNotPreparedError(
                f"the sentence encoder is not prepared in {directory} ({error}). "
                "Run `make run` or `warmline setup`, which prepare it"
            ) from error

    @cached_property
    def words(self) -> frozenset[str]:
        """The whole words of the vocabulary, lower case: about 20,000 of the commonest in English."""
        return frozenset(token for token in self._tokenizer.get_vocab() if token.isalpha())

    def width(self, view: View) -> int:
        """How many numbers a row of this view has."""
        return self.dimensions * (2 if view == "words" else 1)

    def encode(self, texts: Sequence[str], view: View = "embedding") -> Vectors:
        """One row of unit length for each text, float32 [len(texts), width], in the order given."""
        with self._lock:
            known = {text: self._recall(text, view) for text in set(texts)}
        missing = [text for text, vector in known.items() if vector is None]
        fresh = dict(zip(missing, self._encode_all(missing), strict=True))
        if fresh:
            with self._lock:
                self._remember(fresh)
        result = np.empty((len(texts), self.width(view)), dtype=np.float32)
        for row, text in enumerate(texts):
            vector = known[text]
            result[row] = fresh[text][view] if vector is None else vector
        return result

    def export(self, text: str) -> dict[str, str] | None:
        """The text with its vector as JSON can hold it, for :meth:`adopt`; None unless the text was encoded lately.

        The vector travels as float16, a kilobyte: cosine similarities change by less than 0.0005.
        """
        with self._lock:
            views = self._recent.get(text)
        if views is None:
            return None
        vector = views["embedding"]
        packed = base64.b64encode(vector.astype(WIRE_TYPE).tobytes()).decode("ascii")
        return {"text": text, "encoder": self.fingerprint, "vector": packed}

    def adopt(self, exported: Mapping[str, object]) -> bool:
        """Remembers a text with the vector that another process exported, so that it is not encoded again.

        Returns False, and changes nothing, when the vector is of another encoder or damaged, or the text is known.
        """
        text, encoder, packed = (exported.get(name) for name in ("text", "encoder", "vector"))
        if not isinstance(text, str) or not isinstance(packed, str) or encoder != self.fingerprint:
            return False
        try:
            vector = np.frombuffer(base64.b64decode(packed, validate=True), dtype=WIRE_TYPE).astype(np.float32)
        except (ValueError, binascii.Error):
            return False
        if vector.shape != (self.dimensions,) or not abs(float(vector @ vector) - 1.0) < UNIT_LENGTH_TOLERANCE:
            return False
        with self._lock:
            if text in self._recent:
                return False
            self._remember({text: {"embedding": vector}})
        return True

    def _encode_all(self, texts: Sequence[str]) -> Iterable[Views]:
        if len(texts) < PARALLEL_FROM:
            return map(self._encode_one, texts)
        # onnxruntime gives up Python's lock while it computes, so plain threads use all cores.
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            return list(pool.map(self._encode_one, texts))

    def _encode_one(self, text: str) -> Views:
        ids = np.array([self._tokenizer.encode(as_question(text)).ids], dtype=np.int64)
        feed: dict[str, Any] = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        return {view: rows[0] for view, rows in zip(VIEWS, self._session.run(VIEWS, feed), strict=True)}

    def _recall(self, text: str, view: View) -> Vectors | None:
        views = self._recent.get(text)
        if views is None or view not in views:
            return None
        self._recent.move_to_end(text)
        return views[view]

    def _remember(self, fresh: dict[str, Views]) -> None:
        for text, views in list(fresh.items())[-CACHED_TEXTS:]:
            self._recent[text] = views
        while len(self._recent) > CACHED_TEXTS:
            self._recent.popitem(last=False)


def as_question(text: str) -> str:
    """The text as the encoder reads it: whatever it ends in, with one question mark in its place.

    Whether somebody writes "where is my parcel", "Where is my parcel?" or "... parcel!!" says nothing of what they are
    about; the model learnt from questions on the web, and tells apart best what looks like one. Measured in
    docs/benchmarks.md, also against other endings.
    """
    return (text.rstrip(CLOSING) or text) + "?"


def open_session(model: Path) -> onnxruntime.InferenceSession:
    """An ONNX model on one thread of the processor, for short texts that come one at a time."""
    options = onnxruntime.SessionOptions()
    # One short sentence is too little work to share; more threads only fight with the other conversations.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
