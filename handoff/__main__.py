"""``python -m handoff``: the handoff service, the one public process."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import Final

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from handoff.bootstrap import build_app
from handoff.store.migrate import upgrade
from handoff.wording import WordingError
from warmline.logs import configure_logs
from warmline.policy import PolicyError
from warmline.settings import Settings, SettingsError

OBJECTS_A_COLLECTION: Final = 10_000
"""New objects before cycles among them are looked for. One message makes thousands, almost none of them in a cycle: at
Python's 700, looking took a fourteenth of the processor time under load."""


def main() -> int:
    """Bring the database up to date, then serve until a signal ends it. Returns the exit code."""
    try:
        settings = Settings.load()
        configure_logs("handoff", settings)
        asyncio.run(upgrade(settings.database_url))
        app = build_app(settings)
    except (SettingsError, PolicyError, WordingError) as error:
        print(f"handoff: {error}", file=sys.stderr)
        return 2
    except (SQLAlchemyError, OSError) as error:
        print(f"handoff: the database cannot be used: {error}; check WARMLINE_DATABASE_URL", file=sys.stderr)
        return 2
    # What stands from the start stays: nobody needs to look through it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_A_COLLECTION)
    web.run_app(
        app,
        host=settings.host,
        port=settings.port,
        print=None,
        access_log=None,
        handle_signals=True,
        loop=new_event_loop(),
    )
    return 0


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, which takes less processor time for each frame, where it is installed; else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


if __name__ == "__main__":
    sys.exit(main())
