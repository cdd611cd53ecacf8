"""``warmline kpis`` on an installation with two months of history: tables, JSON, CSV, a page to share."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from benchmarks.casework.history import History
from handoff import kpis
from handoff.domain.kpis.registry import KPIS
from handoff.kpi_report.drawing import as_html, bars_chart, trend_chart
from handoff.kpi_report.terminal import sparkline
from handoff.kpi_report.words import span_told
from tests.handoff.cast import Clock, House
from tests.handoff.commands import check_failures, fill, run
from warmline.settings import Settings

DAYS = 20
PERIOD = ("--from", "2026-02-20", "--to", "2026-03-01")


@pytest.fixture
def installation(settings_of_the_test: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty days that end with yesterday."""

    async def happen(house: House) -> None:
        history = History(5, ("ana", "ben"), improving=0.3)
        assert await history.write(house.db, clock().date() - timedelta(days=DAYS), DAYS, 12) > 20

    fill(settings_of_the_test, clock, happen)
    monkeypatch.setattr(kpis, "utc_now", clock)


@pytest.mark.usefixtures("installation")
def test_the_json_is_what_the_api_answers(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(kpis.main, capsys, "--json", *PERIOD)

    found = json.loads(out)
    lines = {line["name"]: line for line in found["kpis"]}
    assert code == 0
    assert found["period"] == {"first": "2026-02-20", "last": "2026-03-01"}
    assert found["not_added_up"] == 0
    assert list(lines) == list(KPIS)
    assert lines["response_time"]["now"]["denominator"] > 10
    assert lines["sla_next_update"]["now"]["denominator"] > 10
    assert sum(point["denominator"] for point in lines["csat"]["trend"]) == lines["csat"]["now"]["denominator"]


@pytest.mark.usefixtures("installation")
def test_the_tables_name_every_figure_the_reasons_and_the_agents(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "220")
    code, out, _ = run(kpis.main, capsys, *PERIOD)

    assert code == 0
    assert "KPIs from 2026-02-20 to 2026-03-01" in out
    assert "Root causes" in out
    assert "Carrier late" in out
    assert "Ana Duarte" in out
    assert "█" in out


@pytest.mark.usefixtures("installation")
def test_the_csv_can_be_narrowed_to_an_agent(capsys: pytest.CaptureFixture[str]) -> None:
    _, everything, _ = run(kpis.main, capsys, "--csv", *PERIOD)
    code, out, _ = run(kpis.main, capsys, "--csv", *PERIOD, "--agent", "ana")

    def answered(text: str) -> int:
        rows = csv.DictReader(io.StringIO(text))
        return next(int(row["denominator"]) for row in rows if row["kpi"] == "response_time")

    assert code == 0
    assert 0 < answered(out) < answered(everything)


class Markup(HTMLParser):
    """Everything that a page names from outside itself, and its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "action", "srcset")]


@pytest.mark.usefixtures("installation")
def test_the_page_is_whole_in_itself_and_draws_a_chart_for_each_figure(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """P33: tables and charts that can be shared and printed."""
    code, out, _ = run(kpis.main, capsys, *PERIOD, "--html", str(tmp_path / "report.html"))

    page = Markup((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert (code, out) == (0, f"written to {tmp_path / 'report.html'}\n")
    assert page.loads == []
    assert "script" not in page.tags
    assert page.tags.count("svg") == len(KPIS) + 1
    assert page.tags.count("table") == 3


@pytest.mark.usefixtures("installation")
def test_a_page_that_cannot_be_written_ends_with_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(kpis.main, capsys, "--html", str(tmp_path / "nowhere" / "report.html"))

    assert code == 1
    assert "cannot be written" in err


@pytest.mark.usefixtures("installation")
def test_a_rebuild_comes_to_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    _, before, _ = run(kpis.main, capsys, "--csv", *PERIOD)
    _, after, _ = run(kpis.main, capsys, "--csv", *PERIOD, "--rebuild")

    assert after == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "soon"),
        ("--days", "0"),
        ("--days", "9", "--from", "2026-03-01"),
        ("--from", "2026-03-01", "--to", "2026-02-01"),
    ],
)
def test_a_period_that_cannot_be_meant_ends_with_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(kpis.main, capsys, *arguments)[0] == 2


def test_a_broken_database_or_setting_is_told(
    settings_of_the_test: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    check_failures(kpis.main, capsys, monkeypatch, tmp_path)


def test_nothing_in_a_chart_becomes_markup() -> None:
    chart = as_html(bars_chart([("<script>alert(1)</script>", 3)], "<b>reasons</b>"))

    assert "<script" not in chart
    assert "<b>" not in chart


def test_a_trend_is_broken_where_there_is_no_figure() -> None:
    chart = trend_chart([1.0, 2.0, None, 3.0, 4.0], ["a", "b", "c", "d", "e"], ("1", "5"), None, "x")

    assert len(chart.findall("polyline")) == 2
    assert len(chart.findall("circle")) == 4
    assert sparkline([0.0, None, 1.0]) == "▁ █"


@pytest.mark.parametrize(
    ("seconds", "told"), [(20.4, "20 s"), (99, "99 s"), (300, "5 min"), (3 * 3600, "3.0 h"), (4 * 86400, "4.0 days")]
)
def test_spans_are_told_as_people_say_them(seconds: float, told: str) -> None:
    assert span_told(seconds) == told
