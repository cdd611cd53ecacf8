"""KPIs of cases on hand-computed cases (P30, P31)."""

from __future__ import annotations

import pytest

from handoff.domain.kpis.facts import CaseFact, ConversationFact, SaidFact
from handoff.domain.kpis.observations import PERCENTILE_ERROR
from handoff.domain.kpis.registry import KPIS
from tests.handoff.domain.kpis.cast import at, case, figure, share, step, talk

ACCEPTED = (step("accepted", 5, "ana"),)


def near(seconds: float) -> object:
    """Equal within the stated error of percentiles."""
    return pytest.approx(seconds, rel=PERCENTILE_ERROR)


def test_escalation_frequency_counts_cases_to_a_hundred_conversations_with_a_word_of_the_customer() -> None:
    silent = talk("t9", first_turn_at=None, answered=False)
    talks = (*(talk(f"t{n}") for n in range(8)), silent)

    found = figure("escalation_frequency", cases=(case("a"), case("b", source="zendesk")), conversations=talks)

    assert (found.numerator, found.denominator, found.value) == (2, 8, 25.0)


def test_escalation_frequency_without_a_conversation_is_not_known() -> None:
    assert figure("escalation_frequency", cases=(case(),)).value is None


def test_response_time_is_from_opening_to_the_first_word_of_an_agent_and_leaves_out_who_still_waits() -> None:
    answered = [case(f"c{n}", first_response_at=at(n), events=ACCEPTED) for n in (1, 2, 3, 4, 100)]

    found = figure("response_time", cases=(*answered, case("waiting")))

    assert found.denominator == 5
    assert found.value == near(3 * 60)
    assert found.p90 == near(100 * 60)
    assert found.mean == pytest.approx(22 * 60)


def test_response_time_of_high_priority_looks_at_severity_1_and_2_alone() -> None:
    cases = tuple(case(f"c{n}", severity=n, first_response_at=at(10 * n)) for n in (1, 2, 3, 4))

    found = figure("response_time_high_priority", cases=cases)

    assert found.denominator == 2
    assert found.mean == pytest.approx(15 * 60)


def test_response_time_counts_for_who_had_the_case_when_the_word_came() -> None:
    events = (step("accepted", 5, "ana"), step("transferred", 20, "ana"), step("accepted", 30, "ben"))
    seen = list(KPIS["response_time"].observe(facts(case(first_response_at=at(10), events=events))))

    assert [one.place.agent_id for one in seen] == ["ana"]


def facts(*cases: CaseFact) -> object:
    from handoff.domain.kpis.facts import Facts

    return Facts(as_of=at(days=365), cases=cases)


def test_speed_of_answer_is_the_wait_until_the_first_acceptance() -> None:
    found = figure("speed_of_answer", cases=(case(accepted_at=at(5), events=ACCEPTED), case("b")))

    assert (found.denominator, found.mean) == (1, 300.0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"status": "open"}, (0, 0)),
        ({"status": "closed", "disposition": "no_response"}, (1, 1)),
        ({"status": "closed", "disposition": "solved"}, (0, 1)),
        ({"status": "closed"}, (0, 1)),
        ({"status": "closed", "merged_into": "other"}, (0, 0)),
        ({"status": "closed", "source": "jira"}, (0, 0)),
        ({"status": "active", "first_response_at": at(5)}, (0, 1)),
        ({"status": "closed", "first_response_at": at(5), "disposition": "solved", "wrote_back": False}, (0, 1)),
        ({"status": "closed", "first_response_at": at(5), "disposition": "no_response", "wrote_back": False}, (1, 1)),
        ({"status": "closed", "first_response_at": at(5), "disposition": "no_response", "wrote_back": True}, (0, 1)),
    ],
)
def test_abandonment_is_leaving_before_a_persons_first_word(
    given: dict[str, object], expected: tuple[int, int]
) -> None:
    assert share("abandonment", cases=(case(**given),)) == expected


def test_handoffs_that_need_not_have_been_are_counted_among_the_judged_ones() -> None:
    cases = (
        case("a", verdict="not_needed"),
        case("b", verdict="needed"),
        case("c", verdict="should_have_come_earlier"),
        case("d"),
    )

    assert share("unneeded_handoffs", cases=cases) == (1, 3)
    assert share("late_handoffs", cases=cases) == (1, 3)


