"""``python -m handoff``: the handoff service, the one public process."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import Final

from aiohttp import web

from handoff.bootstrap import build_app
from handoff.starting import CANNOT_BEGIN, explain
from handoff.store.migrate import upgrade
from warmline.logs import configure_logs
from warmline.settings import Settings

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
    except CANNOT_BEGIN as error:
        print(f"handoff: {explain(error)}", file=sys.stderr)
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
