"""Personal data in a sentence: finds it, and masks it.

Pure: text in, text or findings out. The forms are British, as the shipped content is. A sentence is masked so that
nothing is found in the result, and that it still reads as an example.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Kind(StrEnum):
    """What was found; the value is how a message names it."""

    EMAIL = "e-mail address"
    IBAN = "bank account number"
    CARD = "card number"
    PHONE = "telephone number"
    ADDRESS = "street address"
    POSTCODE = "postcode"
    NAME = "name"
    ORDER = "order number"
    INVOICE = "invoice number"


@dataclass(frozen=True)
class Found:
    """Personal data from ``start`` to ``end`` of a text."""

    kind: Kind
    start: int
    end: int
    text: str


MASKS: Final = {
    Kind.EMAIL: "name@mail.example",
    Kind.IBAN: "<account number>",
    Kind.CARD: "<card number>",
    Kind.PHONE: "<telephone number>",
    Kind.ADDRESS: "<address>",
    Kind.POSTCODE: "LS1 2ZZ",
    Kind.NAME: "<name>",
    Kind.ORDER: "LH-10234",
    Kind.INVOICE: "INV-2026-0042",
}
"""What stands in its place. Where an invented value can be told from a real one, it is that."""

ALWAYS: Final = (Kind.EMAIL, Kind.IBAN, Kind.CARD, Kind.PHONE, Kind.POSTCODE)
"""Kinds that are personal wherever they stand. A name, an order number or a street is usual in examples and may be
invented; a name together with one of the others betrays somebody."""

EMAIL: Final = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)*(?![\w-])")
RESERVED: Final = (".example", ".test", ".invalid")
IBAN: Final = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?!\w)", re.IGNORECASE)
IBAN_PART: Final = re.compile(r"[ -]")
DIGITS: Final = re.compile(
    r"(?<![\w£-])(?!(?:19|20)\d\d-\d\d-\d\d(?!\d))(?:\+|\(\+?)?\d(?:[ ().\-/]{0,2}\d){8,24}(?!\w)"
)
CARD_LENGTHS: Final = range(12, 20)
PHONE_LENGTHS: Final = range(9, 16)
POSTCODE: Final = re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}(?!\w)", re.IGNORECASE)
INVENTED_POSTCODE: Final = re.compile(r"\d?ZZ$|^ZZ", re.IGNORECASE)
"""No real postcode ends in ZZ or begins with it."""
STREETS: Final = (
    "street|st|road|rd|avenue|ave|lane|ln|close|drive|way|court|crescent|gardens|grove|hill|mews|park|place|row|"
    "square|terrace|view|walk"
)
ADDRESS: Final = re.compile(
    rf"(?<![\w£-])\d{{1,4}}[A-Za-z]?,? +(?:[A-Z][\w'’]+ +){{1,3}}(?:{STREETS.title()}|{STREETS})\b\.?"
)
NAME: Final = re.compile(
    r"(?:(?i:\b(?:my name is|my name's|i am called|i'm called|name:|regards,|yours sincerely,|best wishes,"
    r"|mr|mrs|ms|dr))\.?\s+)(?P<name>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})"
)
ORDER: Final = re.compile(r"(?<!\w)#?L\s?H[\s_.#:–—-]{0,3}[\doO]{5}(?!\w)", re.IGNORECASE)
INVOICE: Final = re.compile(
    r"(?<!\w)#?inv(?:oice)?[\s_.#:–—-]{0,3}2[\doO]\d\d[\s_./–—-]{0,3}[\doO]{4}(?!\w)", re.IGNORECASE
)


def find_personal_data(text: str, kinds: tuple[Kind, ...] = tuple(Kind)) -> tuple[Found, ...]:
    """All personal data of ``kinds`` in the text, from left to right; what overlaps is told once, the first kind."""
    found: list[Found] = []
    for kind in Kind:
        for start, end in FINDERS[kind](text):
            if kind in kinds and all(end <= other.start or start >= other.end for other in found):
                found.append(Found(kind, start, end, text[start:end]))
    return tuple(sorted(found, key=lambda item: item.start))


@lru_cache(maxsize=1 << 15)
def find_in_example(text: str) -> tuple[Found, ...]:
    """What must not stand in an example: ``ALWAYS``, and a name beside an order number, an invoice or a street.

    Remembered for each text: an edit is checked before and after, and nearly every example is the same in both.
    """
    everything = find_personal_data(text)
    kinds = {item.kind for item in everything}
    together = Kind.NAME in kinds and bool(kinds & {Kind.ORDER, Kind.INVOICE, Kind.ADDRESS})
    return tuple(item for item in everything if item.kind in ALWAYS or (together and item.kind is Kind.NAME))


def mask(text: str) -> str:
    """The text with all personal data replaced; masking it again changes nothing."""
    for _ in range(len(text) + 1):
        found = [item for item in find_personal_data(text) if item.text != MASKS[item.kind]]
        if not found:
            return text
        for item in reversed(found):
            text = text[: item.start] + MASKS[item.kind] + text[item.end :]
    return MASKS[Kind.NAME]  # no sentence needs so many rounds; what would is not worth keeping


def is_card_number(digits: str) -> bool:
    """Whether the check digit fits (Luhn, ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_iban(written: str) -> bool:
    """Whether the check digits fit (ISO 13616: modulo 97)."""
    plain = IBAN_PART.sub("", written).upper()
    moved = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


Spans = Iterator[tuple[int, int]]


def _emails(text: str) -> Spans:
    for match in EMAIL.finditer(text):
        if not match.group().lower().endswith(RESERVED):
            yield match.span()


def _ibans(text: str) -> Spans:
    for match in IBAN.finditer(text):
        # A word behind the number may look like one more group: the longest part that adds up is the number.
        for end in range(match.end(), match.start() + 14, -1):
            if text[end - 1].isascii() and text[end - 1].isalnum() and is_iban(_ascii(text[match.start() : end])):
                yield match.start(), end
                break


def _ascii(text: str) -> str:
    return text if text.isascii() else ""


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    for match in DIGITS.finditer(text):
        yield match.start(), match.end(), "".join(str(int(char)) for char in match.group() if char.isdigit())


def _cards(text: str) -> Spans:
    for start, end, digits in _numbers(text):
        if len(digits) in CARD_LENGTHS and is_card_number(digits) and set(digits) != {"0"}:
            yield start, end


def _phones(text: str) -> Spans:
    for start, end, digits in _numbers(text):
        if len(digits) in PHONE_LENGTHS and (digits.startswith(("0", "44")) or text[start] in "+("):
            yield start, end
        elif len(digits) >= PHONE_LENGTHS.start + 1:
            yield start, end  # so long a number in a sentence is somebody's, whatever it is


def _postcodes(text: str) -> Spans:
    for match in POSTCODE.finditer(text):
        if not INVENTED_POSTCODE.search(match.group()):
            yield match.span()


def _all(pattern: re.Pattern[str], group: int | str = 0) -> Callable[[str], Spans]:
    def spans(text: str) -> Spans:
        for match in pattern.finditer(text):
            yield match.span(group)

    return spans


FINDERS: Final[dict[Kind, Callable[[str], Spans]]] = {
    Kind.EMAIL: _emails,
    Kind.IBAN: _ibans,
    Kind.CARD: _cards,
    Kind.PHONE: _phones,
    Kind.ADDRESS: _all(ADDRESS),
    Kind.POSTCODE: _postcodes,
    Kind.NAME: _all(NAME, "name"),
    Kind.ORDER: _all(ORDER),
    Kind.INVOICE: _all(INVOICE),
}
