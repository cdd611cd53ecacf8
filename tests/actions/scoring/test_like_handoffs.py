"""A turn like those from which a person took over: sooner where the assistant failed than where it answered (P10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.policy_view import view_of
from actions.scoring.picture import Picture
from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask
from actions.scoring.signals import like_handoffs
from actions.scoring.turn import TurnInput
from tests.actions.scoring.talk import scene
from warmline.policy import EscalationPolicy

ANSWERED = Picture(texts=("where is my parcel",))
TURN = TurnInput(key="2", text="it was to be here for her birthday")


@pytest.fixture
def rising(view: PolicyView) -> PolicyView:
    rule = replace(view.like_handoffs, offer=0.5, now=0.6, now_answered=0.8, offer_at_once=0.9, now_at_once=0.95)
    return replace(view, like_handoffs=rule)


def asked(view: PolicyView, likely: float, picture: Picture, before: Picture, frustration: float = 0.1) -> Ask | None:
    turn = replace(TURN, take_over=likely, frustration=frustration)
    found = list(like_handoffs.detect(scene(view, turn, picture, before)))
    return found[0].asks if found else None


@pytest.mark.parametrize(
    ("likely", "failed", "answered", "acknowledged", "untried"),
    [
        (0.24, None, None, None, None),
        (0.49, Ask.NOTHING, Ask.NOTHING, Ask.NOTHING, Ask.NOTHING),
        (0.5, Ask.OFFER, Ask.OFFER, Ask.OFFER, Ask.NOTHING),
        (0.6, Ask.NOW, Ask.OFFER, Ask.OFFER, Ask.NOTHING),
        (0.8, Ask.NOW, Ask.NOW, Ask.OFFER, Ask.NOTHING),
        (0.9, Ask.NOW, Ask.NOW, Ask.OFFER, Ask.OFFER),
        (0.95, Ask.NOW, Ask.NOW, Ask.NOW, Ask.NOW),
    ],
)
def test_the_more_was_tried_in_vain_the_sooner_a_person_takes_over(
    rising: PolicyView,
    likely: float,
    failed: Ask | None,
    answered: Ask | None,
    acknowledged: Ask | None,
    untried: Ask | None,
) -> None:
    assert asked(rising, likely, Picture(fallbacks=1), ANSWERED) is failed
    assert asked(rising, likely, Picture(), ANSWERED) is answered
    assert asked(rising, likely, Picture(acknowledged_turn=1), ANSWERED) is acknowledged
    assert asked(rising, likely, Picture(), Picture()) is untried


def test_anger_alone_is_acknowledged_first_however_much_the_turn_reads_like_a_handoff(rising: PolicyView) -> None:
    """P1: nobody is handed over for one angry turn."""
    angry = rising.frustration.acknowledge

    assert asked(rising, 0.99, Picture(), Picture(), angry) is Ask.NOTHING
    assert asked(rising, 0.99, Picture(), Picture(), angry - 0.01) is Ask.NOW
    assert asked(rising, 0.99, Picture(), ANSWERED, angry) is Ask.NOW


def test_a_policy_that_does_not_tell_them_apart_hands_over_alike(policy: EscalationPolicy) -> None:
    shipped = policy.signals.like_handoffs
    alike = shipped.model_copy(update={"now_answered": None})
    signals = policy.signals.model_copy(update={"like_handoffs": alike})

    assert view_of(policy).like_handoffs.now_answered == shipped.now_answered
    assert view_of(policy.model_copy(update={"signals": signals})).like_handoffs.now_answered == shipped.now
