"""KPIs of resolutions on hand-computed cases (P26, P27, P30, P31)."""

from __future__ import annotations

import pytest

from handoff.domain.cases import Step
from handoff.domain.kpis.facts import Facts
from handoff.domain.kpis.registry import KPIS
from handoff.domain.resolutions import UNSTATED
from tests.handoff.domain.kpis.cast import at, figure, resolution, share, step


def test_resolution_time_is_from_the_opening_and_leaves_out_what_was_reopened() -> None:
    given = (
        resolution("a", resolved_at=at(hours=1)),
        resolution("b", resolved_at=at(hours=2), reopened_at=at(hours=3)),
        resolution("b", number=2, resolved_at=at(hours=30)),
    )

    found = figure("resolution_time", resolutions=given)

    assert (found.denominator, found.mean) == (2, 15.5 * 3600)
    assert share("resolved_within_24h", resolutions=given) == (1, 2)


@pytest.mark.parametrize("ending", [Step.RETURN_TO_BOT, Step.MERGE])
@pytest.mark.parametrize(
    "kpi",
    [
        "resolution_time",
        "first_contact_resolution",
        "root_cause_recurrence",
        "root_causes",
        "reopen_rate",
        "handle_time",
    ],
)
def test_a_case_that_went_back_to_the_bot_or_into_another_is_no_resolution(kpi: str, ending: Step) -> None:
    given = (
        resolution("a", resolved_at=at(hours=1)),
        resolution("b", resolved_at=at(hours=5), disposition=str(ending), root_cause=UNSTATED),
    )

    assert {one.subject for one in KPIS[kpi].observe(Facts(as_of=at(), resolutions=given))} == {"a"}


def test_a_resolution_at_24_hours_sharp_is_within_them() -> None:
    assert share("resolved_within_24h", resolutions=(resolution(resolved_at=at(hours=24)),)) == (1, 1)


def test_four_and_five_are_satisfied_and_each_resolution_counts_once_for_its_own_agent() -> None:
    given = (
        resolution("a", csat=5),
        resolution("b", csat=4),
        resolution("c", csat=3),
        resolution("d", csat=1, agent_id="ben", reopened_at=at(90)),
        resolution("d", number=2, csat=5, agent_id="ana"),
        resolution("e"),
    )

    found = figure("csat", resolutions=given)
    seen = list(KPIS["csat"].observe(Facts(as_of=at(), resolutions=given)))

    assert (found.numerator, found.denominator, found.value, found.mean) == (3, 5, 0.6, 3.6)
    assert [one.place.agent_id for one in seen if one.subject == "d"] == ["ben", "ana"]


def test_nps_is_promoters_less_detractors_in_points() -> None:
    given = (*tuple(resolution(f"c{n}", nps=n) for n in (10, 9, 8, 7, 6, 0)), resolution("x"))
    more = (*given, resolution("y", nps=10))

    assert figure("nps", resolutions=given).value == 0.0
    assert figure("nps", resolutions=more).value == pytest.approx(100 / 7)


def test_a_root_cause_recurs_when_the_customer_had_it_before() -> None:
    given = (resolution("a"), resolution("b", recurs=True))

    assert share("root_cause_recurrence", resolutions=given) == (1, 2)
    assert figure("root_causes", resolutions=given).parts == (("double_charge", 2),)


@pytest.mark.parametrize(
    ("spoilt_by", "expected"),
    [
        ({}, (1, 1)),
        ({"contact_number": 2}, (0, 1)),
        ({"came_back_at": at(days=3)}, (0, 1)),
        ({"came_back_at": at(days=8)}, (1, 1)),
        ({"disposition": "duplicate"}, (0, 0)),
        ({"events": (step("accepted", 1, "ana"), step("escalated", 2, "ana"), step("accepted", 3, "ana"))}, (0, 1)),
        (
            {"events": (step("accepted", 1, "ana"), step("taken_over", 2, "grace"), step("resolved", 3, "grace"))},
            (0, 1),
        ),
        ({"events": (step("accepted", 1, "ana"), step("resolved", 2, "ana"), step("reopened", 3))}, (0, 1)),
    ],
)
def test_first_contact_resolution_is_one_contact_one_agent_and_for_good(
    spoilt_by: dict[str, object], expected: tuple[int, int]
) -> None:
    assert share("first_contact_resolution", resolutions=(resolution(**spoilt_by),)) == expected


def test_contacts_are_counted_up_to_the_resolution_that_held() -> None:
    """By hand: 1 + 3 + (1 and a reopening) = 6 contacts, 3 resolutions that held, so 200 to a hundred."""
    given = (
        resolution("first-contact"),
        resolution("third-contact", contact_number=3),
        resolution("reopened", reopened_at=at(90)),
        resolution("reopened", number=2, resolved_at=at(120)),
        resolution("came-back", came_back_at=at(days=2)),
        resolution("twice", disposition="duplicate"),
        resolution("to-the-bot", disposition=str(Step.RETURN_TO_BOT), root_cause=UNSTATED),
    )

    found = figure("contacts_per_resolution", resolutions=given)

    assert (found.numerator, found.denominator, found.value) == (6, 3, 200)
    assert figure("contacts_per_resolution").value is None, "without a resolution nothing is told"


def test_the_reopen_rate_is_of_all_resolutions() -> None:
    given = (resolution("a", reopened_at=at(90)), resolution("a", number=2), resolution("b"))

    assert share("reopen_rate", resolutions=given) == (1, 3)


def test_handle_time_is_what_agents_had_the_case_for_without_waiting_for_others() -> None:
    events = (
        step("accepted", 10, "ana"),
        step("transferred", 20, "ana"),
        step("accepted", 50, "ben"),
        step("waits", 55, "ben"),
        step("resumed", 85, "ben"),
        step("resolved", 90, "ben"),
        step("reopened_with_owner", 200),
        step("resolved", 215, "ben"),
    )
    given = (
        resolution(resolved_at=at(90), events=events, reopened_at=at(200)),
        resolution(number=2, resolved_at=at(215), events=events),
    )

    first, second = KPIS["handle_time"].observe(Facts(as_of=at(), resolutions=given))

    assert (first.value, second.value) == (20 * 60, 15 * 60)
