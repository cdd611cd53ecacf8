"""The simulation of a queue serves exactly, compares the same days, and says when our bound is broken."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.queue import __main__ as command
from benchmarks.queue.days import Arrival, Day, Worker, make_days
from benchmarks.queue.measures import CALM, GROUPS, SEVERE, group_of, measure
from benchmarks.queue.orders import FIRST_COME, OURS, STRICT, orders
from benchmarks.queue.serving import Ended, serve
from handoff.contract import Tier
from handoff.services.context import weights_of
from tests.handoff.cast import POLICY

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEIGHTS = weights_of(POLICY)


def arrival(number: int, minutes: float, *, severity: int = 4, stays: float = 600, takes: float = 10) -> Arrival:
    came = NINE + minutes * MINUTE
    return Arrival(number, came, severity, Tier.STANDARD, 0.0, 1, came + stays * MINUTE, takes * MINUTE)


def one_agent(*arrivals: Arrival, shifts: tuple[tuple[float, float], ...] = ((0, 900),)) -> Day:
    times = tuple((NINE + begin * MINUTE, NINE + end * MINUTE) for begin, end in shifts)
    return Day(arrivals, (Worker(times),))


def served_at(ended: tuple[Ended, ...]) -> list[float | None]:
    return [(one.ended_at - NINE) / MINUTE if one.served else None for one in ended]


def by(name: str, day: Day) -> tuple[Ended, ...]:
    return serve(day, orders(POLICY, WEIGHTS)[name])


def test_each_order_serves_a_hand_computed_queue_as_it_says() -> None:
    """Somebody mild waits; the severe one who comes 20 minutes later goes first, unless who came first counts alone."""
    day = one_agent(arrival(0, 0, takes=30), arrival(1, 1), arrival(2, 21, severity=1))

    assert served_at(by(FIRST_COME, day)) == [0, 30, 40]
    assert served_at(by(OURS, day)) == served_at(by(STRICT, day)) == [0, 40, 30]
    assert [one.overtaken_by for one in by(OURS, day)] == [timedelta(), 20 * MINUTE, timedelta()]
    assert [one.position for one in by(OURS, day)] == [1, 1, 1]


def test_strict_priority_lets_the_mild_starve_and_ours_does_not() -> None:
    severe = [arrival(number, 10 * (number - 2) + 1, severity=1) for number in range(2, 32)]
    day = one_agent(arrival(0, 0), arrival(1, 0.5), *severe)

    assert by(STRICT, day)[1].overtaken_by > 90 * MINUTE
    assert by(OURS, day)[1].overtaken_by <= POLICY.priority.longest_overtaking()


def test_who_gives_up_is_not_served_and_holds_nobody_up() -> None:
    day = one_agent(arrival(0, 0, takes=30), arrival(1, 1, stays=5), arrival(2, 2))
    ended = by(FIRST_COME, day)

    assert served_at(ended) == [0, None, 30]
    assert ended[1].waited == 5 * MINUTE


def test_an_agent_takes_no_case_in_a_break_but_ends_the_one_in_hand() -> None:
    day = one_agent(arrival(0, 0, takes=30), arrival(1, 1), shifts=((0, 20), (60, 900)))

    assert served_at(by(FIRST_COME, day)) == [0, 60]


def test_the_same_seed_makes_the_same_days_and_another_seed_others() -> None:
    assert make_days(3, 2) == make_days(3, 2)
    assert make_days(3, 2) != make_days(4, 2)
    busy, usual = make_days(3, 5, load=2.0), make_days(3, 5)
    assert sum(len(day.arrivals) for day in busy) > 1.5 * sum(len(day.arrivals) for day in usual)


def test_everybody_is_served_or_gives_up_once_in_every_order() -> None:
    for day in make_days(5, 3):
        for name in orders(POLICY, WEIGHTS):
            ended = by(name, day)
            assert [one.arrival for one in ended] == list(day.arrivals)
            assert all(one.waited >= timedelta() for one in ended)


def test_severe_cases_wait_less_than_where_the_first_comes_first_and_the_bound_holds() -> None:
    results = measure(POLICY, WEIGHTS, (1, 2, 3), 5, ranges=False)

    assert results.broken == ()
    assert results.of(OURS, SEVERE).p90 < results.of(FIRST_COME, SEVERE).p90
    assert results.of(OURS, CALM).overtaken <= results.bound < results.of(STRICT, CALM).overtaken
    assert sum(results.of(OURS, group).customers for group in GROUPS) == sum(
        len(day.arrivals) for seed in (1, 2, 3) for day in make_days(seed, 5)
    )
    assert group_of(replace(arrival(0, 0), severity=2, tier=Tier.VIP)) == SEVERE


def test_a_bound_that_does_not_hold_is_told_with_its_run_by_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a picture of the waits comes unasked."""
    page = tmp_path / "results" / "queue.html"
    monkeypatch.setattr(command, "PAGE", page)
    shipped = (command.PROJECT_ROOT / "data" / "escalation.yml").read_text(encoding="utf-8")
    stricter = tmp_path / "escalation.yml"
    stricter.write_text(shipped.replace("overtaken_at_most: 90m", "overtaken_at_most: 5m"), encoding="utf-8")
    few = ["--seeds", "2", "--days", "2", "--no-ranges"]

    assert command.main(["--policy", str(stricter), *few]) == 1
    told = capsys.readouterr().out
    assert "not 5" in told
    assert str(page) in told
    assert "<svg" in page.read_text(encoding="utf-8")


def test_the_results_are_printed_and_written_as_json_and_as_a_page_that_loads_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, page = tmp_path / "queue.json", tmp_path / "queue.html"
    few = ["--seeds", "1", "--days", "2", "--no-ranges"]

    assert command.main([*few, "--json", str(told), "--html", str(page)]) == 0
    out = capsys.readouterr().out
    assert "calm standard" in out
    assert "Nobody was overtaken by more than 90 minutes" in out
    found = json.loads(told.read_text(encoding="utf-8"))
    assert {(one["order"], one["group"]) for one in found["waits"]} == {
        (order, group) for order in (OURS, FIRST_COME, STRICT) for group in GROUPS
    }
    html = page.read_text(encoding="utf-8")
    svg = html[html.index("<svg") : html.index("</svg>") + len("</svg>")]
    assert len(list(ElementTree.fromstring(svg).iter("rect"))) == 2 * 3 * len(GROUPS)
    assert "http" not in html.replace("http-equiv", "")


def test_a_policy_that_cannot_be_read_is_told_and_no_number_of_runs_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "escalation.yml"
    broken.write_text("categories: 3\n", encoding="utf-8")

    assert command.main(["--policy", str(broken)]) == 1
    assert "escalation.yml" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main(["--seeds", "0"])
