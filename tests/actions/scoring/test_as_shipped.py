"""The shipped network and the shipped policy together: what is a risk in a first message, and what only sounds so."""

from __future__ import annotations

import pytest

from actions.policy_view import view_of
from actions.score_turn import felt_of
from actions.scoring.policy import PolicyView
from actions.scoring.signals import explicit_request, risk
from actions.scoring.turn import TurnInput
from models.encoder.encode import DEFAULT_DIRECTORY as ENCODER
from models.encoder.encode import TOKENIZER_FILE
from models.frustration.reading import Said
from models.frustration.score import FrustrationModel
from tests.actions.scoring.talk import scene
from warmline.policy import EscalationPolicy

pytestmark = pytest.mark.skipif(
    not (ENCODER / TOKENIZER_FILE).exists(), reason="the encoder is not prepared (make setup)"
)
ABOUT_A_PLAN = (Said("customer", "can I change my plan?"), Said("bot", "You can keep it, or end it. Which is it?"))

GOOD_MANNERS = [
    "Good evening, I'm so sorry to trouble you. I wonder whether you could possibly help me",
    "I'm so sorry to trouble you again, but the parcel has not arrived.",
    "I'm sorry to bother you, it's only about the invoice",
    "Sorry to trouble you!",
    "so sorry to be a nuisance",
    "Sorry to be a pain, could you check my order once more?",
    "I hope I'm not a burden, but my kettle leaks",
    "I don't want to be a burden to your staff, but where is my sofa?",
    "Forgive me for writing, I can't find my invoice",
    "forgive me for troubling you",
    "apologies for taking up your time, I'm 82 and slow with these things",
    "I would be most grateful if you could finally do what you promised a month ago",
]
STRONG_WORDS = [
    "I want to end my plan",
    "I want to end it",
    "just end it please",
    "please end it all, the plan and the insurance",
    "I can't go on like this with your app",
    "I can't go on like this, the app crashes every day",
    "this dishwasher will be the death of me",
    "I'm at the end of my tether with this router",
    "I can't live without my coffee machine, please hurry",
    "This is killing me, when does the sale start?",
    "goodbye forever, cancel my account",
    "my mother passed away, how do I close her account?",
]
DESPAIR = [
    "I'm so sorry to trouble you, I just don't want to be here any more",
    "I hope I'm not a burden for much longer, I have the pills here",
    "Sorry to trouble you, I've been saving up my tablets",
    "I can't go on any more, I don't want to live",
    "there is no reason for me to wake up tomorrow",
    "I want to end it all",
    "Everyone would be better off without me",
    "sorry to bother you, nobody would miss me anyway",
    "I've had enough of living",
]
ONLY_ASKED_OR_MENTIONED = [
    "which ombudsman covers you?",
    "Which ombudsman is responsible for you?",
    "are you a member of an ombudsman scheme?",
    "who regulates you?",
    "the fire stick is not recognised by the telly",
    "the smoke detector works, but its lamp blinks",
    "the toaster burned my toast on setting 2",
    "I got a shock when I saw the bill",
    "I got a shock at the price of the repair",
    "I clicked the link to track my parcel and it shows nothing",
    "could my account be hacked through the app?",
    "what does your fraud protection cover?",
    "I have power of attorney for my mother, can I order for her?",
    "my sister is a lawyer and loves your lamps",
    "I left a good review on trustpilot, do I get the voucher?",
    "you're on fire today, thank you",
]


@pytest.fixture(scope="module")
def shipped(policy: EscalationPolicy) -> PolicyView:
    return view_of(policy)


@pytest.fixture(scope="module")
def network() -> FrustrationModel:
    return FrustrationModel.load()


def risks(view: PolicyView, network: FrustrationModel, text: str, before: tuple[Said, ...] = ()) -> list[str]:
    """The risks for which the conversation would be handed over."""
    turn = felt_of(TurnInput(key="1", text=text), network.score(text, before))
    return [signal.name for signal in risk.detect(scene(view, turn))]


@pytest.mark.parametrize("before", [(), ABOUT_A_PLAN], ids=["at once", "about a plan"])
@pytest.mark.parametrize("text", [*GOOD_MANNERS, *STRONG_WORDS])
def test_good_manners_and_strong_words_are_not_heard_as_despair(
    shipped: PolicyView, network: FrustrationModel, text: str, before: tuple[Said, ...]
) -> None:
    """P10: nobody is asked whether they are safe because they apologise, or end a plan."""
    assert risks(shipped, network, text, before) == []


@pytest.mark.parametrize("text", DESPAIR)
def test_despair_is_heard_however_politely_it_is_put(shipped: PolicyView, network: FrustrationModel, text: str) -> None:
    """P5."""
    assert "risk_self_harm" in risks(shipped, network, text)


@pytest.mark.parametrize("text", ONLY_ASKED_OR_MENTIONED)
def test_a_question_about_a_risk_and_its_mere_words_are_no_risk(
    shipped: PolicyView, network: FrustrationModel, text: str
) -> None:
    """P10."""
    assert risks(shipped, network, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the ombudsman will hear of this", "risk_regulator"),
        ("I'm going to report you to the ombudsman", "risk_regulator"),
        ("my lawyer has the contract on her desk and writes to you tomorrow", "risk_legal"),
        ("the charger blew up in my hand and my thumb is black", "risk_safety"),
        ("someone has changed the email of my account, it wasn't me", "risk_security"),
        ("there are three payments to you on my card that I never made", "risk_fraud"),
        ("a journalist of the Gazette prints it on Friday", "risk_press"),
    ],
)
def test_what_is_meant_is_handed_over_from_the_first_message_on(
    shipped: PolicyView, network: FrustrationModel, text: str, name: str
) -> None:
    """P5."""
    assert name in risks(shipped, network, text)


def test_whoever_asks_after_a_person_by_meaning_alone_is_not_handed_over(
    shipped: PolicyView, network: FrustrationModel
) -> None:
    """P10: somebody who wants to thank a colleague needs none."""
    text = "The lady who served me in the shop on Friday, what is her name? I'd like to send her flowers."
    turn = felt_of(TurnInput(key="1", text=text), network.score(text))

    assert list(explicit_request.detect(scene(shipped, turn))) == []
