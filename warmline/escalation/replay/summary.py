"""All replayed conversations in figures: handoffs and offers, by hour and by reason, and against the verdicts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any, TypeVar

from handoff.contract import Decision, Reason
from warmline.escalation.replay.compare import Change, Compared, Handoff, Judged, Verdict
from warmline.escalation.replay.staffing import HOURS, Staffing

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True)
class Figure:
    """A number as it was decided and under the other policy.

    ``not_known`` is what came after the policies first differ: the other policy's number lies between ``other`` and
    ``other`` plus ``not_known``.
    """

    as_decided: float
    other: float
    not_known: float

    def each(self, days: int) -> Figure:
        """Return the same for one of ``days``."""
        return Figure(self.as_decided / days, self.other / days, self.not_known / days)


@dataclass(frozen=True)
class Hour:
    """An hour of the day: handoffs in it on an average day, and the cases that the people there can take."""

    hour: int
    handoffs: Figure
    capacity: float | None

    def exceeds(self, handoffs: float) -> bool:
        """Say whether so many handoffs are more than the people there can take."""
        return self.capacity is not None and handoffs > self.capacity


@dataclass(frozen=True)
class Changed:
    """A conversation that the other policy changes, with the verdicts on its cases."""

    conversation: str
    exact: bool
    change: Change
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Summary:
    """What a replay found. ``incomplete`` counts conversations with a turn that was recorded without its scene."""

    policy: str
    decided_under: dict[str, int]
    zone: str
    first: date | None
    last: date | None
    conversations: int
    turns: int
    incomplete: int
    handoffs: Figure
    offers: Figure
    judged: int
    false: Figure
    missed: Figure
    hours: tuple[Hour, ...]
    reasons: dict[str, Figure]
    staffing: str | None
    changed: tuple[Changed, ...] = field(default_factory=tuple)

    @property
    def days(self) -> int:
        """Days from the first conversation to the last, both included."""
        return (self.last - self.first).days + 1 if self.first and self.last else 0


def summarise(found: Sequence[Compared], policy: str, zone: tzinfo, staffing: Staffing | None = None) -> Summary:
    """Return the figures of these conversations; days and hours are those of the clock in ``zone``."""
    begun = [one.started_at.astimezone(zone).date() for one in found]
    first, last = (min(begun), max(begun)) if begun else (None, None)
    days = (last - first).days + 1 if first and last else 1
    by_hour = _figures(found, lambda handoff: handoff.at.astimezone(zone).hour)
    capacity = staffing.capacity(first, last, zone) if staffing and staffing.teams and first and last else None
    none = Figure(0, 0, 0)
    verdicts = [verdict for one in found for verdict in one.verdicts]
    reasons = _figures(found, lambda handoff: handoff.reason)
    return Summary(
        policy=policy,
        decided_under=dict(Counter(version for one in found for version in one.policies).most_common()),
        zone=str(zone),
        first=first,
        last=last,
        conversations=len(found),
        turns=sum(one.turns for one in found),
        incomplete=sum(not one.exact for one in found),
        handoffs=Figure(
            sum(len(one.as_decided) for one in found),
            sum(len(one.other) for one in found),
            sum(len(one.not_known) for one in found),
        ),
        offers=Figure(
            sum(one.offers_kept + one.offers_lost + one.offers_not_known for one in found),
            sum(one.offers_kept + one.offers_gained for one in found),
            sum(one.offers_not_known for one in found),
        ),
        judged=len(verdicts),
        false=_judged(verdicts, Judged.FALSE),
        missed=_judged(verdicts, Judged.MISSED),
        hours=tuple(
            Hour(hour, by_hour.get(hour, none).each(days), capacity[hour] if capacity else None)
            for hour in range(HOURS)
        ),
        reasons=dict(sorted(reasons.items(), key=lambda item: (-item[1].as_decided, -item[1].other, item[0]))),
        staffing=staffing.told_by if staffing and capacity else None,
        changed=tuple(Changed(one.id, one.exact, one.change, one.verdicts) for one in found if one.change is not None),
    )


def _figures(found: Iterable[Compared], key: Callable[[Handoff], _Key]) -> dict[_Key, Figure]:
    was, other, not_known = Counter[_Key](), Counter[_Key](), Counter[_Key]()
    for one in found:
        was.update(map(key, one.as_decided))
        other.update(map(key, one.other))
        not_known.update(map(key, one.not_known))
    return {name: Figure(was[name], other[name], not_known[name]) for name in (*was, *(other - was))}


def _judged(verdicts: Iterable[Verdict], as_what: Judged) -> Figure:
    """Not known are those that were judged so and of which nobody can tell."""
    was = [verdict for verdict in verdicts if verdict.as_decided is as_what]
    other = sum(verdict.other is as_what for verdict in verdicts)
    return Figure(len(was), other, sum(verdict.other is Judged.NOT_KNOWN for verdict in was))


def as_json(summary: Summary) -> dict[str, Any]:
    """Return the summary for programs; times in ISO 8601."""
    return {
        "policy": summary.policy,
        "decided_under": summary.decided_under,
        "zone": summary.zone,
        "first_day": str(summary.first) if summary.first else None,
        "last_day": str(summary.last) if summary.last else None,
        "days": summary.days,
        "conversations": summary.conversations,
        "turns": summary.turns,
        "incomplete": summary.incomplete,
        "handoffs": _figure(summary.handoffs),
        "offers": _figure(summary.offers),
        "judged": summary.judged,
        "false": _figure(summary.false),
        "missed": _figure(summary.missed),
        "hours": [{"hour": hour.hour, **_figure(hour.handoffs), "capacity": hour.capacity} for hour in summary.hours],
        "reasons": {name: _figure(figure) for name, figure in summary.reasons.items()},
        "staffing": summary.staffing,
        "changed": [_changed(one) for one in summary.changed],
    }


def _figure(figure: Figure) -> dict[str, float]:
    return {"as_decided": figure.as_decided, "other": figure.other, "not_known": figure.not_known}


def _changed(one: Changed) -> dict[str, Any]:
    change = one.change
    return {
        "conversation": one.conversation,
        "exact": one.exact,
        "turn": change.turn,
        "at": change.at.isoformat(),
        "text": change.text,
        "from": change.before.action.value,
        "to": change.after.action.value,
        "as_decided": change.was,
        "other": change.is_now,
        "why": list(change.why),
        "before": _decision(change.before),
        "after": _decision(change.after),
        "differences": [
            {
                "signal": one.signal,
                "was": _measure(one.was),
                "is_now": _measure(one.is_now),
                "evidence": list(one.evidence),
            }
            for one in change.differences
        ],
        "verdicts": [
            {"case": v.case, "verdict": v.verdict, "as_decided": v.as_decided.value, "other": v.other.value}
            for v in one.verdicts
        ],
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "action": decision.action.value,
        "category": decision.category.value,
        "severity": decision.severity,
        "level": decision.level,
    }


def _measure(reason: Reason | None) -> dict[str, float] | None:
    if reason is None:
        return None
    return {"value": reason.value, "threshold": reason.threshold, "weight": reason.weight}
