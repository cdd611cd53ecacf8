"""``python -m benchmarks.queue``: simulates days of a queue in three orders, and holds ours to its bound."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.queue.measures import Results, measure
from benchmarks.queue.orders import STRICT
from benchmarks.queue.page import HEADS, cells, render
from benchmarks.terminal import figure_table
from handoff.services.context import weights_of
from warmline.paths import PROJECT_ROOT
from warmline.policy import PolicyError, load_policy
from warmline.progress import Progress

WIDTH: Final = 120
"""Characters of the table; cut figures would be of no use."""
RANGE_HEADS: Final = ("The load", "Told", "Held", "Not told", "Width", "Held, behind others", "Width, behind others")
PAGE: Final = PROJECT_ROOT / "results" / "queue.html"
SEEDS: Final = 20
DAYS: Final = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate and print. Returns 0 when the bound held in every run, 1 when not or the policy cannot be read."""
    options = _parser().parse_args(arguments)
    errors = Console(stderr=True, highlight=False)
    try:
        policy = load_policy(options.policy)
    except PolicyError as error:
        errors.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    weights = weights_of(policy)
    with Progress(errors).step(f"simulating {options.seeds} runs of {options.days} days") as tell:
        results = measure(policy, weights, range(1, options.seeds + 1), options.days, tell, ranges=options.ranges)
    console = Console(highlight=False, width=WIDTH)
    _print(results, console)
    if options.json:
        options.json.write_text(json.dumps(results.as_json(), indent=1) + "\n", encoding="utf-8")
    options.html.parent.mkdir(parents=True, exist_ok=True)
    options.html.write_text(render(results), encoding="utf-8")
    console.print(f"The waits as a picture: {options.html}", markup=False, soft_wrap=True)
    return 1 if results.broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queue", description=__doc__)
    shipped = PROJECT_ROOT / "data" / "escalation.yml"
    parser.add_argument("--policy", type=Path, default=shipped, help="another policy (default: data/escalation.yml)")
    parser.add_argument("--seeds", type=_number, default=SEEDS, metavar="N", help=f"so many runs (default {SEEDS})")
    parser.add_argument("--days", type=_number, default=DAYS, metavar="N", help=f"days of each (default {DAYS})")
    parser.add_argument("--no-ranges", action="store_false", dest="ranges", help="do not measure the ranges of waits")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures into FILE as well")
    parser.add_argument("--html", type=Path, default=PAGE, metavar="FILE", help=f"the page with a picture ({PAGE})")
    return parser


def _number(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return number


def _print(results: Results, console: Console) -> None:
    title = f"Waits in minutes: {len(results.seeds)} runs of {results.days} days, policy {results.policy}"
    table = figure_table(title, *HEADS, words=2)
    for waits in results.waits:
        table.add_row(*cells(waits), end_section=waits.order == STRICT)
    console.print(table)
    ranges = figure_table("The range of the wait that is told at the coming", *RANGE_HEADS, words=1)
    for one in results.ranges:
        drift = "steady" if one.growth == 0 else f"{one.growth:+.1%} a day"
        shares = (f"{one.held:.1%}", f"{one.untold:.1%}", f"{one.width:.0f}")
        ranges.add_row(drift, f"{one.told}", *shares, f"{one.behind_held:.1%}", f"{one.behind_width:.0f}")
    if ranges.row_count:
        console.print(ranges)
    for broken in results.broken:
        said = f"seed {broken.seed}: somebody was overtaken by one who came {broken.minutes:.1f} minutes later"
        console.print(f"{said}, not {results.bound:g}", style="red", markup=False)
    if not results.broken:
        console.print(f"Nobody was overtaken by more than {results.bound:g} minutes under ours, in any run.")


if __name__ == "__main__":
    raise SystemExit(main())
