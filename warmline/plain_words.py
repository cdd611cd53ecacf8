"""What a checked file or setting must hold, in words for people: pydantic's own speak of parsing and of inputs."""

from __future__ import annotations

import re
from typing import Any, Final

_SIMPLE: Final = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a text",
    "list_type": "must be a list: one `- ` a line, or [a, b]",
    "tuple_type": "must be a list: one `- ` a line, or [a, b]",
    "dict_type": "must be names with values: one `name: value` a line",
    "model_type": "must be names with values: one `name: value` a line",
    "missing": "is missing",
}
_WITH_BOUND: Final = {
    "less_than_equal": ("le", "must be at most {}"),
    "less_than": ("lt", "must be less than {}"),
    "greater_than_equal": ("ge", "must be at least {}"),
    "greater_than": ("gt", "must be more than {}"),
    "string_too_short": ("min_length", "must have at least {} characters"),
    "string_too_long": ("max_length", "must have at most {} characters"),
    "enum": ("expected", "must be one of {}"),
    "literal_error": ("expected", "must be one of {}"),
}
_SECONDS: Final = re.compile(r"datetime\.timedelta\(seconds=(\d+)\)")


def plain_words(found: Any) -> str:
    """One of the ``errors()`` of a pydantic ``ValidationError``, without the value that was given."""
    kind = found["type"]
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if kind in _WITH_BOUND:
        name, words = _WITH_BOUND[kind]
        return words.format(_written((found.get("ctx") or {}).get(name)))
    return str(found["msg"]).removeprefix("Value error, ")


def _written(bound: object) -> str:
    """A bound as the files write it: ``1``, ``0.5``, ``45s``. Pydantic hands a time on as its Python text."""
    seconds = _SECONDS.fullmatch(str(bound))
    if seconds:
        return f"{seconds[1]}s"
    return f"{bound:g}" if isinstance(bound, float) else str(bound)
