"""What may be wrong with a policy that loads: which part, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from warmline.content.findings import Severity


@dataclass(frozen=True)
class Doubt:
    """One part of the policy that can hardly be meant as it stands; ``where`` names it by its keys and positions."""

    where: tuple[Any, ...]
    what: str
    mend: str
    kind: str
    severity: Severity = Severity.WARNING

    @property
    def part(self) -> str:
        """The part as people name it, the position in a list left out at its end."""
        in_list = len(self.where) > 1 and isinstance(self.where[-1], int)
        return dotted(self.where[:-1] if in_list else self.where)


def dotted(where: Sequence[Any]) -> str:
    """Return ``risks.legal.phrases`` for its keys; the entries of a list are named by their place, from 0."""
    return ".".join(str(step) for step in where)
