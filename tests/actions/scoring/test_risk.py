"""Risks are heard in every real wording (P5), and talking of one in general escalates nothing (P10)."""

from __future__ import annotations

import pytest

from actions.scoring.policy import PolicyView
from actions.scoring.signals.risk import risks_in
from actions.scoring.words import normalise

REAL = {
    "safety": [
        "the kettle started smoking and there were sparks",
        "is it normal that the plug sparks?",
        "I got an electric shock from the dishwasher",
        "there is a burning smell from the plug",
        "the battery is swollen",
        "I burned my hand on the handle",
        "my son was taken to hospital",
        "does it matter that smoke is coming out of the back?",
        "It caught fire!",
    ],
    "self_harm": ["i just want to die", "I don't want to kill myself over this", "I feel suicidal"],
    "security": [
        "someone hacked my account and changed the email",
        "has my account been hacked?",
        "someone logged in to my account",
        "I clicked the link in a strange message and gave them my card",
        "a hacker has my data",
        "somebody got into my account",
    ],
    "fraud": [
        "there is a payment on my card I never authorised",
        "you are scammers",
        "This is a scam, I want my money back",
        "can I report a fraud?",
        "I have been scammed",
        "my card was stolen, stop the payment",
        "this charge is fraudulent",
    ],
    "legal": [
        "If this isn't fixed my solicitor will be in touch",
        "my attorney will write to you",
        "I will sue you",
        "see you in court",
        "I have power of attorney for my mother and my lawyer will write to you",
        "you'll hear from my lawyer",
        "this is a breach of contract",
    ],
    "regulator": [
        "I am reporting you to trading standards",
        "I'll go to the ombudsman",
        "do I have to go to the ombudsman?",
        "I have complained to the financial conduct authority",
        "that is a breach of GDPR",
        "shall I call citizens advice?",
    ],
    "press": [
        "I'll go to the press about this",
        "the local paper will love it, I'm going to the media",
        "I'm a journalist",
        "I'll leave a one star review",
        "I will put this on Trustpilot",
        "I am writing to the newspaper about you",
        "I've contacted the BBC",
    ],
}
HARMLESS = [
    "can I get the delivery charge back if you deliver late?",
    "I have power of attorney for my mother, can I manage her account",
    "I'm in hospital for a while, can I pause my plan?",
    "I saw your advert in the newspaper, is the offer still on?",
    "which ombudsman are you a member of",
    "is there an ombudsman I can turn to?",
    "how do I make a subject access request",
    "I'd like a copy of my data, a subject access request",
    "what is your policy on phishing mails?",
    "I got a phishing mail, is it from you?",
    "is your website a scam?",
    "how do you protect me against fraud",
    "is this text a scam?",
    "do you have fraud protection",
    "I never ordered the extended cover, what does it cost",
    "can the camera be hacked?",
    "did you have a data breach?",
    "does the television get the BBC?",
    "what do people say about you on Trustpilot?",
    "I read good reviews on Trustpilot and would like to order",
    "is there a YouTube video about descaling",
    "how does the coffee press work",
    "the toaster burned my toast",
    "I got a shock when I saw the bill",
    "where is my bleeding parcel",
    "there is no smoke, it just doesn't start",
    "does it work with a Fire Stick",
    "no lawyer needed, just tell me where it is",
    "I clicked the link you sent and it asks for a password",
    "what are my rights under the consumer rights act?",
    "the temperature regulator is stuck",
    "are you regulated? who is your regulator?",
    "do you give legal advice",
]


@pytest.mark.parametrize(("risk", "text"), [(risk, text) for risk, texts in REAL.items() for text in texts])
def test_a_real_risk_is_heard_at_once(view: PolicyView, risk: str, text: str) -> None:
    """P5."""
    assert risk in _heard(view, text)


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_question_is_no_risk(view: PolicyView, text: str) -> None:
    """P10: over-escalation is a failure as well."""
    assert _heard(view, text) == []


def _heard(view: PolicyView, text: str) -> list[str]:
    return [rule.name for rule in view.risks if risks_in(normalise(text), rule)]
