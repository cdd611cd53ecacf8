"""Logs as JSON lines on standard output, which the supervisor writes to ``var/logs/<process>.log``.

What people write and what signs them in never reaches a log: such keys are blanked before a line is written.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, Final

import structlog

from warmline.settings import Settings

SECRET_KEYS: Final = frozenset({"authorization", "cookie", "csrf", "password", "secret", "token"})
"""Keys that are blanked always."""
TEXT_KEYS: Final = frozenset({"body", "message", "note", "reply", "summary", "text", "transcript"})
"""Keys that hold what people wrote: blanked unless ``log_text`` is on."""
BLANK: Final = "<not logged>"


def configure_logs(process: str, settings: Settings) -> None:
    """Makes structlog and the standard library's logging write JSON lines that name ``process``.

    Called once, at the start of a process.
    """
    blanked = SECRET_KEYS if settings.log_text else SECRET_KEYS | TEXT_KEYS
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _name_process(process),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)
        ),
        _blank(blanked),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(settings.log_level.upper())
    logging.captureWarnings(True)


def _name_process(process: str) -> Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]:
    def add(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        return event

    return add


def _blank(keys: frozenset[str]) -> Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]:
    def blank(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key in keys & event.keys():
            event[key] = BLANK
        return event

    return blank
