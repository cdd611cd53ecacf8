"""A turn is read from its beginning to its end, with what was said before it, whatever is written in it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from models.encoder.encode import DEFAULT_DIRECTORY, TOKENIZER_FILE
from models.frustration.export import MOST_PIECES
from models.frustration.reading import (
    BEFORE_PIECES,
    LEARNT_MESSAGES,
    LEARNT_PIECES,
    LONGEST_TEXT,
    MESSAGES_BEFORE,
    TURN_PIECES,
    Said,
    TurnReader,
    plain,
)

pytestmark = pytest.mark.skipif(
    not (DEFAULT_DIRECTORY / TOKENIZER_FILE).exists(), reason="the encoder is not prepared (make setup)"
)
ANY_TEXT = st.text(st.characters(), max_size=300) | st.sampled_from(
    ["", "\x00\x1b[31m\u202e", "\ud83d", "\udc00 half an emoji", "a" * LONGEST_TEXT, "why? " * 800, "😡" * 2000]
)
ANY_BEFORE = st.lists(st.builds(Said, st.sampled_from(["customer", "bot", "agent"]), ANY_TEXT), max_size=5)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(DEFAULT_DIRECTORY / TOKENIZER_FILE))


@pytest.fixture(scope="module")
def reader(tokenizer: Tokenizer) -> TurnReader:
    return TurnReader(tokenizer)


def words_of(tokenizer: Tokenizer, ids: tuple[int, ...]) -> str:
    return str(tokenizer.decode(list(ids), skip_special_tokens=False))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY_TEXT, before=ANY_BEFORE)
def test_whatever_is_written_is_never_more_than_is_allowed(reader: TurnReader, text: str, before: list[Said]) -> None:
    pieces = reader.read(text, before)

    assert 2 <= len(pieces.ids) <= 1 + TURN_PIECES + 1 + MESSAGES_BEFORE * (BEFORE_PIECES + 1)
    assert 1 <= pieces.turn_end <= 1 + TURN_PIECES
    assert len(pieces.spans) == pieces.turn_end - 1
    assert all(0 <= start <= end <= len(pieces.text) for start, end in pieces.spans)
    assert list(pieces.spans) == sorted(pieces.spans)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY_TEXT, before=ANY_BEFORE)
def test_what_is_learnt_from_fits_the_graph_that_serves(tokenizer: Tokenizer, text: str, before: list[Said]) -> None:
    assert len(TurnReader(tokenizer, LEARNT_MESSAGES, LEARNT_PIECES).read(text, before).ids) <= MOST_PIECES


def test_a_span_points_at_its_word(reader: TurnReader) -> None:
    pieces = reader.read("Where is my parcel?")

    assert [pieces.text[start:end] for start, end in pieces.spans] == ["Where", "is", "my", "parcel", "?"]


def test_of_a_long_turn_beginning_and_end_are_kept(reader: TurnReader) -> None:
    pieces = reader.read("first " + "middle " * 500 + "last")
    words = [pieces.text[start:end] for start, end in pieces.spans]

    assert (words[0], words[-1], len(words)) == ("first", "last", TURN_PIECES)


def test_the_message_just_before_comes_first_and_the_oldest_is_left(reader: TurnReader, tokenizer: Tokenizer) -> None:
    before = [Said("bot", "oldest"), Said("bot", "older"), Said("customer", "question"), Said("bot", "answer")]
    pieces = reader.read("thanks", before)

    read = "[CLS] thanks [SEP] they : answer [SEP] me : question [SEP] they : older [SEP]"
    assert words_of(tokenizer, pieces.ids) == read


def test_bot_and_agent_speak_alike_and_the_customer_otherwise(reader: TurnReader) -> None:
    by = {speaker: reader.read("ok", [Said(speaker, "wait")]).ids for speaker in ("customer", "bot", "agent")}

    assert by["bot"] == by["agent"] != by["customer"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("@Larkfield_Help you there?", "@ you there?"),
        ("mail me at jo@example.com", "mail me at jo@example.com"),
        ("see https://example.com/a?b=1 please", "see link please"),
        ("www.example.com", "link"),
        ("well 😡", "well pouting face"),
        ("two\n\n  lines\t", "two lines"),
        ("", ""),
    ],
)
def test_handles_links_and_emoji_are_read_as_what_they_tell(written: str, read: str) -> None:
    assert plain(written) == read


def test_two_customers_handles_read_the_same() -> None:
    assert plain("@anna where is it") == plain("@bob where is it")
