"""Customers' data neither stand in examples nor reach the editor's list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmline.content.personal_data import (
    MASKS,
    Kind,
    find_in_example,
    find_personal_data,
    is_card_number,
    is_iban,
    mask,
)

PERSONAL = {
    Kind.EMAIL: ("anna.kovac@post.co.uk", "A.K+shop@gmx.de"),
    Kind.IBAN: ("GB82 WEST 1234 5698 7654 32", "de89370400440532013000"),
    Kind.CARD: ("4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009"),
    Kind.PHONE: ("07911 123456", "+44 20 7946 0018", "(0113) 496 0123", "0044 113 4960123"),
    Kind.POSTCODE: ("LS6 2AB", "sw1a1aa"),
}
ADDRESSES = ("14 Orchard Lane", "7b Old Mill Road")
ALL = [(kind, text) for kind, texts in PERSONAL.items() for text in texts]


@pytest.mark.parametrize(("kind", "text"), ALL, ids=[text for _, text in ALL])
def test_what_identifies_a_customer_is_found_in_the_middle_of_a_sentence(kind: Kind, text: str) -> None:
    sentence = f"please use {text}, thank you"

    assert [(found.kind, found.text) for found in find_in_example(sentence)] == [(kind, text)]
    assert mask(sentence) == f"please use {MASKS[kind]}, thank you"


@pytest.mark.parametrize(
    "text",
    [
        "where is LH-10234, it was due on 12.11.2026",
        "I paid £1,249.00 for a 55-inch television",
        "write to tom@mail.example at LS1 2ZZ",
        "invoice INV-2026-0042 from 2026-11-03 10:30",
        "model number 4711 0815, 2 of them",
        "I was charged twice on 3 November 2026 and 4 November 2026",
        "my name is Tom and my kettle leaks",
        "please change my address to 14 Orchard Lane, Leeds",
    ],
)
def test_what_examples_are_full_of_is_not_taken_for_personal_data(text: str) -> None:
    assert find_in_example(text) == ()


def test_a_name_beside_an_order_number_is_somebody() -> None:
    (found,) = find_in_example("My name is Anna Kovac, where is LH-20671?")

    assert (found.kind, found.text) == (Kind.NAME, "Anna Kovac")
    assert mask("My name is Anna Kovac, where is LH-20671?") == "My name is <name>, where is LH-10234?"


@pytest.mark.parametrize("address", ADDRESSES)
def test_where_somebody_lives_does_not_reach_the_editor(address: str) -> None:
    assert mask(f"I have moved to {address}, Leeds") == "I have moved to <address>, Leeds"


def test_check_digits_tell_card_numbers_and_accounts_from_other_long_numbers() -> None:
    assert is_card_number("4111111111111111")
    assert not is_card_number("4111111111111112")
    assert is_iban("GB82WEST12345698765432")
    assert not is_iban("GB83WEST12345698765432")


PARTS = st.sampled_from(
    [text for _, text in ALL] + [*ADDRESSES, "LH-20671", "inv 2026 0117", "My name is Anna Kovac", "mr Smith"]
)
PIECES = st.one_of(PARTS, st.text(max_size=12), st.sampled_from([" ", ", ", ".", "-", "and", "@", "0", "LH", "<name>"]))


@given(st.lists(PIECES, max_size=8).map("".join))
def test_nothing_personal_is_left_once_a_text_is_masked(text: str) -> None:
    masked = mask(text)

    assert [found for found in find_personal_data(masked) if found.text != MASKS[found.kind]] == []
    assert mask(masked) == masked


@given(st.text(alphabet="abcdefghij ?!,.'", max_size=60))
def test_a_text_without_digits_and_capitals_stays_as_it_is(text: str) -> None:
    assert mask(text) == text
