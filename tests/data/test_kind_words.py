"""What is said to people who are not well served: in words for their mood, whole, polite, and never twice the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.unsaid import next_variant, sayable, words_of
from handoff.contract import Mood

DATA: Final = Path(__file__).resolve().parents[2] / "data"
PEOPLE: Final = YAML(typ="safe").load(DATA / "responses" / "people.yml")["responses"]
COMPLAIN: Final = YAML(typ="safe").load(DATA / "responses" / "conversation.yml")["responses"]["utter_complain"]
PROBLEMS: Final = YAML(typ="safe").load(DATA / "wording" / "problems.yml")["problems"]
BY_MOOD: Final = {name: PEOPLE[name] for name in ("utter_acknowledge", "utter_offer_person")}
ALL: Final = {**BY_MOOD, "utter_complain": COMPLAIN, "utter_declined_person": PEOPLE["utter_declined_person"]}
MOODS: Final = (None, *Mood)
FACTS: Final = {
    "order_number": "LH-10234",
    "invoice_number": "INV-2026-0042",
    "amount": "£39.00",
    "product": "kettle",
    "device": "kettle",
    "item": "kettle",
    "date": "Monday",
}
PHRASES: Final = tuple(phrase.format(**FACTS) for phrases in PROBLEMS.values() for phrase in phrases.values())
HURTS: Final = re.compile(
    r"calm down|relax|as i (?:said|told)|your (?:fault|mistake)|you (?:misunderstood|failed|didn't|should have|must)"
    r"|unfortunately|policy|with all due respect|inconvenience",
    re.IGNORECASE,
)
"""What makes an angry customer angrier."""


def mood_of(variant: Mapping[str, Any]) -> str | None:
    """The mood that a variant is for, None where it is for none in particular."""
    (condition,) = variant.get("condition") or [{"name": "mood", "value": None}]
    assert condition["name"] == "mood"
    value = condition["value"]
    assert value is None or isinstance(value, str)
    return value


def fitting(variants: list[dict[str, Any]], mood: str | None) -> list[int]:
    """The places of the variants among which Rasa lets choose: those of the mood, else those of none."""
    own = [place for place, variant in enumerate(variants) if mood is not None and mood_of(variant) == mood]
    return own or [place for place, variant in enumerate(variants) if mood_of(variant) is None]


def say(variants: list[dict[str, Any]], said: list[int], mood: str | None, known: Mapping[str, str | None]) -> int:
    """The place of what is said."""
    words = {place: words_of(variants[place]) for place in fitting(variants, mood)}
    return next_variant(said, sayable(words, known), "conversation")


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?](?:\s|$)", text))


def reads_well(text: str) -> bool:
    """Whether a text is whole sentences: no braces, no gaps, a capital at the start and a stop at the end."""
    whole = not re.search(r"[{}]|\s\s|\s[.,:;!?]|None|,,|\.\.", text)
    return whole and text == text.strip() and text[0].isupper() and text[-1] in ".!?"


customers = st.tuples(
    st.sampled_from(MOODS), st.sampled_from([None, "", "Maya"]), st.sampled_from([None, "", *PHRASES[:4]])
)


@pytest.mark.parametrize("name", ALL)
@settings(deadline=None)  # the machine may be busy
@given(turns=st.lists(customers, max_size=30))
def test_nothing_is_said_twice_while_something_else_is_left(
    name: str, turns: list[tuple[str | None, str | None, str | None]]
) -> None:
    """P11: a sorry that comes again word for word is none."""
    variants, said = ALL[name], list[int]()
    for mood, customer, problem in turns:
        known = {"customer_name": customer, "problem": problem}
        place = say(variants, said, mood, known)
        left = [other for other in fitting(variants, mood) if all(known.get(w) for w in words_of(variants[other]))]
        assert place in left, "it names what is not known"
        assert place not in said or set(left) <= set(said)
        assert reads_well(variants[place]["text"].format(**known))
        said.append(place)


@pytest.mark.parametrize("name", ALL)
def test_every_variant_is_whole_sentences_with_every_name_and_problem(name: str) -> None:
    """P22: what fills the gap in a sentence must fit it, for each of the problems."""
    broken = [
        text
        for variant, phrase in product(ALL[name], PHRASES)
        if not reads_well(text := variant["text"].format(customer_name="Maya", problem=phrase))
    ]
    assert broken == []


def test_nothing_is_filled_in_but_the_name_and_the_problem() -> None:
    words = {word for variants in ALL.values() for variant in variants for word in words_of(variant)}
    assert words == {"customer_name", "problem"}


def test_no_two_variants_say_the_same() -> None:
    texts = [variant["text"] for variants in ALL.values() for variant in variants]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize(("name", "mood"), list(product(BY_MOOD, MOODS)))
def test_every_mood_has_words_of_its_own_whether_name_and_problem_are_known_or_not(name: str, mood: str | None) -> None:
    own = [variant for variant in BY_MOOD[name] if mood_of(variant) == mood]
    words = [words_of(variant) for variant in own]
    assert words.count(set()) >= 3
    assert sum("problem" in names for names in words) >= 3
    assert any(names == {"customer_name"} for names in words)
    assert {"customer_name", "problem"} in words


def test_no_variant_is_for_a_mood_that_nobody_is_ever_in() -> None:
    written = {mood_of(variant) for variants in ALL.values() for variant in variants}
    assert written == set(MOODS)


def test_an_acknowledgement_is_brief() -> None:
    """P11: at most two sentences stand between the customer and the answer."""
    assert [v["text"] for v in PEOPLE["utter_acknowledge"] if sentences(v["text"]) > 2 or len(v["text"]) > 180] == []


def test_an_offer_is_a_question_that_a_yes_answers_and_one_tap_as_well() -> None:
    """P3."""
    for variant in PEOPLE["utter_offer_person"]:
        payloads = [button["payload"] for button in variant["buttons"]]
        assert payloads == ["/talk_to_person", "/decline_person"]
        assert re.search(r"(?:^|[.:,] )(?:Is|May|Shall|Would|shall|would)\b[^?]*\?", variant["text"]), variant["text"]


def test_nobody_is_told_to_calm_down_or_given_the_blame() -> None:
    """P11."""
    texts = [variant["text"] for variants in ALL.values() for variant in variants]
    assert [text for text in texts if HURTS.search(text)] == []


def test_whoever_is_let_down_by_the_assistant_hears_that_it_is_its_own_doing() -> None:
    own = [v["text"] for v in PEOPLE["utter_acknowledge"] if mood_of(v) == Mood.LET_DOWN]
    assert [text for text in own if not re.search(r"\b(?:I|my)\b", text) or "sorry" not in text] == []


def test_insults_get_a_boundary_and_help_all_the_same() -> None:
    texts = [
        v["text"] for name in ("utter_acknowledge", "utter_complain") for v in ALL[name] if mood_of(v) == "abusive"
    ]
    assert texts
    assert [text for text in texts if not re.search(r"insults|tone|civil", text)] == []
    assert [text for text in texts if not re.search(r"help|do my best|do what I can|what (?:should|has)", text)] == []
