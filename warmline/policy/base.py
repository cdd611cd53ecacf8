"""What every part of the policy is made of: closed models, and values with their limits."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_DAYS: Final = 3660
"""Ten years; far beyond it a day is none that a calendar knows."""
_DURATION: Final = re.compile(r"(\d+)\s*([smhd])")


def parse_duration(value: object) -> object:
    """Read ``45s``, ``15m``, ``4h`` or ``2d`` as a timedelta.

    Raises:
        ValueError: when the text is no such duration.
    """
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{value!r} is not a duration; write a number and a unit, such as 45s, 15m, 4h or 2d")
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds > LONGEST_DAYS * _UNITS["d"]:
        raise ValueError(f"{value!r} is too long; write at most {LONGEST_DAYS}d")
    return timedelta(seconds=seconds)


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Weight = Annotated[float, Field(ge=0.0, le=10.0)]
Severity = Annotated[int, Field(ge=1, le=4)]
Level = Annotated[int, Field(ge=1, le=4)]
Count = Annotated[int, Field(ge=1)]
Pounds = Annotated[float, Field(ge=0.0)]
Text = Annotated[str, Field(min_length=1)]


class PolicyModel(BaseModel):
    """A closed part of the policy: a key that is not known is an error, so that a slip of the pen is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)
