"""How the assistant speaks to a customer who is not well served: in which mood, by which name, about which problem.

What it says stands in ``data/responses/people.yml``, in variants by mood; bot/variants.py says each of them only once.
The mood is also part of the decision, so that handoff's notice finds its words in ``data/wording/notices.yml`` by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.brain import Brain
from actions.next_request import facts_in_hand
from actions.reading import facts_of
from actions.scoring.picture import Picture
from actions.scoring.turn import NOT_HELPFUL_INTENT, TurnInput
from handoff.contract import BotMetadata, Decision, DecisionAction, Mood

ACKNOWLEDGE: Final = "utter_acknowledge"
COMPLAIN_INTENT: Final = "complain"

ABUSIVE_FROM: Final = 0.5
"""From this score on a turn is answered as abuse: more people than not would call it so."""
URGENT_FROM: Final = 0.6
"""From this score on much hangs on the answer for the customer."""
FRUSTRATED_FROM: Final = 0.75
"""From this score on, 0 calm to 1 furious, it is no mere annoyance any more."""
WORRYING: Final = frozenset(
    {"risk_safety", "risk_self_harm", "risk_security", "risk_fraud", "money_at_stake", "business_critical"}
)
COUNTED_CONTACTS: Final = frozenset({"repeat_contact", "repeat_in_words"})
FAILED_BY_BOT: Final = frozenset({"repeated_fallback", "repetition", "low_confidence", "same_answer", "bot_error"})
UPSET: Final = frozenset({"frustration", "risk_legal", "risk_regulator", "risk_press", "long_wait", "gives_up"})

NAME_AGAIN_AFTER: Final = 4
"""Turns before the customer is called by name once more: a name in every message sounds like a salesman."""
NAME_LENGTH: Final = 40
PROBLEM_LENGTH: Final = 90
"""A longer phrase is said without its facts: the customer's own words would be half of what is said."""

Event = dict[str, Any]


@dataclass(frozen=True)
class Feeling:
    """How the words of the turn read, each 0 to 1, and the highest frustration so far."""

    frustration: float = 0.0
    peak: float = 0.0
    abuse: float = 0.0
    urgency: float = 0.0


@dataclass(frozen=True)
class Address:
    """What a kind word may name; None is not known, or was said a moment ago. ``spoken``: this turn's own says it."""

    mood: Mood | None = None
    name: str | None = None
    problem: str | None = None
    spoken: bool = False

    def words(self) -> dict[str, str | None]:
        """What goes with a response that is uttered in this turn, by slot."""
        return {"mood": self.mood, "customer_name": self.name, "problem": self.problem}

    def slots(self, slots: Mapping[str, Any]) -> Iterator[Event]:
        """Yield what the responses that Rasa utters later in the turn find in its slots, as far as it changes.

        Name and problem are said once in a turn: an offer does not name again what the kind word before it named.
        """
        words = {"mood": self.mood, "customer_name": None, "problem": None} if self.spoken else self.words()
        for name, value in words.items():
            if slots.get(name) != value:
                yield SlotSet(name, value)


def mood_of(decision: Decision, feeling: Feeling) -> Mood | None:
    """Return the mood to answer, None where the customer is calm.

    Of several the one that needs the most care: abuse, then worry, then what the company or the assistant did to
    them, then how angry they are about it.
    """
    reached = {reason.signal for reason in decision.reasons if reason.value >= reason.threshold}
    if feeling.abuse >= ABUSIVE_FROM:
        return Mood.ABUSIVE
    if feeling.urgency >= URGENT_FROM or reached & WORRYING:
        return Mood.WORRIED
    if reached & COUNTED_CONTACTS:
        return Mood.BACK_AGAIN
    if reached & FAILED_BY_BOT:
        return Mood.LET_DOWN
    if not reached & UPSET:
        return None
    return Mood.FRUSTRATED if max(feeling.frustration, feeling.peak) >= FRUSTRATED_FROM else Mood.ANNOYED


def needs_a_kind_word(intent: str, decision: Decision) -> bool:
    """Say whether to acknowledge how the customer feels before the answer.

    The answer to a mere complaint says sorry by itself; an offer in its place, or in place of "I'm sorry that didn't
    help", does not.
    """
    if decision.action is DecisionAction.OFFER and intent == NOT_HELPFUL_INTENT:
        return True
    return decision.acknowledge and not (intent == COMPLAIN_INTENT and decision.action is DecisionAction.NONE)


def says_name(before: Picture, seen: Picture) -> bool:
    """Say whether to call the customer by name; ``before`` and ``seen`` are the picture before and after the turn.

    With the first acknowledgement or offer, and not again for a while.
    """
    last = max(before.acknowledged_turn or 0, seen.offer_turn or 0)
    return last == 0 or seen.turns - last >= NAME_AGAIN_AFTER


def first_name(name: str | None) -> str | None:
    """Return what to call a customer by, with a capital at its beginning; None where there is no such name."""
    words = (name or "").split()
    return words[0][:1].upper() + words[0][1:] if words and len(words[0]) <= NAME_LENGTH else None


def problem_named(brain: Brain, turn: TurnInput, topic: str | None, facts: Mapping[str, str]) -> str | None:
    """Return the phrase for what the customer needs; None where it is not known.

    After a turn that was not understood, the topic before it may be quite another.
    """
    if topic is None or turn.is_fallback or turn.asks_which or not brain.policy.is_known(topic):
        return None
    category = brain.policy.category_of(topic)
    phrase = brain.problems.name(topic, category, facts)
    return phrase if len(phrase) <= PROBLEM_LENGTH else brain.problems.name(topic, category, {})


def address_of(
    brain: Brain,
    tracker: Tracker,
    metadata: BotMetadata | None,
    turn: TurnInput,
    decision: Decision,
    feeling: Feeling,
    pictures: tuple[Picture, Picture],
) -> Address:
    """Return how to speak to the customer in this turn; ``pictures`` are those before and after it."""
    before, seen = pictures
    in_hand = {name: str(value) for name, value in facts_in_hand(tracker, turn.key).items() if value is not None}
    known = metadata.customer.name if metadata else None
    return Address(
        mood_of(decision, feeling),
        first_name(known) if says_name(before, seen) else None,
        problem_named(brain, turn, seen.topic, facts_of(tracker) | in_hand),
        spoken=needs_a_kind_word(turn.intent, decision),
    )
