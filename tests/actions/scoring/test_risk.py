"""Risks are heard in every real wording (P5), and talking of one in general escalates nothing (P10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask
from actions.scoring.signals.risk import detect, risks_in
from actions.scoring.turn import TurnInput
from actions.scoring.words import normalise
from tests.actions.scoring.talk import scene

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


PLAIN = {
    "safety": [
        "it caught fire in the night",
        "there is smoke coming from the plug",
        "burning smell from the fuse box since the cooker went in",
        "I smell gas since your fitter left",
        "I got an electric shock off the dishwasher",
        "my wife ended up in hospital because of the heater",
        "ended up in A&E after the lid flew off",
        "the battery has swollen up",
        "it burned my leg in my pocket",
        "sparks from the socket each time",
        "the drill's battery exploded in my hand",
        "he is bleeding",
    ],
    "self_harm": ["I want to die", "I've been thinking about killing myself", "no reason to live any more"],
    "security": [
        "my account has been hacked",
        "I've been hacked",
        "someone changed my password",
        "somebody used my account",
        "I gave them my password",
        "they stole my identity",
    ],
    "fraud": [
        "an unauthorised payment was taken",
        "there is a payment I didn't authorise",
        "I've been scammed",
        "my card was stolen",
        "I want to report fraud on my account",
    ],
    "legal": [
        "my solicitor will write to you",
        "you'll hear from my lawyer",
        "I have spoken to a lawyer and this goes further",
        "I'll take legal action",
        "see you in court",
        "this goes to small claims on Monday",
        "we will take you to court, that's in breach of contract",
    ],
    "regulator": ["I am reporting you to the council", "that is a GDPR breach", "shall I call Citizens Advice"],
    "press": [
        "I'm going to the papers, to the press, to everybody",
        "I have contacted the BBC",
        "you'll get a one star review",
        "it will be all over social media",
    ],
}
MENTIONED = [
    ("legal", "my sister is a lawyer and likes your terms"),
    ("legal", "deliver it to the solicitors on the second floor"),
    ("press", "I'm a journalist and work nights, so please deliver after noon"),
    ("fraud", "thank you for the leaflet about fraud"),
    ("safety", "the balloon exploded and everybody laughed"),
    ("safety", "you're on fire today"),
    ("security", "we hacked a stand together for the telly"),
    ("regulator", "I work for trading standards, is there a discount"),
]


@pytest.mark.parametrize(("risk", "text"), [(risk, text) for risk, texts in PLAIN.items() for text in texts])
def test_a_danger_that_is_named_plainly_counts_though_the_model_hears_none(
    view: PolicyView, risk: str, text: str
) -> None:
    """P5: overlooking what is only mentioned never overlooks what is said."""
    turn = TurnInput(key="1", text=text, needs={rule.name: 0.0 for rule in view.risks})
    assert f"risk_{risk}" in {signal.name for signal in detect(scene(view, turn))}


@pytest.mark.parametrize(
    ("risk", "text", "counts"),
    [
        ("regulator", "which ombudsman are you a member of", False),
        ("fraud", "hi, is this a scam?", False),
        ("regulator", "I have written to the ombudsman. when do I hear from you?", True),
        ("fraud", "why has somebody ordered a dryer on my account?", True),
    ],
)
def test_who_only_asks_about_a_risk_by_name_has_none_however_sure_the_model_is(
    view: PolicyView, risk: str, text: str, counts: bool
) -> None:
    """P10; a danger put as a question still counts (P5)."""
    view = replace(view, like_handoffs=replace(view.like_handoffs, with_meaning=0.6))
    turn = TurnInput(key="1", text=text, needs={risk: 1.0})
    assert [signal.name for signal in detect(scene(view, turn))] == [f"risk_{risk}"] * counts


@pytest.mark.parametrize(("risk", "text"), MENTIONED)
def test_a_word_that_is_often_only_mentioned_counts_with_its_meaning(view: PolicyView, risk: str, text: str) -> None:
    """P10, P5: below the policy's likelihood it is only mentioned, from there on it counts."""
    rule = next(rule for rule in view.risks if rule.name == risk)
    assert rule.if_meant_from is not None
    turn = TurnInput(key="1", text=text, needs={risk: rule.if_meant_from - 0.01})
    assert list(detect(scene(view, turn))) == []
    (found,) = detect(scene(view, replace(turn, needs={risk: rule.if_meant_from})))
    assert (found.name, found.asks) == (f"risk_{risk}", Ask.NOW)


@pytest.mark.parametrize(("risk", "text"), MENTIONED)
def test_where_nobody_looks_at_the_meaning_every_word_counts(view: PolicyView, risk: str, text: str) -> None:
    """P5: with VADER alone a false handoff is better than a danger that nobody heard."""
    assert [signal.name for signal in detect(scene(view, TurnInput(key="1", text=text)))] == [f"risk_{risk}"]


def _heard(view: PolicyView, text: str) -> list[str]:
    return [rule.name for rule in view.risks if risks_in(normalise(text), rule)]
