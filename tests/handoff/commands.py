"""Running a command of handoff in this process, on an installation that the test has filled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from tests.handoff.cast import Clock, House, move_in
from tests.handoff.conftest import connect_sqlite
from warmline.settings import Settings


def run(
    main: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """The command: exit code, standard output, standard error."""
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = int(str(ended.code))
    told = capsys.readouterr()
    return code, told.out, told.err


def fill(settings: Settings, clock: Clock, work: Callable[[House], Awaitable[None]]) -> None:
    """Let things happen in the installation's database before the command reads it."""

    async def happen() -> None:
        house = await move_in(connect_sqlite(Path(settings.database_url.partition("///")[2])), clock)
        await work(house)
        await house.db.close()

    asyncio.run(happen())


def check_failures(
    main: Callable[[Sequence[str]], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
) -> None:
    """A database that cannot be read ends with 1, a wrong setting with 2, each with what mends it."""
    no_database = folder / "notes.db"
    no_database.write_text("these are notes and no database, however long one looks at them " * 20)
    monkeypatch.setenv("WARMLINE_DATABASE_URL", f"sqlite+aiosqlite:///{no_database}")
    code, out, err = run(main, capsys)
    assert (code, out) == (1, "")
    assert "check WARMLINE_DATABASE_URL" in err
    monkeypatch.setenv("WARMLINE_PORT", "many")
    code, _, err = run(main, capsys)
    assert (code, "WARMLINE_PORT" in err) == (2, True)
