"""The language of somebody of whom nothing is known but their browser."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from handoff.other_languages import primary_subtag

_RANGE: Final = re.compile(r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?")
MOST_RANGES: Final = 20
"""Nobody reads more languages; what comes after them is not looked at."""


def language_of_browser(header: str, spoken: Collection[str]) -> str | None:
    """The first language of ``Accept-Language`` (RFC 9110, 12.5.4) that is ``spoken``, by primary subtag; or None."""
    found = [_RANGE.fullmatch(part.strip()) for part in header.split(",")[:MOST_RANGES]]
    liked = [(float(one[2] or 1), primary_subtag(one[1])) for one in found if one is not None]
    # Sorting keeps the order of what is liked alike.
    return next((tag for much, tag in sorted(liked, key=lambda one: -one[0]) if much > 0 and tag in spoken), None)
