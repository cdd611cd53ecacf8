"""What texts mean, as vectors: the sentence encoder behind a small port, loaded once it is first needed.

The encoder costs about 75 MB, so a service that nobody asks for meaning never loads it. It computes in one thread of
its own: the event loop is never held up, and at most one core is busy with it. Where its files are missing, everything
that goes by meaning is off and says so; nothing else depends on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

import structlog

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

Result = TypeVar("Result")

log = structlog.get_logger(__name__)

TEXTS_AT_ONCE = 16
"""Between two lots of so many texts other work of the thread gets its turn (about 25 ms a lot)."""


class MeaningUnavailable(Exception):
    """Meaning is off; the message says why and how to turn it on."""


class StillReading(MeaningUnavailable):
    """What is searched is being read for the first time; soon it can be asked."""


PATIENCE_SECONDS = 3.0
"""How long somebody who asks waits for what is being read; then they are told to ask again."""


class Reading(Generic[Result]):
    """Work that several ask for and that is done once at a time, also for those who did not wait for its end."""

    def __init__(self, what: str) -> None:
        """``what`` is being read, for the sentence that says so."""
        self._what = what
        self._task: asyncio.Task[Result] | None = None

    async def result(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What ``work`` returns, begun now or under way already.

        Raises ``StillReading`` when it takes longer than ``PATIENCE_SECONDS``, and goes on.
        """
        if self._task is None:
            self._task = asyncio.create_task(work(), name=self._what)
            self._task.add_done_callback(self._ended)
        task = self._task
        done, _ = await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        if not done:
            raise StillReading(f"{self._what} are being read just now. Ask again in a few seconds.")
        return task.result()

    def _ended(self, task: asyncio.Task[Result]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, MeaningUnavailable):
            log.error("reading_failed", what=self._what, exc_info=error)

    async def close(self) -> None:
        """Stop it; it is begun again by whoever asks next."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


class Encoder(Protocol):
    """What makes vectors; ``models.encoder.encode.SentenceEncoder`` is one."""

    fingerprint: str
    """Changes whenever the same text might get another vector: vectors of two fingerprints are never compared."""
    dimensions: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text, float32 [len(texts), dimensions]."""


class Meaning:
    """Texts to vectors of unit length, so that a dot product is the likeness of two texts (-1 to 1)."""

    def __init__(self, load: Callable[[], Encoder]) -> None:
        """``load`` makes the encoder, in the thread; what it raises turns meaning off for good."""
        self._load = load
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="meaning")
        self._encoder: Encoder | None = None
        self._problem: str | None = None

    @classmethod
    def of_files(cls, directory: Path) -> Self:
        """The encoder that set-up prepared in ``directory``."""

        def load() -> Encoder:
            from models.encoder.encode import SentenceEncoder

            return SentenceEncoder.load(directory)

        return cls(load)

    @classmethod
    def off(cls, why: str = "Meaning is not wired here.") -> Self:
        """No meaning at all: every question raises ``MeaningUnavailable``."""

        def refuse() -> Encoder:
            raise MeaningUnavailable(why)

        return cls(refuse)

    @property
    def problem(self) -> str | None:
        """Why meaning is off; None while it works, or has not been asked for yet."""
        return self._problem

    async def fingerprint(self) -> str:
        """Which encoder it is. Raises ``MeaningUnavailable``."""
        return (await self._ready()).fingerprint

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text, float32, in the order given. Raises ``MeaningUnavailable``."""
        encoder = await self._ready()
        import numpy as np

        lots = [
            await self._in_thread(encoder.encode, texts[start : start + TEXTS_AT_ONCE])
            for start in range(0, len(texts), TEXTS_AT_ONCE)
        ]
        return np.concatenate(lots) if lots else np.empty((0, encoder.dimensions), dtype=np.float32)

    async def compute(self, work: Callable[[], Result]) -> Result:
        """Run other work on vectors in the same thread, beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """End the thread; what it is at may end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, encode: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> Vectors:
        return await asyncio.get_running_loop().run_in_executor(self._thread, encode, texts)

    async def _ready(self) -> Encoder:
        if self._encoder is None and self._problem is None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._open)
        if self._encoder is None:
            raise MeaningUnavailable(self._problem or "")
        return self._encoder

    def _open(self) -> None:
        # In the thread, one after the other: two that ask at once load it once.
        if self._encoder is not None or self._problem is not None:
            return
        try:
            self._encoder = self._load()
        except Exception as error:
            # A missing file, a damaged one, a library that does not load: for us they are all the same.
            self._problem = str(error)
            log.warning("meaning_is_off", problem=self._problem)