def test_reasons_are_counted_most_frequent_first_and_only_those_of_the_bot() -> None:
    cases = (
        case("a", reason="frustration"),
        case("b", reason="policy"),
        case("c", reason="frustration"),
        case("d", reason="policy", source="crm"),
    )

    assert figure("handoff_reasons", cases=cases).parts == (("frustration", 2), ("policy", 1))


def test_repeat_contacts_are_cases_at_the_second_contact_or_later() -> None:
    cases = tuple(case(f"c{n}", contact_number=n) for n in (1, 1, 2, 3))

    assert share("repeat_contact_rate", cases=cases) == (2, 4)


def test_the_escalation_rate_of_an_agent_is_of_the_cases_they_had() -> None:
    passed_up = case(
        "a", events=(step("accepted", 1, "ana"), step("escalated", 9, "ana"), step("accepted", 12, "grace"))
    )
    kept = case("b", events=(step("accepted", 1, "ana"), step("resolved", 9, "ana")))
    seen = list(KPIS["escalation_rate"].observe(facts(passed_up, kept)))

    assert sorted((one.place.agent_id, one.bucket) for one in seen) == [
        ("ana", "hit"),
        ("ana", "miss"),
        ("grace", "miss"),
    ]


def test_what_a_lead_moves_up_out_of_somebodys_hands_is_not_counted_against_them() -> None:
    """docs/kpis.md: cases that the agent moved a level up."""
    helped = case("a", events=(step("accepted", 1, "ana"), step("escalated", 9, "grace")))
    seen = list(KPIS["escalation_rate"].observe(facts(helped)))
    assert [(one.place.agent_id, one.bucket) for one in seen] == [("ana", "miss")]


def said(minutes: float, sender: str, text: str) -> SaidFact:
    return SaidFact(at(minutes), sender, text)


KNOWN = {"order_number": "LH-10001", "email": "maya@mail.example", "product": "kettle"}


@pytest.mark.parametrize(
    ("line", "repeated"),
    [
        (said(5, "customer", "It is lh 10001, as I told your robot"), True),
        (said(5, "customer", "LH-20002 came fine"), False),
        (said(5, "customer", "the kettle leaks"), False),
        (said(5, "customer", "write to MAYA@mail.example"), True),
        (said(5, "agent", "Could you give me your order number, please?"), True),
        (said(5, "agent", "I have your order number here."), False),
        (said(5, "agent", "Which order is it about?"), True),
        (said(5, "agent", "What is your e-mail address?"), True),
        (said(5, "agent", "Your order LH-10001 left us on Monday."), False),
        (said(5, "agent", "Which product do you mean?"), True),
        (said(60 * 24 + 1, "customer", "LH-10001"), False),
    ],
)
def test_a_customer_repeats_themselves_when_a_known_fact_is_typed_or_asked_for_again(
    line: SaidFact, repeated: bool
) -> None:
    """P18: the customer never repeats anything; measured within a day of the handoff."""
    found = share("repeat_yourself_rate", cases=(case(known=KNOWN, first_response_at=at(4), said=(line,)),))

    assert found == (int(repeated), 1)


def test_a_kind_of_fact_that_a_team_added_is_known_by_its_own_words() -> None:
    asked = said(5, "agent", "What is the contract code?")

    assert share(
        "repeat_yourself_rate", cases=(case(known={"contract_code": "X"}, first_response_at=at(4), said=(asked,)),)
    ) == (1, 1)


def test_nobody_repeats_what_was_not_known_or_before_a_person_answered() -> None:
    cases = (case("a", known={}, first_response_at=at(4)), case("b", known=KNOWN))

    assert share("repeat_yourself_rate", cases=cases) == (0, 0)


def test_handoff_rate_is_of_conversations_with_a_word_and_containment_of_those_the_bot_answered() -> None:
    talks: tuple[ConversationFact, ...] = (
        talk("a"),
        talk("b", handed_over_at=at(9)),
        talk("c", answered=False, handed_over_at=at(2)),
        talk("d", first_turn_at=None, answered=False),
    )

    assert share("handoff_rate", conversations=talks) == (2, 3)
    assert share("containment", conversations=talks) == (1, 2)
