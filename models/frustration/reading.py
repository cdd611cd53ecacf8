"""A turn and what was said before it, as the word pieces that the frustration network reads.

The same code serves training and run time, so that the network never meets a form of text that it was not trained on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from tokenizers import Tokenizer
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

Speaker = Literal["customer", "bot", "agent"]

TURN_PIECES: Final = 96
"""Word pieces of the turn itself that are read: its beginning and its end, where feelings stand."""
MESSAGES_BEFORE: Final = 3
"""So many messages before the turn are read, the latest first."""
BEFORE_PIECES: Final = 10
"""Word pieces read of each of them: more cost a third of the time and score no better."""
LEARNT_MESSAGES: Final = 3
LEARNT_PIECES: Final = 28
"""In training more is read, so that the network learns from whole contexts."""
LONGEST_TEXT: Final = 4000

_HANDLE: Final = re.compile(r"(?<![\w@])@\w+")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+")
_HALF_CHARACTERS: Final = re.compile("[\ud800-\udfff]")
"""Surrogates that stand alone are no text; they come from JSON that was cut within an emoji."""
_SPACES: Final = re.compile(r"\s+")
_WHO: Final[Mapping[Speaker, str]] = {"customer": "me :", "bot": "they :", "agent": "they :"}
_CLASSIFY: Final = "[CLS]"
_SEPARATE: Final = "[SEP]"


@dataclass(frozen=True)
class Said:
    """One message before the turn: who said it, and what."""

    speaker: Speaker
    text: str


@dataclass(frozen=True)
class Pieces:
    """Word pieces of a turn in its context.

    ``ids`` are the network's input; those from 1 up to ``turn_end`` are the turn's own. ``spans`` gives for each of
    these the start and end of its characters in :attr:`text`, the turn as it was read.
    """

    ids: tuple[int, ...]
    turn_end: int
    spans: tuple[tuple[int, int], ...]
    text: str


def plain(text: str) -> str:
    """The text as the network reads it: names of accounts and links without what tells nothing, emoji in words."""
    text = _HALF_CHARACTERS.sub(" ", text[:LONGEST_TEXT])
    text = _LINK.sub(" link ", _HANDLE.sub("@", text))
    return _SPACES.sub(" ", _in_words(text)).strip()


class TurnReader:
    """Turns a text and the messages before it into word pieces.

    ``messages`` of those before are read, ``pieces`` of each.
    """

    def __init__(self, tokenizer: Tokenizer, messages: int = MESSAGES_BEFORE, pieces: int = BEFORE_PIECES) -> None:
        self._messages, self._before_pieces = messages, pieces
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        vocabulary = tokenizer.get_vocab()
        self._first, self._end = vocabulary[_CLASSIFY], vocabulary[_SEPARATE]

    def read(self, text: str, before: Sequence[Said] = ()) -> Pieces:
        """The pieces of ``text``; ``before`` is in the order in which it was said."""
        turn = plain(text)
        encoded = self._tokenizer.encode(turn, add_special_tokens=False)
        kept = _ends(len(encoded.ids), TURN_PIECES)
        ids = [self._first, *(encoded.ids[place] for place in kept), self._end]
        turn_end = 1 + len(kept)
        for message in reversed(before[-self._messages :]):
            ids += [*self._pieces_before(message), self._end]
        return Pieces(tuple(ids), turn_end, tuple(encoded.offsets[place] for place in kept), turn)

    def _pieces_before(self, message: Said) -> list[int]:
        words = f"{_WHO[message.speaker]} {plain(message.text)}"
        pieces: list[int] = self._tokenizer.encode(words, add_special_tokens=False).ids
        return [pieces[place] for place in _ends(len(pieces), self._before_pieces)]


def _ends(length: int, limit: int) -> list[int]:
    """The places to keep of ``length``: all, or else the first two thirds and the last third of ``limit``."""
    if length <= limit:
        return list(range(length))
    first = limit * 2 // 3
    return [*range(first), *range(length - (limit - first), length)]


def _in_words(text: str) -> str:
    """Emoji as VADER names them ("angry face"); the encoder's vocabulary has none."""
    if text.isascii():
        # Looking for three thousand emoji takes five times as long as all the other reading.
        return text
    return _emoji_pattern().sub(lambda found: f" {_emoji_names()[found[0]]} ", text)


@lru_cache(maxsize=1)
def _emoji_names() -> Mapping[str, str]:
    names: Mapping[str, str] = SentimentIntensityAnalyzer().emojis
    return names


@lru_cache(maxsize=1)
def _emoji_pattern() -> re.Pattern[str]:
    longest_first = sorted(_emoji_names(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))
