"""Reads a typed answer: each function returns the value, or None where the text holds none.

They are lenient about form ("10002", "lh10002", "LH 10002.") and strict about meaning: a confirmation that could be
read either way is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from typing import Final

from actions.dialogue.turn import Option, word_set

_ORDER: Final = re.compile(r"(?<![a-z0-9])l\s*h[\s\-–—_#:]*(\d{5})(?!\d)", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\d+")
_INVOICE: Final = re.compile(r"(?<![a-z])inv[\s\-–—_#:.]*(20\d\d)[\s\-–—_/]*(\d{1,4})(?!\d)", re.IGNORECASE)
_GIFT_CARD: Final = re.compile(
    r"(?<![a-z])lhgc[\s\-–—_#:.]*([\do]{4})[\s\-–—_./]*([\do]{4})[\s\-–—_./]*([\do]{4})(?![\do])", re.IGNORECASE
)
_EMAIL: Final = re.compile(r"[a-z0-9._%+'\-]+@[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?\.[a-z]{2,}", re.IGNORECASE)
_POSTCODE: Final = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?)\s*(\d[a-z]{2})\b", re.IGNORECASE)
_AMOUNT: Final = re.compile(r"(?:£|gbp)?\s*(\d{1,6}(?:,\d{3})*(?:\.\d{1,2})?)(?!\d)", re.IGNORECASE)
_PENCE: Final = re.compile(r"(?<![\d.,])\d{1,6}\.\d\d(?![\d.]\d|\d)")
_WORD: Final = re.compile(r"[a-z0-9']+")

Said = Callable[[str, tuple[str, ...]], bool]

NUMBER_WORDS: Final = {
    word: number
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
    if number
} | {"a": 1, "an": 1, "couple": 2}
ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth")
YES: Final = word_set(
    "yes y ye yeah yea yep yup yess sure ok okay correct confirm confirmed absolutely definitely exactly agreed right"
)
POLITE: Final = word_set("please go")
"""A yes by themselves; beside a no they only soften it ("no, keep it please")."""
NO: Final = word_set("no n nope nah don't dont not never cancel wrong neither keep leave")
DOUBT: Final = word_set("but unless wait maybe perhaps unsure except instead actually")
HESITATION: Final = word_set("wait actually")
"""Weighs against a yes only: "wait, no" is a clear no, and a no changes nothing."""
BARE: Final = YES | POLITE | word_set("no n nope nah k fine thanks")
"""Words that tell nothing where a reason or a description is asked for."""
PLACE_FILLERS: Final = word_set("the my one number option please it's item")
NEWEST: Final = ("last", "latest", "newest", "most recent")
"""Names of the first option where a list begins with the newest."""
ORDER_DIGITS: Final = 5
GIFT_CARD_DIGITS: Final = 12
LEAST_ADDRESS_WORDS: Final = 3
LEAST_FREE_TEXT: Final = 2
CLOSE_ENOUGH: Final = 0.8
"""Likeness (difflib's ratio) from which a misspelt word counts as the word."""
WHOLE_NAME: Final = 1000
"""A name said whole outweighs any part of another one."""
LONG_WORD: Final = 4
"""Shorter words must be spelt exactly: "tv" and "tea" are not misspellings of each other."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, typographic apostrophes made plain."""
    return tuple(_WORD.findall(text.lower().replace("’", "'")))


def order_number(text: str) -> str | None:
    """``10002``, ``lh 10002`` or ``Order LH-10002.`` -> ``LH-10002``. Bare digits count only by themselves, so that a
    telephone number is none."""
    found = set(_ORDER.findall(text))
    if not found:
        groups = _DIGITS.findall(text)
        found = {group for group in groups if len(groups) == 1 and len(group) == ORDER_DIGITS}
    return f"LH-{found.pop()}" if len(found) == 1 else None


def order_numbers(text: str) -> tuple[str, ...]:
    """All order numbers that the text names, in its order: ``LH-10001 and LH-10002``."""
    return tuple(dict.fromkeys(f"LH-{digits}" for digits in _ORDER.findall(text)))


def invoice_number(text: str) -> str | None:
    """``inv 2026 42`` -> ``INV-2026-0042``."""
    found = {(year, int(serial)) for year, serial in _INVOICE.findall(text)}
    if len(found) != 1:
        return None
    year, serial = found.pop()
    return f"INV-{year}-{serial:04d}"


def gift_card_number(text: str) -> str | None:
    """``lhgc 2046 7713 5082``, or its twelve digits by themselves -> ``LHGC-2046-7713-5082``.

    More digits than that are a bank card's and are none of ours.
    """
    found = {"-".join(groups).lower().replace("o", "0") for groups in _GIFT_CARD.findall(text)}
    if not found:
        digits = "".join(_DIGITS.findall(text))
        found = {"-".join((digits[:4], digits[4:8], digits[8:]))} if len(digits) == GIFT_CARD_DIGITS else set()
    return f"LHGC-{found.pop()}" if len(found) == 1 else None


def email(text: str) -> str | None:
    """The one e-mail address in the text, in lower case."""
    found = {address.lower().strip(".") for address in _EMAIL.findall(text)}
    return found.pop() if len(found) == 1 else None


def postcode(text: str) -> str | None:
    """A British postcode: ``ls62ab`` -> ``LS6 2AB``."""
    match = _POSTCODE.search(text)
    return f"{match[1]} {match[2]}".upper() if match else None


def amount(text: str) -> Decimal | None:
    """The first sum of money: ``£1,249.50`` -> ``1249.50``."""
    match = _AMOUNT.search(text)
    if match is None:
        return None
    try:
        return Decimal(match[1].replace(",", "")).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None


def sum_with_pence(text: str) -> str | None:
    """A sum that is written without its pound sign: "the 7.99 on my statement"."""
    match = _PENCE.search(text)
    return match[0] if match else None


def whole_number(text: str, *, most: int) -> int | None:
    """The one number from 1 to ``most`` that the text names, in digits or words."""
    words = words_of(text)
    found = {int(word) for word in words if word.isdigit()}
    if not found:
        named = {NUMBER_WORDS[word] for word in words if word in NUMBER_WORDS and word not in ("a", "an")}
        found = named or {NUMBER_WORDS[word] for word in words if word in ("a", "an")}
    if len(found) != 1:
        return None
    number = found.pop()
    return number if 1 <= number <= most else None


def yes_or_no(text: str, wanted: frozenset[str] = frozenset()) -> bool | None:
    """A clear yes or no. Both, neither, or a condition ("yes, but ...") is no answer.

    ``wanted`` are the words that say yes to this very question: "cancel it" to "shall I cancel it?". By itself such a
    word may as well mean the question: "cancel".
    """
    words = words_of(text)
    if wanted.intersection(words) and not set(words) - wanted - POLITE:
        return None
    doubts, says_no = DOUBT.intersection(words), bool((NO - wanted).intersection(words))
    says_yes = not (YES if says_no else YES | wanted).isdisjoint(words)
    if doubts:
        return False if says_no and not says_yes and doubts <= HESITATION else None
    if words[:1] in {("no",), ("nope",), ("nah",), ("n",)}:
        return None if YES.intersection(words) else False
    if not says_no and POLITE.intersection(words):
        says_yes = True
    return says_yes if says_yes != says_no else None


def mentioned(text: str, options: Sequence[Option]) -> str | None:
    """The value of the one option that a sentence names in passing: whole, and correctly spelt."""
    return _best(words_of(text), options, _spelt, only_whole=True)


def names_the_newest(text: str, noun: str) -> bool:
    """Whether the newest of its kind is named: "my last order"."""
    said = f" {' '.join(words_of(text))} "
    return any(f" {newest} {noun} " in said for newest in NEWEST)


def choice(text: str, options: Sequence[Option]) -> str | None:
    """The value of the one option that an answer names: by its place, its title, its words, or nearly so."""
    words = words_of(text)
    if not words or not options:
        return None
    bare = " ".join(word for word in words if word not in PLACE_FILLERS)
    for option in options:
        if bare in option.words:
            return option.value
    by_place = _by_place(words, len(options))
    if by_place is not None:
        return options[by_place].value
    said = " ".join(words)
    for option in options:
        if said in (" ".join(words_of(option.title)), " ".join(words_of(option.value))):
            return option.value
    return _best(words, options, _nearly_spelt)


def address(text: str) -> str | None:
    """A postal address: a few words of which one has a digit, or a postcode."""
    cleaned = " ".join(text.split())
    words = words_of(cleaned)
    has_number = any(character.isdigit() for character in cleaned)
    return cleaned if len(words) >= LEAST_ADDRESS_WORDS and has_number else None


def free_text(text: str) -> str | None:
    """Any words at all, but for a bare yes, no or ok."""
    cleaned = " ".join(text.split())
    words = words_of(cleaned)
    return cleaned if len("".join(words)) >= LEAST_FREE_TEXT and not BARE.issuperset(words) else None


def _by_place(words: tuple[str, ...], count: int) -> int | None:
    """``2``, ``the second one``, ``number 2``, ``last`` -> the index."""
    rest = [word for word in words if word not in PLACE_FILLERS]
    if len(rest) != 1:
        return None
    word = rest[0]
    if word == "last":
        return count - 1
    number = int(word) if word.isdigit() and len(word) <= 2 else 0
    if word in ORDINALS:
        number = ORDINALS.index(word) + 1
    return number - 1 if 1 <= number <= count else None


@dataclass(frozen=True)
class _Mention:
    """How clearly a text names an option: one of its names whole, and in order, or only a telling word of one."""

    option: Option
    name: frozenset[str]
    whole: bool
    score: int


def _best(words: tuple[str, ...], options: Sequence[Option], said: Said, *, only_whole: bool = False) -> str | None:
    """The option that is named most clearly. None where another is named as well, unless only as a part of its name:
    "sound but no picture" names the sound too, "kettle and toaster" names two things."""
    found = sorted((_mention(words, option, said) for option in options), key=lambda one: one.score, reverse=True)
    if not found or found[0].score == 0 or (only_whole and not found[0].whole):
        return None
    best, others = found[0], found[1:]
    rivals = [one for one in others if one.score == best.score or (one.whole and not one.name <= best.name)]
    return None if rivals else best.option.value


def _mention(words: tuple[str, ...], option: Option, said: Said) -> _Mention:
    names = [words_of(option.title), *(words_of(phrase) for phrase in option.words)]
    return max((_named(words, option, name, said) for name in names), key=lambda one: one.score)


def _named(words: tuple[str, ...], option: Option, name: tuple[str, ...], said: Said) -> _Mention:
    hits = [word for word in name if said(word, words)]
    letters = sum(len(word) for word in hits)
    whole = bool(hits) and len(hits) == len(name)
    if whole:
        in_order = f" {' '.join(name)} " in f" {' '.join(words)} "
        letters += WHOLE_NAME * (2 if in_order else 1)
    elif not any(len(word) >= LONG_WORD for word in hits):
        letters = 0
    return _Mention(option, frozenset(name), whole, letters)


def _spelt(word: str, words: tuple[str, ...]) -> bool:
    return word in words


def _nearly_spelt(word: str, words: tuple[str, ...]) -> bool:
    if word in words:
        return True
    return len(word) >= LONG_WORD and any(
        abs(len(word) - len(other)) <= 2 and SequenceMatcher(None, word, other).ratio() >= CLOSE_ENOUGH
        for other in words
    )
