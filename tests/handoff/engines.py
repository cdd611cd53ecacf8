"""Databases of tests come and go by the hundred; what they all would work out again is worked out once."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from sqlalchemy.engine import URL, Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


class SharedEngines:
    """Makes engines, each with its own connections, that share what they know of their kind of database.

    That is the dialect, which asks a server what it can at its first connection, and the compiled statements: with
    engines that knew nothing of each other, a fifth of a test's time went into compiling the same statements again.
    """

    def __init__(self) -> None:
        self._dialects: dict[str, Dialect] = {}
        self._compiled: dict[str, MutableMapping[Any, Any]] = {}

    def create(self, url: URL, **options: Any) -> AsyncEngine:
        """In the place of :func:`create_async_engine`."""
        engine = create_async_engine(url, **options)
        kind = engine.dialect.name
        known = self._dialects.get(kind)
        if known is not None and known.server_version_info is not None:
            engine.sync_engine.dialect = known
        else:
            self._dialects[kind] = engine.dialect
        engine.sync_engine.update_execution_options(compiled_cache=self._compiled.setdefault(kind, {}))
        return engine
