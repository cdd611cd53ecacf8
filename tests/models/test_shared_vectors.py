"""A vector that another process made stands for the text's own, and nothing else does."""

from typing import Any

import numpy as np
import pytest

from models.encoder.encode import SentenceEncoder

TEXTS = (
    "where is my parcel?",
    "I was charged twice and nobody answers, this is a joke",
    "THIS IS RIDICULOUS!!!",
    "thanks, that helped",
    "how long do refunds take",
    "you lost my parcel again and I have waited for three weeks",
)


@pytest.fixture
def encoders() -> tuple[SentenceEncoder, SentenceEncoder]:
    return SentenceEncoder.load(), SentenceEncoder.load()


def test_an_adopted_text_is_not_encoded_again(
    encoders: tuple[SentenceEncoder, SentenceEncoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    giver, taker = encoders
    own = giver.encode(TEXTS[:1])[0]
    exported = giver.export(TEXTS[0])
    assert exported is not None
    assert taker.adopt(exported)
    monkeypatch.setattr(taker, "_encode_one", lambda text: pytest.fail(f"encoded again: {text}"))
    assert float(taker.encode(TEXTS[:1])[0] @ own) == pytest.approx(1.0, abs=1e-4)


def test_adopted_vectors_find_two_texts_as_similar_as_their_own(
    encoders: tuple[SentenceEncoder, SentenceEncoder],
) -> None:
    giver, taker = encoders
    own = giver.encode(TEXTS)
    for text in TEXTS:
        exported = giver.export(text)
        assert exported is not None
        assert taker.adopt(exported)
    adopted = taker.encode(TEXTS)

    assert np.abs(own @ own.T - adopted @ adopted.T).max() < 0.0005


def test_a_text_that_was_not_encoded_has_nothing_to_export(
    encoders: tuple[SentenceEncoder, SentenceEncoder],
) -> None:
    encoders[0].encode(TEXTS[:1])
    assert encoders[0].export(TEXTS[0].upper()) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"encoder": "another"},
        {"vector": "no base64!"},
        {"vector": "AAAA"},
        {"vector": "AAAA" * 256},
        {"vector": "/38A" * 256},
        {"vector": None},
        {"text": None},
    ],
)
def test_a_vector_of_another_encoder_or_a_damaged_one_is_left(
    encoders: tuple[SentenceEncoder, SentenceEncoder], damage: dict[str, Any]
) -> None:
    giver, taker = encoders
    giver.encode(TEXTS[:1])
    assert not taker.adopt({**(giver.export(TEXTS[0]) or {}), **damage})
    assert taker.export(TEXTS[0]) is None


def test_a_text_that_is_known_keeps_its_own_vector(encoders: tuple[SentenceEncoder, SentenceEncoder]) -> None:
    giver, taker = encoders
    giver.encode(TEXTS[:1])
    own = taker.encode(TEXTS[:1])
    assert not taker.adopt(giver.export(TEXTS[0]) or {})
    assert np.array_equal(taker.encode(TEXTS[:1]), own)
