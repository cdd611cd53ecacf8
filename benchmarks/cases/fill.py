"""Puts the made-up past into a database, as fast as each engine takes it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import make_url

from benchmarks.cases.history import COLUMNS, Row

Lots = Iterator[dict[str, list[Row]]]
Told = Callable[[int], None]
"""Hears how much is done."""


def fill_sqlite(path: Path, lots: Lots, told: Told) -> None:
    """Write everything into a migrated SQLite file."""
    connection = sqlite3.connect(path)
    for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-200000"):
        connection.execute(f"PRAGMA {pragma}")
    done = 0
    for rows in lots:
        for table, found in rows.items():
            columns = COLUMNS[table]
            marks = ", ".join("?" * len(columns))
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            connection.executemany(statement, (tuple(_for_sqlite(value) for value in row) for row in found))
        done += len(rows["cases"])
        connection.commit()
        told(done)
    last = connection.execute("SELECT max(number) FROM cases").fetchone()[0]
    connection.execute("INSERT INTO counters (name, value) VALUES ('case', ?)", (last,))
    connection.commit()
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return value


async def fill_postgres(url: str, lots: Lots, told: Told) -> None:
    """Write everything into a migrated PostgreSQL database, by COPY."""
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    done = 0
    for rows in lots:
        for table, found in rows.items():
            await connection.copy_records_to_table(table, records=found, columns=list(COLUMNS[table]))
        done += len(rows["cases"])
        told(done)
        await asyncio.sleep(0)
    await connection.execute("INSERT INTO counters (name, value) SELECT 'case', max(number) FROM cases")
    await connection.execute("ANALYZE")
    await connection.close()
