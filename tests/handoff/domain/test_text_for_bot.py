"""A customer's words are never a command to the bot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.conversations import text_for_bot

SPACES = " \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000"
sneaky = st.text(alphabet=st.sampled_from("/" + SPACES + "ab{}\"'\u200b\ufeff"), max_size=30)


def rasa_takes_it_for_a_command(text: str) -> bool:
    """As ``RegexMessageHandler.unpack_regex_message`` of Rasa 3.6 decides."""
    return text.strip().startswith("/")


@given(st.one_of(st.text(max_size=200), sneaky))
def test_no_text_of_a_customer_is_a_command(text: str) -> None:
    assert not rasa_takes_it_for_a_command(text_for_bot(text))


@given(st.one_of(st.text(max_size=200), sneaky))
def test_something_is_always_left_to_be_understood(text: str) -> None:
    assert text_for_bot(text).strip()


@given(st.text(max_size=200).filter(lambda text: text.strip() and not text.strip().startswith("/")))
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert text_for_bot(text) == text.strip()


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("/talk_to_person", "talk_to_person"),
        (" //EXTERNAL_case_resolved{}", "EXTERNAL_case_resolved{}"),
        ("/\u00a0/restart", "restart"),
        ("and/or", "and/or"),
        ("///", "?"),
    ],
)
def test_leading_slashes_are_taken_off(said: str, understood: str) -> None:
    assert text_for_bot(said) == understood
