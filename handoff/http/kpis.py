"""KPIs for supervisors and admins: a report, the cases behind a number, and the same as CSV (``docs/kpis.md``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from aiohttp import web

from handoff.contract import Category
from handoff.domain.actors import Actor
from handoff.domain.kpis.figures import Figure, is_on_target
from handoff.domain.kpis.observations import day_of
from handoff.domain.kpis.periods import Period, Step, last_days
from handoff.domain.kpis.registry import KPIS, Kpi
from handoff.domain.kpis.report import Line, Report
from handoff.http import kpi_schemas
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.errors import ApiError
from handoff.http.operations import SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.views import when
from handoff.kpi_report.csv import report_csv
from handoff.services import kpis
from handoff.services.audit import note_export, note_list
from handoff.services.context import Context
from handoff.store.kpis.days import By, Chosen

USUAL_DAYS: Final = 30
YEARS: Final = range(1990, 2200)
"""What a date may lie in, so that no span of days leaves the calendar."""
_AGENT_CHARACTERS: Final = 64
_IN_QUERY: Final = (
    {"name": "from", "in": "query", "schema": {"type": "string", "format": "date"}},
    {"name": "to", "in": "query", "schema": {"type": "string", "format": "date"}},
    {"name": "category", "in": "query", "schema": {"type": "string", "enum": [str(c) for c in Category]}},
    {"name": "level", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 9}},
    {"name": "agent", "in": "query", "schema": {"type": "string", "maxLength": _AGENT_CHARACTERS}},
)
_OF_REPORT: Final = (
    *_IN_QUERY,
    {"name": "step", "in": "query", "schema": {"type": "string", "enum": [str(s) for s in Step], "default": "day"}},
    {"name": "by", "in": "query", "schema": {"type": "string", "enum": [str(b) for b in By]}},
)
_OF_CASES: Final = (
    *_IN_QUERY,
    {"name": "bucket", "in": "query", "schema": {"type": "string", "maxLength": 64}},
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": kpis.MOST_SUBJECTS, "default": 100},
    },
)
_REFUSALS: Final = (*SIGNED_IN, "bad_value")
OPERATIONS: Final = (
    Operation(
        "get",
        "/kpis",
        "The KPIs of a period",
        {200: ("The report.", kpi_schemas.KpisAnswer)},
        None,
        _REFUSALS,
        SESSION,
        _OF_REPORT,
    ),
    Operation(
        "get",
        "/kpis.csv",
        "The KPIs of a period as CSV",
        {200: ("The report as a table.", None)},
        None,
        _REFUSALS,
        SESSION,
        _OF_REPORT,
        "text/csv",
    ),
    Operation(
        "get",
        "/kpis/{name}/cases",
        "The cases behind a number",
        {200: ("Cases and conversations, newest first.", kpi_schemas.KpiCasesAnswer)},
        None,
        (*_REFUSALS, "not_found"),
        SESSION,
        _OF_CASES,
    ),
)
Choice = TypeVar("Choice", bound=StrEnum)


def routes() -> list[web.RouteDef]:
    """Reading KPIs."""
    return [
        web.get(f"{BASE}/kpis", read_kpis),
        web.get(f"{BASE}/kpis.csv", read_csv),
        web.get(f"{BASE}/kpis/{{name}}/cases", read_cases),
    ]


async def read_kpis(request: web.Request) -> web.Response:
    """``GET /kpis``."""
    context, _ = await _supervised(request)
    by = _choice(request, "by", By, None)
    report = await _report(request, context, by)
    labels = kpis.kind_labels(context)
    return web.json_response(report_view(report, by, labels), headers={"Cache-Control": "no-store"})


async def read_csv(request: web.Request) -> web.Response:
    """``GET /kpis.csv``."""
    context, reader = await _supervised(request)
    by = _choice(request, "by", By, None)
    report = await _report(request, context, by)
    first, last = str(report.period.first), str(report.period.last)
    await note_export(context, reader, "kpis", first=first, last=last, by=by, **_told(_chosen(request)))
    name = f"kpis-{report.period.first}-{report.period.last}.csv"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=report_csv(report), content_type="text/csv", charset="utf-8", headers=headers)


async def read_cases(request: web.Request) -> web.Response:
    """``GET /kpis/{name}/cases``."""
    context, reader = await _supervised(request)
    kpi = KPIS.get(request.match_info["name"])
    if kpi is None:
        raise ApiError("not_found", f"There is no such KPI; there are {', '.join(KPIS)}.")
    period = _period(request, context)
    found = await kpis.behind(
        context, kpi, period, chosen=_chosen(request), bucket=request.query.get("bucket") or None, limit=_limit(request)
    )
    told = _told(_chosen(request)) | {"kpi": kpi.name, "first": str(period.first), "last": str(period.last)}
    await note_list(context, reader, "kpi_cases", len(found), **told)
    cases = [
        {
            "id": one.subject,
            "case_number": one.number,
            "at": when(one.at),
            "bucket": one.bucket,
            "category": one.place.category,
            "level": one.place.level,
            "agent_id": one.place.agent_id,
            "value": one.value,
        }
        for one in found
    ]
    body = {"name": kpi.name, "period": _days_view(period), "cases": cases}
    return web.json_response(body, headers={"Cache-Control": "no-store"})


def _told(chosen: Chosen) -> dict[str, int | str | None]:
    return {"category": chosen.category, "level": chosen.level, "agent": chosen.agent_id}


async def _supervised(request: web.Request) -> tuple[Context, Actor]:
    """The context and who reads, for somebody who sees all queues; raises ``ApiError`` for anybody else."""
    agent = await require_case_worker(request)
    if not agent.sees_all:
        raise ApiError("not_allowed", "Figures are for supervisors and admins.")
    return request.app[PARTS].context, Actor.of_agent(agent)


async def _report(request: web.Request, context: Context, by: By | None) -> Report:
    step = _choice(request, "step", Step, Step.DAY) or Step.DAY
    return await kpis.report(context, _period(request, context), chosen=_chosen(request), step=step, by=by)


def _period(request: web.Request, context: Context) -> Period:
    last = _day(request, "to", day_of(context.clock(), context.policy.kpi_zone))
    try:
        return Period(_day(request, "from", last_days(last, USUAL_DAYS).first), last)
    except ValueError as error:
        raise ApiError("bad_value", f"{str(error)[:1].upper()}{str(error)[1:]}.", field="from") from error


def _day(request: web.Request, name: str, usual: date) -> date:
    raw = request.query.get(name, "")
    if not raw:
        return usual
    try:
        found = date.fromisoformat(raw)
    except ValueError as error:
        raise ApiError("bad_value", f"{name} is a date such as 2026-03-31.", field=name) from error
    if found.year not in YEARS:
        raise ApiError("bad_value", f"{name} is a date from {YEARS.start} to {YEARS[-1]}.", field=name)
    return found


def _choice(request: web.Request, name: str, choices: type[Choice], usual: Choice | None) -> Choice | None:
    raw = request.query.get(name, "")
    if not raw:
        return usual
    try:
        return choices(raw)
    except ValueError as error:
        raise ApiError("bad_value", f"{name} is one of {', '.join(choices)}.", field=name) from error


def _chosen(request: web.Request) -> Chosen:
    category = _choice(request, "category", Category, None)
    level = request.query.get("level", "")
    if level and not (level.isascii() and level.isdigit() and len(level) == 1):
        raise ApiError("bad_value", "level is a number from 0 to 9.", field="level")
    agent_id = request.query.get("agent", "")
    if len(agent_id) > _AGENT_CHARACTERS:
        raise ApiError("bad_value", "agent is the id of a member of staff.", field="agent")
    return Chosen(category, int(level) if level else None, agent_id or None)


def _limit(request: web.Request) -> int:
    raw, most = request.query.get("limit", "100"), kpis.MOST_SUBJECTS
    if not (raw.isascii() and raw.isdigit() and len(raw) <= len(str(most)) and 1 <= int(raw) <= most):
        raise ApiError("bad_value", f"limit is a number from 1 to {most}.", field="limit")
    return int(raw)


def report_view(report: Report, by: By | None, labels: Mapping[str, str]) -> dict[str, Any]:
    """A report on the wire; ``labels`` name the kinds that are counted."""
    return {
        "period": _days_view(report.period),
        "before": _days_view(report.before),
        "zone": report.zone,
        "step": report.step,
        "by": by,
        "as_of": when(report.as_of),
        "not_added_up": report.not_added_up,
        "kpis": [_line_view(line, labels) for line in report.lines],
        "places": [
            {
                "key": part.key,
                "label": part.label,
                "figures": {name: _figure_view(figure, labels) for name, figure in part.figures.items()},
            }
            for part in report.parts
        ],
    }


def _line_view(line: Line, labels: Mapping[str, str]) -> dict[str, Any]:
    kpi: Kpi = line.kpi
    return {
        "name": kpi.name,
        "title": kpi.title,
        "unit": kpi.unit,
        "better": kpi.better,
        "target": kpi.target,
        "on_target": is_on_target(kpi, line.now),
        "now": _figure_view(line.now, labels),
        "before": _figure_view(line.before, labels),
        "trend": [{**_days_view(part), **_figure_view(figure, labels)} for part, figure in line.trend],
    }


def _figure_view(figure: Figure, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "value": figure.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "p90": figure.p90,
        "mean": figure.mean,
        "parts": [{"code": code, "label": labels.get(code, code), "count": count} for code, count in figure.parts],
    }


def _days_view(period: Period) -> dict[str, str]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}
