"""What a recorded bot's words tell: that it did not understand, or offered a person."""

from __future__ import annotations

import pytest

from warmline.escalation.bot_words import did_not_understand, offered_person


@pytest.mark.parametrize(
    "reply",
    [
        "Sorry, I didn't quite get that.",
        "I’m afraid I do not understand. What can I help you with?",
        "I am not sure what you mean. Is it about an order?",
        "Could you rephrase, please?",
        "Sorry, that is beyond me.",
        "Unfortunately I could not make sense of that.",
    ],
)
def test_a_bot_that_did_not_understand_says_so_in_many_words(reply: str) -> None:
    assert did_not_understand(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "Your parcel arrives tomorrow.",
        "I understand. It was sent on Monday.",
        "You did not get a refund because the return has not arrived.",
        "Which model is it?",
        "",
    ],
)
def test_an_answer_or_a_question_is_no_failure(reply: str) -> None:
    assert not did_not_understand(reply)


@pytest.mark.parametrize(
    ("reply", "offers"),
    [
        ("Would you like to talk to a person?", True),
        ("Shall I pass you to one of my colleagues?", True),
        ("I can hand this over to an agent if you want.", True),
        ("Would you like to book an appointment?", False),
        ("The delivery person will call you.", False),
    ],
)
def test_an_offered_person_is_recognised(reply: str, offers: bool) -> None:
    assert offered_person(reply) is offers
