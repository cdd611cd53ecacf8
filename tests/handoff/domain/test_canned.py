"""Canned responses with what is known of a case put in, and whom a note names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.canned import CannedResponse, Place, best_in, places_in, render, strange_places
from handoff.domain.mentions import mentioned
from tests.handoff.cast import ANA, BEA, BEN, GRACE

KNOWN = {"customer_first_name": "Maya", "order_number": ""}


def test_what_is_known_is_put_in_and_what_is_not_is_named() -> None:
    rendered = render("Hello {customer_first_name}, order {order_number} of {queue}", KNOWN)

    assert rendered.text == "Hello Maya, order {order_number} of {queue}"
    assert rendered.missing == ("order_number", "queue")


def test_a_customer_whose_name_looks_like_a_place_keeps_it() -> None:
    assert render("Hello {customer_name}", {"customer_name": "{problem}"}).text == "Hello {problem}"


@given(st.dictionaries(st.sampled_from(list(Place)), st.text(min_size=1)), st.text())
def test_a_text_without_braces_stays_as_it_is(facts: dict[str, str], text: str) -> None:
    plain = text.replace("{", "").replace("}", "")
    assert render(plain, facts).text == plain


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("Hello {customer_name}", ()),
        ("Hello {name} and {x}", ("name", "x")),
        ("Hello {customer_name", ("{",)),
        ("a } b", ("}",)),
    ],
)
def test_a_place_that_does_not_exist_is_told(text: str, strange: tuple[str, ...]) -> None:
    assert strange_places(text) == strange
    assert set(places_in(text)) - set(Place) == set(strange) - {"{", "}"}


def test_the_customers_language_is_taken_and_else_english() -> None:
    english, german = CannedResponse("bye", "Bye", "en", "Bye"), CannedResponse("bye", "Ende", "de", "Auf Wiedersehen")

    assert best_in([english, german], "bye", "de-AT") is german
    assert best_in([english, german], "bye", "fr") is english
    assert best_in([english, german], "bye", None) is english
    assert best_in([german], "hello", "de") is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Ana Duarte please look", [ANA]),
        ("please look, @ana.", [ANA]),
        ("@Bea and @Ben Okafor and @bea again", [BEA, BEN]),
        ("write to ana@larkfield.example", []),
        ("@Anabel is nobody", []),
        ("@@Ben", [BEN]),
        ("(@Grace Lindqvist)", [GRACE]),
        ("nobody", []),
    ],
)
def test_a_note_names_colleagues_by_full_or_first_name(text: str, names: list[object]) -> None:
    assert list(mentioned(text, [ANA, BEN, BEA, GRACE])) == names


def test_a_first_name_that_two_have_means_neither_of_them() -> None:
    other = replace(ANA, id="ana2", name="Ana Silva")

    assert mentioned("@Ana", [ANA, other]) == ()
    assert mentioned("@Ana Silva", [ANA, other]) == (other,)
