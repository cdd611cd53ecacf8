"""Which messages ask for two things, and where they are cut."""

import pytest

from bot.intent_model import Prediction
from bot.two_requests import MOST_CUTS, RequestRule, asks, parts_of

RULE = RequestRule(frozenset({"greet", "complain"}), (frozenset({"cancel_order", "request_refund"}),))

KNOWN = {
    "where is my parcel": "order_status",
    "you charged me twice": "explain_charge",
    "why did you charge me twice": "explain_charge",
    "cancel my order": "cancel_order",
    "I want my money back": "request_refund",
    "hello there": "greet",
    "I am furious": "complain",
    "how do I pay": "faq/payment",
}


def understood(label, confidence=0.95, scope=0.9):
    return Prediction(((label, confidence), ("other", 1 - confidence)), scope, 0.2, 0, 0.9)


def understand(text):
    words = text.rstrip("?.! ")
    return understood(KNOWN[words]) if words in KNOWN else understood("nlu_fallback", 0.4, 0.1)


def found(text, whole=None, rule=RULE):
    two = rule.find(text, whole or understood("order_status", 0.6, 0.5), understand)
    return two and (two.first.text, two.second.text)


def cuts(text):
    return [(first.text, second.text) for first, second in parts_of(text)]


@pytest.mark.parametrize(
    "text",
    [
        "where is my parcel, and you charged me twice",
        "where is my parcel and why did you charge me twice?",
        "where is my parcel? Also, you charged me twice.",
        "where is my parcel; you charged me twice",
        "where is my parcel - why did you charge me twice",
        "where is my parcel\nyou charged me twice",
        "where is my parcel plus how do I pay?",
    ],
)
def test_two_requests_are_found_however_they_are_joined(text):
    first, second = found(text)
    assert first.rstrip("?") == "where is my parcel"
    assert second.rstrip("?.") in KNOWN


def test_anger_before_and_thanks_after_do_not_hide_two_requests():
    text = "this is a disgrace. where is my parcel? and how do I pay? you people make me tired"
    two = RULE.find(text, understood("complain", 0.6, 0.5), understand)
    assert (two.first.text, two.second.text) == ("where is my parcel?", "how do I pay?")
    assert text[two.first.start : two.first.end] == two.first.text
    assert text[two.second.start : two.second.end] == two.second.text


def test_the_parts_say_where_they_stand_in_the_message():
    text = "where is my parcel, and also you charged me twice."
    two = RULE.find(text, understood("order_status", 0.6, 0.5), understand)
    assert text[two.first.start : two.first.end] == two.first.text == "where is my parcel"
    assert text[two.second.start : two.second.end] == two.second.text == "you charged me twice."


@pytest.mark.parametrize(
    "text",
    [
        "hello there, where is my parcel",
        "where is my parcel, and I am furious",
        "where is my parcel and you charged me twice for nothing at all",
        "where is my parcel and where is my parcel",
        "cancel my order and I want my money back",
        "where is my parcel and pack",
        "where is my parcel",
    ],
    ids=["a greeting", "anger", "an unclear part", "the same twice", "one matter", "one word", "nothing to cut"],
)
def test_whatever_is_no_clear_second_request_leaves_one(text):
    assert found(text) is None


def test_a_message_that_is_clearer_as_a_whole_is_not_cut():
    text = "where is my parcel and why did you charge me twice?"
    sure = understood("faq/late_and_charged", 0.99, 1.0)
    unsure_parts = lambda part: understood(understand(part).labels[0][0], 0.9, 0.6)  # noqa: E731
    assert RULE.find(text, sure, unsure_parts) is None
    assert RULE.find(text, understood("order_status", 0.6, 0.5), unsure_parts) is not None


def test_two_statements_need_more_certainty_than_a_question():
    hesitant = lambda part: understood(understand(part).labels[0][0], 0.7, 0.9)  # noqa: E731
    whole = understood("order_status", 0.6, 0.5)
    rule = RequestRule()
    told = {"the parcel came late": "order_status", "you charged me twice": "explain_charge"}
    read = lambda part: understood(told.get(part, "order_status"), 0.7, 0.9)  # noqa: E731
    assert rule.find("the parcel came late and you charged me twice", whole, read) is None
    assert rule.find("where is my parcel and you charged me twice", whole, hesitant) is not None


@pytest.mark.parametrize(
    "text",
    [
        "I ordered a kettle and a toaster",
        "I want to cancel my order and get my money back",
        "how do I clean and descale my kettle",
        "delete my account and all my data",
        "tell me about returns and refunds please",
        "The order is LH-10002. Cancel it.",
        "my lid is broken, can I send it back",
    ],
)
def test_what_goes_on_with_the_first_part_is_not_cut_off(text):
    assert cuts(text) == []


def test_an_order_after_an_order_is_a_part_of_its_own():
    assert cuts("end my plan and send me the invoice") == [("end my plan", "send me the invoice")]
    assert cuts("could you end my plan and pause the other") == [("could you end my plan", "pause the other")]


def test_a_long_message_is_cut_in_few_places_only():
    assert len(cuts("I like it. " * 20)) == MOST_CUTS


def test_statements_questions_wishes_and_orders_are_told_apart():
    assert asks("where is it")
    assert asks("the lamp is here?")
    assert asks("I'd like to know")
    assert asks("send me the invoice")
    assert not asks("the lamp is broken")
    assert not asks("I paid a week ago")
