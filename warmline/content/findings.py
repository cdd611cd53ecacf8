"""What the checks find: where, what, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from warmline.paths import PROJECT_ROOT


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """The assistant cannot be trained on it, or would do something wrong with it."""
    WARNING = "warning"
    """It works, but worse than it might."""


ORDER: Final = {Severity.ERROR: 0, Severity.WARNING: 1}


@dataclass(frozen=True)
class Finding:
    """One finding in a file of the content team; ``line`` counts from 1, ``kind`` names the check."""

    file: Path
    line: int
    what: str
    mend: str
    severity: Severity = Severity.ERROR
    kind: str = "schema"

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"

    @property
    def place(self) -> str:
        """``file:line``, the file as seen from the project where it lies in it."""
        return f"{shown(self.file)}:{self.line}"

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "severity": self.severity.value,
            "kind": self.kind,
            "file": shown(self.file),
            "line": self.line,
            "what": self.what,
            "mend": self.mend,
        }


def shown(file: Path) -> str:
    """The file's path, from the project's folder on where it lies in it."""
    return str(file.relative_to(PROJECT_ROOT) if file.is_relative_to(PROJECT_ROOT) else file)


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Errors first, then by file and line; the same finding once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda f: (ORDER[f.severity], str(f.file), f.line, f.what)))
