"""The business hours in the policy: a default, and what differs for single queues."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from warmline.policy.base import PolicyModel
from warmline.policy.hours import Holiday, Hours, Shift, read_holidays, read_week, read_zone

TimeZone = Annotated[str, BeforeValidator(read_zone)]
Week = Annotated[tuple[tuple[Shift, ...], ...], BeforeValidator(read_week)]
Holidays = Annotated[dict[Holiday, str], BeforeValidator(read_holidays)]


class QueueHours(PolicyModel):
    """The hours of a queue; what it leaves out is as in the default."""

    time_zone: TimeZone | None = None
    weekly: Week | None = None
    holidays: Holidays | None = None


class BusinessHours(PolicyModel):
    """When the teams are there: ``default`` for all queues, ``by_category`` for those that differ."""

    default: QueueHours
    by_category: dict[str, QueueHours] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.default.time_zone is None or self.default.weekly is None:
            raise ValueError("the default needs time_zone and weekly; add what is missing")
        return self

    @cached_property
    def made(self) -> dict[str, Hours]:
        """The hours made so far, by queue: each remembers the days that it was asked for."""
        return {}

    def of(self, category: str) -> Hours:
        """Return the hours of one queue."""
        if category not in self.made:
            self.made[category] = self._make(category)
        return self.made[category]

    def _make(self, category: str) -> Hours:
        base, own = self.default, self.by_category.get(category, QueueHours())
        holidays = own.holidays if own.holidays is not None else base.holidays
        return Hours(ZoneInfo(own.time_zone or base.time_zone or ""), own.weekly or base.weekly or (), holidays or {})
