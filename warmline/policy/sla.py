"""The service levels in the policy: for whom, in which hours, and when a case calls for somebody by itself (P7, P15).

The targets themselves stand with the categories; this part says how they are counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from warmline.policy.base import Duration, PolicyModel, Severity, Text, parse_duration


def _share_or_duration(value: object) -> object:
    """Read a share of the target (0.25) or a duration (10m).

    Raises:
        ValueError: when it is neither.
    """
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is neither a share such as 0.25 nor a duration such as 10m")
    if isinstance(value, int | float):
        if not 0 <= value < 1:
            raise ValueError(
                f"{value!r} is no share of a target; write one from 0 to below 1, or a duration such as 10m"
            )
        return float(value)
    return parse_duration(value)


Before = Annotated[float | timedelta, BeforeValidator(_share_or_duration)]
TierShare = Annotated[float, Field(gt=0.0, le=10.0)]


class NearPolicy(PolicyModel):
    """How long before each deadline somebody is told: a share of the target, or a duration, of open time."""

    first_response: Before = 0.3
    next_update: Before = 0.25
    resolution: Before = 0.25

    def span(self, deadline: str, target: timedelta) -> timedelta:
        """Return how much of ``target`` is left when ``deadline`` (a field of this part) is near."""
        before: float | timedelta = getattr(self, deadline)
        return before if isinstance(before, timedelta) else before * target


class SilencePolicy(PolicyModel):
    """How long a case waits for its customer, by the clock on the wall: until a reminder, and until it is closed."""

    remind_after: Duration = timedelta(days=1)
    close_after: Duration = timedelta(days=3)
    disposition: Text = "no_response"
    root_cause: Text = "went_silent"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not timedelta() < self.remind_after < self.close_after:
            raise ValueError("remind_after must be above zero and below close_after: nobody is closed unreminded")
        return self


def _usual_patience() -> dict[int, timedelta]:
    return {
        1: timedelta(minutes=30),
        2: timedelta(hours=1),
        3: timedelta(hours=4),
        4: timedelta(hours=8),
    }


class SlaPolicy(PolicyModel):
    """How targets are counted, and what happens by itself around them."""

    share_by_tier: dict[str, TierShare] = Field(default_factory=dict)
    """By tier the share of each target that such a customer waits; one that is not named waits all of it."""
    around_the_clock: tuple[Severity, ...] = (1,)
    """The severities whose clocks run at night and on holidays too."""
    near: NearPolicy = NearPolicy()
    stalled_after: dict[Severity, Duration] = Field(default_factory=_usual_patience)
    """By severity: after so much open time without a word of its agent a case is stalled."""
    customer_silent: SilencePolicy = SilencePolicy()

    @model_validator(mode="after")
    def _every_severity(self) -> Self:
        missing = sorted({1, 2, 3, 4} - set(self.stalled_after))
        if missing:
            raise ValueError(
                f"stalled_after for severity {', '.join(map(str, missing))} is missing; give all of 1 to 4"
            )
        return self

    def share(self, tier: str) -> float:
        """Return the share of each target that a customer of this tier waits."""
        return self.share_by_tier.get(tier, 1.0)


def sla_checks(sla: SlaPolicy, *, tiers: Any, dispositions: Any, causes: Any) -> list[tuple[tuple[Any, ...], str]]:
    """Return what the part says against the others, as (where, what is wrong and how to mend it)."""
    problems: list[tuple[tuple[Any, ...], str]] = [
        (("sla", "share_by_tier", tier), f"there is no tier {tier!r}; choose one of {', '.join(tiers)}")
        for tier in sla.share_by_tier
        if tier not in tiers
    ]
    silent = sla.customer_silent
    given = silent.model_fields_set
    for key, code, known, what in (
        ("disposition", silent.disposition, dispositions, "dispositions"),
        ("root_cause", silent.root_cause, causes, "root_causes"),
    ):
        if key in given and code not in known:
            problems.append((("sla", "customer_silent", key), f"there is no {code!r} among the {what}; add it there"))
    return problems
