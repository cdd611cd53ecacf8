"""Mends typing errors before a message is encoded: one wrong letter breaks the encoder's word pieces.

Only a word that no dictionary knows is touched, and only into a word of the training data: what customers write about
here. The dictionary is the encoder's own, whose 30,000 pieces hold the common words whole.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Collection, Iterable, Mapping

WORD = re.compile(r"[a-z]+(?:'[a-z]+)?", re.IGNORECASE)
SHORTEST_WORD = 4
"""Shorter words are left alone: too many others are one letter away."""

TWO_ERRORS_FROM = 8
"""From this length on, two errors are forgiven."""


class SpellingCorrector:
    """Knows words; ``correct`` returns a text with unknown words replaced by the likeliest known one."""

    def __init__(self, vocabulary: Mapping[str, int], dictionary: Collection[str]) -> None:
        """Takes the training data's words with how often each stands there, and the words that are right anyway."""
        self._vocabulary = {word: count for word, count in vocabulary.items() if len(word) >= SHORTEST_WORD - 1}
        self._known = set(dictionary) | set(vocabulary)
        self._by_deletion: dict[str, list[str]] = {}
        for word in self._vocabulary:
            for shorter in _deletions(word):
                self._by_deletion.setdefault(shorter, []).append(word)

    @classmethod
    def learn(cls, texts: Iterable[str], dictionary: Collection[str]) -> SpellingCorrector:
        """Learns from training texts; a word that stands there once and in no dictionary may be an error itself."""
        counts = Counter(match.group().lower() for text in texts for match in WORD.finditer(text))
        known = set(dictionary)
        return cls({word: count for word, count in counts.items() if count > 1 or word in known}, known)

    @property
    def vocabulary(self) -> dict[str, int]:
        """The words it corrects to, with their counts."""
        return dict(self._vocabulary)

    def correct(self, text: str) -> str:
        """The text with what looks like typing errors mended, otherwise as it was."""
        return WORD.sub(lambda match: self._corrected(match.group()), text)

    def _corrected(self, written: str) -> str:
        word = written.lower()
        if len(word) < SHORTEST_WORD or word in self._known or "'" in word:
            return written
        candidates = {known for shorter in _deletions(word) for known in self._by_deletion.get(shorter, ())}
        allowed = 2 if len(word) >= TWO_ERRORS_FROM else 1
        near = [(distance(word, known), known) for known in candidates]
        near = [(errors, known) for errors, known in near if errors <= allowed]
        if not near:
            return written
        return min(near, key=lambda found: (found[0], found[1][0] != word[0], -self._vocabulary[found[1]], found[1]))[1]


def distance(left: str, right: str) -> int:
    """Letters inserted, left out, replaced or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            best = min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                best = min(best, before[column - 2] + 1)
            current.append(best)
        before, previous = previous, current
    return previous[-1]


def _deletions(word: str) -> set[str]:
    """The word itself and all ways to leave out one letter, two for long words: the index that makes lookup fast.

    Two words within one error of each other share such a form (Garbe's symmetric deletion).
    """
    one = {word[:i] + word[i + 1 :] for i in range(len(word))}
    forms = {word} | one
    if len(word) >= TWO_ERRORS_FROM - 1:
        forms |= {form[:i] + form[i + 1 :] for form in one for i in range(len(form))}
    return forms
