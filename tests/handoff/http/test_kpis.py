"""KPIs over HTTP: who may read them, what is answered, CSV that no spreadsheet runs, the page that explains them."""

from __future__ import annotations

import csv
import io
import re

import pytest

from handoff.domain.kpis.registry import KPIS, Unit
from handoff.http import kpi_schemas
from handoff.kpi_report.csv import COLUMNS, cell
from handoff.services.kpi_rollup import roll_up_all
from tests.handoff.cast import ANA, BEN, GRACE, IMANI, OMAR
from tests.handoff.service import Service
from warmline.paths import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "kpis.md").read_text(encoding="utf-8")
AGENT_PAGE = (PROJECT_ROOT / "docs" / "agent-api.md").read_text(encoding="utf-8")


async def with_a_case(service: Service) -> str:
    """One case that Ben accepted, added up."""
    maya, ben = await service.customer(), await service.agent(BEN)
    case_id = await service.case(maya)
    await ben.post(f"/cases/{case_id}/accept")
    # The service adds up by itself too: a day that both take at once is left to the other, and done again here.
    while (await roll_up_all(service.parts.context)).left:
        pass
    return case_id


@pytest.mark.parametrize("agent", [GRACE, OMAR])
async def test_a_supervisor_reads_the_kpis_of_the_last_thirty_days(service: Service, agent: object) -> None:
    await with_a_case(service)
    desk = await service.agent(agent)  # type: ignore[arg-type]

    answer = await desk.get("/kpis?by=agent&step=week")

    assert answer.status == 200, answer.body
    kpi_schemas.KpisAnswer.model_validate(answer.body)
    assert answer.body["period"] == {"first": "2026-02-01", "last": "2026-03-02"}
    lines = {line["name"]: line for line in answer.body["kpis"]}
    assert list(lines) == list(KPIS)
    assert lines["speed_of_answer"]["now"]["denominator"] == 1
    assert lines["handoff_reasons"]["now"]["parts"][0]["code"] == "explicit_request"
    assert len(lines["csat"]["trend"]) == 6
    assert any(place["label"] == "Ben Okafor" for place in answer.body["places"])


@pytest.mark.parametrize("path", ["/kpis", "/kpis.csv", "/kpis/csat/cases"])
@pytest.mark.parametrize("agent", [ANA, IMANI])
async def test_agents_and_editors_do_not_read_figures_of_others(service: Service, agent: object, path: str) -> None:
    desk = await service.agent(agent)  # type: ignore[arg-type]

    answer = await desk.get(path)

    assert (answer.status, answer.code) == (403, "not_allowed")


async def test_nobody_reads_them_without_signing_in(service: Service) -> None:
    assert (await service.call("GET", "/api/agent/v1/kpis")).code == "not_signed_in"


async def test_the_cases_behind_a_number_are_listed_with_their_numbers(service: Service) -> None:
    case_id = await with_a_case(service)
    grace = await service.agent(GRACE)

    answer = await grace.get("/kpis/speed_of_answer/cases?agent=ben")

    kpi_schemas.KpiCasesAnswer.model_validate(answer.body)
    assert [(found["id"], found["case_number"]) for found in answer.body["cases"]] == [(case_id, "WL-1001")]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/kpis?from=yesterday", "from"),
        ("/kpis?to=2026-13-01", "to"),
        ("/kpis?from=2026-03-02&to=2026-03-01", "from"),
        ("/kpis?from=1999-01-01", "from"),
        ("/kpis?from=9999-12-30&to=9999-12-31", "to"),
        ("/kpis?step=hour", "step"),
        ("/kpis?by=customer", "by"),
        ("/kpis?category=sales", "category"),
        ("/kpis?level=high", "level"),
        ("/kpis?to=0001-01-01", "to"),
        ("/kpis?from=0001-01-01&to=0001-01-05", "to"),
        ("/kpis/csat/cases?limit=501", "limit"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_the_parameters_name(
    service: Service, path: str, field: str
) -> None:
    grace = await service.agent(GRACE)

    answer = await grace.get(path)

    assert (answer.status, answer.code) == (422, "bad_value")
    assert answer.body["error"]["data"]["field"] == field


async def test_a_kpi_that_does_not_exist_is_not_found(service: Service) -> None:
    grace = await service.agent(GRACE)

    assert (await grace.get("/kpis/happiness/cases")).code == "not_found"


async def test_the_csv_has_one_row_for_each_figure(service: Service) -> None:
    await with_a_case(service)
    grace = await service.agent(GRACE)

    answer = await grace.get("/kpis.csv?from=2026-03-01&to=2026-03-02&by=category")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="kpis-2026-03-01-2026-03-02.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert tuple(rows[0]) == COLUMNS
    spans = [row["span"] for row in rows if row["kpi"] == "speed_of_answer" and not row["place"]]
    assert spans == ["period", "before", "day", "day"]
    assert {row["kpi"] for row in rows} == set(KPIS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+44", "'+44"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("Ana", "Ana"),
        (-12.5, "-12.5"),
        (None, ""),
        (0.123456789, "0.123457"),
        (1234567.8, "1234568"),
        (7, "7"),
    ],
)
def test_no_text_of_the_csv_runs_as_a_formula_and_numbers_stay_numbers(
    value: str | float | None, expected: str
) -> None:
    assert cell(value) == expected


def rows_of_the_page() -> dict[str, str]:
    return dict(re.findall(r"^\| `(\w+)` \| (.*)$", PAGE, re.MULTILINE))


def test_the_page_explains_every_kpi_and_no_other() -> None:
    assert set(rows_of_the_page()) == set(KPIS)


@pytest.mark.parametrize("name", [name for name, kpi in KPIS.items() if kpi.target is not None])
def test_the_page_names_the_target(name: str) -> None:
    kpi = KPIS[name]
    target = f"{kpi.target / 3600:g} h" if kpi.unit is Unit.SECONDS else f"{kpi.target:.0%}".replace("%", " %")

    assert rows_of_the_page()[name].rstrip("| ").endswith(target)


def test_the_fields_of_the_report_are_those_of_the_api_page() -> None:
    part = AGENT_PAGE[AGENT_PAGE.index("## KPIs") : AGENT_PAGE.index("## Live")]
    named = set(re.findall(r'"(\w+)"', part))

    for model in (
        kpi_schemas.KpisAnswer,
        kpi_schemas.KpiLine,
        kpi_schemas.KpiFigure,
        kpi_schemas.KpiPart,
        kpi_schemas.KpiPlace,
        kpi_schemas.KpiSubject,
        kpi_schemas.KpiDays,
    ):
        assert set(model.model_fields) <= named, model
