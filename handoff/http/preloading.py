"""A page with links to all modules that it will need, so that a browser asks for them at once.

A module names what it imports only once it is there: without the links, the desk's some fifty modules come in one round
after another, as deep as they import each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_IMPORT: Final = re.compile(r'^(?:import|export)\b(?:[^"\']*? from)? "(\.[^"]+)";', re.MULTILINE)
_END_OF_HEAD: Final = "</head>"


def modules_of(entries: Iterable[Path]) -> tuple[Path, ...]:
    """The modules and all that they import, nearest first; imports that wait for a need are not followed."""
    found: dict[Path, None] = {}
    waiting = [entry.resolve() for entry in entries]
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        found[path] = None
        waiting += [(path.parent / name).resolve() for name in _IMPORT.findall(path.read_text(encoding="utf-8"))]
    return tuple(found)


def with_preloads(page: str, modules: Iterable[Path], root: Path) -> str:
    """The page with a ``modulepreload`` link for each module, by its address below ``root``."""
    base = root.resolve()
    links = "".join(f'  <link rel="modulepreload" href="/{path.relative_to(base).as_posix()}">\n' for path in modules)
    return page.replace(_END_OF_HEAD, links + _END_OF_HEAD, 1)
