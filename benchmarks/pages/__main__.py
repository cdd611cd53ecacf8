"""``python -m benchmarks.pages``: desk and widget, 200 queued cases, a talk of 2,000 messages, frame by frame."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from playwright.async_api import async_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.desk import ARGUMENTS
from benchmarks.pages import desk, widget
from benchmarks.pages.house import full_house
from benchmarks.pages.watch import LONG_TASK_MS, Smoothness
from warmline.browser import find_chromium
from warmline.progress import Progress

PANEL_MS: Final = 100.0
NO_BROWSER: Final = "no Chromium or Chrome was found: install one, or name it in WARMLINE_CHROMIUM"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0 when it was measured, 1 when there is no browser."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    executable = find_chromium()
    if executable is None:
        console.print(NO_BROWSER, style="red")
        return 1
    with Progress(console).step("the desk of a busy day", 90) as told:
        found, opened_ms = asyncio.run(_measure(executable, options, told))
    _print(found, opened_ms, Console(highlight=False))
    if options.json:
        result = {"steps": [dataclasses.asdict(one) for one in found], "widget_opened_ms": opened_ms}
        options.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--cases", type=int, default=200, metavar="N", help="queued cases (default: 200)")
    parser.add_argument("--messages", type=int, default=2000, metavar="N", help="in the longest conversation (2,000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured into FILE")
    return parser


async def _measure(
    executable: Path, options: argparse.Namespace, told: Callable[[str], None]
) -> tuple[list[Smoothness], float]:
    """What each step felt like, and the milliseconds that the widget's panel takes to open on a warm page."""
    with tempfile.TemporaryDirectory(prefix="warmline-pages-") as folder:
        house = full_house(Path(folder), cases=options.cases, messages=options.messages, told=told)
        async with house as (full, longest), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
            try:
                told("an agent works at the desk")
                found = await desk.walk(await browser.new_page(), full, longest)
                told("their customer opens the widget")
                seen, opened = await widget.walk_widget(await browser.new_page(), full, longest)
                return [*found, *seen], opened
            finally:
                await browser.close()


def _print(found: Sequence[Smoothness], opened_ms: float, console: Console) -> None:
    table = Table(
        "", "frames", "p95 frame", "worst frame", f"tasks over {LONG_TASK_MS:.0f} ms", "longest", "layout shift"
    )
    for one in found:
        table.add_row(
            one.name,
            str(one.frames),
            f"{one.p95_frame_ms:.1f} ms",
            f"{one.worst_frame_ms:.1f} ms",
            str(one.blocking),
            f"{one.longest_task_ms:.0f} ms",
            f"{one.shift:.3f}",
        )
    console.print(table)
    console.print(f"The widget's panel opened again in {opened_ms:.0f} ms (target: under {PANEL_MS:.0f} ms).")


if __name__ == "__main__":
    sys.exit(main())
