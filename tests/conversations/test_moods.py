"""Anger, emoji, other languages, questions about risks: what is said to people in every mood."""

from __future__ import annotations

import pytest

from tests.conversations.assistant import Assistant, Customer


def test_an_angry_customer_hears_one_apology_then_an_offer_then_nothing_more_from_the_bot(
    maya: Customer, assistant: Assistant
) -> None:
    """P1, P11."""
    assert maya.says("how can you treat customers like this").responses == ("utter_complain",)
    offered = maya.says("you lot are useless, absolutely useless")
    assert offered.responses in (("utter_offer_person",), ("utter_acknowledge", "utter_offer_person"))
    assert maya.says("I have had enough of this").responses == ()
    (case,) = assistant.recorder.of(maya.conversation)
    assert case.decision.reason == "frustration"
    assert case.problem == "the trouble you've had with us"


def test_whoever_goes_on_complaining_is_never_told_the_same_twice(maya: Customer) -> None:
    texts = [maya.says("this is the worst company ever, absolutely disgusting").text]
    maya.presses("No, carry on")
    texts += [maya.says(text).text for text in ("your service is terrible", "still terrible", "awful")]
    assert len(set(texts)) == len(texts)


def test_bad_news_is_not_repeated_word_for_word(maya: Customer) -> None:
    first = maya.says("where is LH-10001")
    assert maya.says("and when will it arrive?").text != first.text


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("😡😡😡", "utter_complain"),
        ("👍", "utter_affirm_without_question"),
        ("❤️", "utter_thanks"),
        ("yeah thanks for nothing", "utter_complain"),
        ("oh great, another robot. just what I needed", "utter_complain"),
        ("Wo ist meine Bestellung?", "utter_faq/general_languages"),
        ("我的订单在哪里", "utter_faq/general_languages"),
        ("which ombudsman are you a member of", "utter_faq/general_complaint_procedure"),
        ("what is your policy on phishing mails?", "utter_faq/account_security_phishing"),
        (
            "I have power of attorney for my mother, can I manage her account",
            "utter_faq/account_security_share_account",
        ),
        ("how do I make a subject access request", "utter_faq/account_security_data_copy"),
        ("can I get the delivery charge back if you deliver late?", "utter_faq/orders_delivery_lost_parcel"),
        ("is delivery free over 60 pounds?", "utter_delivery_options"),
        ("I'm in hospital for a while, can I pause my plan?", "utter_question_pause_months"),
        ("my problem is not solved", "utter_not_helpful"),
    ],
)
def test_the_bot_answers_by_itself(maya: Customer, assistant: Assistant, text: str, response: str) -> None:
    """P10: none of these needs a person, though some deserve a kind word first."""
    kind_word, answer = ("utter_acknowledge",), (response,)
    assert maya.says(text).responses in (answer, kind_word + answer)
    assert assistant.recorder.of(maya.conversation) == []


@pytest.mark.parametrize(
    ("text", "category", "severity"),
    [
        ("the kettle started smoking and there were sparks", "technical", 1),
        ("someone hacked my account and changed the email", "account_security", 1),
        ("there is a payment on my card I never authorised", "account_security", 1),
        ("If this isn't fixed my solicitor will be in touch", "general", 1),
        ("I am reporting you to trading standards", "general", 2),
    ],
)
def test_a_risk_is_handed_over_at_once(
    maya: Customer, assistant: Assistant, text: str, category: str, severity: int
) -> None:
    """P5."""
    assert maya.says(text).responses == ()
    (case,) = assistant.recorder.of(maya.conversation)
    assert (case.decision.reason, case.decision.category, case.decision.severity) == ("policy", category, severity)


@pytest.mark.parametrize(
    "text", ["is there a living soul around", "can i get a real hooman plz", "put ur supervisor on"]
)
def test_a_person_is_called_in_whatever_words(maya: Customer, assistant: Assistant, text: str) -> None:
    """P3."""
    assert maya.says(text).responses == ()
    assert len(assistant.recorder.of(maya.conversation)) == 1
