"""A report says what was measured, holds it against the targets, and leaves out what was not measured."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from benchmarks.figures import Load
from benchmarks.handoffs import Handoffs
from benchmarks.plan import FULL, QUICK
from benchmarks.report import OURS, STOCK, Report
from benchmarks.tables import print_report
from benchmarks.turns import Sample


def sample(milliseconds: float, *, seconds: float = 1.0, turns: int = 10) -> Sample:
    load = Load(turns=turns, seconds=seconds, client_cpu_seconds=0.02, server_cpu_seconds={"rasa": 0.1})
    return Sample(seconds=[milliseconds / 1000] * turns, as_meant=turns - 1, load=load)


@pytest.fixture
def report() -> Report:
    made = Report(quick=False)
    made.add_at_once(OURS, 1, sample(12))
    made.add_at_once(STOCK, 1, sample(42))
    made.add_at_once(OURS, 32, sample(300, seconds=0.1))
    made.add_at_once(STOCK, 32, sample(1200, seconds=0.5))
    made.add_at_depth(OURS, {5: sample(10), 500: sample(13)})
    made.handoffs = Handoffs(from_person=[0.05] * 20, from_case=[0.02] * 20, agents=6)
    made.memory_mb = {OURS: {"rasa": 600.0, "handoff": 100.0}, STOCK: {"rasa": 1900.0}}
    return made


def test_each_target_is_a_ratio_of_what_was_measured(report: Report) -> None:
    measured = {target.name: (round(target.measured, 3), target.met) for target in report.targets()}
    assert list(measured.values()) == [(0.286, True), (1.3, False), (5.0, True), (50.0, True)]


def test_the_json_holds_every_figure_and_can_be_read_back(report: Report) -> None:
    content = json.loads(json.dumps(report.as_json()))
    keys = {"version", "quick", "machine", "notes", "turns", "long_conversation", "handoff", "memory_mb", "targets"}
    assert set(content) == keys
    assert [(row["system"], row["conversations"]) for row in content["turns"]] == [
        (OURS, 1),
        (STOCK, 1),
        (OURS, 32),
        (STOCK, 32),
    ]
    assert content["turns"][0]["as_meant_share"] == pytest.approx(0.9)
    assert content["handoff"]["from_person"]["p95_ms"] == pytest.approx(50.0)
    assert content["handoff"]["in_browser"] is None
    assert [target["met"] for target in content["targets"]] == [True, False, True, True]


def test_the_terminal_shows_both_systems_the_targets_and_the_notes(report: Report) -> None:
    report.notes.append("Something was not measured [at all].")
    text = io.StringIO()
    print_report(report, Console(file=text, width=100))
    for shown in ("Warmline", "stock Rasa", "missed", "met", "at most 1.20", "together", "700", "[at all]"):
        assert shown in text.getvalue()


def test_blocks_of_the_same_kind_are_put_together(report: Report) -> None:
    report.add_at_once(OURS, 1, sample(20))
    ours = report.at_once()[0]
    assert ours.latency.count == 20
    assert ours.latency.median_ms == pytest.approx(16.0)
    assert ours.turns_per_second == pytest.approx(10.0)


def test_a_run_that_was_cut_short_reports_what_it_has() -> None:
    cut = Report(quick=False)
    cut.add_at_once(OURS, 1, sample(12))
    cut.add_at_depth(OURS, {5: sample(10), 500: Sample()})
    assert cut.targets() == ()
    assert cut.as_json()["handoff"] is None
    assert [row.turn for row in cut.at_depth()] == [5]
    print_report(cut, Console(file=io.StringIO()))


def test_the_stock_rasa_holds_its_long_conversations_spread_over_the_run() -> None:
    assert list(FULL.stock_goes_deep()) == [False, False, True, False, False, True]
    assert sum(QUICK.stock_goes_deep()) == QUICK.stock_long_conversations


def test_the_full_run_measures_what_the_targets_need() -> None:
    assert {1, 8, 32} == set(FULL.rounds)
    assert FULL.depths == (5, 100, 500)
    assert FULL.handoffs >= 100
