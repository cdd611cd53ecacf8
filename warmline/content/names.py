"""Finding an intent, an FAQ or an answer by what somebody remembers of its name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

MOST: Final = 3


def with_part(part: str, names: Iterable[str]) -> list[str]:
    """The names that hold ``part``, however it is spaced and written."""
    wanted = _plain(part)
    return [name for name in names if wanted and wanted in _plain(name)]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """``did you mean ...?`` with the nearest names; empty where none is near."""
    known = list(names)
    by_plain = {_plain(one): one for one in known}
    close = difflib.get_close_matches(_plain(name), by_plain, n=MOST, cutoff=0.75)
    near = list(dict.fromkeys([*(by_plain[one] for one in close), *with_part(name, known)]))[:MOST]
    return f"did you mean {' or '.join(near)}?" if near else ""


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.lower()).strip("_")
