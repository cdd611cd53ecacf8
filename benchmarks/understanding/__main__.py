"""``python -m benchmarks.understanding``: measures what is understood, and prints it beside what is to be reached."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.report import machine
from benchmarks.understanding.measure import Figures, measure
from benchmarks.understanding.sets import PUBLIC_DATA, own_sets, public_sets
from models.encoder.encode import EncoderNotPreparedError
from warmline.progress import Progress

VERSION: Final = 1
WIDTH: Final = 150
"""Characters of the tables; cut figures would be of no use."""

NAMES: Final = {
    "accuracy": "accuracy %",
    "accepted_right": "right and accepted %",
    "refused": "out of scope refused %",
    "auroc": "out-of-scope AUROC",
    "training_seconds": "training, s",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0 when it was measured, targets met or not; 1 when the encoder is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding", description=__doc__)
    parser.add_argument("--data", type=Path, default=PUBLIC_DATA, help="the public sets (default: ../shared/data)")
    parser.add_argument("--only", metavar="WORDS", default="", help="only sets whose name holds these words")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures into FILE as well")
    options = parser.parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    progress = Progress(console)
    if not options.data.is_dir():
        progress.line(f"{options.data} is not there: the public sets are left out (--data names another folder)")
    done: list[Figures] = []
    try:
        for given in (*own_sets(), *public_sets(options.data)):
            if options.only.lower() in given.name.lower():
                with progress.step(f"{given.name}: {len(given.train):,} examples"):
                    done.append(measure(given))
    except EncoderNotPreparedError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("stopped", style="red")
        return 130
    print_figures(done, Console(highlight=False, width=WIDTH))
    if options.json:
        content = {"version": VERSION, "machine": machine(), "sets": [asdict(figures) for figures in done]}
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return 0


def print_figures(done: Sequence[Figures], console: Console) -> None:
    """One table with every set, one with the targets beside what is known of others."""
    table = Table(title="Understanding", title_justify="left", title_style="bold")
    for number, name in enumerate(
        ("set", "examples", "tested", "right %", "accepted %", "refused %", "AUROC", "train s", "ms")
    ):
        table.add_column(name, justify="right" if number else "left")
    for one in done:
        table.add_row(
            one.name,
            f"{one.examples:,} / {one.intents}",
            f"{one.tested:,}",
            f"{one.accuracy:.1f}",
            f"{one.accepted_right:.1f}",
            "" if one.refused is None else f"{one.refused:.1f}",
            "" if one.auroc is None else f"{one.auroc:.3f}",
            f"{one.training_seconds:.1f}",
            f"{one.message_ms:.2f}",
        )
    console.print(table)
    targets = Table(title="To reach", title_justify="left", title_style="bold")
    for name in ("set", "figure", "now known", "to reach", "measured", ""):
        targets.add_column(name)
    for one in done:
        for target in one.targets:
            value = getattr(one, target.figure)
            shown = (
                "nothing to refuse" if value is None else f"{value:.3f}" if target.figure == "auroc" else f"{value:.1f}"
            )
            verdict = "missed" if target in one.missed() else "met"
            targets.add_row(one.name, NAMES[target.figure], target.known, f"{target.at_least:g}", shown, verdict)
    if targets.row_count:
        console.print(targets)


if __name__ == "__main__":
    sys.exit(main())
