"""What was learnt of exactly these examples, kept on disk: nobody learns the same twice, nor two the same at once.

The key is everything that the result depends on. So a change of the rules alone finds the understanding ready, and
``bot.learning_ahead`` can learn in a process of its own while Rasa still reads the files.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from bot.encoding import MessageReader, training_fingerprint
from bot.intent_model import IntentModel
from bot.masking import Masks
from bot.understanding import Understanding
from models.encoder.encode import SentenceEncoder

KEPT = 2
"""So many are kept, 25 MB each for 12,000 examples: the live one, and the one that is being worked on."""

PREFIX = "understanding-"


@dataclass(frozen=True)
class Lesson:
    """What is to be learnt; see :meth:`Understanding.train`."""

    texts: Sequence[str]
    labels: Sequence[str]
    masks: Masks
    unknown_labels: frozenset[str]
    refused_share: float

    def key(self, encoder_directory: str | None) -> str:
        """A name for all that the result depends on, the encoder and the code too. Order counts: it decides ties."""
        parts = [
            training_fingerprint(encoder_directory),
            list(zip(self.texts, self.labels, strict=True)),
            self.masks.to_config(),
            sorted(self.unknown_labels),
            self.refused_share,
        ]
        return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()

    def learn(self, encoder: SentenceEncoder, encoder_directory: str | None, cache: Path) -> Understanding:
        """The understanding of these examples: the one in ``cache`` where it is there, else learnt and put there.

        Waits while another process learns the same. A folder that cannot be written costs the next one time alone.

        Raises:
            NotEnoughExamplesError: see :meth:`Understanding.train`.
        """
        folder = cache / f"{PREFIX}{self.key(encoder_directory)}"
        try:
            cache.mkdir(parents=True, exist_ok=True)
            lock = folder.with_suffix(".lock").open("w")
        except OSError:
            return self._train(encoder, cache)
        with lock:  # the system gives it up when this process ends, however it does
            fcntl.flock(lock, fcntl.LOCK_EX)
            learnt = _kept(folder, encoder)
            if learnt is None:
                learnt = self._train(encoder, cache)
                _keep(learnt, folder)
        return learnt

    def _train(self, encoder: SentenceEncoder, cache: Path) -> Understanding:
        return Understanding.train(
            encoder,
            self.texts,
            self.labels,
            masks=self.masks,
            cache=cache,
            unknown_labels=self.unknown_labels,
            refused_share=self.refused_share,
        )


def _kept(folder: Path, encoder: SentenceEncoder) -> Understanding | None:
    try:
        kept = Understanding(MessageReader.load(folder, encoder), IntentModel.load(folder))
        folder.touch()
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return kept


def _keep(learnt: Understanding, folder: Path) -> None:
    """Puts it there whole or not at all, and deletes all but the latest."""
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{PREFIX}") as unfinished:
            whole = Path(unfinished) / "whole"
            whole.mkdir()
            learnt.reader.save(whole)
            learnt.model.save(whole)
            shutil.rmtree(folder, ignore_errors=True)
            whole.replace(folder)
    except OSError:
        return  # a full disk makes the next training slower; it must not stop this one
    others = [path for path in folder.parent.glob(f"{PREFIX}*") if path.is_dir() and path != folder]
    for old in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
        old.with_suffix(".lock").unlink(missing_ok=True)
