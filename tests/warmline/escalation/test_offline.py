"""Recorded conversations scored as production would: turn by turn, from what was said so far alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.intent_model import Prediction
from models.frustration.reading import Said
from models.frustration.score import Felt
from warmline.escalation.offline import Line, OfflineScorer
from warmline.paths import PROJECT_ROOT
from warmline.policy import load_policy

GOOD_WORD = "All fine so far, thank you very much"
HOT = "nobody does anything about it, this is a disgrace"
LABELS = {
    "where is my parcel": "order_status",
    "has it left your house": "order_status",
    "I was charged twice for it": "explain_charge",
    GOOD_WORD: "thanks",
}


@dataclass
class Feelings:
    """Feels what the test says, and remembers what it was asked."""

    felt: dict[str, Felt] = field(default_factory=dict)
    asked: list[tuple[str, tuple[Said, ...]]] = field(default_factory=list)
    scored_by: str = "model"

    def score(self, text: str, before: Sequence[Said] = ()) -> Felt:
        self.asked.append((text, tuple(before)))
        return self.felt.get(text, Felt(0.05))


def understand(text: str) -> Prediction:
    label = LABELS.get(text)
    labels = ((label, 0.95),) if label else (("nlu_fallback", 0.9),)
    return Prediction(labels, 0.9 if label else 0.1, 0.5, 0, 0.8, is_unknown_label=label is None)


@pytest.fixture
def feelings() -> Feelings:
    return Feelings()


@pytest.fixture
def scorer(feelings: Feelings) -> OfflineScorer:
    policy = load_policy(PROJECT_ROOT / "data" / "escalation.yml")
    return OfflineScorer(policy, feelings, lambda _one, _other: 0.0, understand)


def talk(*lines: str) -> list[Line]:
    """``c: ...``, ``b: ...`` and ``a: ...`` as lines."""
    roles = {"c": "customer", "b": "bot", "a": "agent"}
    return [Line(roles[line[0]], line[3:]) for line in lines]  # type: ignore[arg-type]


def decisions(scorer: OfflineScorer, *lines: str) -> list[str]:
    return [scored.decision for scored in scorer.score(talk(*lines)) if scored]


def test_only_the_customers_turns_are_scored(scorer: OfflineScorer) -> None:
    scored = scorer.score(talk("c: where is my parcel", "b: It comes tomorrow.", "a: Hello, Ana here.", "c: thanks"))
    assert [found is not None for found in scored] == [True, False, False, True]


def test_a_turn_is_read_after_what_was_said_before_it_and_nothing_later(
    scorer: OfflineScorer, feelings: Feelings
) -> None:
    scorer.score(talk("c: where is my parcel", "b: It comes tomorrow.", "c: you said so last week", "b: Sorry."))
    before = (Said("customer", "where is my parcel"), Said("bot", "It comes tomorrow."))
    assert feelings.asked == [("where is my parcel", ()), ("you said so last week", before)]


def test_what_comes_later_changes_no_decision(scorer: OfflineScorer, feelings: Feelings) -> None:
    feelings.felt[HOT] = Felt(0.9, take_over=0.8)
    lines = ("c: where is my parcel", "b: It comes tomorrow.", f"c: {HOT}", "b: I am sorry.", "c: a person please")
    whole = decisions(scorer, *lines)
    for count in (1, 3, 5):
        assert decisions(scorer, *lines[:count]) == whole[: (count + 1) // 2]


def test_a_wish_for_a_person_hands_over(scorer: OfflineScorer) -> None:
    assert decisions(scorer, "c: where is my parcel", "b: Tomorrow.", "c: let me talk to a human") == ["none", "now"]


def test_whether_the_bot_understood_its_own_words_tell_and_not_our_understanding(scorer: OfflineScorer) -> None:
    understood = (
        "c: blorf",
        "b: It is 30 cm wide.",
        "c: blarf",
        "b: And 20 cm deep.",
        "c: blirf",
        "b: Yes.",
        "c: blurf",
    )
    assert set(decisions(scorer, *understood)) == {"none"}
    failed = [line if line[0] == "c" else "b: Sorry, I did not get that." for line in understood]
    assert decisions(scorer, *failed) == ["none", "none", "offer", "now"]


def test_an_offer_that_the_decision_made_stands_although_the_recorded_bot_made_none(
    scorer: OfflineScorer, feelings: Feelings
) -> None:
    again = "and still nobody does anything about it"
    feelings.felt = {HOT: Felt(0.9, take_over=0.7), again: Felt(0.8, take_over=0.6)}
    found = decisions(scorer, f"c: {HOT}", "b: I see.", f"c: {again}", "b: I see.", f"c: {HOT}")
    assert found == ["none", "offer", "now"], "acknowledged, offered, handed over"


def test_yes_to_another_question_accepts_no_offer_that_the_recorded_bot_never_made(
    scorer: OfflineScorer, feelings: Feelings
) -> None:
    again = "and still nobody does anything about it"
    feelings.felt = {HOT: Felt(0.9, take_over=0.7), again: Felt(0.8, take_over=0.6)}
    before = (f"c: {HOT}", "b: I see.", f"c: {again}")
    assert decisions(scorer, *before, "b: Is it order LK-10022?", "c: yes")[-1] == "none"
    assert decisions(scorer, *before, "b: Would you like to talk to a colleague?", "c: yes")[-1] == "now"


def test_the_same_answer_again_is_seen(scorer: OfflineScorer) -> None:
    reply = "b: You can print the return label on the page My returns."
    lines = ("c: where is my parcel", reply, "c: that page is empty", reply, "c: it is empty I say", reply, "c: empty")
    assert decisions(scorer, *lines)[2:] == ["offer", "now"]


def test_the_category_is_what_the_conversation_was_about_and_not_the_last_sentence(scorer: OfflineScorer) -> None:
    lines = ("c: I was charged twice for it", "b: Let me see.", f"c: {GOOD_WORD}", "b: Gladly.", "c: a human please")
    last = scorer.score(talk(*lines))[-1]
    assert last is not None
    assert last.record.category == "billing"


def test_reasons_say_what_weighed(scorer: OfflineScorer) -> None:
    (found,) = scorer.score(talk("c: give me a human"))
    assert found is not None
    assert found.reasons[0].startswith("explicit_request: asked for a person")


def test_an_empty_line_is_calm(scorer: OfflineScorer, feelings: Feelings) -> None:
    assert decisions(scorer, "c:  ") == ["none"]
    assert feelings.asked == []
