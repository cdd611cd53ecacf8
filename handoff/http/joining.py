"""The widget's panel as one script and one style sheet, put together from the modules as they are written.

Packed together they weigh a fifth less than apart, since gzip knows what was said before in the same file alone, and a
customer's browser asks once instead of a dozen times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_IMPORT: Final = re.compile(r'^import \{[^}]+\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async )?(?:function|class|const) )", re.MULTILINE)
_NAMED: Final = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
_LEFT: Final = re.compile(r"^\s*(?:import|export)\b.*|\bimport\(.*", re.MULTILINE)
_SHEET: Final = re.compile(r'^@import "(\.[^"]+)";\n', re.MULTILINE)


class JoiningError(ValueError):
    """The modules cannot stand in one scope; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The text, and the files that it was made from."""

    text: str
    sources: tuple[Path, ...]


def join(entry: Path) -> Joined:
    """A script or a style sheet with all that it imports.

    All modules come to stand in one scope, each after those that it needs; what only ``entry`` exports stays exported.
    Raises :class:`JoiningError` for a name that two modules have, and for an import of another form than ours.
    """
    return _join_sheets(entry) if entry.suffix == ".css" else _Modules(entry).joined()


def _join_sheets(entry: Path) -> Joined:
    sources = [entry]

    def put_in(found: re.Match[str]) -> str:
        sources.append((entry.parent / found[1]).resolve())
        return sources[-1].read_text(encoding="utf-8")

    return Joined(_SHEET.sub(put_in, entry.read_text(encoding="utf-8")), tuple(sources))


@dataclass(slots=True)
class _Modules:
    entry: Path
    texts: dict[Path, str] = field(default_factory=dict)
    """As they are joined, each after those that it needs."""
    begun: set[Path] = field(default_factory=set)
    named_in: dict[str, Path] = field(default_factory=dict)

    def joined(self) -> Joined:
        self._take(self.entry.resolve())
        return Joined("".join(self.texts.values()), tuple(self.texts))

    def _take(self, path: Path) -> None:
        if path in self.begun:
            return
        self.begun.add(path)
        text = path.read_text(encoding="utf-8")
        for name in _NAMED.findall(text):
            other = self.named_in.setdefault(name, path)
            if other != path:
                raise JoiningError(f"{other.name} and {path.name} both have a {name} at the top; rename one of them.")
        for needed in _IMPORT.findall(text):
            self._take((path.parent / needed).resolve())
        text = _IMPORT.sub("", text)
        if path != self.entry.resolve():
            text = _EXPORT.sub("", text)
        left = _LEFT.search(_EXPORT.sub("", text))
        if left:
            raise JoiningError(f'{path.name}: write it as `import {{ name }} from "./file.js";`: {left[0].strip()}')
        self.texts[path] = text
