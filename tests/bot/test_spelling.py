"""Typing errors are mended into words of the training data; right words are left alone."""

import pytest

from bot.spelling import SpellingCorrector, distance

TEXTS = [
    "where is my parcel",
    "my parcel is late",
    "I forgot my password",
    "reset my password",
    "how long is the warranty",
    "a warranty for my dishwasher",
    "the dishwasher leaks",
]
DICTIONARY = {"where", "what", "late", "long", "forgot", "reset", "leaks", "card", "word"}


@pytest.fixture(scope="module")
def corrector():
    return SpellingCorrector.learn(TEXTS, DICTIONARY)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wher is my pacel", "where is my parcel"),
        ("my pasword", "my password"),
        ("my psasword", "my password"),
        ("WARANTY?", "warranty?"),
        ("the dihswaser", "the dishwasher"),
        ("parcell", "parcel"),
    ],
)
def test_a_typing_error_is_mended(corrector, typed, meant):
    assert corrector.correct(typed) == meant


@pytest.mark.parametrize(
    "text",
    ["where is my card", "LH-10003", "maya@example.com", "what's up", "Zürich", "my elephant", "", "12345", "prcl"],
)
def test_what_is_no_typing_error_is_left_alone(corrector, text):
    assert corrector.correct(text) == text


def test_an_error_in_the_training_data_is_not_learned_as_a_word():
    corrector = SpellingCorrector.learn([*TEXTS, "my pasword is wrong"], DICTIONARY)
    assert corrector.correct("pasword") == "password"


@pytest.mark.parametrize(
    ("left", "right", "errors"),
    [("", "", 0), ("a", "", 1), ("parcel", "pacel", 1), ("parcel", "pracel", 1), ("parcel", "prcal", 2)],
)
def test_a_swap_of_neighbours_is_one_error(left, right, errors):
    assert distance(left, right) == errors
    assert distance(right, left) == errors
