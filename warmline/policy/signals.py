"""The thresholds and weights of the signals."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from warmline.policy.base import Count, Level, PolicyModel, Severity, Share, Weight


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
    repeat_in_words: CountSignal
    risk: WeightOnly
    authority: AuthoritySignal
    vip: WeightOnly
