"""From the real scoring under the shipped policy to the sentence that the agent reads: the evidence is understood."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from actions.policy_view import view_of
from actions.score_turn import decision_of
from actions.scoring.decision import score_turn
from actions.scoring.picture import Picture
from actions.scoring.turn import OFFER_ACTION, Contact, Customer, TurnInput
from handoff.contract import DecisionAction, TurnRecord
from handoff.domain.cases import CaseContext
from handoff.domain.conversations import Turn, TurnStatus
from handoff.domain.why import why
from tests.handoff.cast import POLICY, START, WORDING
from tests.handoff.domain.test_cases import CASE

VIEW = view_of(POLICY)
ORDER = {"intent": "order_status", "topic": "order_status", "category": "orders_delivery"}
LOST = {"intent": "nlu_fallback", "confidence": 0.2}
CONTACTS = tuple(
    Contact(f"c{days}", "order_status", "orders_delivery", START - timedelta(days=days)) for days in (2, 5)
)


def sentence(*turns: dict[str, Any], **about: Any) -> str:
    """What the agent reads once the last of these turns handed over."""
    picture, scored = Picture(), []
    for number, given in enumerate(turns, 1):
        turn = TurnInput(key=str(number), at=START + timedelta(minutes=number), **about, **given)
        outcome, picture = score_turn(turn, picture, VIEW)
        found = TurnRecord(
            message_id=turn.key,
            intent=turn.intent,
            confidence=turn.confidence,
            topic=turn.topic,
            frustration=turn.frustration,
            decision=decision_of(outcome),
        )
        scored.append(Turn(turn.key, "c", number, turn.text, TurnStatus.ANSWERED, START, found))
    decision = found.decision
    assert decision.action is DecisionAction.NOW
    case = replace(CASE, topic=picture.topic, context=CaseContext(reasons=decision.reasons))
    return why(case, scored, [turn["text"] for turn in turns], WORDING.why)


@pytest.mark.parametrize(
    ("turns", "about", "read"),
    [
        (
            [{"text": "It's ridiculous, where is it AGAIN?", "frustration": 0.8,
              "frustration_words": ("ridiculous", "again"), **ORDER}],
            {"contacts": CONTACTS},
            "Third contact in 7 days about where an order is; frustration at 0.8 (“ridiculous”, “AGAIN”).",
        ),
        (
            [{"text": "Where is it?", **ORDER}, {"text": "Can I talk to a human?", "intent": "talk_to_person"}],
            {},
            "Asked for a person (“Can I talk to a human”).",
        ),
        (
            [{"text": text, **LOST} for text in ("one", "and two", "three, then")],
            {},
            "The assistant failed 3 times (not understood).",
        ),
        (
            [{"text": text, "intent": "not_helpful"} for text in ("no use", "nor that", "and nor that")],
            {},
            "The assistant failed 3 times (it did not help); said that it did not help (3 times so far).",
        ),
        (
            [{"text": "blurf", **ORDER}, {"text": "and now", "replies": ("Sorry, something went wrong.",)},
             {"text": "well", "replies": ("Sorry, something went wrong.",)}],
            {},
            "The assistant told of a technical failure twice.",
        ),
        (
            [{"text": "You will be hearing from my solicitor."}],
            {},
            "A risk was named: Legal (“hearing from my solicitor”).",
        ),
        (
            [{"text": "one", **LOST}, {"text": "and two", **LOST},
             {"text": "yes please", "intent": "affirm", "last_actions": (OFFER_ACTION,)}],
            {},
            "Said yes to the person that was offered; the assistant failed twice (not understood).",
        ),
        (
            [{"text": "I'll get my Lawyer onto you."}],
            {"customer": Customer("vip", verified=True)},
            "A risk was named: Legal (“Lawyer”); a customer of tier vip.",
        ),
        (
            [{"text": "Refund my £1,649.50", "intent": "request_refund", "topic": "request_refund",
              "category": "returns_refunds", "entities": {"order_number": "LH-10001"}}],
            {},
            "Asks for £1,649.50, and the assistant may decide up to £50.",
        ),
        (
            [{"text": "This is the fourth time I write to you about it.", **ORDER}],
            {},
            "Fourth contact by their own count (“fourth time”).",
        ),
    ],
    ids=["contacts", "asked", "not understood", "no help", "technical failure", "one phrase in another", "accepted",
         "risk", "sum", "counted"],
)  # fmt: skip
def test_the_agent_reads_what_the_scoring_found(turns: list[dict[str, Any]], about: dict[str, Any], read: str) -> None:
    """P18."""
    assert sentence(*turns, **about) == read
