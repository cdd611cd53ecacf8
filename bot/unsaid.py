"""Choosing among a response's variants: nothing unknown is named, nothing said twice while something is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any
from zlib import crc32

NOT_KNOWN = (None, "")


def words_of(variant: Mapping[str, Any]) -> set[str]:
    """The words in braces of a variant's text; none where its braces hold no words: then Rasa says them as they are."""
    try:
        return {name for _, name, _, _ in Formatter().parse(variant.get("text") or "") if name}
    except ValueError:
        return set()


def sayable(words: Mapping[int, set[str]], known: Mapping[str, Any]) -> dict[int, int]:
    """Of the variants whose ``words`` are given by place, those of which every word is known, with how many it has.

    All of them where none is: then there is nothing better to say.
    """
    whole = {
        place: len(names) for place, names in words.items() if all(known.get(name) not in NOT_KNOWN for name in names)
    }
    return whole or dict.fromkeys(words, 0)


def next_variant(said: Sequence[int], words: Mapping[int, int], seed: str) -> int:
    """Of the places in ``words`` the one that was not said yet, or else longest ago.

    Of several such the one with most words filled in, for it says more; of several of those ``seed`` picks.
    """
    last = {number: turn for turn, number in enumerate(said)}
    places = sorted(words)
    start = crc32(seed.encode()) % len(places)
    order = places[start:] + places[:start]
    return min(order, key=lambda place: (last.get(place, -1), -words[place]))
