"""What ``make bench-cases`` tells, also when it was stopped half-way."""

from __future__ import annotations

import io

from rich.console import Console

from benchmarks.cases.results import Results, print_results
from benchmarks.figures import Latency

STEPS = {"accept": Latency(200, 4.0, 9.0), "board": Latency(200, 20.0, 60.0)}
SLOWER = {"accept": Latency(200, 5.0, 12.0), "board": Latency(200, 21.0, 66.0)}


def told(results: Results) -> str:
    page = io.StringIO()
    print_results(results, Console(file=page, width=200))
    return page.getvalue()


def test_an_engine_is_told_of_once_it_was_measured_with_few_and_with_many_closed_cases() -> None:
    results = Results(closed=(100, 10_000), open=50)
    results.add("sqlite", 100, STEPS)
    results.add("sqlite", 10_000, SLOWER)
    results.add("postgres", 100, STEPS)

    page = told(results)

    assert results.engines() == ("sqlite",)
    assert "sqlite: accept, p95" in page
    assert "postgres" not in page


def test_a_step_is_held_against_its_limit_and_against_what_it_took_with_few_closed_cases() -> None:
    results = Results(closed=(100, 10_000), open=50)
    results.add("sqlite", 100, STEPS)
    results.add("sqlite", 10_000, SLOWER)

    met = {target.name: target.met for target in results.targets()}

    assert met == {
        "sqlite: accept, p95": True,
        "sqlite: board, p95": False,
        "sqlite: accept, growth": True,
        "sqlite: board, growth": True,
    }


def test_a_run_that_was_stopped_before_anything_was_whole_says_so_with_empty_tables() -> None:
    assert "sqlite" not in told(Results(closed=(100, 10_000), open=50))
