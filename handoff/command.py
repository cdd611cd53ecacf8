"""What the commands that read the database have in common: dates, exit codes, errors with a remedy."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.conversations import SenderType
from handoff.services.context import Context, unguessable_id
from handoff.store.audit import add_entry
from handoff.store.database import Database
from handoff.store.migrate import upgrade
from handoff.wording import WordingError, load_wording
from warmline.policy import PolicyError, load_policy
from warmline.settings import Settings, SettingsError


def day(text: str) -> datetime:
    """The beginning of a day in UTC, for ``argparse``."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-03-31") from error


def on_one_line(text: str) -> str:
    """Text of customers for a terminal: nothing in it that the terminal would obey, no line break."""
    return "".join(character if character.isprintable() else " " for character in text)


def with_database(command: str, work: Callable[[Database], Awaitable[int]], *, export: str | None = None) -> int:
    """Do the work on this installation's database, brought to the newest schema.

    ``export`` names what customers wrote or how they rated that leaves with it: the audit log says so first. Returns
    the work's exit code, 1 when the database cannot be read, 2 for a wrong setting; both are told on standard error.
    """
    try:
        code = asyncio.run(_work(Settings.load(), work, command, export))
        sys.stdout.flush()
    except (SettingsError, PolicyError, WordingError) as error:
        print(f"{command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever reads has enough, as `head` has; what Python still flushes at its end must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (SQLAlchemyError, OSError) as error:
        why = " ".join(str(error).split())
        print(f"{command}: the database cannot be read ({why}); check WARMLINE_DATABASE_URL", file=sys.stderr)
        return 1
    return code


def at_the_machine(command: str) -> Actor:
    """Who calls a command: somebody with a shell on the machine, of whom Warmline knows no more."""
    return Actor(SenderType.SYSTEM, None, command)


async def note_export(db: Database, command: str, object_type: str, object_id: str) -> None:
    """Write into the audit log that a command hands out what customers wrote; before it does."""
    entry = AuditEntry(datetime.now(UTC), at_the_machine(command), Did.EXPORT, object_type, object_id)
    async with db.write() as connection:
        await add_entry(connection, entry)


def context_of(settings: Settings, db: Database) -> Context:
    """What the use cases work with when an operator calls them: nobody watches, so nothing is published.

    Raises ``PolicyError`` or ``WordingError`` when ``data/`` cannot be used.
    """
    return Context(
        db=db,
        policy=load_policy(settings.policy_file),
        wording=load_wording(settings.data_dir / "wording"),
        publish=lambda _events: None,
        clock=lambda: datetime.now(UTC),
        new_id=unguessable_id,
        random=random.Random(),
        mails=settings.smtp_host is not None,
    )


async def _work(
    settings: Settings, work: Callable[[Database], Awaitable[int]], command: str, export: str | None
) -> int:
    await upgrade(settings.database_url)
    db = Database.connect(settings.database_url)
    try:
        if export is not None:
            await note_export(db, command, "export", export)
        return await work(db)
    finally:
        await db.close()
