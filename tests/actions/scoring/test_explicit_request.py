import pytest

from actions.scoring.policy import PolicyView
from actions.scoring.signals.explicit_request import find_wish

ASKS = [
    "I want to talk to a person",
    "can I speak to someone please",
    "agent",
    "human please",
    "Operator!",
    "real person now",
    "give me an agent",
    "get me a human",
    "put me through to customer service",
    "let me talk to somebody",
    "is there anyone I can talk to?",
    "I'd like to chat with a representative",
    "connect me with an advisor",
    "transfer me to a live agent please",
    "could someone call me",
    "why can't I talk to a real person",
    "I can't get through to a human",
    "I don't want to talk to a bot",
    "I don't want a bot, I want a human",
    "no I want an agent",
    "not working, can I talk to someone",
    "stop with the robot",
    "I need a person to talk to",
    "I would prefer a human",
    "please pass me to a member of staff",
    "is there somebody who I can speak to",
    "WHERE IS A REAL PERSON",
    "I asked for a human",
    "just give me a human being",
    "I want someone to call me back",
    "I didn't get to talk to a person",
    "you wouldn't let me talk to somebody",
]
SUPERIORS = [
    "I want to speak to your manager",
    "manager please",
    "get me your supervisor",
    "let me talk to someone in charge",
    "I demand to speak with a supervisor",
    "can I talk to your boss",
    "your boss, now",
    "boss",
    "the boss please",
    "I'd like to escalate this",
    "put me on to the team leader",
    "supervisor",
]
DENIALS = [
    "I don't want an agent",
    "I do not want to talk to a person",
    "no need for a human",
    "please don't transfer me to an agent",
    "no agent please",
    "I'd rather not talk to somebody",
    "can we solve it without talking to a person",
    "I want an answer, not an agent",
    "you don't need to get me a human",
    "lovely, and I didn't have to talk to anyone",
    "so glad that I didnt need to speak to anybody",
]
NOTHING_OF_THE_KIND = [
    "where is my parcel",
    "are you a human?",
    "is this a real person",
    "am I talking to a robot",
    "the delivery person was rude",
    "your agent told me it would come on Monday",
    "the person who delivered it left it outside",
    "I need someone to fix my dishwasher",
    "I forgot the code of my password manager",
    "let me ask my manager first",
    "your customer service is terrible",
    "can you help me",
    "I talked to an agent last week and he promised a refund",
    "my boss gave me this kettle",
    "cheers boss",
    "6:30 it is, boss",
    "cancel my order please",
    "the vacuum robot does not charge",
    "I don't want to keep the robot vacuum",
    "I'd like to return a coffee machine",
    "I hate that the washing machine stops",
]


@pytest.mark.parametrize("text", ASKS)
def test_a_wish_for_a_person_is_understood_in_any_wording(text: str, view: PolicyView) -> None:
    wish, _ = find_wish(text, view)
    assert wish is not None
    assert not wish.superior


@pytest.mark.parametrize("text", SUPERIORS)
def test_a_wish_for_a_superior_is_told_apart(text: str, view: PolicyView) -> None:
    wish, _ = find_wish(text, view)
    assert wish is not None
    assert wish.superior


@pytest.mark.parametrize("text", DENIALS)
def test_a_denied_wish_is_no_wish(text: str, view: PolicyView) -> None:
    wish, denied = find_wish(text, view)
    assert wish is None
    assert denied


@pytest.mark.parametrize("text", NOTHING_OF_THE_KIND)
def test_other_talk_of_people_is_no_wish(text: str, view: PolicyView) -> None:
    wish, _ = find_wish(text, view)
    assert wish is None
