"""``python -m benchmarks``: measures Warmline beside a stock Rasa and prints what it found."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.contestants import CannotStart, StockRasa, Warmline
from benchmarks.dialogue import load_dialogue
from benchmarks.measure import measure
from benchmarks.plan import FULL, QUICK
from benchmarks.report import Report
from benchmarks.stock_content import stock_content
from benchmarks.stock_model import StockModel, TrainingFailed, stock_model
from benchmarks.tables import print_report
from warmline.browser import find_chromium
from warmline.paths import PROJECT_ROOT
from warmline.progress import Progress

LIMIT_MINUTES: Final = 30.0
TRAINING_SECONDS: Final = 1500.0
"""How long DIET and TED take on two cores, roughly."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0 when it was measured, met targets or not; 1 when it could not be."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    plan = QUICK if options.quick else FULL
    report = Report(quick=plan.quick)
    try:
        stale_will_do = options.quick or options.any_stock_model
        model = _stock_model(Progress(console), options.stock_epochs, stale_will_do=stale_will_do)
        _note_model(model, report)
        _run(model, report, options, console)
    except (CannotStart, TrainingFailed) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("stopped", style="red")
        return 130
    print_report(report, Console(highlight=False))
    if options.json:
        options.json.write_text(json.dumps(report.as_json(), indent=1) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke of two minutes; its figures are rough")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured into FILE")
    parser.add_argument(
        "--limit", type=float, default=LIMIT_MINUTES, metavar="MINUTES", help="stop measuring then (default: 30)"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not measure a handoff in a browser")
    parser.add_argument(
        "--any-stock-model",
        action="store_true",
        help="use the newest trained stock model even if the content has changed since (--quick does so anyway)",
    )
    parser.add_argument(
        "--stock-epochs",
        type=int,
        metavar="N",
        help="train the stock Rasa for fewer than its own 100 epochs: it answers in the same time, but worse",
    )
    return parser


def _stock_model(progress: Progress, epochs: int | None, *, stale_will_do: bool) -> StockModel:
    with progress.step("the stock Rasa's model (trained once for each content)", TRAINING_SECONDS) as tell:
        return stock_model(stock_content(epochs=epochs), tell, stale_will_do=stale_will_do)


def _note_model(model: StockModel, report: Report) -> None:
    if not model.current:
        report.notes.append("The stock Rasa answers from a model of earlier content; its right answers count less.")
    if model.trained_seconds is not None:
        report.notes.append(f"Training the stock Rasa took {model.trained_seconds / 60:.1f} minutes.")


def _run(model: StockModel, report: Report, options: argparse.Namespace, console: Console) -> None:
    progress = Progress(console)
    warmline, stock = Warmline(), StockRasa(model.file)
    try:
        with progress.step("starting the stock Rasa", 20):
            stock.start()
        with progress.step("starting Warmline", 20):
            warmline.start()
        asyncio.run(
            measure(
                warmline,
                stock,
                load_dialogue(PROJECT_ROOT / "data"),
                QUICK if options.quick else FULL,
                report,
                limit_seconds=options.limit * 60,
                chromium=None if options.no_browser else find_chromium(),
                console=console,
            )
        )
    finally:
        stock.stop()
        warmline.stop()


if __name__ == "__main__":
    sys.exit(main())
