"""Resolutions: one row for each time that a case was closed, with what the customer said of it and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from handoff.domain.cases import Case, CaseStatus, Step
from handoff.domain.errors import BadValue, NotRatable

REPLACEABLE_FOR: Final = timedelta(hours=24)
"""How long after the first rating another one takes its place."""
UNSTATED: Final = "unstated"
"""The root cause of a case that was closed by nobody who could name one: merged, or returned to the bot."""


class Channel(StrEnum):
    """Where the customer answered a survey."""

    WIDGET = "widget"
    EMAIL = "email"
    API = "api"


class FollowUpResult(StrEnum):
    """What came of following up (P27)."""

    WORKED = "worked"
    DID_NOT_WORK = "did_not_work"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Survey:
    """What a customer says of a resolution: ``csat`` 1 to 5, ``nps`` 0 to 10.

    ``solved`` False is their "it did not work".
    """

    csat: int
    nps: int | None = None
    comment: str | None = None
    solved: bool | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """One closing of a case, from ``number`` 1 on. ``agent_id`` is who owned it then; None where nobody did.

    ``rated_at`` is the moment of the first rating: one that replaces it does not move it. ``follow_up_told_at`` is when
    somebody was told that the follow-up is due.
    """

    case_id: str
    number: int
    agent_id: str | None
    resolved_at: datetime
    disposition: str
    root_cause: str
    outcome: str
    follow_up_on: date | None = None
    follow_up_told_at: datetime | None = None
    followed_up_at: datetime | None = None
    csat: int | None = None
    nps: int | None = None
    comment: str | None = None
    rated_at: datetime | None = None
    rated_by: Channel | None = None
    reopened_at: datetime | None = None

    @property
    def awaits_follow_up(self) -> bool:
        """Whether somebody is still to ask the customer."""
        return self.follow_up_on is not None and self.followed_up_at is None and self.reopened_at is None


def closes(before: Case | None, after: Case) -> bool:
    """Whether this step ended the work, however it did."""
    return before is not None and before.status is not CaseStatus.CLOSED and after.status is CaseStatus.CLOSED


def reopens(before: Case | None, after: Case) -> bool:
    """Whether this step began the work again."""
    return before is not None and before.status is CaseStatus.CLOSED and after.status is not CaseStatus.CLOSED


def counted(before: Case | None, after: Case) -> Case:
    """The case with its resolutions counted when it closes, and without the last resolution's fields when it reopens.

    What the earlier resolution said stands in its own row.
    """
    if before is not None and closes(before, after):
        return replace(after, resolution_count=before.resolution_count + 1)
    if reopens(before, after):
        return replace(
            after,
            resolved_at=None,
            disposition=None,
            root_cause=None,
            outcome=None,
            follow_up_on=None,
            csat=None,
            csat_comment=None,
            csat_agent_id=None,
            nps=None,
        )
    return after


def resolution_of(before: Case, after: Case, step: Step, now: datetime) -> Resolution:
    """The row for a case that was just closed; the owner is the one from before the step, whoever took it (P30)."""
    return Resolution(
        case_id=after.id,
        number=after.resolution_count,
        agent_id=before.agent_id if before.is_owned else None,
        resolved_at=after.resolved_at or now,
        disposition=after.disposition or str(step),
        root_cause=after.root_cause or UNSTATED,
        outcome=after.outcome or "",
        follow_up_on=after.follow_up_on,
    )


def rated(resolution: Resolution, survey: Survey, channel: Channel, now: datetime, *, within: timedelta) -> Resolution:
    """The resolution with this rating, in place of an earlier one.

    ``within`` is how long after the resolution this channel takes ratings. Raises ``NotRatable``.
    """
    if resolution.reopened_at is not None:
        raise NotRatable("This solution did not hold and the case was opened again; the next one can be rated.")
    if now >= resolution.resolved_at + within:
        hours = within // timedelta(hours=1)
        span = f"{hours} hours" if hours < 48 else f"{hours // 24} days"
        raise NotRatable(f"This case could be rated within {span} after it was solved; that time is over.")
    if resolution.rated_at is not None and now >= resolution.rated_at + REPLACEABLE_FOR:
        raise NotRatable("This case was rated more than a day ago; a rating can be changed for 24 hours.")
    return replace(
        resolution,
        csat=survey.csat,
        nps=survey.nps if survey.nps is not None else resolution.nps,
        comment=survey.comment if survey.comment is not None else resolution.comment,
        rated_at=resolution.rated_at or now,
        rated_by=channel,
    )


def checked_follow_up(day: date | None, today: date, *, within_days: int) -> date | None:
    """The day of a follow-up as it was asked for; raises ``BadValue`` when it lies in the past or too far ahead.

    ``today`` is the day in the time zone of the case's queue.
    """
    if day is None:
        return None
    if day <= today:
        raise BadValue(
            f"A follow-up lies ahead: {day} has come already. Choose {today + timedelta(days=1)} or later, or leave "
            "follow_up_on out.",
            field="follow_up_on",
        )
    latest = today + timedelta(days=within_days)
    if day > latest:
        raise BadValue(
            f"A follow-up lies at most {within_days} days ahead: choose {latest} or earlier.", field="follow_up_on"
        )
    return day
