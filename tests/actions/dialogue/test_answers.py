"""What customers type, and what it is taken for."""

from __future__ import annotations

import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue import answers
from actions.dialogue.turn import Option

ITEMS = (Option("KET-100", "kettle"), Option("TST-040", "toaster"), Option("BLN-050", "hand blender"))
SYMPTOMS = (
    Option("no_picture", "Sound, but no picture", ("picture", "black")),
    Option("no_sound", "Picture, but no sound", ("sound", "silent")),
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("LH-10002", "LH-10002"),
        ("lh10002", "LH-10002"),
        ("it's order number 10002.", "LH-10002"),
        ("L H - 10002", "LH-10002"),
        ("10002 or 10003", None),
        ("1000", None),
        ("my phone is 07700 900123", None),
        ("", None),
    ],
)
def test_an_order_number_is_understood_as_people_write_it(text: str, number: str | None) -> None:
    assert answers.order_number(text) == number


@given(serial=st.integers(10000, 99999), prefix=st.sampled_from(["LH-", "lh", "LH ", "", "order "]))
def test_every_order_number_is_read_back_however_it_is_prefixed(serial: int, prefix: str) -> None:
    assert answers.order_number(f"{prefix}{serial}") == f"LH-{serial}"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("inv 2026 42", "INV-2026-0042"),
        ("INV-2026-0001", "INV-2026-0001"),
        ("inv20260016", "INV-2026-0016"),
        ("the last one", None),
    ],
)
def test_an_invoice_number_is_brought_into_its_written_form(text: str, number: str | None) -> None:
    assert answers.invoice_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("LHGC-2046-7713-5082", "LHGC-2046-7713-5082"),
        ("lhgc 2046 7713 5082", "LHGC-2046-7713-5082"),
        ("it's LHGC204677135082.", "LHGC-2046-7713-5082"),
        ("lhgc-2o46-7713-5o82", "LHGC-2046-7713-5082"),
        ("2046 7713 5082", "LHGC-2046-7713-5082"),
        ("2046-7713-5082 please", "LHGC-2046-7713-5082"),
        ("4929 1234 5678 9012", None),
        ("LHGC-2046-7713-50", None),
        ("LHGC-2046-7713-5082 and LHGC-8810-4427-9361", None),
        ("no idea", None),
    ],
)
def test_a_gift_card_number_is_brought_into_its_written_form_and_a_bank_cards_is_none(
    text: str, number: str | None
) -> None:
    assert answers.gift_card_number(text) == number


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("Maya.Lind@Mail.example", "maya.lind@mail.example"),
        ("it's maya@mail.example, thanks", "maya@mail.example"),
        ("maya at mail", None),
        ("a@b.example or c@d.example", None),
    ],
)
def test_an_email_address_is_found_in_a_sentence(text: str, email: str | None) -> None:
    assert answers.email(text) == email


def test_postcode_and_amount_are_read_in_loose_forms() -> None:
    assert answers.postcode("to ls62ab please") == "LS6 2AB"
    assert answers.postcode("Leeds") is None
    assert answers.amount("£1,249.50") == Decimal("1249.50")
    assert answers.amount("39 pounds") == Decimal("39.00")
    assert answers.amount("nothing") is None


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("yes", True),
        ("Yes, please!", True),
        ("yep go ahead", True),
        ("ok", True),
        ("no", False),
        ("no thanks", False),
        ("don't", False),
        ("no, please don't", False),
        ("please", True),
        ("wait, no", False),
        ("wait no, keep it", False),
        ("no keep it please", False),
        ("actually, leave it", False),
        ("wait, yes", None),
        ("wait", None),
        ("yes but only the lamp", None),
        ("yes no", None),
        ("no, yes", None),
        ("maybe", None),
        ("what does it cost", None),
        ("", None),
    ],
)
def test_only_a_clear_yes_or_no_confirms(text: str, meaning: bool | None) -> None:
    assert answers.yes_or_no(text) is meaning


