"""The thresholds and weights of the signals."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from warmline.policy.base import Count, Level, PolicyModel, Severity, Share, Text, Weight


class FrustrationSignal(PolicyModel):
    """Thresholds on the frustration score (0 to 1); ``half_life_turns`` shapes the running average ("heat")."""

    acknowledge: Share
    offer: Share
    offer_at_once: Share
    now: Share
    half_life_turns: Annotated[float, Field(gt=0.0, le=20.0)]
    weight: Weight
    severity: Severity

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.acknowledge <= self.offer <= self.now:
            raise ValueError("thresholds must rise: acknowledge <= offer <= now")
        return self


class ExplicitRequestSignal(PolicyModel):
    """When the wish for a person is believed, and the level that a superior means."""

    min_confidence: Share
    meaning_from: Share
    severity: Severity
    superior_level: Level


class CountSignal(PolicyModel):
    """A signal that counts: a person is offered at ``offer`` and takes over at ``now``."""

    offer: Count
    now: Count
    weight: Weight
    severity: Severity

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.offer > self.now:
            raise ValueError("offer must not be above now")
        return self


class RepeatInWordsSignal(CountSignal):
    """Contacts that the customer counts; from ``meaning_from`` on, a turn that tells of them without number is two."""

    meaning_from: Share


class BotErrorSignal(CountSignal):
    """Technical failures in a row; ``phrases`` are the words in which the assistant tells of one."""

    phrases: Annotated[tuple[Text, ...], Field(min_length=1)]


class MeaningSignal(PolicyModel):
    """What is done when a turn tells ``need`` by its meaning, 0 to 1; ``offer`` or ``now`` left out means never.

    ``adds_frustration`` is the share of the turn's frustration that is added before the comparison.
    """

    label: Text
    need: Literal["money", "business_critical", "long_wait", "gives_up"]
    offer: Share | None = None
    now: Share | None = None
    adds_frustration: Share = 0.0
    weight: Weight
    severity: Severity
    level: Level = 1
    category: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.offer is None and self.now is None:
            raise ValueError("say from what likelihood to offer a person, to hand over now, or both")
        if self.offer is not None and self.now is not None and self.offer > self.now:
            raise ValueError("offer must not be above now")
        return self


class LikelihoodSignal(PolicyModel):
    """A likelihood, 0 to 1, from which a person is offered, and from which the conversation is handed over.

    ``offer`` and ``now`` count where help was tried first: the assistant failed, or acknowledged, or has answered
    ``after_turns`` turns; before that, ``offer_at_once`` and ``now_at_once`` do in turns that are not angry. Where it
    has answered and nothing failed, ``now_answered`` counts in the place of ``now``; None: that too. ``with_meaning``
    is how likely it must at least be for what the turn tells by its meaning to count.
    """

    offer: Share
    now: Share
    now_answered: Share | None = None
    offer_at_once: Share
    now_at_once: Share
    after_turns: Count
    with_meaning: Share
    weight: Weight
    severity: Severity

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        rising = self.offer <= self.now <= self.now_after_answers <= self.now_at_once
        if not (rising and self.offer <= self.offer_at_once <= self.now_at_once):
            raise ValueError(
                "thresholds must rise: offer <= now <= now_answered <= now_at_once, "
                "offer <= offer_at_once <= now_at_once"
            )
        return self

    @property
    def now_after_answers(self) -> float:
        """From where the conversation is handed over once the assistant has answered and nothing failed."""
        return self.now if self.now_answered is None else self.now_answered


class AnswersSignal(PolicyModel):
    """From what likelihood a turn says that the last answer failed, and that the matter is solved."""

    failed_from: Share
    solved_from: Share


class RepeatedFallbackSignal(CountSignal):
    """Turns in a row that failed; a question put in other words is the same from ``same_question_from`` on."""

    same_question_from: Share


class LowConfidenceSignal(CountSignal):
    """Turns in a row that were answered below ``min_confidence``."""

    min_confidence: Share


class RepeatContactSignal(PolicyModel):
    """So many contacts about the same thing within so many days make a handoff (P2)."""

    window_days: Count
    contacts: Annotated[int, Field(ge=2)]
    visit_after_hours: Count
    """Who writes in an open conversation after so long a pause has come back."""
    severity: Severity


class WeightOnly(PolicyModel):
    """A signal whose case comes from elsewhere in the policy."""

    weight: Weight


class AuthoritySignal(WeightOnly):
    """A request above the assistant's authority."""

    severity: Severity


class SignalsPolicy(PolicyModel):
    """The thresholds and weights of every signal."""

    frustration: FrustrationSignal
    explicit_request: ExplicitRequestSignal
    repeated_fallback: RepeatedFallbackSignal
    low_confidence: LowConfidenceSignal
    repetition: CountSignal
    repeat_contact: RepeatContactSignal
    repeat_in_words: RepeatInWordsSignal
    bot_error: BotErrorSignal
    same_answer: CountSignal
    like_handoffs: LikelihoodSignal
    meanings: dict[str, MeaningSignal]
    answers: AnswersSignal
    risk: WeightOnly
    authority: AuthoritySignal
    vip: WeightOnly
