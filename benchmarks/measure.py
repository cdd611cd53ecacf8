"""One run: both systems started, warmed, measured in alternating blocks, and ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.contestants import Contestant, StockRasa, Warmline, memory_mb
from benchmarks.desk import browser_desk
from benchmarks.dialogue import Dialogue
from benchmarks.handoffs import hand_over
from benchmarks.plan import Plan
from benchmarks.report import OURS, STOCK, Report
from benchmarks.talkers import LeftTheBot, light_session
from benchmarks.turns import Speakers, at_depth, at_once

NO_BROWSER: Final = "No Chromium was driven: handoffs were measured on the agents' sockets only."
TIME_IS_UP: Final = "The time limit was reached: what is missing from the tables was not measured any more."

Announce = Callable[[str], None]
Told = Callable[[int], None]


async def measure(
    warmline: Warmline,
    stock: StockRasa,
    dialogue: Dialogue,
    plan: Plan,
    report: Report,
    *,
    limit_seconds: float,
    chromium: Path | None,
    console: Console,
) -> None:
    """Fill ``report`` as the plan says; stops at the time limit and says so in the report."""
    contestants: dict[str, tuple[Contestant, Speakers]] = {
        OURS: (warmline, Speakers(dialogue)),
        STOCK: (stock, Speakers(dialogue)),
    }
    with _progress(console, plan.turns()) as (announce, told):
        try:
            async with asyncio.timeout(limit_seconds), light_session() as session:
                run = _Run(session, contestants, plan, report, announce, told)
                await run.warm_up()
                await run.short_conversations()
                await run.long_conversations()
                await run.handoffs(warmline, dialogue, chromium)
        except TimeoutError:
            report.notes.append(TIME_IS_UP)
    for name, (contestant, _) in contestants.items():
        report.memory_mb[name] = memory_mb(contestant)


class _Run:
    """The parts of a run, in their order."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        contestants: dict[str, tuple[Contestant, Speakers]],
        plan: Plan,
        report: Report,
        announce: Announce,
        told: Told,
    ) -> None:
        self._session = session
        self._contestants = contestants
        self._plan = plan
        self._report = report
        self._announce = announce
        self._told = told

    async def warm_up(self) -> None:
        """First turns are slow everywhere; they are not counted."""
        for name, (contestant, speakers) in self._contestants.items():
            self._announce(f"{name}: warming up")
            count = self._plan.warm_up_conversations
            await at_once(contestant, self._session, speakers, conversations=count, rounds=1, told=self._told)

    async def short_conversations(self) -> None:
        """Blocks of short conversations, the two systems by turns."""
        for conversations, rounds in self._plan.rounds.items():
            for _ in range(self._plan.blocks):
                for name, (contestant, speakers) in self._contestants.items():
                    self._announce(f"{name}: {conversations} at once")
                    sample = await at_once(
                        contestant,
                        self._session,
                        speakers,
                        conversations=conversations,
                        rounds=rounds,
                        told=self._told,
                    )
                    self._report.add_at_once(name, conversations, sample)

    async def long_conversations(self) -> None:
        """Long conversations; the stock Rasa holds fewer, because each takes it minutes."""
        for stock_too in self._plan.stock_goes_deep():
            for name, (contestant, speakers) in self._contestants.items():
                if name == STOCK and not stock_too:
                    continue
                self._announce(f"{name}: one long conversation")
                depths = self._plan.depths
                try:
                    samples = await at_depth(contestant, self._session, speakers, depths=depths, told=self._told)
                except LeftTheBot as error:
                    self._report.notes.append(f"{name}: a long conversation was not measured: {error}.")
                    continue
                self._report.add_at_depth(name, samples)

    async def handoffs(self, warmline: Warmline, dialogue: Dialogue, chromium: Path | None) -> None:
        """Handoffs seen by agents' sockets, then some seen in a browser, whose own work would disturb the first."""
        self._announce(f"{OURS}: handoffs")
        self._report.handoffs = await hand_over(
            warmline.base, self._session, dialogue, count=self._plan.handoffs, told=self._told
        )
        if chromium is None:
            self._report.notes.append(NO_BROWSER)
            return
        self._announce(f"{OURS}: handoffs in a browser")
        async with browser_desk(warmline.base, chromium) as screen:
            self._report.browser = await hand_over(
                warmline.base,
                self._session,
                dialogue,
                count=self._plan.browser_handoffs,
                told=self._told,
                screen=screen,
            )


@contextmanager
def _progress(console: Console, turns: int) -> Iterator[tuple[Announce, Told]]:
    """A bar over all turns on a terminal; one line for each part elsewhere."""
    columns = (TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=turns)

        def announce(text: str) -> None:
            progress.update(bar, description=text)
            if not console.is_terminal:
                console.print(f"  ..  {text}", soft_wrap=True)

        yield announce, lambda turns: progress.advance(bar, turns)