@given(st.text(string.printable, max_size=200))
def test_no_text_is_both_a_confirmation_and_a_doubt(text: str) -> None:
    if answers.yes_or_no(text) is True:
        words = set(answers.words_of(text))
        assert words & (answers.YES | answers.POLITE)
        assert not words & (answers.DOUBT | answers.NO)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("toaster", "TST-040"),
        ("the toster", "TST-040"),
        ("2", "TST-040"),
        ("the second one", "TST-040"),
        ("the last one", "BLN-050"),
        ("blender", "BLN-050"),
        ("KET-100", "KET-100"),
        ("kettle and toaster", None),
        ("both", None),
        ("7", None),
        ("the sofa", None),
    ],
)
def test_one_of_several_items_is_chosen_by_name_or_place(text: str, item: str | None) -> None:
    assert answers.choice(text, ITEMS) == item


def test_a_name_said_whole_outweighs_words_that_two_options_share() -> None:
    assert answers.choice("no sound", SYMPTOMS) == "no_sound"
    assert answers.choice("there is sound but no picture", SYMPTOMS) == "no_picture"


def test_a_first_sentence_is_not_guessed_from_words_that_look_alike() -> None:
    devices = (Option("fridge", "Fridge or freezer", ("fridge", "freezer")),)
    assert answers.mentioned("my tablet freezes", devices) is None
    assert answers.mentioned("the freezer is full of ice", devices) == "fridge"


@pytest.mark.parametrize(
    ("text", "number"),
    [("2", 2), ("two please", 2), ("make it 3", 3), ("a couple", 2), ("0", None), ("99", None), ("2 or 3", None)],
)
def test_a_count_is_read_in_digits_and_words(text: str, number: int | None) -> None:
    assert answers.whole_number(text, most=20) == number


def test_an_address_needs_more_than_a_word() -> None:
    assert answers.address("14  Orchard Road,\nLeeds, LS6 2AB") == "14 Orchard Road, Leeds, LS6 2AB"
    assert answers.address("Leeds") is None
    assert answers.address("same as before please") is None


@given(st.text(max_size=300))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (
        answers.order_number,
        answers.invoice_number,
        answers.email,
        answers.postcode,
        answers.amount,
        answers.yes_or_no,
        answers.address,
        answers.free_text,
    ):
        read(text)
    answers.choice(text, ITEMS)
    answers.mentioned(text, ITEMS)
    answers.whole_number(text, most=20)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("cancel it", True),
        ("yes cancel it", True),
        ("don't cancel it", False),
        ("cancel", None),
        ("cancel please", None),
    ],
)
def test_the_very_deed_says_yes_to_it_but_a_bare_word_does_not(text: str, meaning: bool | None) -> None:
    """Before "cancel the order?" a bare "cancel" may mean the question as well."""
    assert answers.yes_or_no(text, frozenset({"cancel"})) is meaning


@pytest.mark.parametrize("text", ["ok", "yes", "no", "No thanks", "sure"])
def test_a_bare_yes_or_no_is_no_reason(text: str) -> None:
    assert answers.free_text(text) is None


def test_all_order_numbers_of_a_message_are_found() -> None:
    assert answers.order_numbers("where is LH-10001 and lh 10002? LH-10001!") == ("LH-10001", "LH-10002")


def test_the_last_of_a_list_that_begins_with_the_newest_is_the_newest() -> None:
    newest = Option("INV-1", "INV-1: 23 November", answers.NEWEST)
    assert answers.choice("the last one please", (newest, Option("INV-2", "INV-2: 1 October"))) == "INV-1"
    assert answers.names_the_newest("where is my last order?", "order")
    assert not answers.names_the_newest("the order from last week", "order")


@pytest.mark.parametrize(("text", "found"), [("the 7.99 on my bill", "7.99"), ("on 12.11.2026", None), ("three", None)])
def test_a_sum_may_stand_without_its_pound_sign(text: str, found: str | None) -> None:
    assert answers.sum_with_pence(text) == found
