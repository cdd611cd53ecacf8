"""Whom a private note names: ``@Ana Duarte``, ``@ana`` where one colleague alone is called so. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from handoff.domain.people import Agent
from handoff.domain.search import folded

# Not the one in an e-mail address.
_AT: Final = re.compile(r"(?<![\w.])@(?=\w)")
_ENDS_NAME: Final = re.compile(r"(?!\w)")


def mentioned(text: str, colleagues: Sequence[Agent]) -> tuple[Agent, ...]:
    """The colleagues that a text names, each once, in the order of the text; the longest name that fits is meant."""
    names: dict[str, list[Agent]] = {}
    for one in colleagues:
        for name in {folded(one.name), folded(one.name).partition(" ")[0]}:
            names.setdefault(name, []).append(one)
    plain = folded(text)
    found: dict[str, Agent] = {}
    for at in _AT.finditer(plain):
        fitting = [name for name in names if _stands_at(plain, at.end(), name)]
        meant = names[max(fitting, key=len)] if fitting else []
        if len(meant) == 1:
            found.setdefault(meant[0].id, meant[0])
    return tuple(found.values())


def _stands_at(text: str, start: int, name: str) -> bool:
    return text.startswith(name, start) and _ENDS_NAME.match(text, start + len(name)) is not None
