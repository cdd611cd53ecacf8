"""The running picture of one conversation: what scoring remembers from turn to turn, small and bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final

from actions.scoring.answers import refuses
from actions.scoring.policy import PolicyView
from actions.scoring.replies import says_again
from actions.scoring.turn import (
    DECLINE_INTENT,
    DENY_INTENT,
    NOT_HELPFUL_INTENT,
    OFFER_ACTION,
    REPEAT_INTENT,
    TurnInput,
)
from actions.scoring.words import find_phrases, likeness, normalise, tokens

VERSION: Final = 1
KEPT_SCORES: Final = 12
KEPT_REQUESTS: Final = 8
KEPT_TEXTS: Final = 4
KEPT_SETTLED: Final = 8
KEPT_REPLIES: Final = 6
KEPT_STAKES: Final = 12
KEPT_VOTE: Final = 0.7
"""A turn's say about the category weighs so much less with each further turn: needs shift in a conversation."""
LEAST_VOTE: Final = 0.05
TEXT_LENGTH: Final = 160
SAME_TEXT: Final = 0.8
"""From this share of common words on, two turns say the same."""
LEAST_WORDS: Final = 3
"""Shorter turns ("yes", "thank you") are no repetition of each other."""


class Failure(StrEnum):
    """How the assistant failed a question that is still open."""

    NOT_UNDERSTOOD = "not_understood"
    ASKED_WHICH = "asked_which"
    NOT_HELPFUL = "not_helpful"
    ASKED_AGAIN = "asked_again"


@dataclass(frozen=True)
class Picture:
    """What is remembered of a conversation. All ``*_turn`` fields count the customer's turns from 1.

    ``heat`` is the running average of frustration and ``scores`` its last values; ``peak`` the highest ever.
    A request is a topic with the facts it named. ``settled`` names what a human has already dealt with. ``failed`` is
    the question that the assistant failed last, with its topic where it had one, until something else is asked;
    ``failure`` says how it failed. ``replies`` are the bot's last texts, ``same_answers`` how often it gave one of them
    again, ``bot_errors`` its technical failures in a row. ``votes`` says how much the conversation so far speaks for
    each category, as ``billing=1.25``. ``at_stake`` names the signals that answered a question of the triage, and
    ``amount`` is the largest sum in pounds that is at stake.
    """

    turns: int = 0
    key: str = ""
    scores: tuple[float, ...] = ()
    heat: float = 0.0
    peak: float = 0.0
    calm_streak: int = 0
    fallbacks: int = 0
    unsure: int = 0
    repeats: int = 0
    person_requests: int = 0
    requests: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    topic: str | None = None
    category: str | None = None
    requested_slot: str | None = None
    acknowledged_turn: int | None = None
    offers: int = 0
    offer_turn: int | None = None
    declined_turn: int | None = None
    handoff_turn: int | None = None
    handoff_signals: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    failed: str | None = None
    failed_topic: str | None = None
    failure: str | None = None
    replies: tuple[str, ...] = ()
    same_answers: int = 0
    bot_errors: int = 0
    votes: tuple[str, ...] = ()
    at_stake: tuple[str, ...] = ()
    amount: float | None = None

    def staking(self, signals: tuple[str, ...], amount: float | None) -> Picture:
        """Return the picture with what is at stake."""
        return replace(self, at_stake=signals[-KEPT_STAKES:], amount=amount)

    @property
    def trend(self) -> float:
        """How the mood moves: mean of the last three scores less that of the three before, -1 to 1."""
        recent, before = self.scores[-3:], self.scores[-6:-3]
        if not recent or not before:
            return 0.0
        return sum(recent) / len(recent) - sum(before) / len(before)

    @property
    def offer_is_open(self) -> bool:
        """Whether a person was offered and the offer was not declined."""
        return self.offer_turn is not None and (self.declined_turn or 0) < self.offer_turn

    def to_json(self) -> dict[str, Any]:
        """Return the picture as the JSON value of a slot; what is as at the start is left out."""
        kept = {name: value for name, at_start in _EMPTY.items() if (value := getattr(self, name)) != at_start}
        return {
            "v": VERSION,
            **{name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()},
        }

    @classmethod
    def from_json(cls, value: object) -> Picture:
        """Read what :meth:`to_json` wrote. Anything else, or another version, is an empty picture."""
        if not isinstance(value, Mapping) or value.get("v") != VERSION:
            return cls()
        try:
            return cls(**{name: _read(name, value[name]) for name in _EMPTY if name in value})
        except (TypeError, ValueError):
            return cls()


_EMPTY: Final[dict[str, Any]] = {field.name: field.default for field in fields(Picture)}
_TUPLES: Final = frozenset(name for name, value in _EMPTY.items() if isinstance(value, tuple))
_WHOLE: Final = frozenset(
    {
        name
        for name, value in _EMPTY.items()
        if (isinstance(value, int) and not isinstance(value, bool)) or name.endswith("_turn")
    }
)


