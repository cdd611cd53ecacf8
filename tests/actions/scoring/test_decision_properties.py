"""What must hold for any conversation whatever: the decision rises with frustration, and the picture stays small."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.scoring.decision import Outcome, score_turn
from actions.scoring.picture import Picture
from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask
from actions.scoring.triage import severity_of
from actions.scoring.turn import OFFER_ACTION, Customer, TurnInput

MOST_JSON_CHARACTERS = 6144
needs = st.dictionaries(
    st.sampled_from(
        [
            "person",
            "superior",
            "failed",
            "solved",
            "repeat_contact",
            "money",
            "business_critical",
            "long_wait",
            "safety",
        ]
    ),
    st.floats(0, 1),
    max_size=3,
)
categories = st.dictionaries(st.sampled_from(["billing", "plan", "technical", "general"]), st.floats(0, 1), max_size=3)
replies = st.lists(
    st.sampled_from(["Something went wrong. Please try again later.", "Your parcel left us on Monday.", "Which one?"])
    | st.text(max_size=400),
    max_size=3,
).map(tuple)

turns = st.builds(
    TurnInput,
    key=st.uuids().map(str),
    text=st.sampled_from(
        ["hello there my friend", "where is my parcel now", "it is broken again", "what is this", "ok", "no idea"]
    )
    | st.sampled_from(["refund my £120 please", "my lawyer will hear of this", "get me a human", "third time I call"])
    | st.text(max_size=300),
    intent=st.sampled_from(
        ["order_status", "complain", "nlu_fallback", "not_helpful", "deny", "decline_person", "inform", "greet"]
    ),
    confidence=st.floats(0, 1),
    topic=st.sampled_from([None, "order_status", "request_refund", "faq/billing_methods"]),
    category=st.just("orders_delivery"),
    form=st.sampled_from([None, None, "refund_form"]),
    requested_slot=st.sampled_from([None, "order_number"]),
    customer=st.sampled_from([Customer(), Customer("vip", True)]),
    frustration=st.floats(0, 1),
    needs=needs,
    categories=categories,
    replies=replies,
)
conversations = st.lists(turns, min_size=1, max_size=25)
relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def play(conversation: Sequence[TurnInput], view: PolicyView) -> list[tuple[TurnInput, Outcome, Picture]]:
    """Play a conversation in which the bot makes every offer that is decided."""
    picture, last, told = Picture(), (), []
    for turn in conversation:
        heard = replace(turn, last_actions=last)
        outcome, picture = score_turn(heard, picture, view)
        last = (OFFER_ACTION,) if outcome.action is Ask.OFFER else ()
        told.append((heard, outcome, picture))
    return told


def rank(outcome: Outcome) -> int:
    return max(int(outcome.action), int(Ask.ACKNOWLEDGE) if outcome.acknowledge else 0)


@relaxed
@given(conversation=conversations, more=st.floats(0, 1))
def test_more_frustration_never_makes_the_decision_milder(
    conversation: list[TurnInput], more: float, view: PolicyView
) -> None:
    *before, last = conversation
    told = play(before, view)
    picture = told[-1][2] if told else Picture()
    hotter = replace(last, frustration=max(last.frustration, more))
    assert rank(score_turn(hotter, picture, view)[0]) >= rank(score_turn(last, picture, view)[0])


@relaxed
@given(conversation=conversations)
def test_the_picture_stays_small_and_survives_json(conversation: list[TurnInput], view: PolicyView) -> None:
    for _, _, picture in play(conversation, view):
        written = json.dumps(picture.to_json(), ensure_ascii=False)
        assert len(written) <= MOST_JSON_CHARACTERS
        assert Picture.from_json(json.loads(written)) == picture


@relaxed
@given(conversation=conversations)
def test_an_offer_is_not_repeated_within_the_cooldown(conversation: list[TurnInput], view: PolicyView) -> None:
    offered = None
    for number, (_, outcome, picture) in enumerate(play(conversation, view), start=1):
        declined = picture.declined_turn
        if outcome.action is Ask.OFFER:
            lately = offered is not None and number - offered <= view.offer_turns
            assert not lately or _forgiven_between(conversation, view, number)
            assert declined is None or number - declined >= view.decline_turns
            offered = number


def _forgiven_between(conversation: Sequence[TurnInput], view: PolicyView, number: int) -> bool:
    """Forgiveness takes calm turns, or one that says it is solved, and wipes a standing offer with them."""
    return any(
        picture.calm_streak >= view.calm_turns or turn.tells("solved") >= view.solved_from
        for turn, _, picture in play(conversation[:number], view)[-4:]
    )


def insists(outcome: Outcome) -> bool:
    """Whether something spoke that is never held back: a wish for a person, a named risk, a third contact, a sum."""
    return any(signal.hard and signal.asks is Ask.NOW for signal in outcome.signals)


@relaxed
@given(conversation=conversations)
def test_what_is_never_held_back_hands_over_at_once_from_anywhere(
    conversation: list[TurnInput], view: PolicyView
) -> None:
    for _, outcome, _ in play(conversation, view):
        assert not insists(outcome) or outcome.action is Ask.NOW


@relaxed
@given(conversation=conversations)
def test_after_a_declined_offer_nobody_comes_within_the_cooldown_unasked(
    conversation: list[TurnInput], view: PolicyView
) -> None:
    for number, (_, outcome, picture) in enumerate(play(conversation, view), start=1):
        declined = picture.declined_turn
        if declined is not None and number - declined < view.decline_turns:
            assert outcome.action < Ask.OFFER or insists(outcome)


@relaxed
@given(conversation=conversations)
def test_a_case_is_never_milder_than_what_brought_it_or_what_is_at_stake(
    conversation: list[TurnInput], view: PolicyView
) -> None:
    """P12."""
    for _, outcome, _ in play(conversation, view):
        if outcome.action is Ask.NOW:
            assert outcome.severity <= severity_of(outcome.triage, view)
            insisting = [signal.severity for signal in outcome.signals if signal.hard and signal.asks is Ask.NOW]
            assert outcome.severity <= min(insisting, default=4)


@relaxed
@given(conversation=conversations)
def test_what_escalates_says_why(conversation: list[TurnInput], view: PolicyView) -> None:
    for _, outcome, _ in play(conversation, view):
        if outcome.action >= Ask.OFFER:
            assert outcome.reason is not None
            assert outcome.signals
            assert 1 <= outcome.severity <= 4
            assert 1 <= outcome.level <= 4


@relaxed
@given(conversation=conversations)
def test_the_same_conversation_is_decided_the_same(conversation: list[TurnInput], view: PolicyView) -> None:
    assert play(conversation, view) == play(conversation, view)


@relaxed
@given(count=st.integers(1, 30))
def test_a_calm_customer_is_never_offered_anybody(count: int, view: PolicyView) -> None:
    calm = [
        TurnInput(key=str(number), text=f"item {number} of the list", intent="inform", frustration=0.2)
        for number in range(count)
    ]
    assert all(rank(outcome) == 0 for _, outcome, _ in play(calm, view))
