"""``warmline demo`` and ``warmline demo wipe``: what they refuse, what they begin, and what they tell at the end."""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import cycle
from random import Random
from typing import Any, Final

import aiohttp

from handoff.command import at_the_machine, context_of
from handoff.demo import DemoPeople, load_demo_people
from handoff.http.tokens import SiteIdentities
from handoff.past.living import ID_PREFIX
from handoff.past.stories import PastError, load_past
from handoff.past.writing import Size, Tell, has_past, wipe, write_past
from handoff.services.conversations import Identity
from handoff.services.kpi_rollup import roll_up_all
from handoff.store.database import Database
from handoff.store.migrate import upgrade
from handoff.wording import WordingError
from warmline.demo.people import Customer, Desk, Stage
from warmline.demo.scripts import Live, LiveCustomer, load_live
from warmline.errors import CommandError, ExitCode
from warmline.policy import PolicyError, load_policy
from warmline.progress import Progress
from warmline.settings import Settings

TEXT: Final = "Bring the running demo to life: two months of history, customers and agents who talk."
EPILOG: Final = """what it brings is marked, and `warmline demo wipe` takes all of it away again, and nothing else;
the audit log alone keeps what was done. It refuses to run where WARMLINE_DEMO is false.
"""
BETWEEN_CUSTOMERS: Final = 15.0
"""Seconds between two customers who begin to write."""
AT_ONCE: Final = 4
"""So many customers write at the same time."""
RUN: Final = CommandError(
    "Warmline does not run here", "start it with `make run`, and run `make demo` in another terminal"
)


def add_demo_command(commands: Any) -> None:
    """Adds ``demo`` to the parsers of ``warmline``."""
    command: argparse.ArgumentParser = commands.add_parser(
        "demo", help=TEXT, description=TEXT, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    command.add_argument("what", nargs="?", choices=["run", "wipe"], default="run", help="(default: run)")
    command.add_argument("--for", dest="minutes", type=_positive, metavar="MINUTES", help="end by itself")
    command.add_argument("--pace", type=_positive, default=1.0, metavar="N", help="N times as quick as people are")
    command.add_argument("--days", type=int, choices=range(2, 91), default=60, metavar="2..90", help="of history (60)")
    command.add_argument("--history-only", action="store_true", help="the history alone; the service need not run")
    command.add_argument("--json", action="store_true", help="print a summary as JSON on standard output")
    command.set_defaults(run=run)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def run(options: argparse.Namespace) -> int:
    """Returns the exit code. Raises :class:`CommandError` where the demo may not or cannot run."""
    settings, progress = Settings.load(), Progress(quiet=options.json)
    if not settings.demo:
        raise CommandError(
            "this is no demo (WARMLINE_DEMO is false): nothing was touched",
            "run it where WARMLINE_DEMO is true, with a database of its own",
            ExitCode.USAGE,
        )
    try:
        if options.what == "wipe":
            summary = asyncio.run(_wipe(settings))
        else:
            with progress.step("two months of history", 100) as tell:
                summary = asyncio.run(_write(settings, options.days, tell))
            if not options.history_only:
                summary |= _perform(settings, options, progress)
    except (PastError, PolicyError, WordingError) as error:
        raise CommandError(str(error), "mend the file", ExitCode.USAGE) from error
    if options.json:
        print(json.dumps({"ok": True, **summary}, indent=2))
    else:
        told = [f"{value} {name}" for name, value in summary.items() if isinstance(value, int) and value]
        progress.line(", ".join(told) or "nothing to do")
    return ExitCode.OK


async def _wipe(settings: Settings) -> dict[str, Any]:
    await upgrade(settings.database_url)
    db = Database.connect(settings.database_url)
    try:
        context = context_of(settings, db)
        taken = await wipe(context, actor=at_the_machine("warmline demo"))
        await roll_up_all(context)
    finally:
        await db.close()
    _forget(settings, taken.conversations)
    return dict(taken.rows)


def _forget(settings: Settings, conversations: tuple[str, ...]) -> None:
    """Take the assistant's own record of these conversations away too, where it has one."""
    if not settings.tracker_database.exists():
        return
    with closing(sqlite3.connect(settings.tracker_database, timeout=10)) as connection, connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in sorted(tables & {"events", "snapshots"}):
            rows = [(conversation,) for conversation in conversations]
            connection.executemany(f"DELETE FROM {table} WHERE conversation = ?", rows)  # noqa: S608 (our own names)


async def _write(settings: Settings, days: int, tell: Tell) -> dict[str, Any]:
    """The history, unless it stands already."""
    await upgrade(settings.database_url)
    db = Database.connect(settings.database_url)
    try:
        context = context_of(settings, db)
        past, demo = load_past(settings.data_dir, context.policy), load_demo_people(settings.data_dir)
        load_live(settings.data_dir, context.policy, frozenset(agent.id for agent in demo.agents))
        if await has_past(db):
            return {}
        actor = at_the_machine("warmline demo")
        written = await write_past(context, past, demo, Size(days), actor=actor, tell=tell)
        tell("adding up the figures")
        await roll_up_all(context)
        return asdict(written)
    finally:
        await db.close()


def _perform(settings: Settings, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Let everybody talk until Ctrl-C, or as long as was asked for."""
    demo = load_demo_people(settings.data_dir)
    policy = load_policy(settings.policy_file)
    live = load_live(settings.data_dir, policy, frozenset(agent.id for agent in demo.agents))
    tell = (lambda _text: None) if options.json else progress.line
    stage = Stage(settings.handoff_url, Random(), options.pace, tell)
    until = f"for {options.minutes:g} minutes" if options.minutes else "until Ctrl-C"
    progress.line(f"Customers write and agents work {until}: {settings.public_url}/desk (Ben's cases are left for you)")
    try:
        asyncio.run(_until(perform(stage, live, demo, settings), options.minutes))
    except KeyboardInterrupt:
        progress.line("stopped")
    except aiohttp.ClientConnectionError as error:
        raise RUN from error
    return dict(stage.done)


async def _until(work: Any, minutes: float | None) -> None:
    try:
        async with asyncio.timeout(minutes * 60 if minutes else None):
            await work
    except TimeoutError:
        return
    except BaseExceptionGroup as group:
        if group.subgroup(aiohttp.ClientConnectionError):
            raise aiohttp.ClientConnectionError from group
        raise


async def perform(stage: Stage, live: Live, demo: DemoPeople, settings: Settings) -> None:
    """Everybody at once, customers again and again, until cancelled."""
    sites = SiteIdentities(settings.secrets.site_identity, lambda: datetime.now(UTC))
    emails = {agent.id: agent.email for agent in demo.agents}
    room = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for agent in live.agents:
            group.create_task(Desk(stage, agent, emails[agent.id], demo.demo_password).work())
        for customer in cycle(live.customers):
            await room.acquire()
            task = group.create_task(Customer(stage, customer, identity_of(customer, sites)).talk())
            task.add_done_callback(lambda _: room.release())
            await stage.pause(BETWEEN_CUSTOMERS)


def identity_of(customer: LiveCustomer, sites: SiteIdentities) -> str | None:
    """What the demo's website signs for a customer; None for a visitor."""
    if customer.tier is None:
        return None
    address = f"{customer.key}@mail.example"
    return sites.sign(Identity(f"{ID_PREFIX}{customer.key}", customer.name, address, customer.tier))