def _read(name: str, value: Any) -> Any:
    if name == "scores":
        return tuple(float(item) for item in value)
    if name in _TUPLES:
        return tuple(str(item) for item in value)
    if value is None:
        return None
    if name in _WHOLE:
        return int(value)
    return float(value) if name in ("heat", "peak", "amount") else str(value)


def after_words(picture: Picture, turn: TurnInput, policy: PolicyView) -> Picture:
    """Return the picture with this turn's words taken in, before anything is decided about it."""
    number = picture.turns + 1
    score = round(min(1.0, max(0.0, turn.frustration)), 4)
    before = picture
    if turn.told_failure:
        asked = picture.texts[-1] if picture.texts else None
        picture = replace(picture, fallbacks=picture.fallbacks + 1, failed=asked, failure=Failure.NOT_UNDERSTOOD)
    fallbacks, repeats = _fallbacks(picture, turn, policy), repeats_itself(picture, turn, policy)
    failed, votes = _failed(picture, turn, policy), _votes(picture, turn)
    # Whoever was not understood, or had to ask again, may write calmly and is still not well served.
    bot_errors, answered_again = _bot_errors(picture, turn, policy), answers_again(picture, turn)
    served = fallbacks <= before.fallbacks and not (repeats or turn.told_failure or bot_errors or answered_again)
    went_well = served and score < policy.calm_below
    calm_streak = picture.calm_streak + 1 if went_well else 0
    keep = policy.frustration.keep
    seen = replace(
        picture,
        turns=number,
        key=turn.key,
        scores=(*picture.scores, score)[-KEPT_SCORES:],
        heat=round(keep * picture.heat + (1 - keep) * score, 4),
        peak=max(picture.peak, score),
        calm_streak=calm_streak,
        fallbacks=fallbacks,
        unsure=_unsure(picture, turn, policy),
        repeats=picture.repeats + int(repeats),
        replies=(*picture.replies, *(reply[:TEXT_LENGTH] for reply in turn.replies))[-KEPT_REPLIES:],
        same_answers=picture.same_answers + int(answered_again),
        bot_errors=bot_errors,
        votes=tuple(f"{name}={weight:.3f}" for name, weight in votes.items()),
        requests=_requests(picture, turn),
        texts=_texts(picture, turn),
        topic=turn.topic or picture.topic,
        category=_category(votes, picture, turn, policy),
        requested_slot=turn.requested_slot,
        failed=failed.text,
        failed_topic=failed.topic,
        failure=failed.failure,
    )
    if OFFER_ACTION in turn.last_actions:
        # An offer counts once it was made, whoever decided it: the scoring of the turn before, or a rule of
        # the bot.
        seen = replace(seen, offers=picture.offers + 1, offer_turn=picture.turns)
    declines = (turn.intent == DECLINE_INTENT and turn.confidence >= policy.request_confidence) or (
        turn.answers_offer and (turn.intent == DENY_INTENT or refuses(turn.text))
    )
    if declines:
        seen = replace(seen, declined_turn=number)
    if calm_streak >= policy.calm_turns or (went_well and turn.tells("solved") >= policy.solved_from):
        seen = forgiven(seen)
    return seen


def forgiven(picture: Picture) -> Picture:
    """Return the picture with the slate clean: only what was said and the peak stay."""
    return replace(
        picture,
        heat=0.0,
        acknowledged_turn=None,
        offers=0,
        offer_turn=None,
        repeats=0,
        fallbacks=0,
        same_answers=0,
        bot_errors=0,
    )


def after_human(picture: Picture) -> Picture:
    """Return the picture as the bot takes it up when a human has closed the case."""
    settled = tuple(dict.fromkeys((*picture.settled, *picture.handoff_signals)))[-KEPT_SETTLED:]
    return replace(
        forgiven(picture),
        calm_streak=0,
        unsure=0,
        person_requests=0,
        declined_turn=None,
        handoff_turn=None,
        handoff_signals=(),
        settled=settled,
        failed=None,
        failed_topic=None,
        failure=None,
        votes=(),
        at_stake=(),
        amount=None,
    )


def says_failed(turn: TurnInput, policy: PolicyView) -> bool:
    """Say whether the turn says that the last answer did not help, by intent or by meaning."""
    if turn.is_button or turn.form:
        return turn.intent == NOT_HELPFUL_INTENT
    return turn.intent == NOT_HELPFUL_INTENT or turn.tells("failed") >= policy.failed_from


def answers_again(picture: Picture, turn: TurnInput) -> bool:
    """Say whether the bot, before this turn, gave an answer or put a longer question that it had given before.

    A form asks again for what it could not read, and what was asked to be said again is said again.
    """
    if turn.told_failure or turn.form or picture.requested_slot or turn.intent == REPEAT_INTENT:
        return False
    return says_again(turn.replies, picture.replies, TEXT_LENGTH)


def votes_of(picture: Picture) -> dict[str, float]:
    """Return how much the conversation speaks for each category."""
    pairs = (vote.rpartition("=") for vote in picture.votes)
    return {name: float(weight) for name, _, weight in pairs}


