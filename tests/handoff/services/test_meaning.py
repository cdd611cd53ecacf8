"""Texts by meaning: loaded once and late, beside the event loop, and off without harm."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from handoff.services import meaning as meaning_module
from handoff.services.meaning import TEXTS_AT_ONCE, Meaning, MeaningUnavailable, Reading, StillReading
from models.encoder.encode import DEFAULT_DIRECTORY, Vectors


class Counting:
    """An encoder that tells in which thread it ran, and of how many texts it was asked at once."""

    fingerprint = "counting"
    dimensions = 2

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.lots: list[int] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row for each text, which tells how long it is."""
        self.threads.add(threading.get_ident())
        self.lots.append(len(texts))
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


async def test_the_encoder_is_loaded_once_when_it_is_first_asked_for() -> None:
    loaded: list[Counting] = []

    def load() -> Counting:
        loaded.append(Counting())
        return loaded[-1]

    meaning = Meaning(load)
    assert not loaded

    await asyncio.gather(*(meaning.encode(["a"]) for _ in range(5)))
    meaning.close()

    assert len(loaded) == 1


async def test_rows_come_in_the_order_of_the_texts_in_small_lots_from_a_thread_of_its_own() -> None:
    encoder = Counting()
    meaning = Meaning(lambda: encoder)
    texts = ["x" * n for n in range(TEXTS_AT_ONCE * 2 + 1)]

    rows = await meaning.encode(texts)
    none = await meaning.encode([])
    meaning.close()

    assert rows[:, 0].tolist() == [len(text) for text in texts]
    assert none.shape == (0, 2)
    assert encoder.lots == [TEXTS_AT_ONCE, TEXTS_AT_ONCE, 1]
    assert len(encoder.threads) == 1
    assert threading.get_ident() not in encoder.threads


async def test_without_the_encoders_files_meaning_is_off_and_says_how_to_turn_it_on(tmp_path: Path) -> None:
    meaning = Meaning.of_files(tmp_path)
    assert meaning.problem is None

    with pytest.raises(MeaningUnavailable, match="make run"):
        await meaning.encode(["where is my parcel"])
    with pytest.raises(MeaningUnavailable):
        await meaning.fingerprint()
    meaning.close()

    assert meaning.problem is not None


async def test_what_is_meant_alike_is_nearer_than_what_sounds_alike() -> None:
    if not DEFAULT_DIRECTORY.exists():
        pytest.skip("the encoder is not prepared")
    meaning = Meaning.of_files(DEFAULT_DIRECTORY)

    asked, alike, other = await meaning.encode(
        ["my parcel has not come", "the delivery never arrived", "my parcel shelf is scratched"]
    )
    meaning.close()

    assert float(asked @ alike) > float(asked @ other)
    assert abs(float(asked @ asked) - 1.0) < 1e-5


async def test_who_asks_for_what_takes_long_is_told_so_and_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meaning_module, "PATIENCE_SECONDS", 0.01)
    gate, begun = asyncio.Event(), 0

    async def work() -> str:
        nonlocal begun
        begun += 1
        await gate.wait()
        return "read"

    reading: Reading[str] = Reading("The cases")
    for _ in range(2):
        with pytest.raises(StillReading, match="The cases are being read"):
            await reading.result(work)
    gate.set()
    monkeypatch.setattr(meaning_module, "PATIENCE_SECONDS", 5.0)

    assert await reading.result(work) == "read"
    assert begun == 1
    assert await reading.result(work) == "read"
    assert begun == 2, "the next one reads what came since"


async def test_what_fails_while_it_is_read_fails_for_the_one_who_asks_and_is_tried_again() -> None:
    tries: list[int] = []

    async def work() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no disk")
        return len(tries)

    reading: Reading[int] = Reading("The cases")
    with pytest.raises(OSError, match="no disk"):
        await reading.result(work)

    assert await reading.result(work) == 2
    await reading.close()
