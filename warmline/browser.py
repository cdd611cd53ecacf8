"""Finds a Chromium on this machine, for the browser tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

OVERRIDE: Final = "WARMLINE_BROWSER"
"""Environment variable that names the browser to use."""
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES: Final = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PLAYWRIGHT_PATTERNS: Final = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
)
HOW_TO_GET_ONE: Final = (
    "install one (`sudo apt-get install chromium`, `brew install --cask chromium`, or "
    "`.venv/app/bin/python -m playwright install chromium`), or name it: WARMLINE_BROWSER=/path/to/chromium"
)


def find_chromium(environment: Mapping[str, str] | None = None) -> Path | None:
    """A Chromium or Chrome: named by ``WARMLINE_BROWSER``, on PATH, in a usual place, or Playwright's own."""
    environment = os.environ if environment is None else environment
    named = environment.get(OVERRIDE)
    if named:
        return Path(named) if os.access(named, os.X_OK) else None
    for name in NAMES:
        found = shutil.which(name, path=environment.get("PATH"))
        if found:
            return Path(found)
    for place in map(Path, PLACES):
        if place.exists():
            return place
    own = environment.get("PLAYWRIGHT_BROWSERS_PATH")
    caches = (
        [Path(own)] if own else [Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright"]
    )
    for cache in caches:
        for pattern in PLAYWRIGHT_PATTERNS:
            installed = sorted(cache.glob(pattern))
            if installed:
                return installed[-1]
    return None
