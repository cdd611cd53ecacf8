"""KPIs of targets, promises, waits, offers and ratings on hand-computed cases (P23, P25, P30)."""

from __future__ import annotations

from datetime import datetime

from handoff.domain.kpis.facts import EstimateFact, Facts, OfferFact, PromiseFact, RatingFact, Target, TargetFact
from handoff.domain.kpis.figures import figure_from, is_on_target
from handoff.domain.kpis.registry import KPIS
from tests.handoff.domain.kpis.cast import at, figure, share


def target(kind: Target, due: datetime, met: datetime | None, case_id: str = "c1") -> TargetFact:
    return TargetFact(case_id, kind, due, met, "billing", 1, "ana")


TARGETS = (
    target(Target.FIRST_RESPONSE, at(60), at(60)),
    target(Target.FIRST_RESPONSE, at(60), at(61)),
    target(Target.FIRST_RESPONSE, at(60), None),
    target(Target.NEXT_UPDATE, at(90), at(90)),
    target(Target.RESOLUTION, at(hours=20), at(hours=19)),
)


def test_sla_compliance_is_of_all_targets_that_fell_due_and_each_kind_has_its_own_figure() -> None:
    assert share("sla_first_response", targets=TARGETS) == (1, 3)
    assert share("sla_next_update", targets=TARGETS) == (1, 1)
    assert share("sla_resolution", targets=TARGETS) == (1, 1)
    assert share("sla_compliance", targets=TARGETS) == (3, 5)


def test_a_target_that_falls_due_later_does_not_count_yet() -> None:
    facts = Facts(as_of=at(59), targets=TARGETS)

    assert figure_from(KPIS["sla_compliance"], facts).denominator == 0


def test_ninety_in_a_hundred_is_the_target_of_sla_compliance_and_less_is_not() -> None:
    met = tuple(target(Target.RESOLUTION, at(60), at(50), f"c{n}") for n in range(9))
    late = target(Target.RESOLUTION, at(60), None, "late")
    kpi = KPIS["sla_compliance"]

    assert is_on_target(kpi, figure("sla_compliance", targets=(*met, late))) is True
    assert is_on_target(kpi, figure("sla_compliance", targets=(*met, late, late))) is False
    assert is_on_target(kpi, figure("sla_compliance")) is None


def test_a_promise_that_was_renewed_in_time_is_neither_kept_nor_broken() -> None:
    promises = tuple(
        PromiseFact(f"c{n}", "next_word", status, at(n), "billing", 1, "ana")
        for n, status in enumerate(("kept", "kept", "broken", "renewed", "open"))
    )

    assert share("promises_kept", promises=promises) == (2, 3)
    assert share("promises_broken", promises=promises) == (1, 3)


def test_a_wait_range_counts_once_it_is_known_whether_it_held() -> None:
    told = tuple(EstimateFact(f"c{n}", at(n), hit, "billing", 1) for n, hit in enumerate((True, False, True, None)))

    assert share("wait_range_hits", estimates=told) == (2, 3)


def test_offers_are_accepted_declined_or_expire_and_a_withdrawn_one_says_nothing() -> None:
    offers = tuple(
        OfferFact(f"c{n}", "ana", status, at(0), at(2) if status == "accepted" else None, "billing", 1)
        for n, status in enumerate(("accepted", "declined", "expired", "withdrawn", "pending"))
    )

    assert share("offers_accepted", offers=offers) == (1, 3)
    assert figure("offer_answer_time", offers=offers).mean == 120.0


def test_helpful_answers_are_counted_among_the_rated_ones() -> None:
    rated = tuple(RatingFact(f"t{n}", rating, at(n)) for n, rating in enumerate(("helpful", "unhelpful", "helpful")))

    assert share("answers_helpful", ratings=rated) == (2, 3)
