"""A span of time, and how a column is held to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, and_


@dataclass(frozen=True, slots=True)
class Span:
    """From ``begins`` on, before ``ends``."""

    begins: datetime
    ends: datetime

    def holds(self, column: Column[Any]) -> ColumnElement[bool]:
        """Whether a time lies in it."""
        return and_(column >= self.begins, column < self.ends)
