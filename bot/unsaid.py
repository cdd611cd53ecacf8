"""Choosing among a response's variants: nothing unknown is named, nothing said twice while something is left."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

NOT_KNOWN = (None, "")
IN_BRACES = re.compile(r"\{([^\n{}]+)\}")


def words_of(variant: Mapping[str, Any]) -> set[str]:
    """The words in braces of a variant's text."""
    return set(IN_BRACES.findall(variant.get("text") or ""))


def filled(text: str, known: Mapping[str, Any]) -> str:
    """The text with its words in braces filled in; braces that hold none of them are said as they stand.

    Rasa's own filling in fails on a brace alone, says everything that it knows for a pair with nothing in it, and fills
    in nothing at all where one word is not known.
    """
    return IN_BRACES.sub(lambda found: str(known[found[1]]) if found[1] in known else found.group(), text)


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
