"""An offer ends once, in one way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handoff.domain.errors import OfferGone
from handoff.domain.offers import (
    OFFER_TRANSITIONS,
    Offer,
    OfferStatus,
    OfferStep,
    asked_lately,
    expired_in_a_row,
    offer_status_after,
    tries_made,
)
from tests.handoff.cast import START

OFFER = Offer("offer-1", "case-1", "ben", OfferStatus.PENDING, START, START + timedelta(seconds=45))


def ended(status: OfferStatus, *, minutes: float = 0, agent: str = "ben") -> Offer:
    return replace(OFFER, status=status, agent_id=agent, answered_at=START + timedelta(minutes=minutes))


@pytest.mark.parametrize("status", list(OfferStatus))
@pytest.mark.parametrize("step", list(OfferStep))
def test_only_a_pending_offer_can_end(status: OfferStatus, step: OfferStep) -> None:
    offer = replace(OFFER, status=status)
    if (status, step) in OFFER_TRANSITIONS:
        assert status is OfferStatus.PENDING
        assert offer_status_after(offer, step) is not OfferStatus.PENDING
        return
    with pytest.raises(OfferGone) as told:
        offer_status_after(offer, step)
    assert told.value.data == {"status": status}


def test_the_seconds_left_never_go_below_zero() -> None:
    assert OFFER.seconds_left(START) == 45
    assert OFFER.seconds_left(START + timedelta(minutes=5)) == 0


def test_who_declined_or_did_not_answer_is_not_asked_again_at_once() -> None:
    offers = (
        ended(OfferStatus.EXPIRED, minutes=9, agent="bea"),
        ended(OfferStatus.WITHDRAWN, minutes=9, agent="grace"),
        ended(OfferStatus.DECLINED, minutes=1, agent="ben"),
    )
    pause = timedelta(minutes=5)
    assert asked_lately(offers, START + timedelta(minutes=10), pause) == {"bea"}
    assert asked_lately(offers, START + timedelta(minutes=2), pause) == {"bea", "ben"}


def test_tries_count_anew_once_the_case_was_accepted_and_a_withdrawn_one_is_none() -> None:
    lost = ended(OfferStatus.EXPIRED), ended(OfferStatus.WITHDRAWN), ended(OfferStatus.DECLINED)
    assert tries_made(lost) == 2
    assert tries_made((*lost, ended(OfferStatus.ACCEPTED), ended(OfferStatus.DECLINED))) == 2
    assert tries_made((ended(OfferStatus.ACCEPTED), *lost)) == 0


def test_an_answer_breaks_the_row_of_expired_offers_and_a_withdrawn_one_does_not() -> None:
    expired = ended(OfferStatus.EXPIRED)
    assert expired_in_a_row((expired, ended(OfferStatus.WITHDRAWN), expired)) == 2
    assert expired_in_a_row((expired, ended(OfferStatus.DECLINED), expired)) == 1
    assert expired_in_a_row((ended(OfferStatus.ACCEPTED), expired)) == 0
