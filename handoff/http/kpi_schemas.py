"""How answers with KPIs look, as closed models: for OpenAPI, and for the tests that hold the views to them."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from handoff.contract import WireModel
from handoff.domain.kpis.periods import Step
from handoff.domain.kpis.registry import Better, Unit
from handoff.store.kpis.days import By


class KpiDays(WireModel):
    """A span of days (UTC), both included."""

    first: date
    last: date


class KpiPart(WireModel):
    """How many of one kind, of a KPI that counts kinds."""

    code: str
    label: str
    count: int


class KpiFigure(WireModel):
    """One figure; ``value`` is null where the denominator is 0."""

    value: float | None
    numerator: int
    denominator: int
    p90: float | None
    mean: float | None
    parts: list[KpiPart]


class KpiPoint(KpiFigure):
    """The figure of one day, week or month."""

    first: date
    last: date


class KpiLine(WireModel):
    """One KPI of the period, beside the period before."""

    name: str
    title: str
    unit: Unit
    better: Better
    target: float | None
    on_target: bool | None
    now: KpiFigure
    before: KpiFigure
    trend: list[KpiPoint]


class KpiPlace(WireModel):
    """What one queue, level or agent did."""

    key: str
    label: str
    figures: dict[str, KpiFigure]


class KpisAnswer(WireModel):
    """``GET /kpis``."""

    period: KpiDays
    before: KpiDays
    zone: str
    step: Step
    by: By | None
    as_of: AwareDatetime | None
    not_added_up: int
    kpis: list[KpiLine]
    places: list[KpiPlace]


class KpiSubject(WireModel):
    """A case behind a number, or a conversation (``case_number`` null)."""

    id: str
    case_number: str | None
    at: AwareDatetime
    bucket: str
    category: str
    level: int
    agent_id: str
    value: float


class KpiCasesAnswer(WireModel):
    """``GET /kpis/{name}/cases``."""

    name: str
    period: KpiDays
    cases: list[KpiSubject]