def repeats_itself(picture: Picture, turn: TurnInput, policy: PolicyView) -> bool:
    """Say whether the turn asks again for what was asked for, or says that the answer did not help."""
    if says_failed(turn, policy):
        return True
    if turn.is_button or turn.form or turn.chosen:
        return False
    words = tokens(turn.text)
    if len(words) >= LEAST_WORDS and any(likeness(words, tokens(earlier)) >= SAME_TEXT for earlier in picture.texts):
        return True
    return turn.topic is not None and request_of(turn) in picture.requests


def request_of(turn: TurnInput) -> str:
    """Return the turn's request as one text: its topic and the facts it names."""
    facts = ",".join(f"{name}={value}" for name, value in sorted(turn.entities.items()))
    return f"{turn.topic}?{facts}"[:TEXT_LENGTH]


def rephrases(picture: Picture, turn: TurnInput, policy: PolicyView) -> bool:
    """Say whether the turn puts the failed question again: in words like it, or understood as the same."""
    if picture.failed is None or turn.is_button or turn.form or turn.chosen or says_failed(turn, policy):
        return False
    same_topic = turn.topic is not None and turn.topic == picture.failed_topic
    return same_topic or turn.like_failed >= policy.same_question_from


@dataclass(frozen=True)
class _Failed:
    text: str | None = None
    topic: str | None = None
    failure: Failure | str | None = None


def _fallbacks(picture: Picture, turn: TurnInput, policy: PolicyView) -> int:
    if turn.form:
        # A free answer inside a form may look like nothing known; it failed only if the same is asked again.
        asked_again = turn.requested_slot is not None and turn.requested_slot == picture.requested_slot
        return picture.fallbacks + 1 if turn.is_fallback and asked_again else picture.fallbacks
    if turn.is_fallback or says_failed(turn, policy):
        return picture.fallbacks + 1
    if turn.told_failure:
        return picture.fallbacks
    if rephrases(picture, turn, policy):
        # In other words it is understood at last: that failed only if the customer has to ask once more.
        clear = turn.confidence >= policy.low_confidence_below and not turn.asks_which
        at_last = picture.failure == Failure.NOT_UNDERSTOOD and clear
        return picture.fallbacks if at_last else picture.fallbacks + 1
    return picture.fallbacks if turn.asks_which else 0


def _failed(picture: Picture, turn: TurnInput, policy: PolicyView) -> _Failed:
    """Return the question that stands failed after this turn."""
    before = _Failed(picture.failed, picture.failed_topic, picture.failure)
    words = turn.text[:TEXT_LENGTH]
    if turn.form:
        return before
    if turn.is_fallback:
        return _Failed(words, None, Failure.NOT_UNDERSTOOD)
    if turn.asks_which:
        return _Failed(words, None, Failure.ASKED_WHICH)
    if says_failed(turn, policy):
        asked = picture.failed or (picture.texts[-1] if picture.texts else None)
        return _Failed(asked, picture.topic, Failure.NOT_HELPFUL)
    if rephrases(picture, turn, policy):
        return _Failed(words, turn.topic, Failure.ASKED_AGAIN)
    settled = turn.is_button or turn.chosen or turn.topic is not None
    return _Failed() if settled else before


def _bot_errors(picture: Picture, turn: TurnInput, policy: PolicyView) -> int:
    if not turn.replies:
        return picture.bot_errors
    failed = any(find_phrases(normalise(reply), policy.bot_error_phrases) for reply in turn.replies)
    return picture.bot_errors + 1 if failed else 0


def _votes(picture: Picture, turn: TurnInput) -> dict[str, float]:
    votes = {name: weight * KEPT_VOTE for name, weight in votes_of(picture).items()}
    for name, weight in turn.categories.items():
        votes[name] = votes.get(name, 0.0) + weight
    return {name: weight for name, weight in sorted(votes.items()) if weight >= LEAST_VOTE}


def _category(votes: Mapping[str, float], picture: Picture, turn: TurnInput, policy: PolicyView) -> str | None:
    """What the customer needs, from the whole conversation; without votes, what a request named last."""
    if not votes:
        return turn.category or picture.category
    best = max(votes, key=lambda name: votes[name])
    return best if votes[best] >= policy.category_from * sum(votes.values()) else None


def _unsure(picture: Picture, turn: TurnInput, policy: PolicyView) -> int:
    if turn.form or turn.is_button or turn.is_fallback:
        return picture.unsure
    return picture.unsure + 1 if turn.asks_which or turn.confidence < policy.low_confidence_below else 0


def _requests(picture: Picture, turn: TurnInput) -> tuple[str, ...]:
    if turn.topic is None or turn.is_button or turn.form:
        return picture.requests
    return tuple(dict.fromkeys((*picture.requests, request_of(turn))))[-KEPT_REQUESTS:]


def _texts(picture: Picture, turn: TurnInput) -> tuple[str, ...]:
    if turn.is_button:
        return picture.texts
    return (*picture.texts, turn.text[:TEXT_LENGTH])[-KEPT_TEXTS:]
