"""The assistant is at fault: it tells of errors, says the same again, does not help; and what wipes the slate (P9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.scoring.decision import Outcome
from actions.scoring.picture import Picture, answers_again, says_failed
from actions.scoring.policy import CountRule, PolicyView
from actions.scoring.signal import Ask
from actions.scoring.turn import TurnInput
from tests.actions.scoring.talk import Talk, named

SORRY = "Sorry, something went wrong on my side."
ANSWER = "Your parcel left our warehouse on Monday."


@pytest.fixture
def view(view: PolicyView) -> PolicyView:
    """The shipped policy with the counts that these tests are about."""
    return replace(
        view,
        bot_error=CountRule(offer=1, now=2, weight=1.0, severity=3),
        bot_error_phrases=("something went wrong",),
        same_answer=CountRule(offer=2, now=3, weight=0.7, severity=3),
        failed_from=0.6,
        solved_from=0.8,
    )


def test_a_technical_failure_offers_a_person_and_a_second_one_in_a_row_hands_over(view: PolicyView) -> None:
    """P13: a failure of the system is recognised as such."""
    talk = Talk(view)
    first = talk.says("where is it", replies=(SORRY,))
    second = talk.says("and now", replies=(SORRY,))
    assert (first.action, first.reason) == (Ask.OFFER, "bot_error")
    assert (second.action, second.reason) == (Ask.NOW, "bot_error")
    assert second.signals[0].evidence == ("the assistant told of a technical failure, twice in a row",)


def test_what_counts_as_evidence_is_told_in_plain_words_from_the_first_time_on(view: PolicyView) -> None:
    def told(outcome: Outcome) -> dict[str, str]:
        return {signal.name: "; ".join(signal.evidence) for signal in outcome.signals}

    talk = Talk(view)
    assert told(talk.says("where is it", replies=(SORRY,)))["bot_error"] == "the assistant told of a technical failure"
    failed = told(Talk(view).says("that was no use", needs={"failed": 0.9}))
    assert failed["repetition"] == "said that it did not help; once so far", "both signals tell the same of one turn"
    assert failed["repeated_fallback"] == "it did not help"
    recorded = Talk(view)
    recorded.says("where is my parcel")
    lost = told(recorded.says("oh come on", told_failure=True))
    assert lost["repeated_fallback"] == "not understood", "the recorded bot said so itself"


def test_failures_with_a_good_answer_between_them_are_not_in_a_row(view: PolicyView) -> None:
    talk = Talk(view)
    talk.says("where is it", replies=(SORRY,))
    talk.says("fine", replies=(ANSWER,))
    assert talk.picture.bot_errors == 0
    talk.says("hm", replies=(SORRY,))
    assert talk.picture.bot_errors == 1


def test_the_same_answer_again_counts_and_tells_on_the_turn_after_it(view: PolicyView) -> None:
    talk = Talk(view)
    talk.says("where is my parcel today", replies=(ANSWER,))
    assert talk.picture.same_answers == 0
    once = talk.says("that says nothing of the day", replies=(ANSWER,))
    quiet = talk.says("so tell me the day please", replies=("I can look that up for you.",))
    twice = talk.says("and which day would it be", replies=(ANSWER.upper(),))
    assert [named(outcome, "same_answer") is not None for outcome in (once, quiet, twice)] == [True, False, True]
    assert named(twice, "same_answer").asks is Ask.OFFER  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("earlier", "reply"),
    [
        ("Which model is your hoover?", "I did not recognise that. Which model is your hoover?"),
        ("Watch this film: shop.example/beans", "Then perhaps this one helps: shop.example/beans"),
        ("I see. The van calls between eight and noon.", "The van calls between eight and noon. Please be at home."),
    ],
)
def test_a_question_a_link_or_a_sentence_again_is_the_same_answer(earlier: str, reply: str) -> None:
    """P9: circles are heard though the words around them change."""
    assert answers_again(Picture(replies=(earlier,)), TurnInput(key="2", text="hm", replies=(reply,)))


@pytest.mark.parametrize(
    ("earlier", "reply"),
    [
        ("Done. Is there anything else I can help you with?", "Booked. Is there anything else I can help you with?"),
        (
            "I am sorry to hear that you are having trouble.",
            "I am sorry to hear that you are having trouble. A minute.",
        ),
        ("Which one?", "Which one?"),
        ("Your parcel arrives on Monday.", "Your other parcel arrives on Tuesday."),
    ],
)
def test_politeness_and_new_answers_are_nothing_said_again(earlier: str, reply: str) -> None:
    assert not answers_again(Picture(replies=(earlier, "Yes.")), TurnInput(key="2", text="hm", replies=(reply,)))


def test_a_question_asked_long_ago_may_be_asked_about_something_else() -> None:
    earlier = ("May I have your order number please?", "Thank you, it is on its way.", "On Monday.", "With our van.")
    again = TurnInput(key="9", text="and my other order", replies=("Gladly. May I have your order number please?",))
    assert not answers_again(Picture(replies=earlier), again)


@pytest.mark.parametrize("reply", ["Anything else?", "Is there anything else?", "All right then."])
def test_short_words_are_no_answers_that_could_be_given_again(reply: str) -> None:
    assert not answers_again(Picture(replies=(reply,)), TurnInput(key="2", text="hm", replies=(reply,)))


@pytest.mark.parametrize(
    ("given", "failed"),
    [
        ({"intent": "not_helpful"}, True),
        ({"needs": {"failed": 0.6}}, True),
        ({"needs": {"failed": 0.59}}, False),
        ({"needs": {"failed": 0.9}, "form": "refund_form"}, False),
        ({"intent": "not_helpful", "form": "refund_form"}, True),
    ],
)
def test_that_it_did_not_help_is_understood_by_intent_or_meaning(
    view: PolicyView, given: dict[str, object], failed: bool
) -> None:
    turn = TurnInput(key="1", text="I tried all that and it is as before", **given)  # type: ignore[arg-type]
    assert says_failed(turn, view) is failed


def test_a_button_says_that_it_did_not_help_only_by_its_own_intent(view: PolicyView) -> None:
    assert not says_failed(TurnInput(key="1", text="/inform", needs={"failed": 1.0}), view)
    assert says_failed(TurnInput(key="1", text="/not_helpful", intent="not_helpful"), view)


def test_an_answer_that_failed_by_meaning_counts_as_a_failed_turn(view: PolicyView) -> None:
    talk = Talk(view)
    talk.says("how do I reset it", topic="troubleshoot_device")
    talk.says("done that, still dead", needs={"failed": 0.7})
    assert (talk.picture.fallbacks, talk.picture.repeats) == (1, 1)


def test_who_says_that_it_is_solved_is_forgiven_everything_but_the_peak(view: PolicyView) -> None:
    talk = Talk(view)
    talk.says("this is a disgrace, truly", frustration=0.7)
    talk.says("what a mess you made of it", frustration=0.7)
    heated = talk.picture
    talk.says("oh, it works now, lovely", needs={"solved": 0.8})
    assert heated.heat > 0.4
    assert (talk.picture.heat, talk.picture.repeats, talk.picture.offers) == (0.0, 0, 0)
    assert talk.picture.peak == heated.peak


def test_who_says_angrily_that_it_is_solved_is_not_calm_yet(view: PolicyView) -> None:
    talk = Talk(view)
    talk.says("this is a disgrace, truly", frustration=0.9)
    talk.says("it works, no thanks to you lot", needs={"solved": 0.9}, frustration=0.9)
    assert talk.picture.heat > 0.5


def test_a_patient_customer_is_offered_a_person_too_when_the_assistant_breaks_down(view: PolicyView) -> None:
    """Calm words forgive what went wrong before, never what goes wrong now."""
    talk = Talk(view)
    for text in ("hello there", "it is the lamp", "the one with the dimmer"):
        talk.says(text, replies=("Which lamp is it?",))
    assert talk.says("right, and when", replies=(SORRY,)).action is Ask.OFFER
