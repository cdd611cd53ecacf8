"""Handing over: the human who receives the conversation has everything, and it happens once (P18)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions.brain import Brain
from actions.cases import CaseRefusedError, CasesUnavailableError, MemoryCases
from handoff.contract import EscalationKind, HandoffAccepted, HandoffReason, HandoffRequest, ReopenRequest, Triage
from tests.actions.escalation_cast import Rasa, ScriptedFrustration


class Unreachable:
    """Cases that cannot be reached so many times, and then are the ones in memory."""

    def __init__(self, cases: MemoryCases, failures: int) -> None:
        self.cases, self.failures, self.tries = cases, failures, 0

    async def open(self, request: HandoffRequest) -> HandoffAccepted:
        self.tries += 1
        if self.tries <= self.failures:
            raise CasesUnavailableError("down")
        return await self.cases.open(request)

    async def reopen(self, case_id: str, request: ReopenRequest) -> HandoffAccepted:
        return await self.cases.reopen(case_id, request)


@pytest.fixture
def behind(brain: Brain) -> Callable[[object], None]:
    def put(cases: object) -> None:
        object.__setattr__(brain, "cases", cases)

    return put


async def frustrated(rasa: Rasa, feelings: ScriptedFrustration) -> None:
    feelings.scores = {"so bad": 0.9, "worse": 0.9, "awful": 0.95}
    await rasa.hears("where is my order LH-10030", "order_status", order_number="LH-10030")
    rasa.does("action_order_status", "utter_order_late")
    await rasa.hears("do you deliver on Sundays", "faq/orders_delivery_sunday")
    rasa.does("utter_faq", "utter_faq/orders_delivery_sunday")
    await rasa.hears("where is my order LH-10030", "order_status", order_number="LH-10030")
    rasa.does("action_order_status", "utter_order_late")
    for text in ("so bad", "worse"):
        await rasa.hears(text, "complain")
    rasa.does("utter_offer_person")
    await rasa.hears("awful", "complain")


async def test_the_agent_gets_facts_attempts_turns_and_reasons(
    rasa: Rasa, feelings: ScriptedFrustration, cases: MemoryCases
) -> None:
    await frustrated(rasa, feelings)
    await rasa.runs("action_handoff")

    (request,) = cases.requests
    assert request.decision.reason is HandoffReason.FRUSTRATION
    assert request.topic == "order_status"
    assert request.problem == "where your order LH-10030 is"
    assert request.facts == {"order_number": "LH-10030"}
    assert [(attempt.action, attempt.outcome) for attempt in request.attempts] == [
        ("action_order_status", "order_late"),
        ("utter_faq", "faq/orders_delivery_sunday"),
        ("action_order_status", "order_late"),
    ]
    assert [turn.message_id for turn in request.turns] == [f"msg-{number}" for number in range(1, 7)]
    assert request.turns[-1].decision == request.decision
    assert request.idempotency_key == request.message_id == "msg-6"


async def test_the_outcome_of_an_action_is_told_as_the_action_put_it(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("cancel order LH-10001", "cancel_order", order_number="LH-10001")
    rasa.does("action_cancel_order", "utter_cancel_order_shipped")
    outcome = {"action": "action_cancel_order", "outcome": "already_shipped"}
    rasa.events.append({"event": "slot", "name": "last_outcome", "value": outcome, "timestamp": 2.0})
    await rasa.hears("get me a human", "talk_to_person")
    await rasa.runs("action_handoff")
    assert cases.requests[0].attempts[0].outcome == "already_shipped"


async def test_a_form_that_ended_early_is_one_attempt(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("I want a refund", "request_refund")
    outcome = {"action": "action_refund", "outcome": "shop_unavailable"}
    rasa.events.append({"event": "slot", "name": "last_outcome", "value": outcome, "timestamp": 2.0})
    rasa.does("action_refund")
    rasa.does("utter_not_helpful")
    await rasa.hears("get me a human", "talk_to_person")
    await rasa.runs("action_handoff")
    told = [(attempt.action, attempt.outcome) for attempt in cases.requests[0].attempts]
    assert told == [("action_refund", "shop_unavailable")]


async def test_the_problem_is_the_request_and_not_the_last_sentence(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("I want a copy of my invoice", "invoice_copy", invoice_number="INV-2026-0042")
    await rasa.hears("hello?", "greet")
    await rasa.hears("a person please", "talk_to_person")
    await rasa.runs("action_handoff")
    (request,) = cases.requests
    assert request.topic == "invoice_copy"
    assert request.problem == "a copy of your invoice INV-2026-0042"
    assert request.decision.category == "billing"


async def test_a_person_asked_for_at_the_start_is_about_that_wish(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("a person please", "talk_to_person")
    await rasa.runs("action_handoff")
    assert cases.requests[0].problem == "your wish to talk to a person"
    assert cases.requests[0].decision.category == "general"


async def test_handing_over_ends_the_form_and_says_nothing(rasa: Rasa) -> None:
    await rasa.hears("refund please", "request_refund")
    rasa.loop, rasa.slots["requested_slot"] = {"name": "refund_form"}, "order_number"
    await rasa.hears("a human please", "talk_to_person")
    rasa.said = []
    await rasa.runs("action_handoff")
    assert rasa.loop == {}
    assert rasa.slots["requested_slot"] is None
    assert rasa.said == []


async def test_the_same_turn_handed_over_twice_opens_one_case(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("a human please", "talk_to_person")
    await rasa.runs("action_handoff")
    await rasa.runs("action_handoff")
    assert len(cases.requests) == 1


async def test_a_sum_found_to_be_beyond_the_authority_is_the_reason(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("I want a refund for LH-10004", "request_refund", order_number="LH-10004")
    rasa.loop, rasa.slots["requested_slot"] = {"name": "refund_form"}, "reason"
    await rasa.hears("the picture flickers all the time", "troubleshoot_device")
    rasa.slots["authority_exceeded"] = {
        "authority": "refund",
        "action": "action_refund",
        "topic": "request_refund",
        "amount": "649.00",
        "limit": "50.00",
    }
    await rasa.runs("action_handoff")
    (request,) = cases.requests
    assert request.decision.reason is HandoffReason.AUTHORITY
    assert request.decision.kind is EscalationKind.HIERARCHICAL
    assert request.decision.level == 3
    assert request.decision.reasons[0].value == 649.0
    assert request.decision.reasons[0].threshold == 50.0
    assert request.decision.category == "returns_refunds"
    assert request.problem == "your refund of £649.00 for order LH-10004, which is more than I may decide by myself"
    assert rasa.slots["authority_exceeded"] is None


async def test_the_answer_to_a_question_of_a_form_opens_no_second_subject(rasa: Rasa) -> None:
    await rasa.hears("I want a refund", "request_refund")
    rasa.loop, rasa.slots["requested_slot"] = {"name": "refund_form"}, "reason"
    await rasa.hears("the picture flickers all the time", "troubleshoot_device")
    assert rasa.slots["topic"] == "request_refund"
    await rasa.hears("where is my other order?", "order_status")
    assert rasa.slots["topic"] == "order_status"


async def test_a_rule_that_hands_over_is_named_as_the_reason(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("that did not work", "resolution_failed")
    await rasa.runs("action_handoff")
    assert cases.requests[0].decision.reason is HandoffReason.POLICY
    assert cases.requests[0].decision.reasons[0].evidence == ("the rule for resolution_failed hands over",)


async def test_an_action_that_hands_over_by_itself_gives_the_rule_of_its_request_as_the_reason(
    rasa: Rasa, cases: MemoryCases
) -> None:
    await rasa.hears("move the engineer's visit", "repair_status")
    rasa.slots["escalation"] = {**rasa.slots["escalation"], "action": "now"}
    await rasa.runs("action_handoff")
    (request,) = cases.requests
    assert request.decision.reason is HandoffReason.POLICY
    assert request.decision.reasons[0].evidence == ("the rule for repair_status hands over",)
    assert (request.decision.category, request.problem) == ("technical", "your repair")


async def test_handoff_is_tried_again_while_it_cannot_be_reached(
    rasa: Rasa, cases: MemoryCases, behind: Callable[[object], None], slept: list[float]
) -> None:
    behind(Unreachable(cases, failures=3))
    await rasa.hears("a human please", "talk_to_person")
    await rasa.runs("action_handoff")
    assert len(cases.requests) == 1
    assert slept == [0.1, 0.3, 0.8]


async def test_after_a_few_seconds_it_gives_up_and_says_nothing(
    rasa: Rasa, cases: MemoryCases, behind: Callable[[object], None], slept: list[float]
) -> None:
    behind(Unreachable(cases, failures=99))
    await rasa.hears("a human please", "talk_to_person")
    rasa.said = []
    await rasa.runs("action_handoff")
    assert cases.requests == []
    assert sum(slept) < 5
    assert rasa.said == []


async def test_without_handoff_the_customer_is_told_so(rasa: Rasa, cases: MemoryCases) -> None:
    rasa.online = False
    await rasa.hears("a human please", "talk_to_person")
    await rasa.runs("action_handoff")
    assert rasa.responses == ["utter_handoff_offline"]
    assert cases.requests == []


def last_case(case_id: str) -> dict[str, str]:
    return {"id": case_id, "number": "WL-1001", "category": "billing", "outcome": "refunded", "agent_name": "Ana"}


async def test_a_solution_that_did_not_work_reopens_the_same_case(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("a human please", "talk_to_person")
    await rasa.runs("action_handoff")
    cases.resolve("case-1")
    rasa.last_case = last_case("case-1")
    await rasa.hears("no, it is still wrong", "resolution_failed")
    await rasa.runs("action_reopen_case")
    ((case_id, request),) = cases.reopened
    assert case_id == "case-1"
    assert request.note == "no, it is still wrong"
    assert len(cases.requests) == 1


async def test_a_case_that_cannot_be_reopened_becomes_a_new_one(rasa: Rasa, cases: MemoryCases) -> None:
    rasa.last_case = last_case("case-99")
    await rasa.hears("/resolution_failed", "resolution_failed", 1.0)
    await rasa.runs("action_reopen_case")
    assert len(cases.requests) == 1


async def test_a_refused_request_is_not_sent_again(
    rasa: Rasa, behind: Callable[[object], None], slept: list[float]
) -> None:
    class Refuses:
        async def open(self, request: HandoffRequest) -> HandoffAccepted:
            raise CaseRefusedError("conflict", "no")

    behind(Refuses())
    await rasa.hears("a human please", "talk_to_person")
    await rasa.runs("action_handoff")
    assert slept == []


async def test_a_long_conversation_sends_its_last_fifty_turns(rasa: Rasa, cases: MemoryCases) -> None:
    for number in range(60):
        await rasa.hears(f"the item number {number} of my list", "inform")
    await rasa.hears("a human please", "talk_to_person")
    await rasa.runs("action_handoff")
    assert len(cases.requests[0].turns) == 50
    assert cases.requests[0].turns[-1].message_id == "msg-61"


async def test_a_wish_for_a_person_that_is_not_sure_is_offered_one(rasa: Rasa, cases: MemoryCases) -> None:
    """P10: "which ombudsman are you a member of" reads a little like a wish for a person, and is none."""
    await rasa.hears("which ombudsman are you a member of", "talk_to_person", 0.48)
    await rasa.runs("action_handoff")
    assert rasa.responses == ["utter_offer_person"]
    assert cases.requests == []


async def test_whoever_has_had_no_case_and_is_not_helped_is_asked_what_is_open(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("my problem is not solved", "resolution_failed")
    await rasa.runs("action_reopen_case")
    assert rasa.responses == ["utter_not_helpful"]
    assert cases.requests == []


@pytest.mark.parametrize(
    ("text", "intent", "entities", "problem"),
    [
        ("someone hacked my account", "faq/account_security_change_email", {}, "the safety of your account"),
        ("the kettle is on fire", "nlu_fallback", {"product": "kettle"}, "a possible danger from your kettle"),
        ("it is on fire", "nlu_fallback", {}, "a possible danger from one of our products"),
        ("see you in court", "nlu_fallback", {}, "what you've just told me"),
        ("my lawyer asks where LH-10001 is", "order_status", {}, "where your order is"),
    ],
)
async def test_a_case_is_named_by_the_risk_that_made_it(
    rasa: Rasa, cases: MemoryCases, text: str, intent: str, entities: dict[str, str], problem: str
) -> None:
    """P22: the specific problem."""
    await rasa.hears(text, intent, **entities)
    await rasa.runs("action_handoff")
    assert cases.requests[0].problem == problem


async def test_a_case_carries_what_was_at_stake_in_the_whole_conversation(rasa: Rasa, cases: MemoryCases) -> None:
    """P12: the sum was named two turns before the person was asked for."""
    await rasa.hears("can I get my £310 back", "request_refund")
    await rasa.hears("hm, wait", "wait_please")
    await rasa.hears("just give me a human", "talk_to_person")
    await rasa.runs("action_handoff")
    decision = cases.requests[0].decision
    assert decision.triage == Triage(money=True, amount=310.0)
    assert decision.severity == 2


async def test_a_sum_that_an_action_found_too_large_is_triaged_too(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("yes, that one", "affirm")
    rasa.slots["authority_exceeded"] = {"authority": "refund", "amount": "649.00"}
    await rasa.runs("action_handoff")
    decision = cases.requests[0].decision
    assert (decision.reason, decision.severity) == (HandoffReason.AUTHORITY, 2)
    assert decision.triage == Triage(money=True, amount=649.0)


async def test_a_handoff_by_a_rule_of_the_assistant_is_triaged_too(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("it is still broken", "resolution_failed")
    await rasa.runs("action_handoff")
    assert cases.requests[0].decision.triage == Triage()


async def test_a_turn_that_goes_on_with_the_assistant_is_not_triaged(rasa: Rasa) -> None:
    assert (await rasa.hears("can I get my £310 back", "request_refund")).triage is None
    assert rasa.record.decision.triage is None


async def test_a_topic_that_was_hardly_understood_is_not_named_to_the_customer(rasa: Rasa, cases: MemoryCases) -> None:
    """P22: the specific problem is named, or none; never a guess."""
    await rasa.hears("sort it out or you'll hear from my solicitor", "faq/billing_price_match", 0.21)
    await rasa.runs("action_handoff")
    assert cases.requests[0].problem == "what you've just told me"


async def test_a_topic_that_was_understood_before_is_named(rasa: Rasa, cases: MemoryCases) -> None:
    await rasa.hears("I want a copy of my invoice", "invoice_copy", invoice_number="INV-2026-0042")
    await rasa.hears("or you'll hear from my solicitor", "nlu_fallback", 0.2)
    await rasa.runs("action_handoff")
    assert cases.requests[0].problem == "a copy of your invoice INV-2026-0042"
